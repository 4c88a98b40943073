# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bytes of a tape from the first to the last, each looked at once, in constant memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable, Protocol

from .compressed_tape import CHUNK, FIRST_RECORD, PADDING, Record, Unreadable, record
from .mtf import BLOCK_TYPES, Damage, descriptor
from .page_checksum import chunk_checksum
from .window import MOST, Read, Window
from .xpress import unpack

_BUFFER = 64 * 1024
PIECE = 512 * 1024  # larger ones cost more to get from the system than they save
_BLOCK = re.compile(b"|".join(sorted(BLOCK_TYPES)))


class TapeStream(Protocol):
    """``position`` counts the tape's bytes, ``place`` the file's. All that move raise Damage at the end of the file."""

    position: int
    block_size: int

    @property
    def place(self) -> int:
        """Where in the file the next byte stands."""

    def take(self, length: int) -> bytes:
        """The next bytes."""

    def peek(self, length: int) -> bytes:
        """The next bytes, or fewer at the end of the file; they stay."""

    def pieces(self, length: int) -> Iterator[tuple[int, bytes | None]]:
        """The next bytes in pieces, with their places in the file; None where they need not be unpacked."""

    def resume(self) -> bool:
        """After damage: go on to the next block, at least one byte further. False: there is none."""


class PlainStream:
    """Of a medium without compression."""

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._size = size
        self._buffer = b""
        self._start = 0
        self.position = 0
        self.block_size = 512

    @property
    def place(self) -> int:
        return self.position

    def peek(self, length: int) -> bytes:
        offset = self.position - self._start
        if offset < 0 or offset + length > len(self._buffer):
            wanted = min(max(length, _BUFFER), self._size - self.position)
            self._buffer, self._start, offset = self._at(self.position, wanted), self.position, 0
        return self._buffer[offset : offset + length]

    def take(self, length: int) -> bytes:
        self._within(length)
        data = self.peek(length) if length <= _BUFFER else self._at(self.position, length)
        self.position += length
        return data

    def pieces(self, length: int) -> Iterator[tuple[int, bytes | None]]:
        self._within(length)
        end = self.position + length
        while self.position < end:
            place = self.position
            # What the buffer has need not be read again.
            wanted = min(PIECE, end - place)
            data = self.peek(wanted) if wanted <= _BUFFER else self._at(place, wanted)
            self.position += wanted
            yield place, data

    def skip(self, length: int) -> None:
        self._within(length)
        self.position += length

    def resume(self) -> bool:
        at, reach = self.position + 1, 4096  # the next block is mostly near
        while at < self._size:
            self.position = at
            data = self.peek(reach)
            for found in _BLOCK.finditer(data):
                at = self.position + found.start()
                if at % 512 == 0 and _is_block(data, found.start()):
                    self.position = at
                    return True
            at = self.position + max(len(data) - 51, 1)
            reach = _BUFFER
        return False

    def _within(self, length: int) -> None:
        if length > self._size - self.position:
            raise Damage(self._size, "the file ends too early")

    def _at(self, offset: int, length: int) -> bytes:
        if length > MOST:
            raise Damage(offset, "a structure of the backup set is impossibly large")
        data = bytes(self._read(offset, length)) if length else b""
        if len(data) < length:
            raise Damage(offset + len(data), "the file ended earlier than its size says; is it being written?")
        return data


def _is_block(data: bytes, offset: int) -> bool:
    try:
        descriptor(data, offset, offset)
    except Damage:
        return False
    return True


class CompressedStream:
    """Of a compressed medium: every chunk's checksum is looked at, but only what is asked for is unpacked.

    ``report`` is told of wrong checksums: the bytes can still be followed, as far as they go.
    """

    def __init__(self, read: Read, size: int, report: Callable[[int, str], None], *, unpack_all: bool) -> None:
        self._window = Window(read, size)
        self._size = size
        self._report = report
        self._unpack_all = unpack_all
        self._at = FIRST_RECORD
        self._buffer = b""
        self._used = 0  # of the buffer
        self._piece_at = FIRST_RECORD
        self.position = 0
        self.block_size = 512
        self.chunks = 0

    @property
    def place(self) -> int:
        return self._piece_at if self._ready else self._at

    @property
    def _ready(self) -> int:
        """Bytes that are unpacked and not taken."""
        return len(self._buffer) - self._used

    def peek(self, length: int) -> bytes:
        while self._ready < length and self._at < self._size:
            self._more()
        return self._buffer[self._used : self._used + length]

    def take(self, length: int) -> bytes:
        if length > MOST:
            raise Damage(self.place, "a structure of the backup set is impossibly large")
        while self._ready < length:
            self._more()
        data = self._buffer[self._used : self._used + length]
        self._used += length
        self.position += length
        return data

    def skip(self, length: int) -> None:
        for _unused in self.pieces(length):
            pass

    def pieces(self, length: int) -> Iterator[tuple[int, bytes | None]]:
        while length:
            if self._ready:
                place = self.place
                data = self.take(min(length, self._ready))
                length -= len(data)
                yield place, data
                continue
            head = self._next_chunk()
            if self._unpack_all or head is None or head.size > length:
                self._more()
                continue
            place = self._at
            self._pass(head)
            self.position += head.size
            length -= head.size
            yield place, None

    def resume(self) -> bool:
        """Only a filemark is a place to begin anew: what lies in chunks cannot be told from data."""
        self._buffer, self._used = b"", 0
        try:
            while True:
                head = self._next_chunk()
                if head is None:
                    return True
                self._pass(head)
        except Damage as damage:
            return self._find_filemark(max(damage.at, self._at) + 1)

    def _find_filemark(self, at: int) -> bool:
        unit = self.block_size
        at = -(-at // unit) * unit
        while at + unit <= self._size:
            if _is_filemark(self._window.get(at, 52, PIECE)):
                self._at = at
                return True
            at += unit
        self._at = self._size
        return False

    def _next_chunk(self) -> Record | None:
        """The next chunk; paddings and tables are passed over. None at a filemark, which stands unpacked."""
        while True:
            if self._at >= self._size:
                raise Damage(self._size, "the file ends too early")
            if self._at % 512 == 0 and _is_filemark(self._window.get(self._at, min(52, self._size - self._at), PIECE)):
                return None
            head = record(self._window, self._at, ahead=PIECE)
            if head.kind == CHUNK:
                return head
            # A seek table is followed by zeros up to the filemark; it says how far that is.
            self._at = head.end if head.kind == PADDING else head.end + self._distance(head)

    def _distance(self, table: Record) -> int:
        distance = int.from_bytes(self._window.get(table.end + 8, 4), "little")
        if distance < 32 or table.end + distance > self._size:
            raise Damage(table.at, "the seek table does not lead to a filemark")
        return distance

    def _pass(self, head: Record) -> tuple[bytes, bool]:
        """The chunk as it is packed, and whether its checksum is right."""
        payload = self._window.get(head.payload, head.length, PIECE)
        self._at = head.end
        self.chunks += 1
        right = chunk_checksum(payload) == head.checksum
        if not right:
            self._report(head.at, "the checksum of a compressed chunk is wrong")
        return payload, right

    def _more(self) -> None:
        head = self._next_chunk()
        if not self._ready:
            self._piece_at = self._at
        if head is None:
            data = self._window.get(self._at, self.block_size)
            self._at += self.block_size
        else:
            payload, right = self._pass(head)
            try:
                data = unpack(payload, head.size)
            except Damage as damage:
                raise (Unreadable if right else Damage)(head.at, damage.reason) from damage
        self._buffer, self._used = self._buffer[self._used :] + data, 0


def _is_filemark(data: bytes) -> bool:
    return data.startswith(b"SFMB") and _is_block(data, 0)
