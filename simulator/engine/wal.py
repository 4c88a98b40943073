# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQLite's write-ahead log, read from beside: what each commit wrote (https://www.sqlite.org/walformat.html).

The shared-memory index says how many frames are committed; SQLite itself has checked their checksums by then.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.engine.pages import BODY, PAGE

_WAL_HEADER = 32
_FRAME_HEADER = 24
_FRAME = _FRAME_HEADER + PAGE
_INDEX_HEADER = 48


@dataclass(frozen=True)
class WalMark:
    """A place in the write-ahead log: its generation (salts) and a number of frames. An empty salt is nowhere."""

    salt: bytes = b""
    frames: int = 0


@dataclass(frozen=True)
class WalCommit:
    """One transaction: where the last image of each page stands, and the database's size after it."""

    mark: WalMark
    pages: dict[int, int]  # page id, from 0 -> offset of its content
    database_pages: int


class Wal:
    """Open only while a connection has the database open, and as long as one has."""

    def __init__(self, data_file: Path) -> None:
        self._wal = os.open(f"{data_file}-wal", os.O_RDONLY)
        self._index = os.open(f"{data_file}-shm", os.O_RDONLY)

    def close(self) -> None:
        os.close(self._wal)
        os.close(self._index)

    def mark(self) -> WalMark:
        """How far the log is committed. The index stands there twice; only equal copies are whole."""
        for _ in range(1000):
            data = os.pread(self._index, 2 * _INDEX_HEADER, 0)
            if data[:_INDEX_HEADER] == data[_INDEX_HEADER:]:
                break
        (frames,) = struct.unpack_from("=I", data, 16)
        return WalMark(data[32:40], frames)

    def commits(self, after: WalMark) -> Iterator[WalCommit]:
        """The transactions committed after a mark; all there are when the log has been restarted since."""
        now = self.mark()
        first = after.frames + 1 if after.salt == now.salt else 1
        pages: dict[int, int] = {}
        for number in range(first, now.frames + 1):
            offset = _WAL_HEADER + (number - 1) * _FRAME
            page, size = struct.unpack(">II", os.pread(self._wal, 8, offset))
            pages[page - 1] = offset + _FRAME_HEADER
            if size:
                yield WalCommit(WalMark(now.salt, number), pages, size)
                pages = {}

    def body(self, offset: int) -> bytes:
        return os.pread(self._wal, BODY, offset)

    @property
    def size(self) -> int:
        return os.fstat(self._wal).st_size
