# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The runs of a site, from the journals in the folder of its reports; and which server a recovery left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..recovery.errors import RecoveryError
from ..recovery.journal import first_flaw, readable
from ..recovery.report_outcome import attempts, data_of, outcome
from . import journal_file
from .whole_file import read_json

_FOLDER = re.compile(r"(\d{8})-\d{6}-\w+-(\w+)")
#: Runs that come by the clock are read for the last days, and of these kinds the newest few; of the others, too, the
#: newest few, however old.
_OFTEN = ("backup", "standby")
_COUNTLESS = ("fence", "daily_check")
_NEWEST = 3


def runs(reports: str, site: str, now: datetime, days: float) -> list[dict[str, Any]]:
    """What each run was and how it ended, oldest first."""
    found = []
    for folder in _folders(Path(reports), now - timedelta(days=days)):
        row = _run(folder, site)
        if row is not None:
            found.append(row)
    return sorted(found, key=lambda row: str(row["started"]))


def _folders(reports: Path, since: datetime) -> Iterator[Path]:
    """The names begin with the controller's local date, which may be a day off."""
    oldest = (since - timedelta(days=1)).strftime("%Y%m%d")
    by_kind: dict[str, list[Path]] = {}
    for path in sorted(reports.glob("*-*-*-*/")) if reports.is_dir() else ():
        named = _FOLDER.fullmatch(path.name)
        if named is None:
            continue
        if named[1] >= oldest and named[2] not in _COUNTLESS:
            yield path
        elif named[2] not in _OFTEN or named[1] >= oldest:
            by_kind.setdefault(named[2], []).append(path)
    for paths in by_kind.values():
        yield from paths[-_NEWEST:]


def _run(folder: Path, site: str) -> dict[str, Any] | None:
    """None where it is another site's, or no journal at all."""
    try:
        entries = journal_file.read(str(folder / journal_file.NAME))
    except (RecoveryError, OSError):
        return None
    flaw, whole = first_flaw(entries), readable(entries)
    opened = data_of(whole, "opened")
    if not whole or opened.get("site") != site:
        return None
    last = attempts(whole)[-1]
    failures = [entry["data"].get("msg", "") for entry in last if entry["event"] == "failed"]
    reason = str(failures[-1] if failures else flaw or "").strip()
    return {
        "kind": str(opened.get("kind", "")),
        "started": last[0]["at"],
        "finished": last[-1]["at"] if last[-1]["event"] in ("closed", "failed") else None,
        "outcome": outcome(whole, flaw),
        "backup_type": _backup_type(last),
        "failure": reason.splitlines()[0] if reason else "",
        "data": _data(last),
        "folder": str(folder),
    }


def _backup_type(run: Sequence[dict[str, Any]]) -> str:
    """As the run was asked, else by what it took."""
    asked = (data_of(run, "opened").get("choices") or {}).get("backup_type")
    taken = [row.get("backup_type") for row in data_of(run, "backed_up").get("backups", [])]
    return str(asked or (taken[0] if taken else ""))


def _data(run: Sequence[dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    planned = next((entry["at"] for entry in run if entry["event"] == "planned"), None)
    verified = next((entry["at"] for entry in reversed(run) if entry["event"] == "verified"), None)
    if planned and verified:
        told["seconds"] = (datetime.fromisoformat(verified) - datetime.fromisoformat(planned)).total_seconds()
    pruned = data_of(run, "pruned")
    if pruned:
        told["deleted"] = pruned.get("deleted", [])
    return told


def left_server(reports: str, ticket: str) -> dict[str, Any]:
    """What a recovery wrote down about the server that it left; empty where none was left."""
    for path in sorted(Path(reports).glob(ticket)) if Path(reports).is_dir() else ():
        found = read_json(str(path))
        return found if isinstance(found, dict) else {"server": path.name, "since": "?", "group": "failover"}
    return {}
