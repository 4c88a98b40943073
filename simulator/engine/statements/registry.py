# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which function runs which statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.engine.events import Event
from simulator.engine.statements import (
    Work,
    backup,
    checks,
    data,
    databases,
    dropping,
    flow,
    objects,
    procedures,
    restore,
    security,
    tables,
)
from simulator.engine.statements.merging import merge
from simulator.engine.tsql import administration as admin
from simulator.engine.tsql import statements as ast

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


def _drop(execution: Execution, node: ast.Drop) -> Iterator[Event]:
    work = {
        "DATABASE": databases.drop_databases,
        "LOGIN": security.drop_logins,
        "USER": security.drop_users,
        "ROLE": security.drop_users,
    }
    yield from work.get(node.kind, dropping.drop)(execution, node)


STATEMENTS: dict[type, Work] = {
    ast.QueryStatement: data.select,
    ast.Insert: data.insert,
    ast.Update: data.update,
    ast.Delete: data.delete,
    ast.Merge: merge,
    ast.Truncate: data.truncate,
    ast.Declare: flow.declare,
    ast.DeclareTable: tables.declare_table,
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
    ast.CreateTable: tables.create_table,
    ast.AlterTable: tables.alter_table,
    ast.CreateIndex: objects.create_index,
    ast.CreateView: objects.create_view,
    ast.CreateSchema: objects.create_schema,
    ast.Drop: _drop,
    admin.CreateDatabase: databases.create_database,
    admin.AlterDatabase: databases.alter_database,
    admin.Backup: backup.backup,
    admin.Restore: restore.run_restore,
    admin.Principal: security.principal,
    admin.Permission: security.permission,
    admin.AlterAuthorization: security.alter_authorization,
}
