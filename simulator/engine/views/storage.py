# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sys.databases, sys.master_files, sys.database_recovery_status and the disks below them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.engine.facts import DatabaseFile, DatabaseInfo

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

Row = dict[str, Any]
PAGE = 8192
STATES = {
    "ONLINE": 0,
    "RESTORING": 1,
    "RECOVERING": 2,
    "RECOVERY_PENDING": 3,
    "SUSPECT": 4,
    "EMERGENCY": 5,
    "OFFLINE": 6,
}
_MODELS = {"FULL": 1, "BULK_LOGGED": 2, "SIMPLE": 3}
_ACCESS = {"MULTI_USER": 0, "SINGLE_USER": 1, "RESTRICTED_USER": 2}
_VERIFY = {"NONE": 0, "TORN_PAGE_DETECTION": 1, "CHECKSUM": 2}
_WAITS = {"NOTHING": 0, "CHECKPOINT": 1, "LOG_BACKUP": 2, "ACTIVE_BACKUP_OR_RESTORE": 3, "ACTIVE_TRANSACTION": 4}
_COLLATION = "SQL_Latin1_General_CP1_CI_AS"


def databases(session: EngineSession, _database: str) -> Iterator[Row]:
    for info, owner in visible(session):
        online = info.state == "ONLINE"
        yield {
            "name": info.name, "database_id": info.database_id, "owner_sid": bytes.fromhex(owner),
            "create_date": session.instance.to_local(info.create_date), "compatibility_level": info.compatibility_level,
            "collation_name": info.collation if online else None, "user_access": _ACCESS[info.user_access],
            "user_access_desc": info.user_access, "is_read_only": info.is_read_only, "is_auto_close_on": False,
            "state": STATES[info.state], "state_desc": info.state, "is_in_standby": info.is_in_standby,
            "is_cleanly_shutdown": False, "snapshot_isolation_state": 0, "is_read_committed_snapshot_on": False,
            "recovery_model": _MODELS[info.recovery_model], "recovery_model_desc": info.recovery_model,
            "page_verify_option": _VERIFY[info.page_verify], "page_verify_option_desc": info.page_verify,
            "is_sync_with_backup": False, "is_broker_enabled": info.name == "msdb",
            "log_reuse_wait": _WAITS.get(info.log_reuse_wait, 0), "log_reuse_wait_desc": info.log_reuse_wait,
            "is_cdc_enabled": False, "is_encrypted": False, "containment": 0, "containment_desc": "NONE",
            "target_recovery_time_in_seconds": 60, "delayed_durability": 0, "delayed_durability_desc": "DISABLED",
        }  # fmt: skip


def visible(session: EngineSession) -> Iterator[tuple[DatabaseInfo, str]]:
    """VIEW ANY DATABASE is public: every login sees every database."""
    instance = session.instance
    with instance.lock:
        entries = sorted(instance.state.databases.values(), key=lambda entry: entry.database_id)
        pairs = [(instance.databases[entry.database_id].info, entry.owner_sid) for entry in entries]
    yield from sorted([*pairs, (tempdb(session), "01")], key=lambda pair: pair[0].database_id)


def tempdb(session: EngineSession) -> DatabaseInfo:
    zero = "00000000-0000-0000-0000-000000000000"
    folder = session.instance.data_directory
    files = tuple(
        DatabaseFile(number, kind, name, str(folder / file), 8 * 2**20)
        for number, kind, name, file in ((1, "D", "tempdev", "tempdb.mdf"), (2, "L", "templog", "templog.ldf"))
    )
    started = session.instance.started_utc
    return DatabaseInfo(
        "tempdb",
        2,
        "ONLINE",
        "SIMPLE",
        started,
        zero,
        zero,
        zero,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        files,
    )


def master_files(session: EngineSession, _database: str) -> Iterator[Row]:
    """Rows of databases the login may not alter are hidden, as metadata visibility has it."""
    everything = session.rights.may_server("VIEW ANY DEFINITION") or session.rights.may_server("CREATE ANY DATABASE")
    for info, owner in visible(session):
        if everything or owner == session.login.sid or info.database_id < 3:
            for file in info.files:
                yield {"database_id": info.database_id, **_file(session, info, file), "credential_id": 0}


def database_files(session: EngineSession, database: str) -> Iterator[Row]:
    for info, _ in visible(session):
        if info.name.lower() == database.lower():
            for file in info.files:
                yield _file(session, info, file)


def _file(session: EngineSession, info: DatabaseInfo, file: DatabaseFile) -> Row:
    data = file.type == "D"
    # NULL unless the file is RESTORING or RECOVERY_PENDING; those of a standby are online
    redo = None if info.is_in_standby else info
    return {
        "file_id": file.file_id, "file_guid": file.unique_id or None, "type": 0 if data else 1,
        "type_desc": "ROWS" if data else "LOG", "data_space_id": 1 if data else 0, "name": file.logical_name,
        "physical_name": file.physical_name, "state": STATES[info.state], "state_desc": info.state,
        "size": max(-(-file.size // PAGE), 1), "max_size": -1 if data else 268435456, "growth": 8192,
        "is_media_read_only": False, "is_read_only": False, "is_sparse": False, "is_percent_growth": False,
        "is_name_reserved": False, "create_lsn": None, "redo_start_lsn": redo and redo.redo_start_lsn,
        "redo_start_fork_guid": redo and redo.redo_start_fork_guid,
        "differential_base_lsn": info.differential_base_lsn if data else None,
        "differential_base_guid": info.differential_base_guid if data else None,
        "differential_base_time": _local(session, info.differential_base_time) if data else None,
    }  # fmt: skip


def _local(session: EngineSession, moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is None:
        return moment
    return session.instance.to_local(moment)


def recovery_status(session: EngineSession, _database: str) -> Iterator[Row]:
    for info, _ in visible(session):
        yield {
            "database_id": info.database_id, "database_guid": info.database_guid, "family_guid": info.family_guid,
            "last_log_backup_lsn": info.last_log_backup_lsn, "recovery_fork_guid": info.recovery_fork_guid,
            "first_recovery_fork_guid": info.first_recovery_fork_guid, "fork_point_lsn": info.fork_point_lsn,
        }  # fmt: skip


def log_space(session: EngineSession, database: str) -> Iterator[Row]:
    for info, _ in visible(session):
        if info.name.lower() == database.lower():
            total = max(info.log_size, 1)
            yield {
                "database_id": info.database_id, "total_log_size_in_bytes": info.log_size,
                "used_log_space_in_bytes": info.log_used, "used_log_space_in_percent": info.log_used * 100 / total,
                "log_space_in_bytes_since_last_backup": info.log_used,
            }  # fmt: skip


# ------------------------------------------------------------------------------------------------ disks


def volume_stats(session: EngineSession) -> Iterator[Row]:
    """For every file, with its database and number in front: the function is joined by them."""
    session.rights.require_server("VIEW SERVER STATE")
    known: dict[tuple[str, bool], tuple[int, int]] = {}  # one look at each volume: DISTINCT must find one row
    for info, _ in visible(session):
        for file in info.files:
            path = session.instance.resolve(file.physical_name)
            volume = (mount_point(path), path.is_relative_to(session.instance.settings.state))
            if volume not in known:
                known[volume] = session.instance.disk.volume(path)
            total, free = known[volume]
            yield {
                "$database_id": info.database_id, "$file_id": file.file_id, "database_id": info.database_id,
                "file_id": file.file_id, "volume_mount_point": mount_point(path), "volume_id": "",
                "logical_volume_name": "",
                "file_system_type": "EXT4", "total_bytes": total, "available_bytes": free, "is_read_only": 0,
                "supports_sparse_files": 1,
            }  # fmt: skip


def mount_point(path: Path) -> str:
    found = next((folder for folder in (path, *path.parents) if folder.is_mount()), Path("/"))
    return str(found)


def fixed_drives(session: EngineSession, _database: str) -> Iterator[Row]:
    session.rights.require_server("VIEW SERVER STATE")
    folder = session.instance.data_directory
    _, free = session.instance.disk.volume(folder)
    yield {
        "fixed_drive_path": mount_point(folder), "drive_type": 3, "drive_type_desc": "DRIVE_FIXED",
        "free_space_in_bytes": free,
    }  # fmt: skip


def file_exists(session: EngineSession, path: str | None) -> Iterator[Row]:
    if path is None:
        return
    found = session.instance.resolve(path)
    yield {
        "file_exists": found.is_file(), "file_is_a_directory": found.is_dir(),
        "parent_directory_exists": found.parent.is_dir(),
    }  # fmt: skip
