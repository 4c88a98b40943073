# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tail of the log: the last backup of a database that is left behind, and the end of all writing to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..recovery import tsql
from ..recovery.errors import NotProven, StatementFailed
from .in_use import insist
from .mssql import Row, Server
from .mssql_state import database_state, named

#: It cannot be opened, but its log may still be read: BACKUP LOG WITH NO_TRUNCATE.
DAMAGED = ("SUSPECT", "RECOVERY_PENDING", "EMERGENCY")


def closed(rows: list[Row], databases: Iterable[str]) -> list[str]:
    """The databases that an earlier tail closed: RESTORING. Nothing can be written to them."""
    found = {name: named(rows, name) for name in databases}
    return [name for name, row in found.items() if row is not None and row["state_desc"] == "RESTORING"]


def take(server: Server, row: Row, path: str, options: dict[str, Any]) -> None:
    """Backs the tail up and leaves the database RESTORING; a database that stays open is everybody's again."""
    database = row["name"]
    if row["state_desc"] in DAMAGED:
        server.execute(tsql.backup_log(database, [path], norecovery=True, no_truncate=True, **options), about=database)
        return
    text = tsql.close_and(database, tsql.backup_log(database, [path], norecovery=True, **options))
    try:
        insist(server, text, database)
    except StatementFailed:
        _reopen(server, database)
        raise


def _reopen(server: Server, database: str) -> None:
    row = named(server.query(tsql.databases()), database)
    if row and row["state_desc"] == "ONLINE" and row["user_access_desc"] != "MULTI_USER":
        server.execute(tsql.set_multi_user(database), about=database)


def must_be_closed(server: Server, database: str) -> None:
    """The server's own word that nobody can write to it any more."""
    state = database_state(server, database).state
    if state != "RESTORING":
        raise NotProven(
            f"{database}: its tail was backed up, but it is {state} and not RESTORING; what is written now is lost.",
            hint="Stop the modules that still write there, then run again.",
        )
