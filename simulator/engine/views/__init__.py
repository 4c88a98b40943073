# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""System views and table-valued functions: documented columns (columns.json) and what fills them.

Column names and types: Microsoft's documentation of each view. A column that nothing here fills is NULL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.engine.events import SqlType
from simulator.engine.query import types, values
from simulator.engine.query.model import Field

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

Filler = Callable[["EngineSession", str], Iterable[dict[str, Any]]]
_COLUMNS: dict[str, list[str]] = json.loads(Path(__file__).with_name("columns.json").read_text("utf-8"))
_COLUMN = re.compile(r"(\S+) ([a-z0-9_]+)(?:\(([^)]*)\))?(!)?$")


@dataclass(frozen=True)
class SystemView:
    name: str  # sys.databases
    fields: tuple[Field, ...]
    fill: Filler

    def rows(self, session: EngineSession, database: str) -> Iterable[tuple[Any, ...]]:
        return stored_rows(self.fields, self.fill(session, database))


@dataclass(frozen=True)
class TableFunction:
    """``keys``: arguments that may be columns; then the rows of all arguments carry them in front."""

    name: str
    fields: tuple[Field, ...]
    fill: Callable[..., Iterable[dict[str, Any]]]
    keys: tuple[str, ...] = ()
    key_type: SqlType = types.INT

    def rows(self, session: EngineSession, *arguments: Any) -> Iterable[tuple[Any, ...]]:
        fields = (*(Field(f"${key}", self.key_type) for key in self.keys), *self.fields)
        return stored_rows(fields, self.fill(session, *arguments))


def stored_rows(fields: tuple[Field, ...], rows: Iterable[dict[str, Any]]) -> Iterable[tuple[Any, ...]]:
    for row in rows:
        yield tuple(values.store(row.get(field.name), field.type) for field in fields)


def field(text: str) -> Field:
    match = _COLUMN.match(text)
    if match is None:
        raise ValueError(text)
    name, type_name, parameters, required = match.groups()
    numbers = [-1 if part.strip() == "max" else int(part) for part in (parameters or "").split(",") if part.strip()]
    return Field(name, types.declared(type_name, numbers), nullable=not required)


@cache
def fields(name: str) -> tuple[Field, ...]:
    """Of a system view, an msdb table (msdb.dbo.x) or a RESTORE result set."""
    return tuple(field(text) for text in _COLUMNS[name])


def msdb_tables() -> list[str]:
    return [name for name in _COLUMNS if name.startswith("msdb.")]


@cache
def _views() -> dict[str, SystemView]:
    from simulator.engine.views.registry import FILLERS

    return {name.lower(): SystemView(name, fields(name), fill) for name, fill in FILLERS.items()}


@cache
def _functions() -> dict[str, TableFunction]:
    from simulator.engine.views.registry import FUNCTIONS

    return {
        name.lower(): TableFunction(name, fields(f"{name}()"), fill, keys) for name, (fill, keys) in FUNCTIONS.items()
    }


def find(schema: str, name: str) -> SystemView | None:
    return _views().get(f"{schema}.{name}".lower())


def find_function(schema: str, name: str) -> TableFunction | None:
    return _functions().get(f"{schema or 'sys'}.{name}".lower())
