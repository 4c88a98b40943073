# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which function runs which statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.engine.events import Done, Event
from simulator.engine.query.model import refuse
from simulator.engine.statements import (
    Work,
    backup,
    checks,
    data,
    databases,
    dropping,
    encryption,
    flow,
    logins,
    objects,
    permissions,
    procedures,
    restore,
    tables,
    users,
)
from simulator.engine.statements.merging import merge
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import schema as ddl
from simulator.engine.tsql import statements as ast

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


def _drop(execution: Execution, node: ddl.Drop) -> Iterator[Event]:
    work = {
        "DATABASE": databases.drop_databases,
        "LOGIN": logins.drop_logins,
        "USER": users.drop_users,
        "ROLE": users.drop_users,
    }
    yield from work.get(node.kind, dropping.drop)(execution, node)


def _principal(execution: Execution, node: admin.Principal) -> Iterator[Event]:
    work = {
        "CREATE LOGIN": logins.create_login, "ALTER LOGIN": logins.alter_login, "CREATE USER": users.create_user,
        "ALTER USER": users.alter_user, "CREATE ROLE": users.create_role, "ALTER ROLE": users.alter_role,
        "ALTER SERVER ROLE": logins.alter_server_role,
    }.get(f"{node.action} {node.kind}")  # fmt: skip
    if work is None:
        raise refuse(40510, f"{node.action} {node.kind}", line=node.line)
    work(execution, node)
    yield Done(None)


STATEMENTS: dict[type, Work] = {
    ast.QueryStatement: data.select,
    ast.Insert: data.insert,
    ast.Update: data.update,
    ast.Delete: data.delete,
    ast.Merge: merge,
    ast.Truncate: data.truncate,
    ast.Declare: flow.declare,
    ddl.DeclareTable: tables.declare_table,
    ast.SetVariable: flow.set_variable,
    ast.SetOption: flow.set_option,
    ast.Print: flow.print_text,
    ast.Raiserror: flow.raiserror,
    ast.Throw: flow.throw,
    ast.Execute: procedures.execute,
    ast.Transaction: flow.transaction,
    ast.Use: flow.use,
    ast.Waitfor: flow.waitfor,
    ast.Kill: flow.kill,
    ast.Checkpoint: flow.checkpoint,
    ast.Reconfigure: flow.reconfigure,
    ast.Dbcc: checks.dbcc,
    ddl.CreateTable: tables.create_table,
    ddl.AlterTable: tables.alter_table,
    ddl.CreateIndex: objects.create_index,
    ddl.CreateView: objects.create_view,
    ddl.CreateSchema: objects.create_schema,
    ddl.Drop: _drop,
    admin.CreateDatabase: databases.create_database,
    admin.AlterDatabase: databases.alter_database,
    admin.Backup: backup.backup,
    admin.Restore: restore.run_restore,
    admin.Principal: _principal,
    admin.EncryptionObject: encryption.encryption_object,
    admin.Permission: permissions.permission,
    admin.AlterAuthorization: permissions.alter_authorization,
}
