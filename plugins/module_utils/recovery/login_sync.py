# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What makes the logins of one server those of another: same names, SIDs, hashed passwords and rights.

A user of a restored database belongs to the login with its SID; the name decides nothing. No login is ever dropped. One
that stands in the way keeps its SID and all that is its own under another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import tsql
from .in_step import Change, Remark, among, same_name

PART = "logins"
SQL_LOGIN = "SQL_LOGIN"
_SA = "0x01"
_BUILT_IN = ("##", "nt service\\", "nt authority\\", "builtin\\")


@dataclass(frozen=True)
class Login:
    """A login with what makes it; permissions as (state, permission)."""

    name: str
    sid: str
    type_desc: str = SQL_LOGIN
    is_disabled: bool = False
    default_database: str = "master"
    default_language: str = ""
    password_hash: str | None = field(default=None, repr=False)
    policy: bool = False
    expiration: bool = False
    roles: tuple[str, ...] = ()
    permissions: tuple[tuple[str, str], ...] = ()

    @property
    def is_own(self) -> bool:
        """sa under whatever name, and what SQL Server and Windows make for themselves."""
        return self.sid == _SA or self.name.lower().startswith(_BUILT_IN)

    @property
    def is_aside(self) -> bool:
        """It was renamed to make way on this server: no other needs it."""
        return self.name == _aside(self)


@dataclass(frozen=True)
class Receiver:
    """The server that is to follow. ``belongings`` says, by login, what would be lost with its name."""

    name: str
    logins: Sequence[Login]
    databases: Sequence[str]
    belongings: Mapping[str, Sequence[str]]


def logins_of(
    rows: Iterable[dict[str, Any]], roles: Iterable[dict[str, Any]], permissions: Iterable[dict[str, Any]]
) -> list[Login]:
    """From the rows of the three queries."""
    roles, permissions = list(roles), list(permissions)
    return [
        Login(
            row["name"],
            row["sid"],
            row["type_desc"],
            bool(row["is_disabled"]),
            row["default_database_name"] or "master",
            row["default_language_name"] or "",
            row["password_hash"],
            bool(row["is_policy_checked"]),
            bool(row["is_expiration_checked"]),
            tuple(one["role"] for one in roles if one["login"] == row["name"]),
            tuple((one["state"], one["permission"]) for one in permissions if one["login"] == row["name"]),
        )
        for row in rows
    ]


def strangers(source: Sequence[Login], target: Sequence[Login]) -> list[Login]:
    """Logins of the target that bear a name of the source and are somebody else."""
    return [one for login in source for one in [_by_name(target, login.name)] if one and one.sid != login.sid]


def login_changes(
    source: Sequence[Login], target: Receiver, *, spare: Sequence[str] = (), machine: str = "", told: Sequence[str] = ()
) -> tuple[list[Change], list[Remark]]:
    """``spare`` are not touched, ``machine`` is the source's host, and ``told`` the strangers that may be renamed."""
    changes: list[Change] = []
    remarks: list[Remark] = []
    for login in source:
        if login.is_own or login.is_aside or among(login.name, spare):
            continue
        if machine and login.type_desc != SQL_LOGIN and login.name.lower().startswith(f"{machine.lower()}\\"):
            remarks.append(_of_one_machine(login, target))
            continue
        more, remark = _one(login, target, told)
        changes += more
        remarks += remark
    return changes, remarks


def _one(login: Login, target: Receiver, told: Sequence[str]) -> tuple[list[Change], list[Remark]]:
    same = next((one for one in target.logins if one.sid == login.sid), None)
    if same is not None and not same_name(same.name, login.name):
        return [], [_renamed(login, same, target)]
    if same is not None:
        return _followed(login, same, target)
    stranger = _by_name(target.logins, login.name)
    if stranger is None:
        return _created(login, target), _missing_rights(login, None)
    if stranger.is_own or login.type_desc != SQL_LOGIN:
        return [], [_unmovable(login, stranger, target)]
    mine = target.belongings.get(stranger.name, ())
    if mine and not among(login.name, told):
        return [], [_stranger(login, stranger, target, mine)]
    return [*_put_aside(stranger), *_created(login, target)], _missing_rights(login, None)


def _created(login: Login, target: Receiver) -> list[Change]:
    known = among(login.default_database, target.databases)
    database = login.default_database if known else "master"
    if login.type_desc == SQL_LOGIN:
        text = tsql.create_login(
            login.name,
            sid=login.sid,
            password_hash=login.password_hash or "0x",
            default_database=database,
            default_language=login.default_language,
            policy=login.policy,
            expiration=login.expiration,
        )
    else:
        text = tsql.create_windows_login(login.name, database)
    changes = [_change(login, "create it with its SID and its password", text)]
    if login.is_disabled:
        changes.append(_change(login, "disable it", tsql.enable_login(login.name, enabled=False)))
    return [*changes, *_rights(login, None)]


def _followed(login: Login, same: Login, target: Receiver) -> tuple[list[Change], list[Remark]]:
    changes = _password(login, same)
    if login.is_disabled != same.is_disabled:
        what = "disable it" if login.is_disabled else "enable it"
        changes.append(_change(login, what, tsql.enable_login(same.name, enabled=not login.is_disabled)))
    wanted = login.default_database
    if not same_name(wanted, same.default_database) and among(wanted, target.databases):
        changes.append(
            _change(login, f"make {wanted} its default database", tsql.set_default_database(same.name, wanted))
        )
    return [*changes, *_rights(login, same)], _missing_rights(login, same)


def _password(login: Login, same: Login) -> list[Change]:
    if login.type_desc != SQL_LOGIN:
        return []
    changes = []
    after = (same.policy, same.expiration)
    if login.password_hash and login.password_hash != same.password_hash:
        changes.append(_change(login, "give it its password", tsql.set_password_hash(same.name, login.password_hash)))
        after = (False, False)
    if (login.policy, login.expiration) != after:
        text = tsql.set_login_policy(same.name, policy=login.policy, expiration=login.expiration)
        changes.append(_change(login, "make the rules for its password the same", text))
    return changes


def _rights(login: Login, same: Login | None) -> list[Change]:
    """Rights are added and never taken: the follower's own accounts may need more there than here."""
    roles, permissions = (same.roles, same.permissions) if same else ((), ())
    changes = [
        _change(login, f"make it a member of {role}", tsql.add_to_server_role(role, login.name))
        for role in login.roles
        if role not in roles
    ]
    for state, permission in login.permissions:
        if (state, permission) not in permissions:
            text = tsql.server_permission(login.name, permission, state)
            changes.append(_change(login, f"{state.lower()} {permission}", text))
    return changes


def _missing_rights(login: Login, same: Login | None) -> list[Remark]:
    extra = [role for role in (same.roles if same else ()) if role not in login.roles]
    if "sysadmin" not in extra:
        return []
    return [
        Remark(
            PART,
            login.name,
            "it is a member of sysadmin here and not there; rights are not taken from anybody.",
            "If that is not meant: ALTER SERVER ROLE sysadmin DROP MEMBER, on this server.",
        )
    ]


def aside_ending(sid: str) -> str:
    """How the name of a login ends that was put aside, because it stood in the way of the other server's."""
    return f"_was_{sid[2:10]}"


def _aside(login: Login) -> str:
    end = aside_ending(login.sid)
    return login.name if login.name.endswith(end) else f"{login.name}{end}"


def _put_aside(stranger: Login) -> list[Change]:
    """Renamed first: where that fails nothing has happened to it."""
    aside = _aside(stranger)
    return [
        _change(stranger, f"rename the other login of this name to {aside}", tsql.rename_login(stranger.name, aside)),
        _change(stranger, "disable that one", tsql.enable_login(aside, enabled=False)),
    ]


def _stranger(login: Login, stranger: Login, target: Receiver, mine: Sequence[str]) -> Remark:
    return Remark(
        PART,
        login.name,
        f"on {target.name} this name has another SID ({stranger.sid}, not {login.sid}), and it {', '.join(mine)}. "
        "Users of restored databases would be orphans.",
        f"A recovery maps them to the login of their name. To give it the right SID, name {login.name} in "
        "logins_rename: the login there is then disabled and renamed, and keeps what is its own.",
    )


def _unmovable(login: Login, stranger: Login, target: Receiver) -> Remark:
    return Remark(
        PART,
        login.name,
        f"on {target.name} this name has another SID ({stranger.sid}, not {login.sid}).",
        "A Windows login has the SID of its domain: see whether it was deleted there and made again.",
    )


def _renamed(login: Login, same: Login, target: Receiver) -> Remark:
    return Remark(
        PART,
        login.name,
        f"on {target.name} its SID belongs to the login {same.name}.",
        f"If that is the same person: ALTER LOGIN [{same.name}] WITH NAME = [{login.name}], on {target.name}.",
    )


def _of_one_machine(login: Login, target: Receiver) -> Remark:
    return Remark(
        PART,
        login.name,
        "it is an account of that one machine and cannot exist on another.",
        f"Make a domain account or a SQL login of it, or an account of its own on {target.name}.",
    )


def _by_name(logins: Iterable[Login], name: str) -> Login | None:
    return next((one for one in logins if same_name(one.name, name)), None)


def _change(login: Login, what: str, statement: str) -> Change:
    return Change(PART, login.name, what, statement)
