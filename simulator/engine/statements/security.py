# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logins, users, roles and permissions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.engine.catalog import FIXED_ROLES, Catalog, Grant, Table, User
from simulator.engine.events import Done, Event
from simulator.engine.handles import Handle
from simulator.engine.logins import ROLE_NAMES, Login, hash_password, is_complex, new_sid, password_matches
from simulator.engine.messages import error
from simulator.engine.query.model import refuse
from simulator.engine.statements.writing import changing_catalog
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import statements as ast

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

_SERVER_PERMISSIONS = frozenset(
    {"VIEW SERVER STATE", "VIEW ANY DEFINITION", "VIEW ANY DATABASE", "ALTER ANY LOGIN", "ALTER ANY DATABASE",
     "CREATE ANY DATABASE", "ALTER ANY CONNECTION", "ALTER SETTINGS", "CONTROL SERVER", "CONNECT SQL",
     "ADMINISTER BULK OPERATIONS",
     "VIEW SERVER PERFORMANCE STATE", "VIEW SERVER SECURITY STATE", "ALTER ANY SERVER ROLE"}
)  # fmt: skip
_FIXED = frozenset(name for _, name in FIXED_ROLES)


def principal(execution: Execution, node: admin.Principal) -> Iterator[Event]:
    work = {
        ("CREATE", "LOGIN"): _create_login, ("ALTER", "LOGIN"): _alter_login, ("CREATE", "USER"): _create_user,
        ("ALTER", "USER"): _alter_user, ("CREATE", "ROLE"): _create_role, ("ALTER", "ROLE"): _alter_role,
        ("ALTER", "SERVER ROLE"): _alter_server_role,
    }.get((node.action, node.kind))  # fmt: skip
    if work is None:
        raise refuse(40510, f"{node.action} {node.kind}", line=node.line)
    work(execution, node)
    yield Done(None)


# ------------------------------------------------------------------------------------------------ logins


def _require_login_rights(execution: Execution) -> None:
    if not execution.session.rights.may_server("ALTER ANY LOGIN"):
        raise error(15247)


def _create_login(execution: Execution, node: admin.Principal) -> None:
    _require_login_rights(execution)
    instance, options = execution.session.instance, node.options
    if instance.login_named(node.name) is not None or node.name.lower() in ROLE_NAMES:
        raise refuse(15025, node.name, line=node.line)
    sid = _sid(execution, options)
    if instance.login_of(sid) is not None:
        raise refuse(15433, line=node.line)
    if options.get("WINDOWS"):
        raise refuse(15401, node.name, line=node.line)
    policy = bool(options.get("CHECK_POLICY", True))
    hashed = _password(execution, node.name, options, policy)
    database = str(options.get("DEFAULT_DATABASE", "master"))
    if not instance.exists(database):
        raise refuse(15010, database, line=node.line)
    now = instance.timestamp()
    with instance.lock:
        number = instance.state.next_principal
        instance.state.next_principal += 1
        instance.state.logins[number] = Login(
            number, node.name, sid, hashed, now, now, default_database=database, check_policy=policy,
            check_expiration=bool(options.get("CHECK_EXPIRATION", False)),
        )  # fmt: skip
        instance.save()


def _sid(execution: Execution, options: dict[str, Any]) -> str:
    if "SID" not in options:
        return new_sid()
    value = execution.python(options["SID"])
    if not isinstance(value, bytes) or len(value) != 16:
        raise error(15419)
    return value.hex().upper()


def _password(execution: Execution, name: str, options: dict[str, Any], policy: bool) -> str:
    value = execution.python(options["PASSWORD"])
    if options.get("HASHED"):
        if not isinstance(value, bytes) or len(value) != 70:
            raise error(15021, "PASSWORD")
        return value.hex()
    if policy and not is_complex(str(value), name):
        raise error(15118)
    return hash_password(str(value))


def _alter_login(execution: Execution, node: admin.Principal) -> None:
    instance, options = execution.session.instance, node.options
    login = instance.login_named(node.name)
    own = login is not None and login.principal_id == execution.session.login.principal_id and "OLD_PASSWORD" in options
    if login is None or not (own or execution.session.rights.may_server("ALTER ANY LOGIN")):
        raise refuse(15151, "alter", "login", node.name, line=node.line)
    if own and not password_matches(execution.text(options["OLD_PASSWORD"]), login.password):
        raise refuse(15151, "alter", "login", node.name, line=node.line)
    login = _with_options(execution, login, options, node.line)
    instance.change_login(login)


def _with_options(execution: Execution, login: Login, options: dict[str, Any], line: int) -> Login:
    instance = execution.session.instance
    policy = bool(options.get("CHECK_POLICY", login.check_policy))
    login = replace(login, check_policy=policy)
    if "CHECK_EXPIRATION" in options:
        login = replace(login, check_expiration=bool(options["CHECK_EXPIRATION"]))
    if "PASSWORD" in options:
        login = replace(login, password=_password(execution, login.name, options, policy))
    if "DISABLE" in options:
        login = replace(login, disabled=options["DISABLE"])
    if "DEFAULT_DATABASE" in options:
        if not instance.exists(str(options["DEFAULT_DATABASE"])):
            raise refuse(15010, options["DEFAULT_DATABASE"], line=line)
        login = replace(login, default_database=str(options["DEFAULT_DATABASE"]))
    if "NAME" in options:
        if instance.login_named(str(options["NAME"])) is not None:
            raise refuse(15025, options["NAME"], line=line)
        login = replace(login, name=str(options["NAME"]))
    return login


def drop_logins(execution: Execution, node: ast.Drop) -> Iterator[Event]:
    instance = execution.session.instance
    for name, *_ in node.names:
        login = instance.login_named(name)
        if login is None or login.principal_id == 1 or not execution.session.rights.may_server("ALTER ANY LOGIN"):
            raise refuse(15151, "drop", "login", name, line=node.line)
        if any(session.login.principal_id == login.principal_id for session in list(instance.sessions.values())):
            raise refuse(15434, name, line=node.line)
        if any(entry.owner_sid == login.sid for entry in instance.state.databases.values()):
            raise refuse(15174, name, line=node.line)
        with instance.lock:
            del instance.state.logins[login.principal_id]
            instance.save()
    yield Done(None)


def _alter_server_role(execution: Execution, node: admin.Principal) -> None:
    instance, role = execution.session.instance, node.name.lower()
    if role not in ROLE_NAMES - {"public"}:
        raise refuse(15151, "alter", "server role", node.name, line=node.line)
    if not execution.session.rights.is_sysadmin and role not in execution.session.rights.roles:
        raise refuse(15151, "alter", "server role", node.name, line=node.line)
    member = str(node.options.get("ADD") or node.options.get("DROP") or "")
    login = instance.login_named(member)
    if login is None:
        raise refuse(15151, "add" if "ADD" in node.options else "drop", "principal", member, line=node.line)
    instance.change_login(login.with_role(role, "ADD" in node.options))


# ------------------------------------------------------------------------------------------------ users and roles


def _current(execution: Execution, permission: str) -> Handle:
    handle = execution.session.handle()
    if not execution.session.rights.may(permission, handle.name):
        raise error(15247)
    return handle


def _create_user(execution: Execution, node: admin.Principal) -> None:
    handle, instance = _current(execution, "ALTER ANY USER"), execution.session.instance
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


def _alter_user(execution: Execution, node: admin.Principal) -> None:
    handle = _current(execution, "ALTER ANY USER")
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


def _create_role(execution: Execution, node: admin.Principal) -> None:
    handle = _current(execution, "CREATE ROLE")
    with changing_catalog(execution, handle) as catalog:
        if catalog.user_named(node.name) is not None:
            raise refuse(15023, node.name, line=node.line)
        number = _next_principal(catalog)
        created = execution.session.instance.timestamp()
        catalog.users[number] = User(number, node.name, "R", "", created, default_schema="")


def _alter_role(execution: Execution, node: admin.Principal) -> None:
    handle = _current(execution, "ALTER ANY ROLE")
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


def drop_users(execution: Execution, node: ast.Drop) -> Iterator[Event]:
    handle = _current(execution, "ALTER ANY USER" if node.kind == "USER" else "ALTER ANY ROLE")
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


# ------------------------------------------------------------------------------------------------ permissions


def permission(execution: Execution, node: admin.Permission) -> Iterator[Event]:
    if not node.scope and set(node.permissions) <= _SERVER_PERMISSIONS:
        _server_permission(execution, node)
    else:
        _database_permission(execution, node)
    yield Done(None)


def _server_permission(execution: Execution, node: admin.Permission) -> None:
    instance = execution.session.instance
    if execution.session.database.lower() != "master":
        raise refuse(4621, line=node.line)
    if not execution.session.rights.may_server("CONTROL SERVER"):
        raise refuse(4613, line=node.line)
    for grantee in node.grantees:
        login = instance.login_named(grantee)
        if login is None:
            raise refuse(15151, "find", "login", grantee, line=node.line)
        kept = tuple(name for name in login.permissions if name not in node.permissions)
        denied = tuple(name for name in login.denied if name not in node.permissions)
        kept += node.permissions if node.action == "GRANT" else ()
        denied += node.permissions if node.action == "DENY" else ()
        instance.change_login(replace(login, permissions=kept, denied=denied))


def _database_permission(execution: Execution, node: admin.Permission) -> None:
    handle = _current(execution, "CONTROL")
    scope = node.scope or "DATABASE"
    with changing_catalog(execution, handle) as catalog:
        number = _securable(catalog, node, scope)
        for grantee in node.grantees:
            user = catalog.user_named(grantee)
            if user is None:
                raise refuse(15151, "find", "user", grantee, line=node.line)
            for name in node.permissions:
                catalog.grants = [
                    grant for grant in catalog.grants
                    if (grant.grantee, grant.permission, grant.scope, grant.object_id) != (user.principal_id, name,
                    scope, number)
                ]  # fmt: skip
                if node.action != "REVOKE":
                    catalog.grants.append(Grant(user.principal_id, node.action, name, scope, number))


def _securable(catalog: Catalog, node: admin.Permission, scope: str) -> int:
    if scope == "DATABASE":
        return 0
    if scope == "SCHEMA":
        found = catalog.schema_named(node.securable[-1])
        if found is None:
            raise refuse(15151, "find", "schema", node.securable[-1], line=node.line)
        return found[0]
    schema = node.securable[-2] if len(node.securable) > 1 else "dbo"
    table = catalog.find(schema, node.securable[-1])
    if not isinstance(table, Table):
        raise refuse(15151, "find", "object", node.securable[-1], line=node.line)
    return table.object_id


def alter_authorization(execution: Execution, node: admin.AlterAuthorization) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    if node.kind != "DATABASE":
        raise refuse(40510, f"ALTER AUTHORIZATION ON {node.kind}", line=node.line)
    entry, login = instance.entry(node.securable[-1]), instance.login_named(node.owner)
    if entry is None or not session.rights.owns(entry.name):
        raise refuse(15151, "find", "database", node.securable[-1], line=node.line)
    if login is None:
        raise refuse(15151, "find", "principal", node.owner, line=node.line)
    handle = session.handle(entry.name)
    with changing_catalog(execution, handle) as catalog:
        if catalog.user_of(login.sid) is not None and catalog.users[1].sid != login.sid:
            raise refuse(15110, line=node.line)
        catalog.users[1] = replace(catalog.users[1], sid=login.sid)
    with instance.lock:
        entry.owner_sid = login.sid
        instance.save()
    yield Done(None)
