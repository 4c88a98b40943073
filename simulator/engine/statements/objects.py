# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CREATE INDEX, CREATE VIEW and CREATE SCHEMA."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.engine.binding import Binding
from simulator.engine.catalog import Key, Table, View
from simulator.engine.events import Done, Event
from simulator.engine.handles import Handle
from simulator.engine.messages import error
from simulator.engine.query.data import DataTranslator
from simulator.engine.query.model import refuse
from simulator.engine.statements.table_building import create_sql
from simulator.engine.statements.writing import changing_catalog, named_object, require_right
from simulator.engine.tsql import schema as ddl

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


def create_index(execution: Execution, node: ddl.CreateIndex) -> Iterator[Event]:
    binding = Binding(execution, (), target=node.table)
    if node.where is not None:
        raise refuse(40510, "CREATE INDEX ... WHERE", line=node.line)
    handle, table = named_object(binding, node.table, 1088)
    if not isinstance(table, Table) or not execution.session.rights.may(
        "ALTER", handle.name, table.object_id, table.schema
    ):
        raise refuse(1088, ".".join(node.table), line=node.line)
    with changing_catalog(execution, handle) as catalog:
        if any(key.name.lower() == node.name.lower() for key in table.keys):
            raise refuse(1913, node.name, "table", table.stored_name, line=node.line)
        for column in (*node.columns, *node.included):
            if table.column(column) is None:
                raise refuse(1911, column, line=node.line)
        number = max((key.index_id for key in table.keys), default=1) + 1
        key = Key(
            node.name, "INDEX", node.columns, node.descending, node.unique, node.clustered, 0, number, node.included
        )
        changed = replace(table, keys=(*table.keys, key))
        catalog.tables[table.object_id] = changed
        for sql in create_sql(catalog, changed).indexes[-1:]:
            _unique_checked(handle, sql, changed, key)
    yield Done(None)


def _unique_checked(handle: Handle, sql: str, table: Table, key: Key) -> None:
    try:
        handle.connection.execute(sql)
    except sqlite3.IntegrityError:
        raise error(1505, table.stored_name, key.name, "(...)") from None


def create_view(execution: Execution, node: ddl.CreateView) -> Iterator[Event]:
    binding = Binding(execution, (), target=node.name)
    database, schema, name = binding.split(node.name)
    if database.lower() != execution.session.database.lower():
        raise refuse(166, "CREATE/ALTER VIEW", line=node.line)
    require_right(execution, binding.handle, "CREATE VIEW")
    DataTranslator(Binding(execution, node.query)).query(node.query)
    with changing_catalog(execution, binding.handle) as catalog:
        present = catalog.find(schema, name)
        if present is not None and not (node.alter and isinstance(present, View)):
            raise refuse(2714, name, line=node.line)
        object_id = present.object_id if present is not None else catalog.take_id()
        found = catalog.schema_named(schema)
        if found is None:
            raise error(2760, schema)
        now = execution.session.instance.timestamp()
        catalog.views[object_id] = View(object_id, found[1], name, now, node.text, node.columns)
    yield Done(None)


def create_schema(execution: Execution, node: ddl.CreateSchema) -> Iterator[Event]:
    handle = execution.session.handle()
    require_right(execution, handle, "CREATE SCHEMA")
    with changing_catalog(execution, handle) as catalog:
        if catalog.schema_named(node.name) is not None:
            raise refuse(2714, node.name, line=node.line)
        owner = catalog.user_named(node.owner) if node.owner else catalog.users[1]
        if owner is None:
            raise error(15151, "find", "user", node.owner)
        number = max([4, *(key for key in catalog.schemas if key < 16384)]) + 1
        catalog.schemas[number] = (node.name, owner.principal_id)
    yield Done(None)
