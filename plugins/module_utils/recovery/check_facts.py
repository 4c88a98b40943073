# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the daily check knows of a site: the answers of servers and store, the runs of the controller, the targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any

from .backup_history import Backup, BackupHistory
from .backup_set import BackupSet
from .check_line import UNKNOWN, Line, Words
from .check_schedule import Schedule, entry
from .check_words import command
from .errors import InvalidInput
from .plan_request import backup_sets, site_zone
from .target import at_time

#: Why an answer is missing that nobody wanted: on Windows hosts nothing but SQL Server is asked.
NOT_ASKED = "it was not asked"
BACKUP_KINDS = ("full", "differential", "log")
#: A timer starts a little early, and a server's clock is a little off.
EARLY = timedelta(minutes=5)
_LONGEST_RUN = timedelta(hours=12)


@dataclass(frozen=True)
class Answer:
    """What a party told, or why it told nothing; ``who`` is how people call it."""

    who: Words
    told: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def ok(self) -> bool:
        return not self.reason

    def rows(self, key: str) -> list[dict[str, Any]]:
        return list(self.told.get(key) or [])


def answer_of(result: Mapping[str, Any] | None, needed: str, who: Words) -> Answer:
    """A registered result: one that failed, or of an unreachable host or server, is an answer too. Without the key
    ``needed`` it told nothing, whatever else it says: a playbook may have overruled that it failed.
    """
    if not result or result.get("skipped"):
        return Answer(who, reason=NOT_ASKED)
    if result.get("reachable") is False:
        return Answer(who, reason=str(result.get("unreachable_reason") or "it does not answer"))
    if result.get("failed") or result.get("unreachable") or needed not in result:
        told = result.get("msg") or result.get("module_stderr") or "it does not answer"
        return Answer(who, reason=_first_line(str(told)))
    return Answer(who, result)


def answer_of_host(name: str, result: Mapping[str, Any] | None) -> Answer:
    return answer_of(result, "paths", (f"host {name}", f"the host {name}"))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "it does not answer"


@dataclass(frozen=True)
class Limits:
    """The site's targets, and from where on a figure needs somebody."""

    rpo_minutes: float = 30
    rto_minutes: float = 60
    standby_lag_minutes: float = 60
    drill_days: float = 8
    prune_days: float = 8
    store_days_left: float = 14
    store_days_left_critical: float = 3
    clock_seconds: float = 5
    clock_seconds_critical: float = 60
    certificate_days: float = 30
    shipped_minutes: float = 15

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Limits:
        known = {one.name for one in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise InvalidInput(
                f"limits: there is no limit {', '.join(unknown)}.", hint=f"There are {', '.join(sorted(known))}."
            )
        try:
            return cls(**{key: float(value) for key, value in values.items()})
        except (TypeError, ValueError):
            raise InvalidInput("limits: one of them is no number.", hint="Write each as a number.") from None


@dataclass(frozen=True)
class Due:
    """Something that the schedule wants. ``kind`` is full, differential, log, or the kind of another run."""

    kind: str
    at: Schedule
    grace: timedelta

    @property
    def is_backup(self) -> bool:
        return self.kind in BACKUP_KINDS


_GRACE_MINUTES = {"full": 240, "differential": 120, "log": 10}


def dues(rows: Iterable[Mapping[str, Any]]) -> tuple[Due, ...]:
    """The schedule: each row has ``kind``, ``at``, and ``grace_minutes`` until it must be done."""
    result = []
    for row in rows:
        kind, at = entry(row)
        grace = float(row.get("grace_minutes") or _GRACE_MINUTES.get(kind, 60))
        result.append(Due(kind, at, timedelta(minutes=grace)))
    return tuple(result)


@dataclass(frozen=True)
class Run:
    """A run of a playbook as its journal tells it; ``data`` is what else it told."""

    kind: str
    started: datetime
    finished: datetime | None = None
    outcome: str = "unfinished"
    backup_type: str = ""
    failure: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.outcome in ("success", "already_there")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Run:
        return cls(
            kind=str(row["kind"]),
            started=datetime.fromisoformat(str(row["started"])),
            finished=datetime.fromisoformat(str(row["finished"])) if row.get("finished") else None,
            outcome=str(row.get("outcome") or "unfinished"),
            backup_type=str(row.get("backup_type") or ""),
            failure=str(row.get("failure") or ""),
            data=dict(row.get("data") or {}),
        )


@dataclass(frozen=True)
class Facts:
    """Everything that the lines are made of. ``used`` is the SQL Server that the hospital works on, ``spare`` the other
    one: after a recovery on the failover ``used`` is the failover, until the way back."""

    site: str
    zone: tzinfo
    now: datetime
    databases: tuple[str, ...]
    schedule: tuple[Due, ...]
    limits: Limits
    used: Answer
    spare: Answer
    store: Answer
    hosts: Mapping[str, Answer] = field(default_factory=dict)
    hosts_asked: tuple[datetime, datetime] | None = None
    runs: tuple[Run, ...] = ()
    left: Mapping[str, Any] = field(default_factory=dict)
    rates: Sequence[Mapping[str, Any]] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    growth: Sequence[tuple[datetime, int]] = ()

    @property
    def used_name(self) -> str:
        return self.used.who[0]

    @property
    def spare_name(self) -> str:
        return self.spare.who[0]

    @cached_property
    def history(self) -> BackupHistory:
        """The whole and the broken backups on the store; damaged bytes make a file unusable."""
        damaged = {
            row["path"]: f"its bytes are damaged: {row.get('reason') or 'a checksum is wrong'}"
            for row in self.store.rows("audit")
            if row.get("verdict") == "damaged"
        }
        return BackupHistory(self.sets, damaged, self.zone)

    @cached_property
    def sets(self) -> list[BackupSet]:
        return backup_sets(self.store.rows("history"))

    def good(self, database: str, kind: str) -> list[Backup]:
        """The whole backups of that kind, oldest first; a copy-only one is not the schedule's."""
        found = (one for one in self.history.named(database) if one.type == kind and one.fault is None)
        return sorted((one for one in found if not one.head.is_copy_only), key=lambda one: one.started)

    def fulls(self, database: str) -> list[Backup]:
        """The whole fulls, also those that are copy-only: a restore can begin with any."""
        return [one for one in self.history.named(database) if one.type == "full" and one.fault is None]

    def due(self, kind: str) -> list[Due]:
        return [one for one in self.schedule if one.kind == kind]

    def over(self, kind: str, backup_type: str | None = None) -> list[Run]:
        """The runs of a kind that are over, oldest first. The newest, without an end, goes on at this moment and says
        nothing yet; where it began long ago it was killed."""
        own = [one for one in self.runs if one.kind == kind and backup_type in (None, one.backup_type)]
        own.sort(key=lambda one: one.started)
        if own and own[-1].outcome == "unfinished" and self.now - own[-1].started <= _LONGEST_RUN:
            own.pop()
        return own

    def newest_run(self, kind: str) -> Run | None:
        found = self.over(kind)
        return found[-1] if found else None

    def is_site_database(self, name: str) -> bool:
        return name.casefold() in {one.casefold() for one in self.databases}


def facts_of(values: Mapping[str, Any], now: datetime) -> Facts:
    """The facts as modules gathered them."""
    zone = site_zone(values.get("time_zone"))
    production, failover = (_server(values, name) for name in ("production", "failover"))
    places = (dict(values.get("production_places") or {}), dict(values.get("failover_places") or {}))
    left = dict(values.get("left") or {})
    swapped = left.get("group") == "failover"  # the server in use is the one of that group
    if swapped:
        production, failover, places = failover, production, places[::-1]
    asked = values.get("hosts_asked")
    return Facts(
        site=str(values["site"]),
        zone=zone,
        now=now,
        databases=tuple(values["databases"]),
        schedule=dues(values.get("schedule") or ()),
        limits=Limits.of(values.get("limits") or {}),
        used=production,
        spare=failover,
        store=answer_of(values.get("store"), "history", ("penyimpanan", "the store")),
        hosts={str(name): answer_of_host(name, row) for name, row in (values.get("hosts") or {}).items()},
        hosts_asked=(_time(asked[0], zone), _time(asked[1], zone)) if asked else None,
        runs=tuple(Run.of(row) for row in values.get("runs") or ()),
        left=left,
        rates=list(values.get("rates") or ()),
        places={**places[1], "backup_directory_used": str(places[0].get("backup_directory") or "")},
        growth=[(_time(when, zone), int(size)) for when, size in values.get("growth") or ()],
    )


def _server(values: Mapping[str, Any], group: str) -> Answer:
    name = str(values.get(f"{group}_name") or group)
    return answer_of(values.get(group), "server", (name, name))


def _time(text: Any, zone: tzinfo) -> datetime:
    found = at_time(str(text), zone).time
    if found is None:
        raise InvalidInput(f"{text!r} is no time.", hint="Give it in ISO 8601, with its offset.")
    return found


def unknown(item: str, answer: Answer, subject: str = "", *, reason: bool = False) -> Line:
    """What nobody told is not known. The line of who is silent says why; with ``reason`` this one does."""
    who, why = answer.who, f" ({answer.reason})" if reason else ""
    return Line(
        item,
        subject,
        UNKNOWN,
        (f"tidak diketahui: {who[0]} tidak menjawab{why}", f"not known: {who[1]} told nothing{why}"),
        (
            f"Perbaiki dulu {who[0]}, lalu periksa lagi: {command('daily_check')}",
            f"Mend {who[1]} first, then check again: {command('daily_check')}",
        ),
    )
