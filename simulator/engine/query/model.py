# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the translator works with: SQL text with a type, relations, scopes, and the questions it asks of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from simulator.engine.catalog import Catalog
from simulator.engine.events import SqlError, SqlType
from simulator.engine.messages import message
from simulator.engine.tsql import tree


@dataclass(frozen=True)
class Sql:
    """SQLite's text of an expression, and its T-SQL type."""

    text: str
    type: SqlType
    nullable: bool = True
    collation: str = "NOCASE"


@dataclass(frozen=True)
class Field:
    """A column of a relation; ``name`` empty when it has none."""

    name: str
    type: SqlType
    nullable: bool = True


@dataclass(frozen=True)
class Relation:
    """Something that stands in FROM. ``alias`` as T-SQL sees it, ``name`` its full name, ``text`` for SQLite."""

    alias: str
    fields: tuple[Field, ...]
    text: str
    name: tree.Name = ()
    condition: str = ""  # of a table function whose arguments are columns

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name.lower() == name.lower()), None)


@dataclass
class Scope:
    """The sources of one SELECT. ``grouped``: texts that may stand outside of an aggregate,
    None if nothing is grouped."""

    relations: list[Relation] = field(default_factory=list)
    grouped: set[str] | None = None
    inside_aggregate: bool = False


@dataclass(frozen=True)
class Copy:
    """A temporary table that must be filled before the statement runs."""

    name: str
    fields: tuple[Field, ...]
    rows: Callable[[], Iterable[tuple[Any, ...]]]


class Environment(Protocol):
    """What a translation must know of the session it runs in."""

    home: str  # the database whose connection runs the statement

    def relation(self, ref: tree.TableRef) -> Relation: ...

    def table_function(self, ref: tree.FunctionTable, arguments: list[Sql]) -> Relation: ...

    def view_text(self, ref: tree.TableRef) -> tuple[tree.Query, tuple[str, ...]] | None: ...

    def variable(self, name: str) -> Sql: ...

    def catalog(self) -> Catalog: ...


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    if "\0" in text:
        return f"CAST(x'{text.encode().hex()}' AS TEXT)"
    return "'" + text.replace("'", "''") + "'"


def code(sql_type: SqlType) -> str:
    """A type as an argument of the functions that convert."""
    return quote_text(f"{sql_type.name}:{sql_type.length}:{sql_type.precision}:{sql_type.scale}")


@lru_cache(maxsize=4096)
def decode(text: str) -> SqlType:
    name, length, precision, scale = text.split(":")
    return SqlType(name, int(length), int(precision), int(scale))


def refuse(number: int, *values: object, line: int = 1) -> SqlError:
    return SqlError(message(number, *values, line=line))
