# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CREATE, ALTER and DROP of users and database roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.engine.catalog import FIXED_ROLES, Catalog, User
from simulator.engine.events import Done, Event
from simulator.engine.handles import Handle
from simulator.engine.logins import new_sid
from simulator.engine.messages import error
from simulator.engine.query.model import refuse
from simulator.engine.statements.writing import changing_catalog
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import schema as ddl

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

_FIXED = frozenset(name for _, name in FIXED_ROLES)


def current(execution: Execution, permission: str) -> Handle:
    handle = execution.session.handle()
    if not execution.session.rights.may(permission, handle.name):
        raise error(15247)
    return handle


def create_user(execution: Execution, node: admin.Principal) -> None:
    handle, instance = current(execution, "ALTER ANY USER"), execution.session.instance
    login_name = str(node.options.get("LOGIN", node.name))
    without = bool(node.options.get("WITHOUT"))
    login = None if without else instance.login_named(login_name)
    if login is None and not without:
        raise refuse(15007, login_name, line=node.line)
    with changing_catalog(execution, handle) as catalog:
        if catalog.user_named(node.name) is not None:
            raise refuse(15023, node.name, line=node.line)
        if login is not None and catalog.user_of(login.sid) is not None:
            raise refuse(15063, line=node.line)
        sid = login.sid if login else new_sid()
        schema = str(node.options.get("DEFAULT_SCHEMA", "dbo"))
        number = _next_principal(catalog)
        catalog.users[number] = User(number, node.name, "S", sid, instance.timestamp(), schema, without)


def _next_principal(catalog: Catalog) -> int:
    return max([4, *(number for number in catalog.users if number < 16384)]) + 1


def alter_user(execution: Execution, node: admin.Principal) -> None:
    handle = current(execution, "ALTER ANY USER")
    with changing_catalog(execution, handle) as catalog:
        user = catalog.user_named(node.name)
        if user is None or user.type != "S" or user.principal_id in (2, 3, 4):
            raise refuse(15151, "alter", "user", node.name, line=node.line)
        if "LOGIN" in node.options:
            user = _mapped(execution, catalog, user, str(node.options["LOGIN"]), node.line)
        if "DEFAULT_SCHEMA" in node.options:
            user = replace(user, default_schema=str(node.options["DEFAULT_SCHEMA"]))
        if "NAME" in node.options:
            if catalog.user_named(str(node.options["NAME"])) is not None:
                raise refuse(15023, node.options["NAME"], line=node.line)
            user = replace(user, name=str(node.options["NAME"]))
        catalog.users[user.principal_id] = user


def _mapped(execution: Execution, catalog: Catalog, user: User, login_name: str, line: int) -> User:
    login = execution.session.instance.login_named(login_name)
    if login is None:
        raise refuse(15007, login_name, line=line)
    if user.principal_id == 1:
        raise refuse(15150, "alter", "user", "dbo", line=line)
    present = catalog.user_of(login.sid)
    if present is not None and present.principal_id != user.principal_id:
        raise refuse(15063, line=line)
    return replace(user, sid=login.sid, without_login=False)


def create_role(execution: Execution, node: admin.Principal) -> None:
    handle = current(execution, "CREATE ROLE")
    with changing_catalog(execution, handle) as catalog:
        if catalog.user_named(node.name) is not None:
            raise refuse(15023, node.name, line=node.line)
        number = _next_principal(catalog)
        created = execution.session.instance.timestamp()
        catalog.users[number] = User(number, node.name, "R", "", created, default_schema="")


def alter_role(execution: Execution, node: admin.Principal) -> None:
    handle = current(execution, "ALTER ANY ROLE")
    with changing_catalog(execution, handle) as catalog:
        role = catalog.user_named(node.name)
        if role is None or role.type != "R" or role.principal_id == 0:
            raise refuse(15151, "alter", "role", node.name, line=node.line)
        if "NAME" in node.options:
            if role.name.lower() in _FIXED:
                raise refuse(15150, "alter", "role", node.name, line=node.line)
            catalog.users[role.principal_id] = replace(role, name=str(node.options["NAME"]))
            return
        change_member(
            catalog, role, str(node.options.get("ADD") or node.options.get("DROP")), "ADD" in node.options, node.line
        )


def change_member(catalog: Catalog, role: User, name: str, added: bool, line: int) -> None:
    member = catalog.user_named(name)
    if member is None:
        raise refuse(15151, "add" if added else "drop", "principal", name, line=line)
    if member.principal_id == 1:
        raise refuse(15405, "dbo", line=line)
    pair = (role.principal_id, member.principal_id)
    catalog.members = [other for other in catalog.members if other != pair]
    if added:
        catalog.members.append(pair)


def drop_users(execution: Execution, node: ddl.Drop) -> Iterator[Event]:
    handle = current(execution, "ALTER ANY USER" if node.kind == "USER" else "ALTER ANY ROLE")
    kind = "S" if node.kind == "USER" else "R"
    with changing_catalog(execution, handle) as catalog:
        for name, *_ in node.names:
            user = catalog.user_named(name)
            if user is None and node.if_exists:
                continue
            if user is None or user.type != kind:
                raise refuse(15151, "drop", node.kind.lower(), name, line=node.line)
            if user.principal_id <= 4 or user.principal_id >= 16384:
                raise refuse(15150, "drop", node.kind.lower(), name, line=node.line)
            _drop_principal(catalog, user, node.line)
    yield Done(None)


def _drop_principal(catalog: Catalog, user: User, line: int) -> None:
    number = user.principal_id
    if any(owner == number for _, owner in catalog.schemas.values()):
        raise refuse(15138, "schema", line=line)
    if any(role == number for role, _ in catalog.members):
        raise refuse(15144, line=line)
    del catalog.users[number]
    catalog.members = [pair for pair in catalog.members if pair[1] != number]
    catalog.grants = [grant for grant in catalog.grants if grant.grantee != number]
