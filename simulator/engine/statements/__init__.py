# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each statement does: one function per kind, entered here by its class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.events import Event
from simulator.engine.tsql import statements as ast

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Work = Callable[["Execution", Any], Iterator[Event]]


def run(execution: Execution, node: ast.Statement) -> Iterator[Event]:
    return table()[type(node)](execution, node)


def table() -> dict[type, Work]:
    from simulator.engine.statements.registry import STATEMENTS

    return STATEMENTS


def forget_table_variables(execution: Execution) -> None:
    from simulator.engine.statements.tables import drop_table_variables

    drop_table_variables(execution)
