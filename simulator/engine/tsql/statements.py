# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The syntax tree of T-SQL: statements. Each knows the line on which it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.engine.events import SqlType
from simulator.engine.tsql.tree import (
    CommonTable,
    Expression,
    Name,
    Query,
    Rows,
    SelectItem,
    Source,
    Top,
)


@dataclass(frozen=True)
class Statement:
    line: int


# ---------------------------------------------------------------------------------------------- data


@dataclass(frozen=True)
class QueryStatement(Statement):
    query: Query


@dataclass(frozen=True)
class Output:
    items: tuple[SelectItem, ...]
    into: Name = ()


@dataclass(frozen=True)
class Insert(Statement):
    target: Name
    columns: tuple[str, ...]
    source: Query | Rows | Execute | None  # None: DEFAULT VALUES
    output: Output | None = None
    tables: tuple[CommonTable, ...] = ()
    top: Top | None = None


@dataclass(frozen=True)
class Assignment:
    """SET column = ...; ``variable`` of SET @x = column = ..."""

    column: Name
    operator: str
    value: Expression
    variable: str = ""


@dataclass(frozen=True)
class Update(Statement):
    target: Name
    assignments: tuple[Assignment, ...]
    sources: tuple[Source, ...] = ()
    where: Expression | None = None
    output: Output | None = None
    tables: tuple[CommonTable, ...] = ()
    top: Top | None = None


@dataclass(frozen=True)
class Delete(Statement):
    target: Name
    sources: tuple[Source, ...] = ()
    where: Expression | None = None
    output: Output | None = None
    tables: tuple[CommonTable, ...] = ()
    top: Top | None = None


@dataclass(frozen=True)
class MergeAction:
    matched: str  # MATCHED, NOT MATCHED, NOT MATCHED BY SOURCE
    condition: Expression | None
    kind: str  # UPDATE, DELETE, INSERT
    assignments: tuple[Assignment, ...] = ()
    columns: tuple[str, ...] = ()
    values: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Merge(Statement):
    target: Name
    alias: str
    source: Source
    on: Expression
    actions: tuple[MergeAction, ...]
    output: Output | None = None
    tables: tuple[CommonTable, ...] = ()


@dataclass(frozen=True)
class Truncate(Statement):
    target: Name


# ---------------------------------------------------------------------------------------------- flow


@dataclass(frozen=True)
class Declaration:
    name: str
    type: SqlType
    value: Expression | None = None


@dataclass(frozen=True)
class Declare(Statement):
    variables: tuple[Declaration, ...]


@dataclass(frozen=True)
class SetVariable(Statement):
    name: str
    operator: str
    value: Expression


@dataclass(frozen=True)
class SetOption(Statement):
    option: str
    value: Any
    target: Name = ()  # of IDENTITY_INSERT


@dataclass(frozen=True)
class Block(Statement):
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class If(Statement):
    condition: Expression
    then: Statement
    otherwise: Statement | None


@dataclass(frozen=True)
class While(Statement):
    condition: Expression
    body: Statement


@dataclass(frozen=True)
class TryCatch(Statement):
    attempt: Block
    handler: Block


@dataclass(frozen=True)
class Break(Statement):
    pass


@dataclass(frozen=True)
class Continue(Statement):
    pass


@dataclass(frozen=True)
class Return(Statement):
    value: Expression | None


@dataclass(frozen=True)
class Print(Statement):
    value: Expression


@dataclass(frozen=True)
class Raiserror(Statement):
    message: Expression
    severity: Expression
    state: Expression
    arguments: tuple[Expression, ...]
    options: tuple[str, ...]


@dataclass(frozen=True)
class Throw(Statement):
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Argument:
    name: str
    value: Expression  # Call(("DEFAULT",)) for DEFAULT
    output: bool = False


@dataclass(frozen=True)
class Execute(Statement):
    """EXEC procedure ..., or EXEC ('text'): then ``text`` is set."""

    procedure: Name
    arguments: tuple[Argument, ...] = ()
    result: str = ""
    text: tuple[Expression, ...] = ()
    variable: str = ""  # EXEC @name


@dataclass(frozen=True)
class Transaction(Statement):
    """BEGIN, COMMIT, ROLLBACK, SAVE."""

    action: str
    name: Expression | None = None
    mark: str = ""
    marked: bool = False


@dataclass(frozen=True)
class Use(Statement):
    database: str


@dataclass(frozen=True)
class Waitfor(Statement):
    kind: str  # DELAY, TIME
    value: Expression


@dataclass(frozen=True)
class Kill(Statement):
    spid: int


@dataclass(frozen=True)
class Checkpoint(Statement):
    pass


@dataclass(frozen=True)
class Reconfigure(Statement):
    pass


@dataclass(frozen=True)
class Dbcc(Statement):
    command: str
    arguments: tuple[Any, ...]
    options: tuple[str, ...]
