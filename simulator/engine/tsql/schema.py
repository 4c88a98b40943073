# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The syntax tree of T-SQL: tables, indexes, views and schemas."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.events import SqlType
from simulator.engine.tsql.statements import Statement
from simulator.engine.tsql.tree import Expression, Name, Query


@dataclass(frozen=True)
class ColumnDefinition:
    name: str
    type: SqlType
    nullable: bool = True
    identity: tuple[int, int] | None = None
    default: Expression | None = None
    default_text: str = ""
    default_name: str = ""
    collation: str = ""


@dataclass(frozen=True)
class Constraint:
    kind: str  # PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK
    name: str = ""
    columns: tuple[str, ...] = ()
    descending: tuple[bool, ...] = ()
    condition: Expression | None = None
    text: str = ""
    references: Name = ()
    referenced: tuple[str, ...] = ()
    on_delete: str = ""
    on_update: str = ""
    clustered: bool = False


@dataclass(frozen=True)
class CreateTable(Statement):
    name: Name
    columns: tuple[ColumnDefinition, ...]
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True)
class DeclareTable(Statement):
    name: str
    table: CreateTable


@dataclass(frozen=True)
class AlterTable(Statement):
    name: Name
    action: str  # ADD, DROP COLUMN, DROP CONSTRAINT, ALTER COLUMN
    columns: tuple[ColumnDefinition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    names: tuple[str, ...] = ()
    if_exists: bool = False


@dataclass(frozen=True)
class CreateIndex(Statement):
    name: str
    table: Name
    columns: tuple[str, ...]
    descending: tuple[bool, ...]
    unique: bool
    clustered: bool
    included: tuple[str, ...] = ()
    where: Expression | None = None


@dataclass(frozen=True)
class CreateView(Statement):
    name: Name
    columns: tuple[str, ...]
    query: Query
    text: str
    alter: bool = False


@dataclass(frozen=True)
class CreateSchema(Statement):
    name: str
    owner: str = ""


@dataclass(frozen=True)
class Drop(Statement):
    kind: str  # TABLE, VIEW, INDEX, SCHEMA, PROCEDURE, DATABASE, LOGIN, USER, ROLE
    names: tuple[Name, ...]
    if_exists: bool = False
    table: Name = ()  # of an index
