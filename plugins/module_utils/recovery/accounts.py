# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Accounts with the rights they need and no more: what a server lacks of them, and what one has beyond that.

Rights are added and never taken: somebody may have given them for a reason. They are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import tsql
from .in_step import Change, Remark, among, same_name
from .login_sync import SQL_LOGIN, Login

PART = "accounts"
_OWNER = "db_owner"


@dataclass(frozen=True)
class Account:
    """A login as the site wants it. ``roles`` are those in each of the site's databases."""

    name: str
    password: str = field(repr=False)
    server_roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    msdb_roles: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Account:
        lists = ("server_roles", "permissions", "roles", "msdb_roles")
        return cls(row["name"], row["password"], *(tuple(row.get(key) or ()) for key in lists))


@dataclass(frozen=True)
class Place:
    """Where accounts are wanted. ``sids``: those that the other server has; None where a new login may have any."""

    server: str
    sids: Mapping[str, str] | None
    only_looking: bool = False


def login_of(account: Account, logins: Iterable[Login]) -> Login | None:
    return next((one for one in logins if same_name(one.name, account.name)), None)


def login_changes(
    account: Account, login: Login | None, password_fits: bool, place: Place
) -> tuple[list[Change], list[Remark]]:
    """Of the login itself, its server roles and permissions."""
    wanted_sid = _sid(account, place)
    if login is None:
        if place.sids is not None and not wanted_sid and not place.only_looking:
            return [], [_not_there_yet(account, place)]
        text = tsql.create_sql_login(account.name, account.password, sid=wanted_sid or "")
        what = "create it with the SID that it has on the other server" if wanted_sid else "create it"
        return [_change(account, what, text), *_rights(account, None)], []
    if login.type_desc != SQL_LOGIN:
        msg = "it is a Windows login there; a password is none of its business."
        return [], [Remark(PART, account.name, msg, "Choose another name, or give that login its rights by hand.")]
    if wanted_sid and login.sid != wanted_sid:
        return [], [_stranger(account, login, wanted_sid, place)]
    changes = [] if password_fits else [_password(account, login)]
    return [*changes, *_rights(account, login)], [*_disabled(login), *_denied(account, login), *_more(account, login)]


def _sid(account: Account, place: Place) -> str | None:
    return next((sid for name, sid in (place.sids or {}).items() if same_name(name, account.name)), None)


def _not_there_yet(account: Account, place: Place) -> Remark:
    msg = f"it is not on the other server yet, so nobody knows the SID that it must have on {place.server}."
    return Remark("sid", account.name, msg, "Make it there first: run the role instance on production.")


def _stranger(account: Account, login: Login, wanted: str, place: Place) -> Remark:
    msg = (
        f"on {place.server} this name has the SID {login.sid}, on the other server {wanted}: users of restored "
        "databases would not be its own."
    )
    hint = f"Name {account.name} in logins_rename and run playbooks/standby.yml, which gives way to the right one."
    return Remark("sid", account.name, msg, hint)


def _password(account: Account, login: Login) -> Change:
    return _change(account, "give it its password", tsql.set_password(login.name, account.password))


def _rights(account: Account, login: Login | None) -> list[Change]:
    roles = login.roles if login else ()
    changes = [
        _change(account, f"make it a member of {role}", tsql.add_to_server_role(role, account.name))
        for role in account.server_roles
        if not among(role, roles)
    ]
    if among("sysadmin", roles) or among("sysadmin", account.server_roles):
        return changes  # it may do everything
    held = login.permissions if login else ()
    return changes + [
        _change(account, f"grant {permission}", tsql.server_permission(account.name, permission, "GRANT"))
        for permission in account.permissions
        if not any(same_name(name, permission) for _state, name in held)
    ]


def _disabled(login: Login) -> list[Remark]:
    """It may be kept out of a server that was left: that is undone by the way back, not by provisioning."""
    if not login.is_disabled:
        return []
    hint = f"If this server was not left by a recovery: {tsql.enable_login(login.name, enabled=True)}"
    return [Remark(PART, login.name, "it is disabled, and was left so.", hint)]


def _denied(account: Account, login: Login) -> list[Remark]:
    denied = [
        name for state, name in login.permissions if state == "DENY" and among(name, account.permissions)
    ]  # a grant beside it would change nothing
    return [
        Remark(PART, login.name, f"{name} is denied to it.", f"REVOKE {name} FROM {tsql.quote_name(login.name)}")
        for name in denied
    ]


def _more(account: Account, login: Login) -> list[Remark]:
    roles = [role for role in login.roles if not among(role, account.server_roles) and not same_name(role, "public")]
    granted = [name for state, name in login.permissions if state != "DENY" and not among(name, account.permissions)]
    if not roles and not granted:
        return []
    msg = f"it may do more than it needs: {', '.join([*roles, *granted])}."
    hint = "If nobody needs that: ALTER SERVER ROLE ... DROP MEMBER, REVOKE ... FROM."
    return [Remark("more", login.name, msg, hint)]


def user_changes(
    account: Account, roles: Sequence[str], sid: str | None, database: str, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[Change], list[Remark]]:
    """``rows``: a user's role each. ``sid`` is the login's, None where the login is only about to be made."""
    own = [row for row in rows if sid and row["sid"] == sid]
    if not roles or any(row["name"] == "dbo" for row in own):
        return [], []
    changes = []
    user = str(own[0]["name"]) if own else account.name
    if not own:
        namesake = next((row for row in rows if same_name(row["name"], account.name)), None)
        user = str(namesake["name"]) if namesake else account.name
        text = tsql.map_user_to_login(user, account.name) if namesake else tsql.create_user(user, account.name)
        what = "map its user to it" if namesake else "make it a user"
        changes.append(_change(account, f"{what} in {database}", text))
        own = [row for row in rows if namesake and row["name"] == namesake["name"]]
    held = [str(row["role"]) for row in own if row["role"]]
    if not among(_OWNER, held):
        changes += [
            _change(account, f"add it to {role} in {database}", tsql.add_to_database_role(role, user))
            for role in roles
            if not among(role, held)
        ]
    more = [role for role in held if not among(role, roles)]
    if not more:
        return changes, []
    msg = f"in {database} it is also in {', '.join(more)}."
    hint = f"If nobody needs that: USE {tsql.quote_name(database)}; ALTER ROLE ... DROP MEMBER {tsql.quote_name(user)}"
    return changes, [Remark("more", account.name, msg, hint)]


def _change(account: Account, what: str, statement: str) -> Change:
    return Change(PART, account.name, what, statement)
