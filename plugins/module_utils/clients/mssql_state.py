# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server knows of its databases and its backups, as values of the core."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from ..recovery import tsql
from ..recovery.database_state import DatabaseState
from .mssql import Row, Server

PAGE = 8192
#: msdb.dbo.backupset.type -> our word.
BACKUP_WORDS = {
    "D": "full",
    "I": "differential",
    "L": "log",
    "F": "file",
    "G": "differential_file",
    "P": "partial",
    "Q": "differential_partial",
}
_UNKNOWN_ZONE = 127


def database_state(server: Server, name: str) -> DatabaseState:
    """What the server has under ``name`` at this moment; ``absent`` when it does not know it."""
    rows = server.query(tsql.databases(one=True), name)
    row = named(rows, name)
    if row is None:
        return DatabaseState(name=name)
    return _state(server, row, server.query(tsql.database_files(one=True), row["database_id"]), server.zone)


def database_states(server: Server, rows: Iterable[Row], files: list[Row], zone: tzinfo) -> dict[str, DatabaseState]:
    return {row["name"]: _state(server, row, files, zone) for row in rows}


def named(rows: Iterable[Row], name: str) -> Row | None:
    """Names compare without case, as most servers do, unless one is spelt exactly so."""
    rows = list(rows)
    exact = [row for row in rows if row["name"] == name]
    return next(iter(exact or [row for row in rows if row["name"].casefold() == name.casefold()]), None)


def state_name(row: Row) -> str:
    """A standby says ONLINE in state_desc; for a restore it is a database that can take more logs."""
    return "STANDBY" if row["is_in_standby"] else row["state_desc"]


def _state(server: Server, row: Row, files: list[Row], zone: tzinfo) -> DatabaseState:
    own = [file for file in files if file["database_id"] == row["database_id"]]
    primary = next((file for file in own if file["file_id"] == 1), {})
    history = server.query(tsql.restore_history(newest_only=True), row["name"])
    last = history[0] if history else {}
    # The catalog has redo_start_lsn of restoring files only; a standby goes on where its last backup ended.
    went_on = last if row["is_in_standby"] else {}
    return DatabaseState(
        state=state_name(row),
        name=row["name"],
        create_date=aware(row["create_date"], zone),
        redo_start_lsn=primary.get("redo_start_lsn") or went_on.get("last_lsn"),
        redo_start_fork_guid=primary.get("redo_start_fork_guid") or went_on.get("last_recovery_fork_guid"),
        differential_base_lsn=primary.get("differential_base_lsn"),
        differential_base_guid=primary.get("differential_base_guid"),
        family_guid=row["family_guid"],
        database_guid=row["database_guid"],
        recovery_fork_guid=row["recovery_fork_guid"],
        fork_point_lsn=row["fork_point_lsn"],
        last_restored_set_guid=last.get("backup_set_uuid"),
        last_restored_at=aware(last.get("restore_date"), zone),
        last_stop_at=aware(last.get("stop_at"), zone),
        last_stop_at_mark=last.get("stop_at_mark_name"),
        last_stop_before=last.get("stop_before"),
        files=tuple((file["physical_name"], int(file["size"] or 0) * PAGE) for file in own),
    )


def aware(moment: datetime | None, zone: tzinfo) -> datetime | None:
    """A local time of the server with its offset (the one of now: the catalog keeps no other)."""
    return moment.replace(tzinfo=zone) if moment and moment.tzinfo is None else moment


def iso(moment: datetime | None, zone: tzinfo) -> str | None:
    settled = aware(moment, zone)
    return settled.isoformat() if settled else None


def backup_sets(rows: Iterable[Row], zone: tzinfo) -> list[dict[str, Any]]:
    """Rows of msdb, one per file, as one dictionary per backup set with ``files``."""
    sets: dict[Any, dict[str, Any]] = {}
    for row in rows:
        found = sets.setdefault(row["backup_set_id"], _backup_set(row, zone))
        found["files"].append(row["physical_device_name"])
    return list(sets.values())


def _backup_set(row: Row, zone: tzinfo) -> dict[str, Any]:
    own_zone = zone
    if row["time_zone"] not in (None, _UNKNOWN_ZONE):  # in quarters of an hour, as in the backup file
        own_zone = timezone(timedelta(minutes=15 * row["time_zone"]))
    kept = (
        "database_name", "server_name", "user_name", "recovery_model", "position", "is_copy_only", "is_damaged",
        "has_backup_checksums", "first_lsn", "last_lsn", "checkpoint_lsn", "database_backup_lsn",
        "differential_base_lsn", "differential_base_guid", "family_guid", "fork_point_lsn",
        "backup_size", "compressed_backup_size",
    )  # fmt: skip
    return {
        **{key: row[key] for key in kept},
        "backup_set_guid": row["backup_set_uuid"],
        "backup_type": BACKUP_WORDS.get(row["type"], row["type"]),
        "backup_name": row["name"],
        "backup_description": row["description"],
        "first_recovery_fork_id": row["first_recovery_fork_guid"],
        "recovery_fork_id": row["last_recovery_fork_guid"],
        "backup_start_date": iso(row["backup_start_date"], own_zone),
        "backup_finish_date": iso(row["backup_finish_date"], own_zone),
        "files": [],
    }
