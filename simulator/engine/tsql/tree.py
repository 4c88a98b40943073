# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The syntax tree of T-SQL: expressions and queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

from simulator.engine.events import SqlType

Name = tuple[str, ...]  # parts as written, without quotes; a missing part of a..b is ""


@dataclass(frozen=True)
class Literal:
    value: Any
    type: SqlType


@dataclass(frozen=True)
class Null:
    pass


@dataclass(frozen=True)
class Variable:
    """@x, or @@X with both signs."""

    name: str


@dataclass(frozen=True)
class ColumnRef:
    name: Name
    line: int = 1


@dataclass(frozen=True)
class Star:
    qualifier: Name = ()


@dataclass(frozen=True)
class Unary:
    operator: str
    operand: Expression


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Comparison:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Quantified:
    """a > ALL (SELECT ...); SOME is ANY."""

    operator: str
    left: Expression
    quantifier: str
    query: Query


@dataclass(frozen=True)
class Logical:
    operator: str  # AND, OR
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Not:
    operand: Expression


@dataclass(frozen=True)
class IsNull:
    operand: Expression
    negated: bool


@dataclass(frozen=True)
class Between:
    operand: Expression
    low: Expression
    high: Expression
    negated: bool


@dataclass(frozen=True)
class Like:
    operand: Expression
    pattern: Expression
    escape: Expression | None
    negated: bool


@dataclass(frozen=True)
class InList:
    operand: Expression
    items: tuple[Expression, ...]
    negated: bool


@dataclass(frozen=True)
class InQuery:
    operand: Expression
    query: Query
    negated: bool


@dataclass(frozen=True)
class Exists:
    query: Query


@dataclass(frozen=True)
class Case:
    operand: Expression | None
    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True)
class Over:
    partition: tuple[Expression, ...]
    order: tuple[Ordering, ...]
    frame: str = ""


@dataclass(frozen=True)
class Call:
    name: Name
    arguments: tuple[Expression, ...]
    distinct: bool = False
    over: Over | None = None
    within: tuple[Ordering, ...] = ()
    line: int = 1


@dataclass(frozen=True)
class Cast:
    operand: Expression
    type: SqlType
    forgiving: bool = False
    style: Expression | None = None


@dataclass(frozen=True)
class Collate:
    operand: Expression
    collation: str


@dataclass(frozen=True)
class AtTimeZone:
    operand: Expression
    zone: Expression


@dataclass(frozen=True)
class ScalarQuery:
    query: Query


Expression = Union[
    Literal, Null, Variable, ColumnRef, Star, Unary, Binary, Comparison, Quantified, Logical, Not, IsNull, Between,
    Like,
    InList, InQuery, Exists, Case, Call, Cast, Collate, AtTimeZone, ScalarQuery,
]  # fmt: skip
PREDICATES = (Comparison, Quantified, Logical, Not, IsNull, Between, Like, InList, InQuery, Exists)


@dataclass(frozen=True)
class Ordering:
    expression: Expression
    descending: bool = False


@dataclass(frozen=True)
class SelectItem:
    """One column of a select list; ``target`` is the variable of SELECT @x = ..."""

    expression: Expression
    alias: str = ""
    target: str = ""
    operator: str = "="


@dataclass(frozen=True)
class TableRef:
    name: Name
    alias: str = ""
    line: int = 1
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derived:
    query: Query
    alias: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """VALUES (...), (...) as a table."""

    rows: tuple[tuple[Expression, ...], ...]
    alias: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class FunctionTable:
    name: Name
    arguments: tuple[Expression, ...]
    alias: str = ""
    columns: tuple[str, ...] = ()
    line: int = 1


@dataclass(frozen=True)
class Join:
    kind: str  # INNER, LEFT, RIGHT, FULL, CROSS, CROSS APPLY, OUTER APPLY
    left: Source
    right: Source
    on: Expression | None = None


Source = Union[TableRef, Derived, Rows, FunctionTable, Join]


@dataclass(frozen=True)
class Top:
    count: Expression
    percent: bool = False
    ties: bool = False


@dataclass(frozen=True)
class Select:
    items: tuple[SelectItem, ...]
    sources: tuple[Source, ...] = ()
    where: Expression | None = None
    group_by: tuple[Expression, ...] = ()
    having: Expression | None = None
    distinct: bool = False
    top: Top | None = None
    into: Name = ()
    line: int = 1


@dataclass(frozen=True)
class SetOperation:
    operator: str  # UNION, UNION ALL, EXCEPT, INTERSECT
    left: Body
    right: Body


Body = Union[Select, SetOperation, "Query"]


@dataclass(frozen=True)
class CommonTable:
    name: str
    columns: tuple[str, ...]
    query: Query


@dataclass(frozen=True)
class Query:
    body: Body
    order_by: tuple[Ordering, ...] = ()
    offset: Expression | None = None
    fetch: Expression | None = None
    tables: tuple[CommonTable, ...] = field(default=())
