# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MERGE: who matches whom is decided once, then each row is updated, deleted or inserted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.engine.events import Event
from simulator.engine.query.model import refuse
from simulator.engine.tsql import statements as ast

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


def merge(execution: Execution, node: ast.Merge) -> Iterator[Event]:
    raise refuse(40510, "MERGE", line=node.line)
    yield
