# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What SQL Server is asked: catalog views, management views and msdb. Nothing here changes anything.

Columns keep SQL Server's names. LSNs come as numeric(25,0) and GUIDs as text; the client turns them into ours.
"""

from __future__ import annotations

from .tsql import NASTY, quote_name, statement


@statement()
def session_id() -> str:
    return "SELECT @@SPID AS session_id"


@statement()
def clock() -> str:
    """The server's local time and its offset from UTC: STOPAT, msdb and file names speak local time."""
    return "SELECT SYSDATETIME() AS local_time, DATEPART(tzoffset, SYSDATETIMEOFFSET()) AS utc_offset_minutes"


@statement()
def server_properties() -> str:
    names = (
        "MachineName",
        "InstanceName",
        "ProductVersion",
        "ProductLevel",
        "Edition",
        "Collation",
        "InstanceDefaultDataPath",
        "InstanceDefaultLogPath",
        "InstanceDefaultBackupPath",
    )
    columns = [f"CONVERT(nvarchar(4000), SERVERPROPERTY(N'{name}')) AS {name}" for name in names]
    return f"SELECT @@SERVERNAME AS ServerName, @@VERSION AS Version, {', '.join(columns)}"


@statement()
def databases() -> str:
    return (
        "SELECT d.name, d.database_id, d.create_date, d.state_desc, d.recovery_model_desc, d.user_access_desc,"
        " d.is_in_standby, d.is_read_only, d.page_verify_option_desc, d.compatibility_level, d.collation_name,"
        " d.log_reuse_wait_desc, SUSER_SNAME(d.owner_sid) AS owner, r.database_guid, r.family_guid,"
        " r.last_log_backup_lsn, r.recovery_fork_guid, r.first_recovery_fork_guid, r.fork_point_lsn"
        " FROM sys.databases AS d"
        " LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id"
        " ORDER BY d.name"
    )


@statement()
def database_files() -> str:
    """``size`` and ``max_size`` are counted in pages of 8 KB."""
    return (
        "SELECT database_id, file_id, type_desc, name, physical_name, state_desc, size, max_size,"
        " redo_start_lsn, redo_start_fork_guid, redo_target_lsn, differential_base_lsn, differential_base_guid"
        " FROM sys.master_files ORDER BY database_id, file_id"
    )


@statement()
def volumes() -> str:
    return (
        "SELECT DISTINCT v.volume_mount_point, v.total_bytes, v.available_bytes FROM sys.master_files AS f"
        " CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v"
    )


@statement()
def sessions() -> str:
    return (
        "SELECT session_id, login_time, host_name, program_name, login_name, status,"
        " DB_NAME(database_id) AS database_name, last_request_end_time"
        " FROM sys.dm_exec_sessions WHERE is_user_process = 1 ORDER BY session_id"
    )


@statement()
def progress() -> str:
    return (
        "SELECT session_id, command, percent_complete, estimated_completion_time"
        " FROM sys.dm_exec_requests WHERE percent_complete > 0"
    )


@statement()
def logins() -> str:
    return (
        "SELECT name, sid, type_desc, is_disabled, default_database_name, create_date"
        " FROM sys.server_principals WHERE type IN ('S', 'U', 'G') ORDER BY name"
    )


@statement()
def jobs() -> str:
    return "SELECT name, job_id, enabled, SUSER_SNAME(owner_sid) AS owner FROM msdb.dbo.sysjobs ORDER BY name"


_BACKUP_SET = (
    "SELECT s.backup_set_id, s.backup_set_uuid, s.media_set_id, s.position, s.type, s.name, s.description,"
    " s.database_name, s.server_name, s.user_name, s.recovery_model, s.is_copy_only, s.is_damaged,"
    " s.has_backup_checksums, s.first_lsn, s.last_lsn, s.checkpoint_lsn, s.database_backup_lsn,"
    " s.differential_base_lsn, s.differential_base_guid, s.family_guid, s.first_recovery_fork_guid,"
    " s.last_recovery_fork_guid, s.fork_point_lsn, s.backup_start_date, s.backup_finish_date, s.time_zone,"
    " s.backup_size, s.compressed_backup_size, m.family_sequence_number, m.physical_device_name"
    " FROM msdb.dbo.backupset AS s"
    " JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = s.media_set_id"
)


@statement()
def newest_backup_set_id() -> str:
    return "SELECT COALESCE(MAX(backup_set_id), 0) AS backup_set_id FROM msdb.dbo.backupset"


@statement()
def backup_sets_since() -> str:
    """Parameters: database, backup_set_id. One row per file; rows of one set follow each other."""
    return (
        f"{_BACKUP_SET} WHERE s.database_name = ? AND s.backup_set_id > ?"
        " ORDER BY s.backup_set_id, m.family_sequence_number"
    )


@statement()
def last_backups() -> str:
    """The newest backup set of each database and type; restores enter sets of other servers, which are left out."""
    return (
        f"{_BACKUP_SET} WHERE s.backup_set_id IN (SELECT MAX(backup_set_id) FROM msdb.dbo.backupset"  # noqa: S608
        " WHERE server_name = @@SERVERNAME GROUP BY database_name, type)"
        " ORDER BY s.database_name, s.backup_set_id, m.family_sequence_number"
    )


@statement()
def restore_history() -> str:
    """Parameter: database. Newest first. RESTORE ... WITH RECOVERY alone reads no backup set and leaves no row."""
    return (
        "SELECT h.restore_history_id, h.restore_date, h.restore_type, h.replace, h.recovery, h.stop_at,"
        " h.stop_at_mark_name, h.stop_before, s.backup_set_uuid, s.type, s.first_lsn, s.last_lsn, s.family_guid,"
        " s.first_recovery_fork_guid, s.last_recovery_fork_guid, s.database_name, s.server_name,"
        " s.backup_start_date, s.backup_finish_date, s.position"
        " FROM msdb.dbo.restorehistory AS h"
        " JOIN msdb.dbo.backupset AS s ON s.backup_set_id = h.backup_set_id"
        " WHERE h.destination_database_name = ? ORDER BY h.restore_history_id DESC"
    )


@statement(NASTY, NASTY, NASTY, NASTY)
def canary(database: str, schema: str, table: str, time_column: str) -> str:
    """The last business transaction that exists, and how many rows there are."""
    source = ".".join(map(quote_name, (database, schema, table)))
    return f"SELECT MAX({quote_name(time_column)}) AS latest, COUNT_BIG(*) AS row_count FROM {source}"  # noqa: S608


@statement(NASTY)
def database_users(database: str) -> str:
    """Users that stand for a login of the instance: orphaned where no login has their SID.

    The first four principals (dbo, guest, INFORMATION_SCHEMA, sys) are every database's own.
    """
    principals = f"{quote_name(database)}.sys.database_principals"
    return (
        f"SELECT name, sid, type_desc FROM {principals}"  # noqa: S608
        " WHERE authentication_type_desc IN (N'INSTANCE', N'WINDOWS') AND principal_id > 4 ORDER BY name"
    )
