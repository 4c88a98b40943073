# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups that another program took: its full moves the base of our differentials, its log is a link of our chain that
lies somewhere else, or nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .check_facts import Facts, unknown
from .check_line import CRITICAL, OK, Line
from .check_words import command, named, when


@dataclass(frozen=True)
class ForeignBackup:
    """A backup set of msdb that is not ours. A full moved the base of our differentials, a log took a link of our
    chain; a full of our own mends either."""

    database: str
    type: str
    at: datetime
    login: str
    program: str
    files: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """What JSON and Ansible carry."""
        return {**vars(self), "at": self.at.isoformat(), "files": list(self.files)}

    def describe(self) -> str:
        """Who, when and where to."""
        where = ", ".join(self.files) or "nowhere that msdb knows"
        return (
            f"{self.database}: a {self.type} backup by {self.program}, login {self.login}, at "
            f"{self.at.isoformat(timespec='seconds')}, to {where}"
        )


def foreign_backups(rows: Iterable[Mapping[str, Any]], folder: str, known: Iterable[str] = ()) -> list[ForeignBackup]:
    """Those among the newest of each database and type that went elsewhere than ``folder`` and are not on our store,
    as long as no full of our own came after them."""
    ours = {one.lower() for one in known}
    sets = [row for row in rows if not row.get("is_copy_only")]
    result = []
    for row in sets:
        if row["backup_type"] not in ("full", "log") or not _elsewhere(row, folder):
            continue
        if str(row["backup_set_guid"]).lower() in ours or _mended(row, sets, folder):
            continue
        files = tuple(str(path) for path in row.get("files") or ())
        at = datetime.fromisoformat(str(row["backup_start_date"]))
        login = str(row.get("user_name") or "?")
        result.append(ForeignBackup(row["database_name"], row["backup_type"], at, login, _program(row, files), files))
    return sorted(result, key=lambda one: one.at)


def _mended(row: Mapping[str, Any], sets: Iterable[Mapping[str, Any]], folder: str) -> bool:
    """A full of our own that began after it."""
    return any(
        one["database_name"] == row["database_name"]
        and one["backup_type"] == "full"
        and not _elsewhere(one, folder)
        and int(one["first_lsn"]) >= int(row["last_lsn"] if row["backup_type"] == "log" else row["first_lsn"])
        for one in sets
    )


def _elsewhere(row: Mapping[str, Any], folder: str) -> bool:
    paths = row.get("files") or ()
    return not paths or not all(lies_in(str(path), folder) for path in paths)


def lies_in(path: str, folder: str) -> bool:
    """Whether a backup went into our folder, or into the one beside it for what a server that was left still held."""
    path, folder = path.replace("\\", "/").casefold(), folder.replace("\\", "/").casefold().rstrip("/")
    return path.startswith((f"{folder}/", f"{folder}-left/"))


def _program(row: Mapping[str, Any], files: tuple[str, ...]) -> str:
    """msdb keeps no program name, but what it keeps gives it away: the set's name, or the kind of its device."""
    name = str(row.get("backup_name") or row.get("backup_description") or "").strip()
    first = files[0] if files else ""
    if first.startswith("{") or first.casefold().startswith(("vdi", "vnbu", "veeam")):
        return name or "a program over the virtual device interface (VDI)"
    if first.casefold() in ("nul", "nul:", "/dev/null"):
        return f"{name} to NUL, so nobody has it".strip()
    return name or "BACKUP by hand"


def foreign(facts: Facts) -> Line:
    """The line of the daily check."""
    if not facts.used.ok:
        return unknown("foreign", facts.used)
    folder = facts.places.get("backup_directory_used", "")
    known = [one.backup_set_guid for one in facts.sets] if facts.store.ok else []
    rows = [row for row in facts.used.rows("last_backups") if facts.is_site_database(row["database_name"])]
    found = foreign_backups(rows, folder, known) if folder else []
    if not found:
        return Line("foreign", "", OK, ("tidak ada", "none"))
    newest, fix = found[-1], command("full")
    moment = when(newest.at, facts.now, facts.zone)
    others = named(sorted({one.database for one in found}))
    what = f"{newest.type} {others}, {newest.program}, login {newest.login}, {', '.join(newest.files)}"
    stop = (f"{fix}; lalu hentikan backup di program itu", f"{fix}; then stop that program's backups")
    return Line("foreign", "", CRITICAL, (f"{moment[0]}: {what}", f"{moment[1]}: {what}"), stop)
