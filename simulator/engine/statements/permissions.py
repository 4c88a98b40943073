# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""GRANT, DENY, REVOKE and ALTER AUTHORIZATION."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.engine.catalog import Catalog, Grant, Table
from simulator.engine.events import Done, Event
from simulator.engine.query.model import refuse
from simulator.engine.statements.users import current
from simulator.engine.statements.writing import changing_catalog
from simulator.engine.tsql import administration as admin

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

_SERVER_PERMISSIONS = frozenset(
    {"VIEW SERVER STATE", "VIEW ANY DEFINITION", "VIEW ANY DATABASE", "ALTER ANY LOGIN", "ALTER ANY DATABASE",
     "CREATE ANY DATABASE", "ALTER ANY CONNECTION", "ALTER SETTINGS", "CONTROL SERVER", "CONNECT SQL",
     "ADMINISTER BULK OPERATIONS",
     "VIEW SERVER PERFORMANCE STATE", "VIEW SERVER SECURITY STATE", "ALTER ANY SERVER ROLE"}
)  # fmt: skip


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
    handle = current(execution, "CONTROL")
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
