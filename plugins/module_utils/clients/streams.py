# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A thread beside the one that moves bytes, for disk and digest: TLS, SHA-256 and disk each take as long as the network
does, and Python leaves its lock for all of them. What fits into one block needs no thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any, Callable

#: Blocks that one side may be ahead of the other.
_AHEAD = 3


def read_ahead(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    """What ``read`` gives until it gives nothing. It is called in another thread from the second block on; its errors
    are raised here. Close the iterator: the thread ends with it."""
    block = read(length)
    if len(block) < length:
        while block:
            yield block
            block = read(length)
        return
    ready: SimpleQueue[bytes | BaseException] = SimpleQueue()
    room, over = threading.Semaphore(_AHEAD - 1), threading.Event()

    def fill() -> None:
        more: bytes | BaseException = b"-"
        while more and not isinstance(more, BaseException):
            room.acquire()
            if over.is_set():
                return
            try:
                more = read(length)
            except BaseException as error:  # a thread's own would be lost
                more = error
            ready.put(more)

    thread = threading.Thread(target=fill, name="read ahead", daemon=True)
    thread.start()
    try:
        while block:
            yield block
            got = ready.get()
            if isinstance(got, BaseException):
                raise got
            block = got
            room.release()
    finally:
        over.set()
        room.release()
        thread.join()


class WriteBehind:
    """``write`` is called in another thread from the second block on, in order. Its first error is raised here at the
    next block or at the end, and nothing is written after it."""

    def __init__(self, write: Callable[[memoryview], Any], length: int) -> None:
        self._write, self._length = write, length
        self._full: SimpleQueue[memoryview | None] = SimpleQueue()
        self._empty: SimpleQueue[memoryview] = SimpleQueue()
        self._made = 0
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> WriteBehind:
        return self

    def __exit__(self, kind: object, *_unused: object) -> None:
        if self._thread is not None:
            self._full.put(None)
            self._thread.join()
        if kind is None:
            self._raise()

    def buffer(self) -> memoryview:
        """One to be filled and given; waits where all are full."""
        self._raise()
        if self._made < _AHEAD and self._empty.empty():
            self._made += 1
            return memoryview(bytearray(self._length))
        return self._empty.get()

    def give(self, buffer: memoryview, length: int) -> None:
        if length < self._length and self._thread is None:
            self._write(buffer[:length])
            self._empty.put(buffer)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._drain, name="write behind", daemon=True)
            self._thread.start()
        self._full.put(buffer[:length])

    def _drain(self) -> None:
        while (block := self._full.get()) is not None:
            try:
                if self._error is None:
                    self._write(block)
            except BaseException as error:  # a thread's own would be lost
                self._error = error
            self._empty.put(memoryview(block.obj))

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error
