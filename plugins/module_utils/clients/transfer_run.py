# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many files, several connections, and another attempt where one broke."""

from __future__ import annotations

import ftplib
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Callable

from ..recovery.errors import RecoveryError, StoreUnreachable, TransferCut
from .fetching import check_space, fetch_file, keep_names
from .store import Manner, Store, Transfer
from .storing import check_room, store_file

Move = Callable[[Store, str, str, Manner], Transfer]
Pair = tuple[str, str]
#: Why a server did not let us in that may do so a little later.
_PASSING = (ConnectionError, TimeoutError, EOFError, ssl.SSLEOFError, ftplib.error_temp)
#: So many files in a row that could not be moved for all attempts: the next ones could not either.
_GIVE_UP_AFTER = 3


@dataclass(frozen=True)
class Line:
    """How a store is reached: ``connect`` opens one more connection; ``retries`` are attempts after the first one, of
    one file, each after a longer pause."""

    connect: Callable[[], Store]
    connections: int = 1
    retries: int = 3
    pause: float = 0.5


def ship(line: Line, files: Iterable[Pair], manner: Manner) -> tuple[list[Transfer], dict[str, RecoveryError]]:
    """Uploads (source, destination) pairs, begun in order; one that fails does not keep the others from the store."""
    pairs = list(files)
    run = _Run(line, pairs, manner, store_file, go_on=True)
    run.before = lambda store: check_room(store, pairs)
    return run.result()


def fetch_files(line: Line, files: Iterable[Pair], manner: Manner, later: Iterable[Pair] = ()) -> list[Transfer]:
    """Fetches (source, destination) pairs, after a look at the free space of each disk that they and those to be
    fetched ``later`` go to."""
    pairs = list(files)
    run = _Run(line, pairs, manner, fetch_file, go_on=False)
    run.before = lambda store: check_space(store, [*pairs, *later])
    done, failed = run.result()
    if failed:
        raise next(iter(failed.values()))
    if not manner.check_mode:
        keep_names(done)
    return done


class _Run:
    """Workers take pairs in order. A store that no longer lets anyone in ends the run: the pairs that are left have
    failed, without a pause for each of them."""

    def __init__(self, line: Line, pairs: Sequence[Pair], manner: Manner, move: Move, go_on: bool) -> None:
        self._line, self._pairs, self._manner, self._move, self._go_on = line, pairs, manner, move, go_on
        self.before: Callable[[Store], None] = lambda store: None
        self._next = 0
        self._cut_in_a_row = 0
        self._done: dict[int, Transfer] = {}
        self._failed: dict[int, RecoveryError] = {}
        self._over: BaseException | None = None
        self._lock = threading.Lock()

    def result(self) -> tuple[list[Transfer], dict[str, RecoveryError]]:
        if not self._pairs:
            return [], {}
        first = self._connected()
        try:
            self.before(first)
        except BaseException:
            first.drop()
            raise
        helpers = min(self._line.connections, len(self._pairs)) - 1
        threads = [threading.Thread(target=self._help, name="transfer", daemon=True) for _number in range(helpers)]
        for thread in threads:
            thread.start()
        self._work(first)
        for thread in threads:
            thread.join()
        if self._over is not None and not isinstance(self._over, RecoveryError):
            raise self._over
        if isinstance(self._over, RecoveryError) and self._go_on:
            for number in range(self._next, len(self._pairs)):
                self._failed[number] = self._over
        failed = {self._pairs[number][0]: self._failed[number] for number in sorted(self._failed)}
        return [self._done[number] for number in sorted(self._done)], failed

    def _connected(self) -> Store:
        """The first connection, or one after a cut; a server that restarts is given time."""
        for attempt in range(self._line.retries):
            try:
                return self._line.connect()
            except StoreUnreachable as error:
                if not isinstance(error.__cause__, _PASSING):
                    raise
                time.sleep(self._line.pause * 2**attempt)
        return self._line.connect()

    def _help(self) -> None:
        """Servers limit the connections of an account: a helper that is not let in is no failure."""
        try:
            store = self._line.connect()
        except RecoveryError:
            return
        self._work(store)

    def _work(self, store: Store) -> None:
        connection: Store | None = store
        try:
            while (number := self._take()) is not None:
                connection = self._one(number, connection)
                self._manner.ended()
        except BaseException as error:  # a thread's own would be lost
            connection = None
            self._over = error
        finally:
            if connection is not None:
                connection.__exit__()

    def _take(self) -> int | None:
        with self._lock:
            if self._over is not None or self._next >= len(self._pairs):
                return None
            self._next += 1
            return self._next - 1

    def _one(self, number: int, store: Store | None) -> Store | None:
        """Moves one file, with further attempts; gives back the connection where it is still good."""
        reasons: list[str] = []
        while True:
            try:
                store = store or self._connected()
                done = self._move(store, *self._pairs[number], self._manner)
                self._done[number] = replace(done, retries=tuple(reasons))
                self._cut_in_a_row = 0
                return store
            except StoreUnreachable as error:
                self._failed[number] = self._over = _with_reasons(error, reasons)
                return None
            except TransferCut as error:
                if store is not None:
                    store.drop()
                store = None
                if len(reasons) >= self._line.retries:
                    self._give_up(number, _with_reasons(error, reasons))
                    return None
                reasons.append(error.msg)
                time.sleep(self._line.pause * 2 ** (len(reasons) - 1))
            except RecoveryError as error:
                return self._fail(number, error, store)

    def _give_up(self, number: int, error: RecoveryError) -> None:
        with self._lock:
            self._cut_in_a_row += 1
            if self._cut_in_a_row >= _GIVE_UP_AFTER:
                self._over = error
        self._fail(number, error, None)

    def _fail(self, number: int, error: RecoveryError, store: Store | None) -> Store | None:
        self._failed[number] = error
        if not self._go_on:
            self._over = error
        return store


def _with_reasons(error: RecoveryError, reasons: list[str]) -> RecoveryError:
    if reasons:
        error.msg = f"{error.msg} (attempt {len(reasons) + 1}; before it: {'; '.join(reasons)})"
        error.args = (error.msg,)
    return error
