# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Long statements: the work in a thread of its own, its percentage in sys.dm_exec_requests and as messages."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

from simulator.engine.events import Done, Event
from simulator.engine.handles import Cancelled
from simulator.engine.messages import message

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

T = TypeVar("T")


class LongWork:
    """A client that closes its cursor after the first message cancels: the work is then given up, not finished.

    ``pause``: how long the last percentage waits before the work may end, so that such a client is caught by a small
    database too, as it is by a large one.
    """

    def __init__(self, session: EngineSession, command: str, database: str, step: int | None) -> None:
        self.session = session
        self.step = step
        self.told = 0
        self.waiting: queue.Queue[Event | None] = queue.Queue()
        self.abandoned = False
        if session.running is not None:
            session.running.command = command
            session.running.percent = 0.0
            session.running.database = database

    def run(self, work: Callable[[Callable[[int], None]], T]) -> Generator[Event, None, T]:
        results: list[T] = []
        failures: list[BaseException] = []

        def labour() -> None:
            try:
                results.append(work(self.progress))
            except BaseException as failure:
                failures.append(failure)
            finally:
                self.waiting.put(None)

        thread = threading.Thread(target=labour, name=f"work-{self.session.spid}", daemon=True)
        thread.start()
        try:
            while (event := self.waiting.get()) is not None:
                yield event
        finally:
            self.abandoned = not results and not failures
            thread.join()
        if failures:
            raise failures[0]
        return results[0]

    def progress(self, percent: int) -> None:
        """Called by the work; raises when it is to be given up."""
        if self.abandoned or self.session.is_stopped():
            raise Cancelled
        if self.session.running is not None:
            self.session.running.percent = float(percent)
        if self.step is None:
            return
        reached = percent // self.step * self.step if percent < 100 else 100
        if reached > self.told:
            self.told = reached
            self.waiting.put(message(3211, reached))
            self.waiting.put(Done(None))
            if percent >= 100 and self.session.stopped.wait(self.session.instance.settings.closing_pause):
                raise Cancelled
