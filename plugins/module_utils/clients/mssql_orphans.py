# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users of a database whose SID no login of this server has: after a restore elsewhere their applications stay out."""

from __future__ import annotations

from typing import Any

from ..recovery import tsql
from ..recovery.errors import RecoveryError
from ..recovery.verdict import Verdict
from .mssql import Row, Server

_ITEM = "orphaned_users"


def orphans(server: Server, database: str, *, repair: bool) -> tuple[list[Verdict], list[dict[str, Any]]]:
    """A verdict for the database, and each orphan with what became of it."""
    try:
        found = _orphaned(server, database)
        told = [_mended(server, database, user, repair) for user in found]
        left = _orphaned(server, database) if repair and not server.dry else found
    except RecoveryError as error:
        return [Verdict(_ITEM, database, False, error.msg, error.hint)], []
    if left:
        names = ", ".join(user["name"] for user in left)
        reasons = " ".join(dict.fromkeys(one["hint"] for one in told if one["hint"]))
        return [Verdict(_ITEM, database, False, f"no login has the SID of {names}", reasons)], told
    mended = f"{len(found)} mapped to the logins of their names, none left" if found else "none"
    return [Verdict(_ITEM, database, True, mended)], told


def _orphaned(server: Server, database: str) -> list[Row]:
    sids = {login["sid"] for login in server.query(tsql.logins())}
    return [user for user in server.query(tsql.database_users(database), about=database) if user["sid"] not in sids]


def _mended(server: Server, database: str, user: Row, repair: bool) -> dict[str, Any]:
    """ALTER USER ... WITH LOGIN gives the user the SID of the login of the same name, if nobody else has it."""
    told = {"database": database, "user": user["name"], "sid": user["sid"], "repaired": False, "hint": ""}
    login = _login_for(server, user)
    if login is None:
        told["hint"] = f"Create the login {user['name']} with SID = {user['sid']}."
        return told
    taken = [one for one in server.query(tsql.database_users(database)) if one["sid"] == login["sid"]]
    if taken:
        told["hint"] = f"The login {login['name']} is the user {taken[0]['name']} there already; drop one of the two."
        return told
    if not repair:
        told["hint"] = "Run with repair_orphaned_users: true to map each to the login of its name."
        return told
    try:
        text = tsql.map_user_to_login(user["name"], login["name"])
        server.execute_in(database, text, about=database)
        told["repaired"] = not server.dry
    except RecoveryError as error:
        told["hint"] = f"{error.msg} {error.hint}"
    return told


def _login_for(server: Server, user: Row) -> Row | None:
    """SQL users go to SQL logins; a Windows user's SID is the domain's, it cannot be given another."""
    if user["type_desc"] != "SQL_USER":
        return None
    logins = [one for one in server.query(tsql.logins()) if one["type_desc"] == "SQL_LOGIN"]
    return next((one for one in logins if one["name"].casefold() == user["name"].casefold()), None)
