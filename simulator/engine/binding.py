# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names in a statement: which database, which object, and what must be copied before SQLite can answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine import views
from simulator.engine.catalog import Catalog, Table, View
from simulator.engine.doubtful_pages import require_readable
from simulator.engine.events import SqlError
from simulator.engine.handles import Handle
from simulator.engine.messages import error, message
from simulator.engine.query.model import Copy, Field, Relation, Sql, quote, refuse
from simulator.engine.query.select import view_query
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution
    from simulator.engine.session import EngineSession

_TEMPORARY = ("#", "@")


class Binding:
    """The environment of one statement's translation."""

    def __init__(self, execution: Execution, node: object, target: tree.Name = ()) -> None:
        self.execution = execution
        self.session: EngineSession = execution.session
        self.copies: dict[str, Copy] = {}
        self.parameters: dict[str, Any] = {}
        self.home = self._home(node, target)

    @property
    def handle(self) -> Handle:
        return self.session.handle(self.home)

    # -------------------------------------------------------------------------------------------- names

    def _home(self, node: object, target: tree.Name) -> str:
        """The database that runs the statement: that of the target, else the only one that is read."""
        if target:
            return self.split(target)[0]
        used = {
            self.split(ref.name)[0].lower(): self.split(ref.name)[0] for ref in table_refs(node) if self._is_stored(ref)
        }
        if len(used) == 1:
            return next(iter(used.values()))
        current = self.session.database
        return current if not used or current.lower() in used else next(iter(used.values()))

    def _is_stored(self, ref: tree.TableRef) -> bool:
        database, schema, name = self.split(ref.name)
        if views.find(schema, name) is not None or not self.session.instance.exists(database):
            return False
        return len(ref.name) > 1 or ref.name[0].startswith(_TEMPORARY) or self._has(ref.name[0])

    def _has(self, name: str) -> bool:
        """Whether an unqualified name is a table here, and not that of a common table expression."""
        return self.session.handle().catalog.find("dbo", name) is not None

    def split(self, name: tree.Name) -> tuple[str, str, str]:
        """(database, schema, object) of a one to three part name."""
        if len(name) == 4:
            raise refuse(7202, name[0])
        if name[-1].startswith(_TEMPORARY):
            return "tempdb", "dbo", name[-1]
        database = name[-3] if len(name) == 3 and name[-3] else self.session.database
        schema = name[-2] if len(name) >= 2 and name[-2] else "dbo"
        entry = self.session.instance.entry(database)
        return entry.name if entry else database, schema, name[-1]

    def find(self, name: tree.Name, line: int = 1) -> tuple[Handle, Table | View]:
        """A table or view of the databases, or 208."""
        database, schema, plain = self.split(name)
        if not self.session.instance.exists(database):
            raise refuse(208, ".".join(name), line=line)
        handle = self.session.handle(database)
        found = handle.catalog.find(schema, plain)
        if found is None:
            if plain.startswith("@"):
                raise refuse(1087, plain, line=line)
            raise refuse(208, ".".join(name), line=line)
        return handle, found

    def table(self, name: tree.Name, line: int = 1) -> Table:
        handle, found = self.find(name, line)
        if isinstance(found, View):
            raise refuse(40514, "changing a view", line=line)
        require_readable(handle.database, found.stored_name)
        return found

    # -------------------------------------------------------------------------------------------- the translator's
    # questions

    def relation(self, ref: tree.TableRef) -> Relation:
        database, schema, plain = self.split(ref.name)
        alias = ref.alias or plain
        view = views.find(schema, plain)
        if view is not None:
            name = f"{view.name}@{database.lower()}"
            self.copies[name] = Copy(name, view.fields, lambda: view.rows(self.session, database))
            return Relation(alias, view.fields, f"temp.{quote(name)}", (database, *view.name.split(".")))
        handle, found = self.find(ref.name, ref.line)
        assert isinstance(found, Table)
        self.require("SELECT", handle, found)
        require_readable(handle.database, found.stored_name)
        fields = tuple(Field(column.name, column.type, column.nullable) for column in found.columns)
        full = (handle.name, found.schema, found.name)
        if handle.name.lower() == self.home.lower():
            return Relation(alias, fields, f"main.{quote(found.stored_name)}", full)
        name = f"{found.stored_name}@{handle.name.lower()}"
        self.copies[name] = Copy(name, fields, lambda: rows_of(handle, found))
        return Relation(alias, fields, f"temp.{quote(name)}", full)

    def require(self, permission: str, handle: Handle, table: Table) -> None:
        if not self.session.rights.may(permission, handle.name, table.object_id, table.schema):
            raise error(229, permission, table.name, handle.name, table.schema)

    def table_function(self, ref: tree.FunctionTable, arguments: list[Sql]) -> Relation:
        schema = ref.name[-2] if len(ref.name) > 1 else ""
        function = views.find_function(schema, ref.name[-1])
        if function is None:
            raise refuse(208, ".".join(ref.name), line=ref.line)
        alias = ref.alias or ref.name[-1]
        if function.keys:  # rows for every possible argument, joined by the arguments
            name = f"{function.name}()@{self.session.database.lower()}"
            fields = (*(Field(f"${key}", function.key_type) for key in function.keys), *function.fields)
            self.copies[name] = Copy(name, fields, lambda: function.rows(self.session))
            tests = [
                f"{quote(alias)}.{quote('$' + key)} = {argument.text}"
                for key, argument in zip(function.keys, arguments, strict=True)
            ]
            return Relation(alias, function.fields, f"temp.{quote(name)}", (), " AND ".join(tests))
        values = [self.execution.evaluate_sql(argument, self) for argument in arguments]
        name = f"{function.name}({len(self.copies)})"
        self.copies[name] = Copy(name, function.fields, lambda: function.rows(self.session, *values))
        return Relation(alias, function.fields, f"temp.{quote(name)}")

    def view_text(self, ref: tree.TableRef) -> tuple[tree.Query, tuple[str, ...]] | None:
        _, schema, plain = self.split(ref.name)
        if views.find(schema, plain) is not None:
            return None
        handle, found = self.find(ref.name, ref.line)
        if not isinstance(found, View):
            return None
        if handle.name.lower() != self.session.database.lower():
            raise refuse(40514, "a view of another database", line=ref.line)
        return view_query(found.text), found.columns

    def variable(self, name: str) -> Sql:
        sql_type, value = self.execution.variable(name)
        key = "v_" + "".join(c if c.isalnum() or c == "_" else f"_{ord(c)}_" for c in name.lower())
        self.parameters[key] = value
        return Sql(f":{key}", sql_type)

    def catalog(self) -> Catalog:
        return self.handle.catalog

    # -------------------------------------------------------------------------------------------- copies

    def fill_copies(self) -> None:
        connection = self.handle.connection
        for copy in self.copies.values():
            columns = ", ".join(f"{quote(field.name)} {storage_class(field)}" for field in copy.fields)
            connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {quote(copy.name)} ({columns})")
            connection.execute(f"DELETE FROM temp.{quote(copy.name)}")  # noqa: S608
            marks = ", ".join("?" * len(copy.fields))
            connection.executemany(f"INSERT INTO temp.{quote(copy.name)} VALUES ({marks})", copy.rows())  # noqa: S608


def storage_class(field: Field) -> str:
    """SQLite's declaration of a column; INT and not INTEGER, which would be an alias of rowid."""
    from simulator.engine.query import types

    name = field.type.name
    if name in types.TEXT | types.DATES | {"uniqueidentifier"}:
        return "TEXT COLLATE NOCASE" if name in types.TEXT else "TEXT"
    if name in types.INTEGERS:
        return "INT"
    if name in types.APPROXIMATE:
        return "REAL"
    return "NUMERIC" if name in types.EXACT else "BLOB"


def rows_of(handle: Handle, table: Table) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join(quote(column.name) for column in table.columns)
    yield from handle.connection.execute(f"SELECT {columns} FROM main.{quote(table.stored_name)}")  # noqa: S608


def table_refs(node: object) -> Iterator[tree.TableRef]:
    """Every table that a statement or query names."""
    if isinstance(node, tree.TableRef):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from table_refs(part)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from table_refs(getattr(node, name))


def statement_error(failure: Exception, handle: Handle, table: Table | None, verb: str) -> Exception:
    """What SQLite says about constraints, in SQL Server's words; anything else as it is."""
    text = str(failure)
    if text == "database or disk is full":
        return error(1105, table.stored_name if table else "", "", handle.name, "PRIMARY")
    return failure if table is None else _constraint_error(failure, handle, table, verb)


def _constraint_error(failure: Exception, handle: Handle, table: Table, verb: str) -> Exception:
    text = str(failure)
    if text.startswith("NOT NULL constraint failed: "):
        column = text.rsplit(".", 1)[-1]
        return SqlError(message(515, column, f"{handle.name}.{table.stored_name}", verb), message(3621))
    if text.startswith("UNIQUE constraint failed: "):
        return _duplicate(text, table)
    if text.startswith("CHECK "):
        number = int(text.split()[1])
        name = next((check.name for check in table.checks if check.object_id == number), "")
        return _conflict(verb, "CHECK", name, handle, table)
    if text.startswith("FOREIGN KEY constraint failed"):
        name = table.foreign_keys[0].name if len(table.foreign_keys) == 1 else ""
        kind = "FOREIGN KEY" if verb != "DELETE" else "REFERENCE"
        return _conflict(verb, kind, name, handle, table)
    return failure


def _conflict(verb: str, kind: str, name: str, handle: Handle, table: Table) -> SqlError:
    return SqlError(message(547, verb, kind, name, handle.name, table.stored_name, "", "", ""), message(3621))


def _duplicate(text: str, table: Table) -> SqlError:
    failed = [part.rsplit(".", 1)[-1].lower() for part in text.split(": ", 1)[1].split(", ")]
    for key in table.keys:
        if [column.lower() for column in key.columns] == failed:
            if key.kind == "INDEX":
                return SqlError(message(2601, table.stored_name, key.name, "(...)"), message(3621))
            kind = "UNIQUE KEY" if key.kind == "UNIQUE" else key.kind
            return SqlError(message(2627, kind, key.name, table.stored_name, "(...)"), message(3621))
    return SqlError(message(2627, "UNIQUE KEY", "", table.stored_name, "(...)"), message(3621))


def assigned_variables(node: ast.QueryStatement) -> bool:
    body = node.query.body
    return isinstance(body, tree.Select) and any(item.target for item in body.items)
