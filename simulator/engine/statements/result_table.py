# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A result set that a procedure makes up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.engine.events import Column, Columns, Done, Event, Row, SqlType


def table(columns: list[tuple[str, SqlType]], rows: list[tuple[Any, ...]]) -> Iterator[Event]:
    yield Columns(tuple(Column(name, sql_type) for name, sql_type in columns))
    for row in rows:
        yield Row(row)
    yield Done(len(rows), is_select=True)
