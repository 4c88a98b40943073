# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A medium with compression (MSSQLBAK, version 2): the same tape, packed in chunks; only filemarks stand unpacked.

The file is a chain of records: chunks, padding before a filemark, and before the filemark that closes a set a table
of some chunks' places. So the end of a set can be read without unpacking what comes before it.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from .mtf import Damage
from .page_checksum import chunk_checksum
from .tape import block_size, find_closing, read_block
from .window import HEAD, MOST, Window
from .xpress import unpack

MAGIC = b"MSSQLBAK"
VERSION = 2
FIRST_RECORD = 0x1E0
CHUNK, PADDING, SEEK_TABLE = 0x21, 0x24, 0x2C
_RECORD = struct.Struct("<BBH20xI")
_TRAILER = struct.Struct("<HHIII")
_KEPT = 4  # unpacked stretches


class Unreadable(Damage):
    """A chunk that is whole, by its checksum, and cannot be unpacked: before any other, it is encrypted."""


class Record(NamedTuple):
    """One record's header. ``length`` bytes of payload stand at ``payload``; unpacked they are ``size``."""

    kind: int
    at: int
    size: int
    length: int
    checksum: int

    @property
    def payload(self) -> int:
        return self.at + (28 if self.kind == CHUNK else 24)

    @property
    def end(self) -> int:
        return self.payload + self.length


def record(window: Window, at: int, ahead: int = HEAD) -> Record:
    """The record at ``at``."""
    kind, blocks, length, checksum = _RECORD.unpack(window.get(at, _RECORD.size, ahead))
    if kind not in (CHUNK, PADDING, SEEK_TABLE) or (kind == CHUNK and not (blocks and length)):
        if length and chunk_checksum(window.get(at + _RECORD.size, length)) == checksum:
            raise Unreadable(at, "a chunk of a kind that we do not know")
        raise Damage(at, f"no record of a compressed backup begins here: found kind {kind}")
    return Record(kind, at, blocks * 512, length, checksum)


class CompressedTape:
    """The tape inside; positions are offsets in the file, of a chunk that follows the label or a filemark."""

    compressed = True

    def __init__(self, window: Window) -> None:
        self.window = window
        head = window.get(0, FIRST_RECORD)
        self.container: tuple[int, int] | None = struct.unpack_from("<II", head, len(MAGIC))
        self._stretches: dict[int, tuple[bytearray, int]] = {}
        first = read_block(self, FIRST_RECORD, 0)
        self.label = self.get(FIRST_RECORD, 0, first.end)
        self.block_size = block_size(self.label)
        self.first_filemark = self._after_padding(self._stretches[FIRST_RECORD][1])

    def get(self, start: int, offset: int, length: int) -> bytes:
        """Unpacks chunk after chunk from ``start`` on, until the bytes are there."""
        if offset < 0 or offset + length > MOST:
            raise Damage(start, "a structure of the backup set is impossibly large")
        data, position = self._stretches.pop(start, (bytearray(), start))
        while len(data) < offset + length:
            piece, position = self._chunk(position)
            data += piece
        while len(self._stretches) >= _KEPT:
            self._stretches.pop(next(iter(self._stretches)))
        self._stretches[start] = (data, position)
        return bytes(data[offset : offset + length])

    def place(self, start: int, offset: int) -> int:
        return start

    def closing(self, filemark: int, size_hint: int) -> tuple[bytes, int]:
        """The chunks that the seek table points to last hold it."""
        places = self._seek_table(filemark)
        data, end = b"", filemark
        while places and len(data) <= size_hint + 4 * 65536:
            tape_offset, at = places.pop()
            data, end = self._chunks(at, end) + data, at
            found = find_closing(data, len(data))
            if found is not None:
                return data[found:], tape_offset + found
        raise Damage(filemark, "no closing configuration stands before this filemark")

    def end_of_set(self, start: int) -> int:
        for _unused in range(64):
            head = record(self.window, start)
            start = head.end
            if head.kind == PADDING:
                break
        return start

    def _chunks(self, at: int, end: int) -> bytes:
        """All chunks from ``at`` up to ``end``."""
        data = b""
        while at < end and record(self.window, at).kind == CHUNK:
            piece, at = self._chunk(at)
            data += piece
            if len(data) > MOST:
                raise Damage(at, "the closing configuration is impossibly large")
        return data

    def _chunk(self, at: int) -> tuple[bytes, int]:
        head = record(self.window, at)
        if head.kind != CHUNK:
            raise Damage(at, "the compressed data ends too early")
        payload = self.window.get(head.payload, head.length)
        if chunk_checksum(payload) != head.checksum:
            raise Damage(at, "the checksum of a compressed chunk is wrong")
        try:
            return unpack(payload, head.size), head.end
        except Damage as damage:
            raise Unreadable(at, damage.reason) from damage

    def _after_padding(self, at: int) -> int:
        head = record(self.window, at)
        if head.kind != PADDING:
            raise Damage(at, "more than a label stands before the first filemark")
        return head.end

    def _seek_table(self, filemark: int) -> list[tuple[int, int]]:
        """The last places in the table before ``filemark``: (offset on the tape, offset in the file), ascending."""
        trailer = self.window.get(filemark - _TRAILER.size, _TRAILER.size)
        major, minor, count, distance, _unused = _TRAILER.unpack(trailer)
        at = filemark - distance
        if (major, minor) != (1, 1) or at < FIRST_RECORD or _TRAILER.size + 16 * count > distance:
            raise Damage(filemark - _TRAILER.size, "no seek table stands before the closing filemark")
        if self.window.get(at, _TRAILER.size) != trailer:
            raise Damage(at, "the two ends of the seek table differ")
        last = min(count, 256)
        data = self.window.get(at + _TRAILER.size + 16 * (count - last), 16 * last)
        places: list[tuple[int, int]] = list(struct.iter_unpack("<QQ", data))
        if any(not earlier[1] < later[1] for earlier, later in zip(places, [*places[1:], (0, at)])):
            raise Damage(at, "the seek table is not in order")
        return places
