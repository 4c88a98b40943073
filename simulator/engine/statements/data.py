# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SELECT, INSERT, UPDATE, DELETE, TRUNCATE and SELECT INTO."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.engine import catalog as catalogs
from simulator.engine.binding import Binding, assigned_variables, statement_error
from simulator.engine.catalog import Table
from simulator.engine.events import Column, Columns, Done, Event, Row, SqlType
from simulator.engine.handles import Cancelled, Handle
from simulator.engine.query import types, values
from simulator.engine.query.data import Change, DataTranslator
from simulator.engine.query.mixing import arithmetic, cast
from simulator.engine.query.model import Field, Sql, quote, refuse
from simulator.engine.query.types import known
from simulator.engine.statements.table_building import check_text
from simulator.engine.statements.tables import create_from_fields
from simulator.engine.statements.writing import changing, require_right
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

_PLAIN = types.TEXT - {"char", "nchar"} | {"varbinary", "float", "bigint"}
_BATCH = 256


# ------------------------------------------------------------------------------------------------ SELECT


def select(execution: Execution, node: ast.QueryStatement) -> Iterator[Event]:
    body = node.query.body
    if isinstance(body, tree.Select) and body.into:
        yield from select_into(execution, node, body)
        return
    if assigned_variables(node):
        yield from _assign(execution, node)
        return
    binding = Binding(execution, node)
    text, fields = DataTranslator(binding).query(node.query)
    yield from _implicit_transaction(execution)
    count = yield from results(execution, binding, text, fields)
    yield done(execution, count, is_select=True)


def results(
    execution: Execution, binding: Binding, text: str, fields: tuple[Field, ...]
) -> Generator[Event, None, int]:
    """Columns and rows; the generator's value is their number."""
    handle = binding.handle
    binding.fill_copies()
    yield Columns(tuple(Column(field.name, known(field.type), field.nullable) for field in fields))
    cursor = _opened(execution, binding, text)
    converters = [converter(field.type) for field in fields]
    count = 0
    try:
        while rows := _fetch(execution, handle, cursor):
            for row in rows:
                yield Row(tuple(convert(cell) for convert, cell in zip(converters, row, strict=True)))
            count += len(rows)
    finally:
        cursor.close()
    return count


def _opened(execution: Execution, binding: Binding, text: str) -> sqlite3.Cursor:
    handle = binding.handle
    try:
        return handle.connection.execute(text, binding.parameters)
    except sqlite3.Error as failure:
        raise sqlite_failure(execution, handle, failure) from None


def _fetch(execution: Execution, handle: Handle, cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
    if execution.session.is_stopped():
        raise Cancelled
    try:
        return cursor.fetchmany(_BATCH)
    except sqlite3.Error as failure:
        raise sqlite_failure(execution, handle, failure) from None


def sqlite_failure(
    execution: Execution, handle: Handle, failure: sqlite3.Error, table: Table | None = None, verb: str = ""
) -> Exception:
    if execution.session.is_stopped():
        return Cancelled()
    own = handle.failures.take(failure)
    return own if own is not failure else statement_error(failure, handle, table, verb)


def converter(sql_type: SqlType) -> Callable[[Any], Any]:
    if sql_type.name in _PLAIN:
        return lambda value: value
    return lambda value: values.present(value, sql_type)


def done(execution: Execution, count: int, is_select: bool = False) -> Done:
    execution.session.rowcount = count
    return Done(None if execution.session.settings.nocount else count, is_select=is_select)


def _assign(execution: Execution, node: ast.QueryStatement) -> Iterator[Event]:
    """SELECT @x = ... takes the values of the last row."""
    body = node.query.body
    assert isinstance(body, tree.Select)
    if not all(item.target for item in body.items):
        raise refuse(141, line=node.line)
    binding = Binding(execution, node)
    plain = tuple(replace(item, target="") for item in body.items)
    text, fields = DataTranslator(binding).query(replace(node.query, body=replace(body, items=plain)))
    binding.fill_copies()
    rows = list(_opened(execution, binding, text))
    for row in rows:
        for item, value, field in zip(body.items, row, fields, strict=True):
            simple = item.operator == "="
            assigned = value if simple else _combined(execution, binding, item, value, field)
            execution.assign_value(item.target, field.type, assigned)
    execution.session.rowcount = len(rows)
    yield from ()


def _combined(execution: Execution, binding: Binding, item: tree.SelectItem, value: Any, field: Field) -> Any:
    target, _ = execution.variable(item.target)
    binding.parameters["given"] = value
    sql = arithmetic(item.operator[0], binding.variable(item.target), Sql(":given", field.type))
    return execution.evaluate_sql(cast(sql, target), binding)


def select_into(execution: Execution, node: ast.QueryStatement, body: tree.Select) -> Iterator[Event]:
    name = body.into
    binding = Binding(execution, node, target=name)
    plain = replace(node.query, body=replace(body, into=()))
    text, fields = DataTranslator(binding).query(plain)
    if any(not field.name for field in fields):
        raise refuse(1038, line=node.line)
    require_right(execution, binding.handle, "CREATE TABLE")
    with changing(execution, binding.handle):
        table = create_from_fields(execution, binding, name, fields)
        binding.fill_copies()
        columns = ", ".join(quote(column.name) for column in table.columns)
        sql = f"INSERT INTO main.{quote(table.stored_name)} ({columns}) SELECT * FROM ({text})"  # noqa: S608
        count = _changed(execution, binding, sql, table, "INSERT").rowcount
    yield done(execution, count)


# ------------------------------------------------------------------------------------------------ changes


def _implicit_transaction(execution: Execution) -> Iterator[Event]:
    session = execution.session
    if session.settings.implicit_transactions and session.transaction.count == 0:
        yield from session.transaction.begin()


def insert(execution: Execution, node: ast.Insert) -> Iterator[Event]:
    binding = Binding(execution, node, target=node.target)
    table = binding.table(node.target, node.line)
    if isinstance(node.source, ast.Execute):
        raise refuse(40510, "INSERT ... EXECUTE", line=node.line)
    binding.require("INSERT", binding.handle, table)
    explicit = execution.session.settings.identity_insert.lower() == f"{binding.home}.{table.stored_name}".lower()
    change = DataTranslator(binding).insert(node, table, explicit)
    execution.session.scope_identity = execution.session.last_identity = (
        None if table.identity else execution.session.last_identity
    )
    yield from _run_change(execution, binding, change, table, verb="INSERT", explicit=explicit)


def update(execution: Execution, node: ast.Update) -> Iterator[Event]:
    target = _target_name(node.target, node.sources)
    binding = Binding(execution, node, target=target)
    table = binding.table(target, node.line)
    binding.require("UPDATE", binding.handle, table)
    ref = _target_ref(node.target, node.sources, node.line)
    change = DataTranslator(binding).update(node, table, ref)
    yield from _run_change(execution, binding, change, table, verb="UPDATE")


def delete(execution: Execution, node: ast.Delete) -> Iterator[Event]:
    target = _target_name(node.target, node.sources)
    binding = Binding(execution, node, target=target)
    table = binding.table(target, node.line)
    binding.require("DELETE", binding.handle, table)
    ref = _target_ref(node.target, node.sources, node.line)
    change = DataTranslator(binding).delete(node, table, ref)
    yield from _run_change(execution, binding, change, table, verb="DELETE")


def truncate(execution: Execution, node: ast.Truncate) -> Iterator[Event]:
    binding = Binding(execution, node, target=node.target)
    table = binding.table(node.target, node.line)
    binding.require("ALTER", binding.handle, table)
    handle = binding.handle
    with changing(execution, handle):
        _changed(execution, binding, f"DELETE FROM main.{quote(table.stored_name)}", table, "TRUNCATE TABLE")  # noqa: S608
        handle.connection.execute("DELETE FROM \"sys$catalog\" WHERE kind = 'identity' AND id = ?", (table.object_id,))
    yield Done(None)


def _run_change(
    execution: Execution, binding: Binding, change: Change, table: Table, *, verb: str, explicit: bool = False
) -> Iterator[Event]:
    yield from _implicit_transaction(execution)
    rows: list[tuple[Any, ...]] = []
    with changing(execution, binding.handle):
        binding.fill_copies()
        binding.handle.guard_checks(table, lambda text: check_text(binding, table, text))
        cursor = _changed(execution, binding, change.text, table, verb)
        if change.output is not None:
            rows = _returned(execution, binding, cursor, table, verb)
        execution.session.keep_identities(binding.handle)
        if explicit:
            _follow_identity(binding, table)
    if change.output is not None:
        yield Columns(tuple(Column(field.name, known(field.type), field.nullable) for field in change.output))
        for row in rows:
            yield Row(tuple(values.present(cell, field.type) for cell, field in zip(row, change.output, strict=True)))
    yield done(execution, len(rows) if change.output is not None else cursor.rowcount)


def _follow_identity(binding: Binding, table: Table) -> None:
    """After IDENTITY_INSERT the next value follows the highest that is there."""
    assert table.identity is not None
    column, stored = quote(table.identity.name), quote(table.stored_name)
    highest = binding.handle.connection.execute(f"SELECT max({column}) FROM main.{stored}").fetchone()[0]  # noqa: S608
    last = catalogs.read_identity(binding.handle.connection, table.object_id)
    if highest is not None and (last is None or highest > last):
        catalogs.save_identity(binding.handle.connection, table.object_id, highest)


def _changed(execution: Execution, binding: Binding, text: str, table: Table, verb: str) -> sqlite3.Cursor:
    try:
        return binding.handle.connection.execute(text, binding.parameters)
    except sqlite3.Error as failure:
        raise sqlite_failure(execution, binding.handle, failure, table, verb) from None


def _returned(
    execution: Execution, binding: Binding, cursor: sqlite3.Cursor, table: Table, verb: str
) -> list[tuple[Any, ...]]:
    try:
        return cursor.fetchall()
    except sqlite3.Error as failure:
        raise sqlite_failure(execution, binding.handle, failure, table, verb) from None


def _target_ref(target: tree.Name, sources: tuple[tree.Source, ...], line: int) -> tree.TableRef:
    if not sources:
        return tree.TableRef(target, line=line)
    found = _named_source(target, sources)
    return tree.TableRef(found.name, found.alias, line) if found else tree.TableRef(target, line=line)


def _target_name(target: tree.Name, sources: tuple[tree.Source, ...]) -> tree.Name:
    """UPDATE p ... FROM dbo.Patients AS p changes dbo.Patients."""
    found = _named_source(target, sources)
    return found.name if found else target


def _named_source(target: tree.Name, sources: tuple[tree.Source, ...]) -> tree.TableRef | None:
    from simulator.engine.binding import table_refs

    for ref in table_refs(tuple(sources)):
        if len(target) == 1 and ref.alias.lower() == target[0].lower():
            return ref
        if not ref.alias and ref.name[-1].lower() == target[-1].lower():
            return ref
    return None
