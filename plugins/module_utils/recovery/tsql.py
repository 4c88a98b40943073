# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The only place in which T-SQL is written: one function per statement, values in, text out.

Names and text are quoted, never filtered: a database may be called ``O'Neill]; DROP``. Queries take their values as
parameters (``?``). Statements that cannot take parameters (BACKUP, RESTORE, ALTER, DBCC) quote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Callable

#: Every statement that can leave this file: its name, its function, and values that try to break out of quotes.
CATALOGUE: list[tuple[str, Callable[..., str], tuple[Any, ...], dict[str, Any]]] = []

NASTY = "O'Neill]; DROP TABLE [x]--\u2603\U0001f3e5"
_DISK = "D:\\Backup's\\[a]\\\u2603.bak"
_NOON = datetime(2026, 10, 4, 12, 30, 15, 997000)


def statement(*values: Any, **options: Any) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Enters a statement in the catalogue; may stand several times above one function, for its variants."""

    def enter(function: Callable[..., str]) -> Callable[..., str]:
        CATALOGUE.append((function.__name__, function, values, options))
        return function

    return enter


def examples() -> list[tuple[str, str]]:
    """One text per catalogue entry, for a parser to judge."""
    return [(name, function(*values, **options)) for name, function, values, options in CATALOGUE]


# ------------------------------------------------------------------------------------------------------ quoting


def quote_name(name: str) -> str:
    """An identifier in brackets; ``]`` is doubled."""
    return "[" + name.replace("]", "]]") + "]"


def quote_text(text: str) -> str:
    """A Unicode string literal; ``'`` is doubled."""
    return "N'" + text.replace("'", "''") + "'"


def quote_time(moment: datetime | str) -> str:
    """ISO 8601 with ``T`` and milliseconds, which no language or DATEFORMAT setting reads differently."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return quote_text(moment.replace(tzinfo=None).isoformat(sep="T", timespec="milliseconds"))


def _disks(files: Iterable[str]) -> str:
    return ", ".join(f"DISK = {quote_text(path)}" for path in files)


def _with(options: Iterable[str]) -> str:
    chosen = [option for option in options if option]
    return f" WITH {', '.join(chosen)}" if chosen else ""


# ------------------------------------------------------------------------------------------------------- backup


@statement(NASTY, [_DISK])
@statement(NASTY, [_DISK, _DISK + "2"], differential=True, name=NASTY, description=NASTY, compression=True)
@statement(NASTY, [_DISK], copy_only=True, compression=False)
def backup_database(
    database: str,
    files: Sequence[str],
    *,
    differential: bool = False,
    copy_only: bool = False,
    compression: bool | None = None,
    name: str | None = None,
    description: str | None = None,
) -> str:
    kind = "DIFFERENTIAL" if differential else ""
    options = [kind, *_backup_options(copy_only, compression, name, description)]
    return f"BACKUP DATABASE {quote_name(database)} TO {_disks(files)}{_with(options)}"


@statement(NASTY, [_DISK])
@statement(NASTY, [_DISK], copy_only=True, compression=True, name=NASTY, description=NASTY)
@statement(NASTY, [_DISK], norecovery=True, no_truncate=True)
def backup_log(
    database: str,
    files: Sequence[str],
    *,
    copy_only: bool = False,
    compression: bool | None = None,
    name: str | None = None,
    description: str | None = None,
    norecovery: bool = False,
    no_truncate: bool = False,
) -> str:
    """``norecovery`` takes the tail and leaves the database RESTORING; ``no_truncate`` works on a damaged one."""
    tail = ["NORECOVERY" if norecovery else "", "NO_TRUNCATE" if no_truncate else ""]
    options = [*tail, *_backup_options(copy_only, compression, name, description)]
    return f"BACKUP LOG {quote_name(database)} TO {_disks(files)}{_with(options)}"


def _backup_options(copy_only: bool, compression: bool | None, name: str | None, description: str | None) -> list[str]:
    compress = {True: "COMPRESSION", False: "NO_COMPRESSION", None: ""}[compression]
    return [
        "CHECKSUM",
        "NOINIT",  # never overwrites: should the file be there, the set is appended
        "COPY_ONLY" if copy_only else "",
        compress,
        f"NAME = {quote_text(name)}" if name else "",
        f"DESCRIPTION = {quote_text(description)}" if description else "",
        "STATS = 10",
    ]


@statement("D:\\Backup's", "\\", "FULL", "bak", [(NASTY, "O'Neill"), ("b", "b")], compression=True)
@statement("/backup", "/", "DIFF", "bak", [(NASTY, "O'Neill")])
@statement("/backup", "/", "LOG", "trn", [(NASTY, "O'Neill")], compression=False)
def scheduled_backup(
    directory: str,
    slash: str,
    kind: str,
    extension: str,
    databases: Sequence[tuple[str, str]],
    *,
    compression: bool | None = None,
) -> str:
    """A step of a job: backs up ``databases`` (name, name in files), one after the other, under the names that
    backup_location gives. SQL Server Agent ends a step at its first error; so each is caught, and told in the end."""
    lines = [
        "DECLARE @failed nvarchar(2000) = N'', @folder nvarchar(400), @file nvarchar(400), @now datetime;",
        "DECLARE @server nvarchar(128) = REPLACE(@@SERVERNAME, N'\\', N'$');",
    ]
    for database, name in databases:
        folder = f"{quote_text(directory.rstrip(slash) + slash)} + @server + {quote_text(slash + name + slash + kind)}"
        stem = f"{quote_text(slash)} + @server + {quote_text(f'_{name}_{kind}_')}"
        stamp = "CONVERT(nvarchar(8), @now, 112) + N'_' + REPLACE(CONVERT(nvarchar(8), @now, 108), N':', N'')"
        what = "LOG" if kind == "LOG" else "DATABASE"
        options = _with(["DIFFERENTIAL" if kind == "DIFF" else "", *_backup_options(False, compression, None, None)])
        lines += [
            "BEGIN TRY",
            f"SET @now = GETDATE(); SET @folder = {folder};",
            f"SET @file = @folder + {stem} + {stamp} + {quote_text('.' + extension)};",
            "EXECUTE master.dbo.xp_create_subdir @folder;",
            f"BACKUP {what} {quote_name(database)} TO DISK = @file{options};",
            "END TRY",
            "BEGIN CATCH",
            f"SET @failed = LEFT(@failed + {quote_text(' ' + database + ': ')} + ERROR_MESSAGE(), 2000);",
            "END CATCH;",
        ]
    return "\n".join([*lines, "IF @failed <> N'' RAISERROR(N'Not backed up:%s', 16, 1, @failed);"])


@statement(NASTY, "BACKUP LOG [x] TO DISK = N'x' WITH NORECOVERY")
def close_and(database: str, backup: str) -> str:
    """Throws the other sessions out and takes the tail in the same batch: WITH NORECOVERY needs the database for itself
    (3101). A session may still be faster than the second statement; then the whole is tried again. The next log of a
    standby that somebody reads is applied so, too: offline it would be no standby any more."""
    closed = f"ALTER DATABASE {quote_name(database)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE"
    return f"{closed};\nIF @@ERROR = 0\n{backup}"


@statement(_DISK)
def create_directory(path: str) -> str:
    """BACKUP creates files but no folders; the server's own procedure does, and is content if it is there."""
    return f"EXECUTE master.dbo.xp_create_subdir {quote_text(path)}"


# ------------------------------------------------------------------------------------------------------ restore


@statement(NASTY, [_DISK], position=2, moves=[(NASTY, _DISK), ("log", _DISK + "x")], replace=True)
@statement(NASTY, [_DISK, _DISK])
def restore_database(
    database: str,
    files: Sequence[str],
    *,
    position: int = 1,
    moves: Sequence[tuple[str, str]] = (),
    replace: bool = False,
) -> str:
    """A full or differential backup, always WITH NORECOVERY: recovery is a step of its own."""
    options = [f"FILE = {position:d}", *_moves(moves), "REPLACE" if replace else "", "NORECOVERY", "STATS = 5"]
    return f"RESTORE DATABASE {quote_name(database)} FROM {_disks(files)}{_with(options)}"


@statement(NASTY, [_DISK], stop_at=_NOON)
@statement(NASTY, [_DISK], position=3, stop_at="2026-10-04T12:30:15.997", moves=[(NASTY, _DISK)])
@statement(NASTY, [_DISK], stop_at_mark=NASTY, stop_mark_after=_NOON)
@statement(NASTY, [_DISK], stop_before_mark="lsn:34000000012800001")
def restore_log(
    database: str,
    files: Sequence[str],
    *,
    position: int = 1,
    moves: Sequence[tuple[str, str]] = (),
    stop_at: datetime | str | None = None,
    stop_at_mark: str | None = None,
    stop_before_mark: str | None = None,
    stop_mark_after: datetime | str | None = None,
) -> str:
    """``stop_at`` is the local time of the server that took the backup; ``stop_mark_after`` tells like marks apart."""
    after = f" AFTER {quote_time(stop_mark_after)}" if stop_mark_after else ""
    stops = [
        f"STOPAT = {quote_time(stop_at)}" if stop_at else "",
        f"STOPATMARK = {quote_text(stop_at_mark)}{after}" if stop_at_mark else "",
        f"STOPBEFOREMARK = {quote_text(stop_before_mark)}{after}" if stop_before_mark else "",
    ]
    options = [f"FILE = {position:d}", *_moves(moves), "NORECOVERY", *stops, "STATS = 5"]
    return f"RESTORE LOG {quote_name(database)} FROM {_disks(files)}{_with(options)}"


def _moves(moves: Sequence[tuple[str, str]]) -> list[str]:
    return [f"MOVE {quote_text(logical)} TO {quote_text(physical)}" for logical, physical in moves]


@statement(NASTY)
def recover(database: str) -> str:
    return f"RESTORE DATABASE {quote_name(database)} WITH RECOVERY"


@statement(NASTY, _DISK)
def stand_by(database: str, undo_file: str) -> str:
    """To be read between two logs; what had to be undone for that is kept in the file, and the next log finds it."""
    return f"RESTORE DATABASE {quote_name(database)} WITH STANDBY = {quote_text(undo_file)}"


@statement(_DISK)
def restore_headeronly(path: str) -> str:
    """One row per backup set of the file."""
    return f"RESTORE HEADERONLY FROM {_disks([path])}"


# ----------------------------------------------------------------------------------------------- changing a database


@statement(NASTY, "RESTORE DATABASE [x] WITH RECOVERY")
def take_over(database: str, restore: str) -> str:
    """Throws the other sessions out, keeps them out, and restores in the same batch.

    Nobody can enter an offline database. Of a single-user one the only place would be free between the two statements,
    and an application that reconnects at once takes it (3101). The restore must not begin when the first statement
    failed: ODBC breaks a batch off after its first error, and that would be in the middle of the restore.
    """
    closed = f"ALTER DATABASE {quote_name(database)} SET OFFLINE WITH ROLLBACK IMMEDIATE"
    return f"{closed};\nIF @@ERROR = 0\n{restore}"


@statement(NASTY)
def set_online(database: str) -> str:
    return f"ALTER DATABASE {quote_name(database)} SET ONLINE"


@statement(NASTY)
def set_multi_user(database: str) -> str:
    """The one session that holds a single-user database is thrown out: it came in between, and may come again after."""
    return f"ALTER DATABASE {quote_name(database)} SET MULTI_USER WITH ROLLBACK IMMEDIATE"


@statement(NASTY)
def use(database: str) -> str:
    return f"USE {quote_name(database)}"


@statement(NASTY, NASTY)
def map_user_to_login(user: str, login: str) -> str:
    """Gives an orphaned user the SID of a login; runs inside of the database, see :func:`use`."""
    return f"ALTER USER {quote_name(user)} WITH LOGIN = {quote_name(login)}"


@statement(NASTY)
@statement(NASTY, physical_only=True)
def checkdb(database: str, physical_only: bool = False) -> str:
    options = ["NO_INFOMSGS", "ALL_ERRORMSGS", "PHYSICAL_ONLY" if physical_only else ""]
    return f"DBCC CHECKDB ({quote_name(database)}){_with(options)}"


@statement(NASTY)
def drop_database(database: str) -> str:
    """With its files, and whoever is in it thrown out where it is open; one that is restoring lets nobody in."""
    closed = f"ALTER DATABASE {quote_name(database)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE"
    only_open = f"IF DATABASEPROPERTYEX({quote_text(database)}, N'Status') = N'ONLINE' {closed}"
    return f"{only_open};\nDROP DATABASE {quote_name(database)}"


# ------------------------------------------------------------------------------------- for people to type themselves


@statement(NASTY)
def set_recovery_full(database: str) -> str:
    return f"ALTER DATABASE {quote_name(database)} SET RECOVERY FULL"


@statement(NASTY)
def set_page_verify(database: str) -> str:
    return f"ALTER DATABASE {quote_name(database)} SET PAGE_VERIFY CHECKSUM"


@statement(NASTY)
def disable_job(job: str) -> str:
    return f"EXECUTE msdb.dbo.sp_update_job @job_name = {quote_text(job)}, @enabled = 0"


# ------------------------------------------------------------------------------------------------------- asking
# Columns keep SQL Server's names. LSNs come as numeric(25,0) and GUIDs as text; the client turns them into ours.


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
@statement(one=True)
def databases(one: bool = False) -> str:
    """With ``one``, parameter: its name, compared as the server compares names."""
    which = " WHERE d.name = ?" if one else ""
    return (
        "SELECT d.name, d.database_id, d.create_date, d.state_desc, d.recovery_model_desc, d.user_access_desc,"  # noqa: S608
        " d.is_in_standby, d.is_read_only, d.page_verify_option_desc, d.compatibility_level, d.collation_name,"
        " d.log_reuse_wait_desc, SUSER_SNAME(d.owner_sid) AS owner, r.database_guid, r.family_guid,"
        " r.last_log_backup_lsn, r.recovery_fork_guid, r.first_recovery_fork_guid, r.fork_point_lsn"
        " FROM sys.databases AS d"
        " LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id"
        f"{which} ORDER BY d.name"
    )


@statement()
@statement(one=True)
def database_files(one: bool = False) -> str:
    """``size`` and ``max_size`` are counted in pages of 8 KB. With ``one``, parameter: a database_id."""
    which = " WHERE database_id = ?" if one else ""
    return (
        "SELECT database_id, file_id, type_desc, name, physical_name, state_desc, size, max_size,"  # noqa: S608
        " redo_start_lsn, redo_start_fork_guid, redo_target_lsn, differential_base_lsn, differential_base_guid"
        f" FROM sys.master_files{which} ORDER BY database_id, file_id"
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
def may_see_sessions() -> str:
    """Without that right sys.dm_exec_sessions shows nothing but our own session, which would prove anything."""
    return "SELECT HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') AS allowed"


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
def files_of_that_name() -> str:
    """Parameter: path. How often msdb remembers a backup to that file."""
    return "SELECT COUNT(*) AS files FROM msdb.dbo.backupmediafamily WHERE physical_device_name = ?"


@statement()
def last_backups() -> str:
    """The newest backup set of each database and type; restores enter sets of other servers, which are left out."""
    return (
        f"{_BACKUP_SET} WHERE s.backup_set_id IN (SELECT MAX(backup_set_id) FROM msdb.dbo.backupset"  # noqa: S608
        " WHERE server_name = @@SERVERNAME GROUP BY database_name, type)"
        " ORDER BY s.database_name, s.backup_set_id, m.family_sequence_number"
    )


@statement()
@statement(newest_only=True)
def restore_history(newest_only: bool = False) -> str:
    """Parameter: database. Newest first. RESTORE ... WITH RECOVERY alone reads no backup set and leaves no row."""
    top = "TOP (1) " if newest_only else ""
    return (
        f"SELECT {top}h.restore_history_id, h.restore_date, h.restore_type, h.replace, h.recovery, h.stop_at,"  # noqa: S608
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


# ------------------------------------------------------------------------------------- logins, jobs, settings: asking


@statement()
def logins_whole() -> str:
    """Logins with all that makes them. ``password_hash`` is NULL for who lacks CONTROL SERVER."""
    return (
        "SELECT p.name, p.sid, p.type_desc, p.is_disabled, p.default_database_name, p.default_language_name,"
        " l.password_hash, l.is_policy_checked, l.is_expiration_checked"
        " FROM sys.server_principals AS p LEFT JOIN sys.sql_logins AS l ON l.principal_id = p.principal_id"
        " WHERE p.type IN ('S', 'U', 'G') ORDER BY p.name"
    )


@statement()
def login_roles() -> str:
    return (
        "SELECT m.name AS login, r.name AS role, r.is_fixed_role FROM sys.server_role_members AS x"
        " JOIN sys.server_principals AS m ON m.principal_id = x.member_principal_id"
        " JOIN sys.server_principals AS r ON r.principal_id = x.role_principal_id"
        " WHERE m.type IN ('S', 'U', 'G') ORDER BY m.name, r.name"
    )


@statement()
def login_permissions() -> str:
    """Class 100 is the server itself; CONNECT SQL comes with every login."""
    return (
        "SELECT p.name AS login, x.state_desc AS state, x.permission_name AS permission"
        " FROM sys.server_permissions AS x"
        " JOIN sys.server_principals AS p ON p.principal_id = x.grantee_principal_id"
        " WHERE x.class = 100 AND p.type IN ('S', 'U', 'G')"
        " AND NOT (x.permission_name = N'CONNECT SQL' AND x.state = 'G') ORDER BY p.name, x.permission_name"
    )


@statement()
def may_control_server() -> str:
    """What reading hashed passwords and writing logins, settings and linked servers needs; jobs need sysadmin."""
    return (
        "SELECT HAS_PERMS_BY_NAME(NULL, NULL, N'CONTROL SERVER') AS control_server,"
        " IS_SRVROLEMEMBER(N'sysadmin') AS sysadmin, SUSER_SNAME() AS login"
    )


@statement()
def job_definitions() -> str:
    return (
        "SELECT j.name, j.job_id, j.enabled, j.description, j.start_step_id, c.name AS category,"
        " SUSER_SNAME(j.owner_sid) AS owner, j.notify_level_eventlog, j.notify_level_email, j.delete_level"
        " FROM msdb.dbo.sysjobs AS j LEFT JOIN msdb.dbo.syscategories AS c ON c.category_id = j.category_id"
        " ORDER BY j.name"
    )


@statement()
def job_steps() -> str:
    return (
        "SELECT job_id, step_id, step_name, subsystem, command, flags, additional_parameters, cmdexec_success_code,"
        " on_success_action, on_success_step_id, on_fail_action, on_fail_step_id, database_name, database_user_name,"
        " retry_attempts, retry_interval, output_file_name FROM msdb.dbo.sysjobsteps ORDER BY job_id, step_id"
    )


@statement()
def job_schedules() -> str:
    return (
        "SELECT x.job_id, s.schedule_id, s.name, s.enabled, s.freq_type, s.freq_interval, s.freq_subday_type,"
        " s.freq_subday_interval, s.freq_relative_interval, s.freq_recurrence_factor, s.active_start_date,"
        " s.active_end_date, s.active_start_time, s.active_end_time"
        " FROM msdb.dbo.sysjobschedules AS x JOIN msdb.dbo.sysschedules AS s ON s.schedule_id = x.schedule_id"
        " ORDER BY x.job_id, s.name"
    )


@statement()
def running_jobs() -> str:
    """Of the Agent's present session: begun and not ended."""
    return (
        "SELECT j.name FROM msdb.dbo.sysjobactivity AS a JOIN msdb.dbo.sysjobs AS j ON j.job_id = a.job_id"
        " WHERE a.session_id = (SELECT MAX(session_id) FROM msdb.dbo.sysjobactivity)"
        " AND a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL ORDER BY j.name"
    )


@statement()
def job_categories() -> str:
    return "SELECT name FROM msdb.dbo.syscategories WHERE category_class = 1 ORDER BY name"


@statement()
def linked_servers() -> str:
    return "SELECT name, product, provider, data_source, catalog FROM sys.servers WHERE is_linked = 1 ORDER BY name"


@statement()
def configurations() -> str:
    return "SELECT name, value, value_in_use, is_dynamic, is_advanced FROM sys.configurations ORDER BY name"


@statement()
def certificates() -> str:
    """Of master, where the certificates of encrypted backups and of TDE are; SQL Server's own begin with ##."""
    return (
        "SELECT name, thumbprint, pvt_key_encryption_type_desc, expiry_date FROM master.sys.certificates"
        " WHERE name NOT LIKE N'##%' ORDER BY name"
    )


@statement()
def services() -> str:
    """SQL Server and its Agent as the operating system runs them. Needs VIEW SERVER STATE."""
    return (
        "SELECT servicename, status_desc, startup_type_desc, service_account"
        " FROM sys.dm_server_services ORDER BY servicename"
    )


@statement()
def password_matches() -> str:
    """Parameters: password, login. NULL for who may not read the hash."""
    return "SELECT PWDCOMPARE(?, password_hash) AS matches FROM sys.sql_logins WHERE name = ?"


@statement(NASTY)
def users_with_roles(database: str) -> str:
    """One row for each role of a user; guest and the owners of schemas (principals 2 to 4) are no accounts."""
    principals, members = (f"{quote_name(database)}.sys.database_{what}" for what in ("principals", "role_members"))
    return (
        f"SELECT u.name, u.sid, r.name AS role FROM {principals} AS u"  # noqa: S608
        f" LEFT JOIN {members} AS x ON x.member_principal_id = u.principal_id"
        f" LEFT JOIN {principals} AS r ON r.principal_id = x.role_principal_id"
        " WHERE u.type IN ('S', 'U', 'G') AND u.principal_id NOT IN (2, 3, 4) ORDER BY u.name, r.name"
    )


@statement()
def certificate_keys() -> str:
    """The certificates of master, and when the private key of each was last saved to a file."""
    return (
        "SELECT name, thumbprint, subject, expiry_date, pvt_key_encryption_type_desc, pvt_key_last_backup_date"
        " FROM master.sys.certificates WHERE name NOT LIKE N'##%' ORDER BY name"
    )


@statement()
def master_key() -> str:
    """A row where master has a master key, which private keys need."""
    return "SELECT name FROM master.sys.symmetric_keys WHERE name = N'##MS_DatabaseMasterKey##'"


# ------------------------------------------------------------------------------------ logins, jobs, settings: changing


def _quote_binary(value: str) -> str:
    """0x text as the client gives it; anything else would be T-SQL of somebody else."""
    return "0x" + bytes.fromhex(value[2:]).hex().upper()


def _on(value: bool) -> str:
    return "ON" if value else "OFF"


@statement(NASTY, sid="0x5F2B", password_hash="0x0200AB", default_database=NASTY, policy=True, expiration=False)
@statement(NASTY, sid="0x5F2B", password_hash="0x0200AB", default_database="master", default_language=NASTY)
def create_login(
    name: str,
    *,
    sid: str,
    password_hash: str,
    default_database: str,
    default_language: str = "",
    policy: bool = False,
    expiration: bool = False,
) -> str:
    """With the SID and the hashed password of another server, so that users of restored databases are this login's."""
    options = [
        f"PASSWORD = {_quote_binary(password_hash)} HASHED",
        f"SID = {_quote_binary(sid)}",
        f"DEFAULT_DATABASE = {quote_name(default_database)}",
        f"DEFAULT_LANGUAGE = {quote_name(default_language)}" if default_language else "",
        f"CHECK_POLICY = {_on(policy)}",
        f"CHECK_EXPIRATION = {_on(expiration)}",
    ]
    return f"CREATE LOGIN {quote_name(name)}{_with(options)}"


@statement(NASTY, NASTY)
def create_windows_login(name: str, default_database: str) -> str:
    return f"CREATE LOGIN {quote_name(name)} FROM WINDOWS WITH DEFAULT_DATABASE = {quote_name(default_database)}"


@statement(NASTY, "0x0200AB")
def set_password_hash(name: str, password_hash: str) -> str:
    """A hash is refused while CHECK_POLICY is ON: it goes OFF first, with what hangs on it, and back by the caller."""
    off = f"ALTER LOGIN {quote_name(name)} WITH CHECK_EXPIRATION = OFF, CHECK_POLICY = OFF"
    return f"{off};\nALTER LOGIN {quote_name(name)} WITH PASSWORD = {_quote_binary(password_hash)} HASHED"


@statement(NASTY, policy=True, expiration=False)
def set_login_policy(name: str, *, policy: bool, expiration: bool) -> str:
    return f"ALTER LOGIN {quote_name(name)} WITH CHECK_POLICY = {_on(policy)}, CHECK_EXPIRATION = {_on(expiration)}"


@statement(NASTY, NASTY)
def set_default_database(name: str, database: str) -> str:
    return f"ALTER LOGIN {quote_name(name)} WITH DEFAULT_DATABASE = {quote_name(database)}"


@statement(NASTY, enabled=True)
@statement(NASTY, enabled=False)
def enable_login(name: str, *, enabled: bool) -> str:
    return f"ALTER LOGIN {quote_name(name)} {'ENABLE' if enabled else 'DISABLE'}"


@statement(NASTY, NASTY)
def rename_login(name: str, new_name: str) -> str:
    return f"ALTER LOGIN {quote_name(name)} WITH NAME = {quote_name(new_name)}"


@statement(NASTY, NASTY)
def add_to_server_role(role: str, login: str) -> str:
    return f"ALTER SERVER ROLE {quote_name(role)} ADD MEMBER {quote_name(login)}"


@statement(NASTY, "VIEW SERVER STATE", "GRANT")
@statement(NASTY, "ALTER ANY LOGIN", "GRANT_WITH_GRANT_OPTION")
@statement(NASTY, "ALTER ANY DATABASE", "DENY")
def server_permission(login: str, permission: str, state: str) -> str:
    """Permissions are words of SQL Server's own: they cannot be quoted, so anything but letters is refused."""
    if not all(word.isalpha() and word.isascii() for word in permission.split(" ")):
        raise ValueError(f"{permission!r} is no permission")
    verb, also = ("DENY", "") if state == "DENY" else ("GRANT", "")
    if state == "GRANT_WITH_GRANT_OPTION":
        also = " WITH GRANT OPTION"
    return f"{verb} {permission} TO {quote_name(login)}{also}"


@statement(NASTY, NASTY, sid="0x5F2B")
@statement(NASTY, NASTY)
def create_sql_login(name: str, password: str, *, sid: str = "") -> str:
    """With the password itself, held to the rules of the server; without a SID the server makes one."""
    options = [
        f"PASSWORD = {quote_text(password)}",
        f"SID = {_quote_binary(sid)}" if sid else "",
        "CHECK_POLICY = ON",
        "CHECK_EXPIRATION = OFF",  # nobody would be there to change it
    ]
    return f"CREATE LOGIN {quote_name(name)}{_with(options)}"


@statement(NASTY, NASTY)
def set_password(name: str, password: str) -> str:
    return f"ALTER LOGIN {quote_name(name)} WITH PASSWORD = {quote_text(password)}"


@statement(NASTY, NASTY)
def create_user(user: str, login: str) -> str:
    """Inside of the database, see :func:`use`."""
    return f"CREATE USER {quote_name(user)} FOR LOGIN {quote_name(login)}"


@statement(NASTY, NASTY)
def add_to_database_role(role: str, user: str) -> str:
    """Inside of the database, see :func:`use`."""
    return f"ALTER ROLE {quote_name(role)} ADD MEMBER {quote_name(user)}"


@statement(NASTY)
def create_master_key(password: str) -> str:
    return f"CREATE MASTER KEY ENCRYPTION BY PASSWORD = {quote_text(password)}"


@statement(NASTY, NASTY, "2036-12-31")
def create_certificate(name: str, subject: str, expiry_date: str) -> str:
    """Its private key is encrypted by the master key; what it encrypts can be read after its expiry, too."""
    options = [f"SUBJECT = {quote_text(subject)}", f"EXPIRY_DATE = {quote_text(expiry_date.replace('-', ''))}"]
    return f"CREATE CERTIFICATE {quote_name(name)}{_with(options)}"


@statement(NASTY, _DISK, _DISK + "k", NASTY)
def backup_certificate(name: str, path: str, key_path: str, password: str) -> str:
    """Refused (15240) where one of the files is there."""
    key = f"FILE = {quote_text(key_path)}, ENCRYPTION BY PASSWORD = {quote_text(password)}"
    return f"BACKUP CERTIFICATE {quote_name(name)} TO FILE = {quote_text(path)} WITH PRIVATE KEY ({key})"


@statement(NASTY, _DISK, _DISK + "k", NASTY)
def restore_certificate(name: str, path: str, key_path: str, password: str) -> str:
    key = f"FILE = {quote_text(key_path)}, DECRYPTION BY PASSWORD = {quote_text(password)}"
    return f"CREATE CERTIFICATE {quote_name(name)} FROM FILE = {quote_text(path)} WITH PRIVATE KEY ({key})"


@statement(NASTY, NASTY)
def set_database_owner(database: str, login: str) -> str:
    return f"ALTER AUTHORIZATION ON DATABASE::{quote_name(database)} TO {quote_name(login)}"


@statement(57)
def end_session(session_id: int) -> str:
    return f"KILL {session_id:d}"


@statement("msdb.dbo.sp_add_job", job_name=NASTY, enabled=0)
@statement("msdb.dbo.sp_update_job", job_name=NASTY, enabled=1)
@statement("msdb.dbo.sp_add_jobstep", job_name=NASTY, step_name=NASTY, subsystem="TSQL", command="SELECT 1\nGO\n")
@statement("msdb.dbo.sp_delete_jobstep", job_name=NASTY, step_id=0)
@statement("msdb.dbo.sp_add_jobschedule", job_name=NASTY, name=NASTY, enabled=1, freq_type=4, freq_interval=1)
@statement("msdb.dbo.sp_detach_schedule", job_name=NASTY, schedule_id=3, delete_unused_schedule=1)
@statement("msdb.dbo.sp_add_jobserver", job_name=NASTY)
@statement("msdb.dbo.sp_stop_job", job_name=NASTY)
@statement("msdb.dbo.sp_delete_job", job_name=NASTY, delete_unused_schedule=1)
@statement("master.dbo.sp_addlinkedserver", server=NASTY, srvproduct="", provider="MSOLEDBSQL", datasrc=NASTY)
@statement("sys.sp_configure", configname="xp_cmdshell", configvalue=0)
def call(procedure: str, **arguments: str | int | None) -> str:
    """A system procedure with arguments by name; None leaves one out."""
    given = {name: value for name, value in arguments.items() if value is not None}
    texts = [
        f"@{name} = {quote_text(value) if isinstance(value, str) else f'{value:d}'}" for name, value in given.items()
    ]
    return f"EXECUTE {procedure} {', '.join(texts)}"


@statement()
def reconfigure() -> str:
    return "RECONFIGURE"
