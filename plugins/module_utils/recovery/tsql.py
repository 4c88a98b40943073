# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The only place in which T-SQL is written: one function per statement, values in, text out.

This file changes things; what is only asked stands beside it in ``tsql_queries``.

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
    """One text per catalogue entry, for a parser to judge. ``tsql_queries`` enters its own when it is imported."""
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
    relocated = [f"MOVE {quote_text(logical)} TO {quote_text(physical)}" for logical, physical in moves]
    options = [f"FILE = {position:d}", *relocated, "REPLACE" if replace else "", "NORECOVERY", "STATS = 5"]
    return f"RESTORE DATABASE {quote_name(database)} FROM {_disks(files)}{_with(options)}"


@statement(NASTY, [_DISK], stop_at=_NOON)
@statement(NASTY, [_DISK], position=3, stop_at="2026-10-04T12:30:15.997")
@statement(NASTY, [_DISK], stop_at_mark=NASTY)
@statement(NASTY, [_DISK], stop_before_mark="lsn:34000000012800001")
def restore_log(
    database: str,
    files: Sequence[str],
    *,
    position: int = 1,
    stop_at: datetime | str | None = None,
    stop_at_mark: str | None = None,
    stop_before_mark: str | None = None,
) -> str:
    stops = [
        f"STOPAT = {quote_time(stop_at)}" if stop_at else "",
        f"STOPATMARK = {quote_text(stop_at_mark)}" if stop_at_mark else "",
        f"STOPBEFOREMARK = {quote_text(stop_before_mark)}" if stop_before_mark else "",
    ]
    options = [f"FILE = {position:d}", "NORECOVERY", *stops, "STATS = 5"]
    return f"RESTORE LOG {quote_name(database)} FROM {_disks(files)}{_with(options)}"


@statement(NASTY)
def recover(database: str) -> str:
    return f"RESTORE DATABASE {quote_name(database)} WITH RECOVERY"


@statement([_DISK, _DISK])
def restore_headeronly(files: Sequence[str]) -> str:
    return f"RESTORE HEADERONLY FROM {_disks(files)}"


@statement([_DISK], position=2)
def restore_filelistonly(files: Sequence[str], position: int = 1) -> str:
    return f"RESTORE FILELISTONLY FROM {_disks(files)} WITH FILE = {position:d}"


# ----------------------------------------------------------------------------------------------- changing a database


@statement(NASTY, "RESTORE DATABASE [x] WITH RECOVERY")
def take_over(database: str, restore: str) -> str:
    """Throws the other sessions out and restores in the same batch, so that nobody comes in between."""
    return f"ALTER DATABASE {quote_name(database)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE;\n{restore}"


@statement(NASTY)
def set_multi_user(database: str) -> str:
    return f"ALTER DATABASE {quote_name(database)} SET MULTI_USER"


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
