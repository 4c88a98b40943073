# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CREATE, ALTER and DROP of tables, indexes, views and schemas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.engine import views
from simulator.engine.binding import Binding
from simulator.engine.catalog import Catalog, Column, Key, Table, View
from simulator.engine.events import Done, Event, SqlError
from simulator.engine.handles import Handle
from simulator.engine.messages import error, message
from simulator.engine.query.data import DataTranslator
from simulator.engine.query.model import Field, quote, refuse
from simulator.engine.statements.table_building import (
    add_constraints,
    column_of,
    create_sql,
    create_stored,
    rebuild,
)
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


@contextmanager
def changing_catalog(execution: Execution, handle: Handle) -> Iterator[Catalog]:
    """Objects and what is known of them change together, in one transaction."""
    from simulator.engine.statements.data import changing

    with changing(execution, handle):
        catalog = handle.catalog_to_change()
        yield catalog
        handle.save_catalog(catalog)


def require_right(execution: Execution, handle: Handle, permission: str) -> None:
    if not execution.session.rights.may(permission, handle.name):
        raise error(262, permission, handle.name)


# ------------------------------------------------------------------------------------------------ tables


def create_table(execution: Execution, node: ast.CreateTable) -> Iterator[Event]:
    binding = Binding(execution, (), target=node.name)
    require_right(execution, binding.handle, "CREATE TABLE")
    _create(execution, binding, node)
    yield Done(None)


def _create(execution: Execution, binding: Binding, node: ast.CreateTable) -> Table:
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
    from simulator.engine.statements.data import check_text

    for check in table.checks:
        check_text(binding.execution, binding, table, check.text)


def create_from_fields(execution: Execution, binding: Binding, name: tree.Name, fields: tuple[Field, ...]) -> Table:
    """The table of SELECT ... INTO."""
    from simulator.engine.statements.data import known_type

    definitions = tuple(ast.ColumnDefinition(field.name, known_type(field.type), field.nullable) for field in fields)
    return _create(execution, binding, ast.CreateTable(1, name, definitions))


def declare_table(execution: Execution, node: ast.DeclareTable) -> Iterator[Event]:
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
                _drop_stored(handle, catalog, found)


def alter_table(execution: Execution, node: ast.AlterTable) -> Iterator[Event]:
    binding = Binding(execution, (), target=node.name)
    handle, found = _object(binding, node.name, 4902)
    if not isinstance(found, Table):
        raise refuse(4902, ".".join(node.name), line=node.line)
    if not execution.session.rights.may("ALTER", handle.name, found.object_id, found.schema):
        raise error(4902, ".".join(node.name))
    with changing_catalog(execution, handle) as catalog:
        changed = _altered(catalog, found, node)
        _check_expressions(binding, changed)
        changed = replace(changed, modified=execution.session.instance.timestamp())
        catalog.tables[changed.object_id] = changed
        rebuild(binding, catalog, found, changed)
    yield Done(None)


def _altered(catalog: Catalog, table: Table, node: ast.AlterTable) -> Table:
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
            else _without_constraint(table, name, node)
        )
    return table


def _with_additions(catalog: Catalog, table: Table, node: ast.AlterTable) -> Table:
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


def _with_default(table: Table, constraint: ast.Constraint) -> Table:
    present = table.column(constraint.columns[0])
    if present is None:
        raise error(1911, constraint.columns[0])
    changed = replace(present, default=constraint.text, default_name=constraint.name)
    return replace(table, columns=tuple(changed if column is present else column for column in table.columns))


def _without_column(table: Table, name: str, node: ast.AlterTable) -> Table:
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


def _without_constraint(table: Table, name: str, node: ast.AlterTable) -> Table:
    wanted = name.lower()
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


def _object(binding: Binding, name: tree.Name, number: int) -> tuple[Handle, Table | View]:
    try:
        return binding.find(name)
    except SqlError:
        raise refuse(number, ".".join(name)) from None


# ------------------------------------------------------------------------------------------------ indexes, views,
# schemas


def create_index(execution: Execution, node: ast.CreateIndex) -> Iterator[Event]:
    binding = Binding(execution, (), target=node.table)
    if node.where is not None:
        raise refuse(40510, "CREATE INDEX ... WHERE", line=node.line)
    handle, table = _object(binding, node.table, 1088)
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
    import sqlite3

    try:
        handle.connection.execute(sql)
    except sqlite3.IntegrityError:
        raise error(1505, table.stored_name, key.name, "(...)") from None


def create_view(execution: Execution, node: ast.CreateView) -> Iterator[Event]:
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


def create_schema(execution: Execution, node: ast.CreateSchema) -> Iterator[Event]:
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


# ------------------------------------------------------------------------------------------------ DROP


def drop(execution: Execution, node: ast.Drop) -> Iterator[Event]:
    for name in node.names:
        _drop_one(execution, node, name)
    yield Done(None)


def _drop_one(execution: Execution, node: ast.Drop, name: tree.Name) -> None:
    if node.kind == "INDEX":
        _drop_index(execution, node, name[0])
        return
    if node.kind == "SCHEMA":
        _drop_schema(execution, node, name[0])
        return
    binding = Binding(execution, (), target=name)
    _, schema, plain = binding.split(name)
    if views.find(schema, plain) is not None:
        raise refuse(3708, "drop", node.kind.lower(), ".".join(name), node.kind.lower(), line=node.line)
    catalog = binding.handle.catalog if execution.session.instance.exists(binding.home) else Catalog()
    found = catalog.find(schema, plain)
    if found is None:
        if node.if_exists:
            return
        raise refuse(3701, "drop", node.kind.lower(), ".".join(name), line=node.line)
    is_table = isinstance(found, Table)
    if is_table != (node.kind == "TABLE"):
        actual = "table" if is_table else "view"
        raise refuse(3705, node.kind, ".".join(name), ".".join(name), actual, actual.upper(), line=node.line)
    require_right(execution, binding.handle, "ALTER")
    with changing_catalog(execution, binding.handle) as changed:
        _drop_stored(binding.handle, changed, found)


def _drop_stored(handle: Handle, catalog: Catalog, found: Table | View) -> None:
    if isinstance(found, View):
        del catalog.views[found.object_id]
        return
    for other in catalog.tables.values():
        if other.object_id != found.object_id and any(
            (key.schema.lower(), key.table.lower()) == (found.schema.lower(), found.name.lower())
            for key in other.foreign_keys
        ):
            raise error(3726, found.name)
    handle.connection.execute(f"DROP TABLE main.{quote(found.stored_name)}")
    del catalog.tables[found.object_id]


def _drop_index(execution: Execution, node: ast.Drop, name: str) -> None:
    binding = Binding(execution, (), target=node.table)
    handle, table = _object(binding, node.table, 4902)
    key = (
        next((key for key in table.keys if key.name.lower() == name.lower()), None)
        if isinstance(table, Table)
        else None
    )
    if key is None or not isinstance(table, Table):
        if node.if_exists:
            return
        raise refuse(3701, "drop", "index", f"{'.'.join(node.table)}.{name}", line=node.line)
    if key.kind != "INDEX":
        raise refuse(3723, f"{'.'.join(node.table)}.{name}", key.kind, line=node.line)
    require_right(execution, handle, "ALTER")
    with changing_catalog(execution, handle) as catalog:
        handle.connection.execute(f"DROP INDEX main.{quote(f'{table.stored_name}.{key.name}')}")
        catalog.tables[table.object_id] = replace(table, keys=tuple(other for other in table.keys if other is not key))


def _drop_schema(execution: Execution, node: ast.Drop, name: str) -> None:
    handle = execution.session.handle()
    require_right(execution, handle, "ALTER ANY SCHEMA")
    with changing_catalog(execution, handle) as catalog:
        found = catalog.schema_named(name)
        if found is None or found[0] <= 4:
            if node.if_exists and found is None:
                return
            raise refuse(15151, "drop", "schema", name, line=node.line)
        held = next(
            (t for t in (*catalog.tables.values(), *catalog.views.values()) if t.schema.lower() == name.lower()), None
        )
        if held is not None:
            raise refuse(3729, "drop schema", name, held.name, line=node.line)
        del catalog.schemas[found[0]]
