# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tables as SQLite keeps them: CREATE TABLE and indexes from the catalogue, and rebuilding after ALTER TABLE."""

# ruff: noqa: S608 - to write SQL from a syntax tree is what this file is for.
from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.engine.binding import Binding, statement_error, storage_class
from simulator.engine.catalog import Catalog, Check, Column, ForeignKey, Key, Table
from simulator.engine.messages import error
from simulator.engine.query import mixing
from simulator.engine.query.data import DataTranslator
from simulator.engine.query.model import Field, Relation, Scope, Sql, quote, quote_text, refuse
from simulator.engine.tsql import schema as ddl
from simulator.engine.tsql.batch import Batch

if TYPE_CHECKING:
    from simulator.engine.execution import Execution
    from simulator.engine.handles import Handle

_UNSUPPORTED = {"timestamp", "sql_variant", "xml"}


def column_of(definition: ddl.ColumnDefinition, number: int, table: Table) -> Column:
    if definition.type.name in _UNSUPPORTED:
        raise refuse(40514, f"a column of type {definition.type.name}")
    name = definition.default_name or (_generated("DF", table.name, definition.name) if definition.default_text else "")
    return Column(
        definition.name, definition.type, number, definition.nullable, definition.identity, definition.default_text,
        name,
        definition.collation,
    )  # fmt: skip


def _generated(prefix: str, *parts: str) -> str:
    """Names that SQL Server makes up: a prefix, pieces of the names, eight hexadecimal digits."""
    table = parts[0][:9]
    rest = f"__{parts[1][:5]}" if len(parts) > 1 else ""
    return f"{prefix}__{table}{rest}__{zlib.crc32('.'.join(parts).encode()):08X}"


def add_constraints(catalog: Catalog, table: Table, constraints: tuple[ddl.Constraint, ...]) -> Table:
    for constraint in constraints:
        for name in constraint.columns:
            if table.column(name) is None:
                raise error(1911, name)
        if constraint.kind in {"PRIMARY KEY", "UNIQUE"}:
            table = _with_key(catalog, table, constraint)
        elif constraint.kind == "CHECK":
            name = constraint.name or _generated("CK", table.name, constraint.text)
            table = replace(table, checks=(*table.checks, Check(name, constraint.text, catalog.take_id())))
        elif constraint.kind == "FOREIGN KEY":
            table = _with_foreign_key(catalog, table, constraint)
    return table


def _with_key(catalog: Catalog, table: Table, constraint: ddl.Constraint) -> Table:
    primary = constraint.kind == "PRIMARY KEY"
    if primary and any(key.kind == "PRIMARY KEY" for key in table.keys):
        raise error(1779, table.name)
    name = constraint.name or _generated("PK" if primary else "UQ", table.name, ",".join(constraint.columns))
    taken = max((key.index_id for key in table.keys), default=1)
    index_id = 1 if constraint.clustered else taken + 1
    key = Key(
        name,
        constraint.kind,
        constraint.columns,
        constraint.descending,
        True,
        constraint.clustered,
        catalog.take_id(),
        index_id,
    )
    if primary:
        wanted = {column.lower() for column in constraint.columns}
        columns = tuple(replace(c, nullable=False) if c.name.lower() in wanted else c for c in table.columns)
        table = replace(table, columns=columns)
    return replace(table, keys=(*table.keys, key))


def _with_foreign_key(catalog: Catalog, table: Table, constraint: ddl.Constraint) -> Table:
    name = constraint.references
    schema, plain = (name[-2] if len(name) > 1 else "dbo"), name[-1]
    target = table if (schema, plain) == (table.schema, table.name) else catalog.find(schema, plain)
    key_name = constraint.name or _generated("FK", table.name, ",".join(constraint.columns))
    if not isinstance(target, Table):
        raise error(1767, key_name, plain)
    primary = next((key for key in target.keys if key.kind == "PRIMARY KEY"), None)
    referenced = constraint.referenced or (primary.columns if primary else ())
    wanted = {column.lower() for column in referenced}
    if not any(key.unique and {column.lower() for column in key.columns} == wanted for key in target.keys):
        raise error(1776, plain, key_name)
    foreign = ForeignKey(
        key_name, constraint.columns, target.schema, target.name, referenced, constraint.on_delete,
        constraint.on_update,
        catalog.take_id(),
    )  # fmt: skip
    return replace(table, foreign_keys=(*table.foreign_keys, foreign))


@dataclass(frozen=True)
class Creation:
    table: str
    indexes: tuple[str, ...]


def create_sql(catalog: Catalog, table: Table, name: str = "") -> Creation:
    stored = name or table.stored_name
    parts = []
    for column in table.columns:
        exact = "_BIN" in column.collation.upper() or "_CS" in column.collation.upper()
        kind = storage_class(Field(column.name, column.type)).replace("NOCASE", "BINARY" if exact else "NOCASE")
        parts.append(f"{quote(column.name)} {kind}{'' if column.nullable else ' NOT NULL'}")
    for key in table.keys:
        if key.kind != "INDEX":
            parts.append(f"{key.kind} ({', '.join(quote(column) for column in key.columns)})")
    parts += [_foreign_text(key) for key in table.foreign_keys]
    indexes = tuple(
        f"CREATE {'UNIQUE ' if key.unique else ''}INDEX main.{quote(f'{table.stored_name}.{key.name}')} "
        f"ON {quote(stored)} ({_index_columns(key)})"
        for key in table.keys
        if key.kind == "INDEX"
    )
    return Creation(f"CREATE TABLE main.{quote(stored)} ({', '.join(parts)})", indexes)


def _index_columns(key: Key) -> str:
    pairs = zip(key.columns, key.descending, strict=True)
    return ", ".join(f"{quote(column)}{' DESC' if down else ''}" for column, down in pairs)


def _foreign_text(key: ForeignKey) -> str:
    columns = ", ".join(quote(column) for column in key.columns)
    referenced = ", ".join(quote(column) for column in key.referenced)
    text = f"FOREIGN KEY ({columns}) REFERENCES {quote(f'{key.schema}.{key.table}')} ({referenced})"
    for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update)):
        text += f" ON {event} {action}" if action else ""
    return text


def create_stored(connection: sqlite3.Connection, catalog: Catalog, table: Table) -> None:
    creation = create_sql(catalog, table)
    connection.execute(creation.table)
    for sql in creation.indexes:
        connection.execute(sql)


def refers_to(table: Table, target: Table, columns: tuple[str, ...] = ()) -> bool:
    """Whether a foreign key of a table points at another (and at these of its columns)."""
    wanted = {column.lower() for column in columns}
    return any(
        (key.schema.lower(), key.table.lower()) == (target.schema.lower(), target.name.lower())
        and (not wanted or {column.lower() for column in key.referenced} == wanted)
        for key in table.foreign_keys
    )


@contextmanager
def references_set_aside(execution: Execution, handle: Handle, table: Table) -> Iterator[None]:
    """A table that others refer to can only be rebuilt while SQLite does not watch, which it allows only at rest."""
    others = [other for other in handle.catalog.tables.values() if other.object_id != table.object_id]
    if not any(refers_to(other, table) for other in others):
        yield
        return
    if execution.session.transaction.count:
        raise refuse(40510, "ALTER TABLE of a referenced table inside of a transaction")
    handle.connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        handle.connection.execute("PRAGMA foreign_keys = ON")


def rebuild(binding: Binding, catalog: Catalog, old: Table, new: Table) -> None:
    """SQLite changes little of a table in place: a new one is filled from the old and takes its name."""
    connection = binding.handle.connection
    if not new.columns:
        raise error(4923, new.name)
    scratch = f"new${new.stored_name}"
    values = [_carried(binding, old, new, column, connection) for column in new.columns]
    names = ", ".join(quote(column.name) for column in new.columns)
    stored = quote(new.stored_name)
    try:
        # Tables that refer to this one must neither follow the old name nor lose their rows to it.
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute(create_sql(catalog, new, scratch).table)
        copied = (
            f"INSERT INTO main.{quote(scratch)} ({names}) SELECT {', '.join(values)} FROM main.{stored} AS"
            f" {quote(new.name)}"
        )
        connection.execute(copied, binding.parameters)
        for key in old.keys:
            if key.kind == "INDEX":
                connection.execute(f"DROP INDEX main.{quote(f'{old.stored_name}.{key.name}')}")
        _swap(connection, scratch, new.stored_name)
        for sql in create_sql(catalog, new).indexes:
            connection.execute(sql)
        if connection.execute(f"PRAGMA foreign_key_check({stored})").fetchone() is not None:
            raise sqlite3.IntegrityError("FOREIGN KEY constraint failed")
    except sqlite3.IntegrityError as failure:
        raise statement_error(failure, binding.handle, new, "ALTER TABLE") from None
    except sqlite3.OperationalError as failure:
        raise binding.handle.failures.take(failure) from None
    finally:
        connection.execute("PRAGMA legacy_alter_table = OFF")


def _swap(connection: sqlite3.Connection, scratch: str, name: str) -> None:
    connection.execute(f"ALTER TABLE main.{quote(name)} RENAME TO {quote('old$' + name)}")
    connection.execute(f"ALTER TABLE main.{quote(scratch)} RENAME TO {quote(name)}")
    connection.execute(f"DROP TABLE main.{quote('old$' + name)}")


def _carried(binding: Binding, old: Table, new: Table, column: Column, connection: sqlite3.Connection) -> str:
    """What a column of the new table takes from a row of the old one."""
    present = next((other for other in old.columns if other.column_id == column.column_id), None)
    if present is not None:
        value = Sql(f"{quote(new.name)}.{quote(present.name)}", present.type)
        return mixing.assign(value, column.type, f"{binding.home}.{new.stored_name}", column.name)
    if column.identity:
        return f"f_identity({quote_text(new.stored_name)})"
    empty = connection.execute(f"SELECT 1 FROM main.{quote(old.stored_name)} LIMIT 1").fetchone() is None
    if not column.nullable and not column.default and not empty:
        raise error(4901, column.name, new.name)
    if column.nullable:
        return "NULL"
    return DataTranslator(binding).default(column, new).text


def check_text(binding: Binding, table: Table, text: str) -> str:
    """A CHECK constraint's condition about the row that is written."""
    translator = DataTranslator(binding)
    fields = tuple(Field(column.name, column.type, column.nullable) for column in table.columns)
    translator.scopes.append(Scope([Relation("NEW", fields, "", ("NEW",))]))
    return f"coalesce({translator.condition(Batch(text).condition())}, 1)".replace('"NEW".', "NEW.")
