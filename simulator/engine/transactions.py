# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A session's transaction: @@TRANCOUNT, and the databases in which it has written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.engine.events import Event, TransactionBegan, TransactionEnded
from simulator.engine.messages import error

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

_descriptors = itertools.count(0x1_0000_0001)


class Transaction:
    def __init__(self, session: EngineSession) -> None:
        self.session = session
        self.count = 0
        self.descriptor = 0
        self.name = ""
        self.mark = ""
        self.mark_description = ""
        self.doomed = False
        self.savepoints: list[str] = []

    @property
    def state(self) -> int:
        """XACT_STATE()."""
        return 0 if self.count == 0 else (-1 if self.doomed else 1)

    def begin(self, name: str = "", mark: str = "", marked: bool = False) -> Iterator[Event]:
        self.count += 1
        if self.count > 1:
            return
        self.descriptor = next(_descriptors)
        self.name = name
        self.mark, self.mark_description = (name, mark) if marked else ("", "")
        yield TransactionBegan(self.descriptor)

    def commit(self, everything: bool = False) -> Iterator[Event]:
        if self.count == 0:
            raise error(3902)
        if self.doomed:
            raise error(3930)
        if self.count > 1 and not everything:
            self.count -= 1
            return
        for handle in self.session.handles():
            handle.commit(self.mark, self.mark_description)
        yield self._end(committed=True)

    def rollback(self) -> Iterator[Event]:
        if self.count == 0:
            raise error(3903)
        yield from self.abandon()

    def abandon(self) -> Iterator[Event]:
        """Rolls back if there is anything to."""
        for handle in self.session.handles():
            handle.rollback()
        if self.count:
            yield self._end(committed=False)

    def _end(self, committed: bool) -> Event:
        descriptor = self.descriptor
        self.count, self.descriptor, self.doomed, self.savepoints = 0, 0, False, []
        return TransactionEnded(descriptor, committed)

    # -------------------------------------------------------------------------------------------- savepoints

    def save(self, name: str) -> None:
        self.savepoints.append(name.lower())
        index = len(self.savepoints)
        for handle in self.session.handles():
            if handle.writing:
                handle.connection.execute(f'SAVEPOINT "save{index}"')

    def rollback_to(self, name: str) -> bool:
        """False when there is no such savepoint."""
        if name.lower() not in self.savepoints:
            return False
        index = len(self.savepoints) - self.savepoints[::-1].index(name.lower())
        for handle in self.session.handles():
            if handle.writing:
                handle.roll_back_to(index)
        self.savepoints = self.savepoints[:index]
        return True

    def savepoints_for(self) -> list[str]:
        """The savepoints that a database must know that is written to only now."""
        return [f"save{index}" for index in range(1, len(self.savepoints) + 1)]
