# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A whole recovery as people ask for it: several databases, options as text, an answer to show and to carry out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from .backup_history import BackupHistory
from .backup_set import BackupSet
from .database_state import DatabaseState
from .decision import plan_digest
from .disk_room import refuse_without_room
from .errors import BrokenLogChain, InvalidInput, NoFullBackup, TargetOutOfReach
from .plan import Circumstances, Planner
from .plan_change import require_extension
from .plan_table import plan_table, recoverable_table
from .prediction import predicted, rates
from .recoverable import Recoverable, recoverable
from .relocation import Relocation
from .restore_step import RestorePlan, moment
from .target import LATEST, Target, at_time
from .unread_files import refuse_encrypted, refuse_missing, refuse_no_plan, unread_warnings

_KINDS = ("target_time", "target_lsn", "target_mark", "before_log")


def answer(params: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Plans of all databases that were asked for, or the first refusal. ``params`` are the module's options."""
    zone = site_zone(params.get("time_zone"))
    sets = _finished(backup_sets(params["history"]), _time(params.get("backups_until"), zone), zone)
    history = BackupHistory(sets, params.get("unusable"), zone)
    _refuse_too_young(params, history)
    databases = in_order(dict.fromkeys(params.get("databases") or history.databases), params.get("priorities") or {})
    if not databases:
        raise InvalidInput(
            "the backup history is empty.", hint="Check the store's directory and that backups reach it."
        )
    unread, server = _unread(params, sets), params.get("source_server")
    refuse_missing([name for name in databases if not history.named(name)], unread)
    windows = [recoverable(history, name, server) for name in databases]
    if params.get("windows_only"):
        return _result([], windows, [], zone)
    try:
        plans, warnings = _plans(params, history, databases, now, zone)
    except (BrokenLogChain, NoFullBackup, TargetOutOfReach) as error:
        refuse_no_plan(error.msg, unread)
        raise
    refuse_encrypted(unread, plans)
    if params.get("decided") is not None:
        require_extension(params["decided"], [plan.to_dict() for plan in plans])
    return _result(plans, windows, warnings, zone, unread_warnings(unread, plans))


def _unread(params: Mapping[str, Any], sets: Iterable[BackupSet]) -> list[Mapping[str, Any]]:
    """Without those of which the plan knows, and those that somebody has named as unusable."""
    known = {one.path for one in sets} | set(params.get("unusable") or {})
    return [row for row in params.get("unreadable") or [] if row.get("path") not in known]


def in_order(databases: Iterable[str], priorities: Mapping[str, Any]) -> list[str]:
    """Those that were given a number first, the lower the earlier; else as they were named."""
    try:
        numbers = {name.casefold(): float(number) for name, number in priorities.items()}
    except (TypeError, ValueError):
        given = ", ".join(f"{name}={value}" for name, value in priorities.items())
        raise InvalidInput(
            f"priorities: {given} has one that is no number.",
            hint="Give each database a number; 1 comes back before 2.",
        ) from None
    return sorted(databases, key=lambda name: numbers.get(name.casefold(), math.inf))


def _refuse_too_young(params: Mapping[str, Any], history: BackupHistory) -> None:
    """Databases whose every backup is younger than what may be used are not unknown."""
    until, kept = params.get("backups_until"), {name.casefold() for name in history.databases}
    known = {str(row.get("database_name")) for row in params["history"]} if until else set()
    asked = {name.casefold() for name in params.get("databases") or known}
    young = sorted(name for name in known if name.casefold() in asked - kept)
    if young:
        raise InvalidInput(
            f"{', '.join(young)}: no backup had ended by {until}; all are younger than the delay allows.",
            hint="Wait until the first full backup is old enough, or make the delay shorter.",
        )


def _finished(sets: list[BackupSet], until: datetime | None, zone: tzinfo) -> list[BackupSet]:
    """The backups that had ended by an instant; a file that does not say its zone is the site's."""
    if until is None:
        return sets
    ends = [one.backup_finish_date or one.backup_start_date for one in sets]
    return [one for one, end in zip(sets, ends) if (end if end.tzinfo else end.replace(tzinfo=zone)) <= until]


def _plans(
    params: Mapping[str, Any], history: BackupHistory, databases: list[str], now: datetime, zone: tzinfo
) -> tuple[list[RestorePlan], list[str]]:
    about = Circumstances(
        now=now,
        zone=zone,
        disaster_at=_time(params.get("disaster_time"), zone),
        source_server=params.get("source_server"),
        replace=bool(params.get("replace")),
        restore_again=bool(params.get("restore_again")),
        reseed=bool(params.get("reseed")),
    )
    planner, target = Planner(history, about), requested_target(params, zone)
    states = states_by_name(params.get("states") or {})
    plans = []
    for name in databases:
        relocation = _relocation(params, name)
        state = states.get((relocation.database or name).casefold(), DatabaseState())
        plans.append(planner.plan(name, target, state, relocation))
    _refuse_shared_files(plans, states)
    by_name = {plan.database: states.get(plan.database.casefold(), DatabaseState()) for plan in plans}
    warnings = refuse_without_room(plans, by_name, params.get("volumes") or [])
    known = rates(params.get("rates") or [])
    return [_with_prediction(plan, known) for plan in plans] if known else plans, warnings


def _with_prediction(plan: RestorePlan, known: Mapping[str, Any]) -> RestorePlan:
    found = predicted(plan, known)
    return plan if found is None else replace(plan, predicted_seconds=found[0], predicted_range=found[1])


def site_zone(name: str | None) -> tzinfo:
    """The zone of a site by its IANA name, or UTC."""
    try:
        return ZoneInfo(name) if name else timezone.utc
    except (KeyError, ValueError, OSError):
        raise InvalidInput(
            f"time_zone: {name!r} is not a time zone of this computer.",
            hint="Use a name like Asia/Jakarta, Asia/Makassar or UTC; the Python package tzdata has all of them.",
        ) from None


def backup_sets(rows: Iterable[Mapping[str, Any]]) -> list[BackupSet]:
    """The history as values; a row that is none is named."""
    result = []
    for number, row in enumerate(rows, 1):
        try:
            result.append(BackupSet.from_dict(dict(row)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(
                f"history: row {number} is not a backup set ({error}).",
                hint="Give what ftp_backup_info or backup_file_info returned as history, unchanged.",
            ) from None
    return result


def requested_target(params: Mapping[str, Any], zone: tzinfo) -> Target:
    """The one target that was asked for."""
    given = [key for key in _KINDS if params.get(key) not in (None, "")]
    before, or_earlier = bool(params.get("stop_before")), bool(params.get("or_earlier"))
    mark, lsn, text = params.get("target_mark"), _lsn(params.get("target_lsn")), params.get("target_time")
    if mark:
        when = at_time(text, zone).time if text else None
        return Target(kind="mark", mark=mark, mark_lsn=lsn, time=when, before=before)
    if len(given) > 1:
        raise InvalidInput(
            f"{' and '.join(given)} exclude each other.",
            hint="Give one target; target_mark takes one more as its place.",
        )
    if text:
        return at_time(text, zone, or_earlier=or_earlier)
    if lsn is not None:
        return Target(kind="lsn", lsn=lsn, before=before)
    return Target(kind="before_log", log=params["before_log"]) if params.get("before_log") else LATEST


def _lsn(value: Any) -> int | None:
    """An LSN as a number, or in SQL Server's other spelling 00000013:000000d7:0001."""
    if value in (None, ""):
        return None
    text = str(value).strip()
    parts = text.removeprefix("0x").split(":")
    try:
        if len(parts) == 3:
            file, block, slot = (int(part, 16) for part in parts)
            return file * 10**15 + block * 10**5 + slot
        return int(text)
    except ValueError:
        raise InvalidInput(
            f"target_lsn: {value!r} is not an LSN.",
            hint="Write it as in msdb.dbo.backupset (37000000111200001) or as 00000025:00000458:0001.",
        ) from None


def _time(text: Any, zone: tzinfo) -> datetime | None:
    return at_time(text, zone).time if text else None


def states_by_name(rows: Mapping[str, Any]) -> dict[str, DatabaseState]:
    return {name.casefold(): DatabaseState.from_dict(dict(row)) for name, row in rows.items()}


def _relocation(params: Mapping[str, Any], name: str) -> Relocation:
    return Relocation(
        data_directory=params.get("data_directory") or None,
        log_directory=params.get("log_directory") or None,
        filestream_directory=params.get("filestream_directory") or None,
        files=dict((params.get("file_map") or {}).get(name) or {}),
        database=(params.get("rename") or {}).get(name),
    )


def _refuse_shared_files(plans: list[RestorePlan], states: Mapping[str, DatabaseState]) -> None:
    """Two databases must not be restored over one file, or under one name; nor over the files of a third."""
    restored = {plan.database.casefold() for plan in plans}
    others = [state for name, state in states.items() if name not in restored]
    owners = {path.casefold(): state.name or "another database" for state in others for path, _unused in state.files}
    for plan in plans:
        for path in [plan.database, *(path for path, _unused in plan.database_files)]:
            other = owners.setdefault(path.casefold(), plan.source_database)
            if other != plan.source_database:
                raise InvalidInput(
                    f"{plan.source_database}: it would be restored to {path}, which is {other}'s.",
                    hint="Keep them apart with file_map or rename.",
                )


def _result(
    plans: list[RestorePlan],
    windows: list[Recoverable],
    warnings: list[str],
    zone: tzinfo,
    unread: Iterable[str] = (),
) -> dict[str, Any]:
    shown = [plan.to_dict() for plan in plans]
    for plan in shown:
        plan["digest"] = plan_digest(plan)
    digests = [plan["digest"] for plan in shown]
    table = [line for plan in plans for line in [*plan_table(plan, zone), ""]]
    if not plans:
        table = [line for one in windows for line in recoverable_table(one, zone)]
    return {
        "plans": shown,
        "table": [*table, *(f"WARNING: {text}" for text in (*warnings, *unread))],
        "digest": ",".join(digests),
        "files": list(dict.fromkeys(path for plan in plans for path in plan.files)),
        "bytes_to_fetch": sum(plan.bytes_to_fetch for plan in plans),
        "data_loss_seconds": max((plan.data_loss_seconds for plan in plans), default=0.0),
        "already_there": bool(plans) and all(plan.already_there for plan in plans),
        "recoverable_to": {one.database: one.to_dict() for one in windows},
        "warnings_about_disk": warnings,
    }


__all__ = ["answer", "backup_sets", "moment", "requested_target", "site_zone", "states_by_name"]
