# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Statements that write: the transaction they run in, the catalogue they change, the rights they need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from simulator.engine.binding import Binding
from simulator.engine.catalog import Catalog, Table, View
from simulator.engine.events import SqlError
from simulator.engine.handles import Handle
from simulator.engine.messages import error
from simulator.engine.query.model import refuse
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


@contextmanager
def changing(execution: Execution, handle: Handle) -> Iterator[None]:
    """A statement that writes: inside of the session's transaction, or one of its own."""
    if execution.session.transaction.doomed:
        raise error(3930)
    alone = execution.session.transaction.count == 0
    handle.begin(execution.session.is_stopped)
    handle.identities.clear()
    try:
        yield
    except BaseException:
        if alone:
            handle.rollback()
        raise
    if alone:
        handle.commit()


@contextmanager
def changing_catalog(execution: Execution, handle: Handle) -> Iterator[Catalog]:
    """Objects and what is known of them change together, in one transaction."""
    with changing(execution, handle):
        catalog = handle.catalog_to_change()
        yield catalog
        handle.save_catalog(catalog)


def require_right(execution: Execution, handle: Handle, permission: str) -> None:
    if not execution.session.rights.may(permission, handle.name):
        raise error(262, permission, handle.name)


def named_object(binding: Binding, name: tree.Name, number: int) -> tuple[Handle, Table | View]:
    try:
        return binding.find(name)
    except SqlError:
        raise refuse(number, ".".join(name)) from None
