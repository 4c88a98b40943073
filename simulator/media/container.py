# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The container of compressed media (MSSQLBAK, version 2): the same tape in chunks, only filemarks stand as they are.

A chain of records: chunks; before a filemark padding, before one that closes a set's configuration a table of places.
Offsets in filemarks and tables' second columns are the file's, all others the tape's.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from simulator.media.xpress import pack

MAGIC = b"MSSQLBAK"
FIRST = 0x1E0
CHUNK, KEY, PADDING, TABLE = 0x21, 0x23, 0x24, 0x2C
RECORD = struct.Struct("<BBH20x")
TRAILER = struct.Struct("<HHIII")
LARGEST = 65536  # bytes of tape in a chunk
_VERSION = struct.pack("<II", 2, 3)
_MOST_PACKED = 0xFFFF
_PLACE = struct.Struct("<QQ")

#: What encryption does to a packed chunk; the number is the chunk's place on the tape.
Seal = Callable[[int, bytes], bytes]


class Sink(Protocol):
    """Where bytes go: a file, or nowhere."""

    def write(self, data: bytes, /) -> object: ...


def checksum(payload: bytes) -> int:
    """Of a chunk and of a table: rotated by one bit for every 32-bit word, then XORed with it."""
    total = 0
    for (word,) in struct.iter_unpack("<I", payload + bytes(-len(payload) % 4)):
        total = (total << 1 & 0xFFFFFFFF | total >> 31) ^ word
    return total


def record(kind: int, payload: bytes, size: int = 0) -> bytes:
    """A record with a checksum; ``size`` is what a chunk holds unpacked."""
    return RECORD.pack(kind, size // 512, len(payload)) + struct.pack("<I", checksum(payload)) + payload


@dataclass
class Packer:
    """Takes a tape's bytes and writes the container. ``position`` counts the tape, ``place`` the file."""

    sink: Sink
    position: int = 0
    place: int = 0
    seal: Seal | None = None
    compressed: bool = True  # False: only encrypted, and sizes are told as if nothing were packed
    key: bytes = b""  # of encrypted media: what a server needs besides its certificate
    places: list[tuple[int, int]] = field(default_factory=list)  # of this set, for its table
    _waiting: bytes = b""

    def begin(self) -> None:
        self._put(MAGIC + _VERSION + bytes(FIRST - len(MAGIC) - len(_VERSION)))
        if self.key:
            self._put(record(KEY, self.key))

    def write(self, data: bytes) -> None:
        data = self._waiting + data if self._waiting else data
        at = 0
        while len(data) - at >= LARGEST:
            self._chunk(data[at : at + LARGEST])
            at += LARGEST
        self._waiting = data[at:]

    def flush(self, *, noted: bool = False) -> None:
        """What is waiting becomes a chunk; ``noted``: the table leads to what comes next."""
        if self._waiting:
            self._chunk(self._waiting)
            self._waiting = b""
        if noted:
            self.places.append((self.position, self.place))

    def filemark(self, mark: bytes, *, closing: bool) -> int:
        """Stands unpacked at a multiple of its size. Returns its place."""
        self.flush()
        if closing:
            self._put_table(len(mark))
        else:
            room = -(self.place + RECORD.size) % len(mark)
            self._put(RECORD.pack(PADDING, 0, room) + bytes(room))
        at = self.place
        self._put(mark)
        self.position += len(mark)
        return at

    def _put_table(self, size: int) -> None:
        """The table lies behind its record, and its head is repeated right before the filemark."""
        entries = b"".join(_PLACE.pack(*one) for one in self.places)
        distance = len(entries) + 2 * TRAILER.size
        distance += -(self.place + RECORD.size + distance) % size
        head = TRAILER.pack(1, 1, len(self.places), distance, checksum(entries))
        self._put(RECORD.pack(TABLE, 0, 0) + (head + entries).ljust(distance - TRAILER.size, b"\0") + head)
        self.places = []

    def _chunk(self, data: bytes) -> None:
        payload = pack(data)
        if len(payload) > _MOST_PACKED:  # what does not get smaller goes in two chunks
            half = len(data) // 1024 * 512
            self._chunk(data[:half])
            self._chunk(data[half:])
            return
        if self.seal:
            payload = self.seal(self.position, payload)
        self._put(record(CHUNK, payload, len(data)))
        self.position += len(data)

    def _put(self, data: bytes) -> None:
        self.sink.write(data)
        self.place += len(data)
