"""A database as the system views show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulator.engine import lsn
from simulator.engine.boot import RESTORING, STANDBY, Boot
from simulator.engine.facts import DatabaseFile, DatabaseInfo

if TYPE_CHECKING:
    from simulator.engine.database_core import DatabaseCore


def database_info(database: DatabaseCore) -> DatabaseInfo:
    boot = database.boot
    in_restore = boot.state in (RESTORING, STANDBY)
    return DatabaseInfo(
        name=boot.name,
        database_id=database.database_id,
        state=database.state,
        recovery_model=boot.recovery_model,
        create_date=boot.create_date,
        family_guid=boot.family_guid,
        database_guid=boot.database_guid,
        recovery_fork_guid=boot.fork,
        first_recovery_fork_guid=boot.forks[1].guid if len(boot.forks) > 1 else None,
        fork_point_lsn=lsn.shown(boot.forks[0].point),
        redo_start_lsn=lsn.shown(boot.redo) if in_restore else None,
        redo_start_fork_guid=boot.fork if in_restore else None,
        last_log_backup_lsn=lsn.shown(boot.last_log_backup),
        differential_base_lsn=lsn.shown(boot.base),
        differential_base_guid=boot.base_guid,
        differential_base_time=boot.base_time,
        files=database_files(database),
        page_verify=boot.page_verify,
        compatibility_level=boot.compatibility_level,
        is_in_standby=boot.state == STANDBY,
        is_read_only=boot.is_read_only or boot.state == STANDBY,
        user_access=boot.user_access,
        collation=boot.collation,
        last_lsn=lsn.numeric(database.log.end if database.log else boot.redo or 0),
        log_size=_size(database.log_file),
        log_used=database.log.end - database.log.start if database.log else 0,
        log_reuse_wait=_wait(database, boot),
        standby_file=boot.standby_file,
    )


def database_files(database: DatabaseCore) -> tuple[DatabaseFile, ...]:
    boot = database.boot
    more = (
        DatabaseFile(one.file_id, "D", one.name, one.physical_name, _size(Path(one.path)), one.guid)
        for one in boot.more_files
    )
    return (
        DatabaseFile(1, "D", boot.data_name, boot.data_file, _size(database.data_file), boot.data_file_guid),
        *more,
        DatabaseFile(2, "L", boot.log_name, boot.log_file, _size(database.log_file), boot.log_file_guid),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _wait(database: DatabaseCore, boot: Boot) -> str:
    if database.active_backups:
        return "ACTIVE_BACKUP_OR_RESTORE"
    return (
        "LOG_BACKUP"
        if boot.keeps_log and database.log and database.log.end > (boot.last_log_backup or 0)
        else "NOTHING"
    )
