# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CREATE TABLE, DECLARE @t TABLE and ALTER TABLE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.engine.binding import Binding
from simulator.engine.catalog import Catalog, Column, Table
from simulator.engine.events import Done, Event, SqlError
from simulator.engine.messages import error, message
from simulator.engine.query.data import DataTranslator
from simulator.engine.query.model import Field, refuse
from simulator.engine.query.types import known
from simulator.engine.statements.dropping import drop_stored
from simulator.engine.statements.table_building import (
    add_constraints,
    check_text,
    column_of,
    create_stored,
    rebuild,
    references_set_aside,
    refers_to,
)
from simulator.engine.statements.writing import changing_catalog, named_object, require_right
from simulator.engine.tsql import schema as ddl
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


def create_table(execution: Execution, node: ddl.CreateTable) -> Iterator[Event]:
    binding = Binding(execution, (), target=node.name)
    require_right(execution, binding.handle, "CREATE TABLE")
    _create(execution, binding, node)
    yield Done(None)


def _create(execution: Execution, binding: Binding, node: ddl.CreateTable) -> Table:
    _, schema, name = binding.split(node.name)
    with changing_catalog(execution, binding.handle) as catalog:
        table = _new_table(execution, catalog, schema, name)
        columns: list[Column] = []
        for definition in node.columns:
            if any(column.name.lower() == definition.name.lower() for column in columns):
                raise refuse(2705, definition.name, name, line=node.line)
            columns.append(column_of(definition, len(columns) + 1, table))
        table = add_constraints(catalog, replace(table, columns=tuple(columns)), node.constraints)
        _check_expressions(binding, table)
        catalog.tables[table.object_id] = table
        create_stored(binding.handle.connection, catalog, table)
    return table


def _new_table(execution: Execution, catalog: Catalog, schema: str, name: str) -> Table:
    found = catalog.schema_named(schema)
    if found is None:
        raise error(2760, schema)
    if catalog.find(schema, name) is not None:
        raise error(2714, name)
    now = execution.session.instance.timestamp()
    return Table(catalog.take_id(), found[1], name, now, now, ())


def _check_expressions(binding: Binding, table: Table) -> None:
    """Defaults and conditions that do not even translate are refused when the table is made."""
    translator = DataTranslator(binding)
    for column in table.columns:
        translator.default(column, table)
    for check in table.checks:
        check_text(binding, table, check.text)


def create_from_fields(execution: Execution, binding: Binding, name: tree.Name, fields: tuple[Field, ...]) -> Table:
    """The table of SELECT ... INTO."""
    definitions = tuple(ddl.ColumnDefinition(field.name, known(field.type), field.nullable) for field in fields)
    return _create(execution, binding, ddl.CreateTable(1, name, definitions))


def declare_table(execution: Execution, node: ddl.DeclareTable) -> Iterator[Event]:
    execution.table_variables.append(node.name)
    handle = execution.session.handle("tempdb")
    if handle.catalog.find("dbo", node.name) is not None:
        raise refuse(134, node.name, line=node.line)
    _create(execution, Binding(execution, (), target=(node.name,)), node.table)
    yield from ()


def drop_table_variables(execution: Execution) -> None:
    for name in execution.table_variables:
        handle = execution.session.open_handle("tempdb")
        found = handle.catalog.find("dbo", name) if handle is not None else None
        if handle is not None and isinstance(found, Table):
            with changing_catalog(execution, handle) as catalog:
                drop_stored(handle, catalog, found)


def alter_table(execution: Execution, node: ddl.AlterTable) -> Iterator[Event]:
    binding = Binding(execution, (), target=node.name)
    handle, found = named_object(binding, node.name, 4902)
    if not isinstance(found, Table):
        raise refuse(4902, ".".join(node.name), line=node.line)
    if not execution.session.rights.may("ALTER", handle.name, found.object_id, found.schema):
        raise error(4902, ".".join(node.name))
    with references_set_aside(execution, handle, found), changing_catalog(execution, handle) as catalog:
        changed = _altered(catalog, found, node)
        _check_expressions(binding, changed)
        changed = replace(changed, modified=execution.session.instance.timestamp())
        catalog.tables[changed.object_id] = changed
        rebuild(binding, catalog, found, changed)
    yield Done(None)


def _altered(catalog: Catalog, table: Table, node: ddl.AlterTable) -> Table:
    if node.action == "ADD":
        return _with_additions(catalog, table, node)
    if node.action == "ALTER COLUMN":
        definition = node.columns[0]
        present = table.column(definition.name)
        if present is None:
            raise refuse(4924, "ALTER TABLE ALTER COLUMN", definition.name, table.name, line=node.line)
        changed = replace(present, type=definition.type, nullable=definition.nullable)
        return replace(table, columns=tuple(changed if column is present else column for column in table.columns))
    for name in node.names:
        table = (
            _without_column(table, name, node)
            if node.action == "DROP COLUMN"
            else _without_constraint(catalog, table, name, node)
        )
    return table


def _with_additions(catalog: Catalog, table: Table, node: ddl.AlterTable) -> Table:
    next_id = max(column.column_id for column in table.columns) + 1
    columns = list(table.columns)
    for offset, definition in enumerate(node.columns):
        if table.column(definition.name) is not None:
            raise refuse(2705, definition.name, table.name, line=node.line)
        columns.append(column_of(definition, next_id + offset, table))
    defaults = [constraint for constraint in node.constraints if constraint.kind == "DEFAULT"]
    others = tuple(constraint for constraint in node.constraints if constraint.kind != "DEFAULT")
    table = replace(table, columns=tuple(columns))
    for default in defaults:
        table = _with_default(table, default)
    return add_constraints(catalog, table, others)


def _with_default(table: Table, constraint: ddl.Constraint) -> Table:
    present = table.column(constraint.columns[0])
    if present is None:
        raise error(1911, constraint.columns[0])
    changed = replace(present, default=constraint.text, default_name=constraint.name)
    return replace(table, columns=tuple(changed if column is present else column for column in table.columns))


def _without_column(table: Table, name: str, node: ddl.AlterTable) -> Table:
    column = table.column(name)
    if column is None:
        if node.if_exists:
            return table
        raise refuse(4924, "ALTER TABLE DROP COLUMN", name, table.name, line=node.line)
    used = next((key for key in table.keys if name.lower() in (part.lower() for part in key.columns)), None)
    if used is not None:
        kind = "index" if used.kind == "INDEX" else "object"
        raise SqlError(message(5074, kind, used.name, name), message(4922, "ALTER TABLE DROP COLUMN", name))
    return replace(table, columns=tuple(other for other in table.columns if other is not column))


def _without_constraint(catalog: Catalog, table: Table, name: str, node: ddl.AlterTable) -> Table:
    wanted = name.lower()
    key = next((key for key in table.keys if key.name.lower() == wanted), None)
    user = next((other for other in catalog.tables.values() if key and refers_to(other, table, key.columns)), None)
    if user is not None:
        raise SqlError(message(3725, name, user.name, user.foreign_keys[0].name), message(3727))
    changed = replace(
        table,
        keys=tuple(key for key in table.keys if key.name.lower() != wanted or key.kind == "INDEX"),
        checks=tuple(check for check in table.checks if check.name.lower() != wanted),
        foreign_keys=tuple(key for key in table.foreign_keys if key.name.lower() != wanted),
        columns=tuple(
            replace(column, default="", default_name="") if column.default_name.lower() == wanted else column
            for column in table.columns
        ),
    )
    if changed == table and not node.if_exists:
        raise SqlError(message(3728, name, line=node.line), message(3727))
    return changed
