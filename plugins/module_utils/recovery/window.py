# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading a backup file in few and small pieces, wherever it is: on a disk, behind FTP, in memory."""

from __future__ import annotations

from typing import Callable

from .mtf import Damage

#: Hands over ``length`` bytes at ``offset``; fewer only where the file ends.
Read = Callable[[int, int], bytes]

#: The head of a file up to the end of the opening configuration, for up to about ten database files.
HEAD = 16 * 1024
#: No structure that a reader needs is larger: that is the configuration of a database with 12,000 files.
MOST = 16 * 1024 * 1024
_PIECES = 16


class Window:
    """The ranges of one file that were read last. A miss reads a little ahead; memory is bounded."""

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._pieces: list[tuple[int, bytes]] = []
        self.size = size
        self.reads = 0
        self.bytes_read = 0

    def get(self, offset: int, length: int, ahead: int = HEAD) -> bytes:
        """Exactly ``length`` bytes at ``offset``."""
        if offset < 0 or length < 0 or length > MOST or offset + length > self.size:
            raise Damage(min(max(offset, 0), self.size), f"the file has {self.size} bytes and ends too early")
        for start, piece in self._pieces:
            begin = offset - start
            if begin >= 0 and begin + length <= len(piece):
                return piece[begin : begin + length]
        return self._fetch(offset, length, ahead)[:length]

    def load(self, offset: int, end: int) -> None:
        """See to it that ``get`` finds the bytes from ``offset`` to ``end``; at most one read."""
        offset, end = max(offset, 0), min(end, self.size)
        if offset < end and not any(start <= offset and end <= start + len(piece) for start, piece in self._pieces):
            self._fetch(offset, end - offset, 0)

    def _fetch(self, offset: int, length: int, ahead: int) -> bytes:
        wanted = min(max(length, ahead), self.size - offset)
        self.reads += 1
        piece = bytes(self._read(offset, wanted))
        self.bytes_read += len(piece)
        if len(piece) < length:
            raise Damage(offset + len(piece), "the file ended earlier than its size says; is it being written?")
        self._pieces.insert(0, (offset, piece))
        # A file with ten thousand sets must not end up in memory.
        while len(self._pieces) > _PIECES or (len(self._pieces) > 2 and sum(len(p[1]) for p in self._pieces) > MOST):
            self._pieces.pop()
        return piece
