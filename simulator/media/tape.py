# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tape that a backup file is, or that a compressed one holds: bytes at offsets, whatever they are packed in."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from simulator.media.blocks import Damaged, MediaError, NotMedia, Truncated
from simulator.media.container import CHUNK, FIRST, KEY, MAGIC, PADDING, RECORD, TABLE, TRAILER, checksum
from simulator.media.xpress import unpack

_TOO_SHORT = "the medium ends before its data does"
_BLOCK_SIZE = 64  # in the label
_KEPT = 4  # unpacked chunks

#: Told of every read before it is done; what it raises is what the disk says.
Watch = Callable[[Path, int, int], None]
#: Gives what decrypts a chunk, from an encrypted medium's key record.
Opener = Callable[[bytes], Callable[[int, bytes], bytes]]


def no_opener(_key: bytes) -> Callable[[int, bytes], bytes]:
    raise NotMedia("the medium is encrypted")


class PlainTape:
    compressed = False
    key = b""

    def __init__(self, path: Path, file: BinaryIO, watch: Watch) -> None:
        self._path = path
        self._file = file
        self._watch = watch
        self.size = file.seek(0, 2)
        self.whole = True

    def read(self, offset: int, length: int) -> bytes:
        if offset + length > self.size:
            raise Truncated(_TOO_SHORT, self.size)
        self._watch(self._path, offset, length)
        self._file.seek(offset)
        data = self._file.read(length)
        if len(data) < length:
            raise Truncated(_TOO_SHORT, offset + len(data))
        return data

    def place(self, offset: int) -> int:
        """Where in the file a filemark or the end of the tape lies."""
        return offset


class CompressedTape:
    """Opening goes from record to record; chunks are unpacked when they are read."""

    compressed = True

    def __init__(self, path: Path, file: BinaryIO, watch: Watch, opener: Opener) -> None:
        self._inner = PlainTape(path, file, watch)
        self._opener = opener
        self._unseal: Callable[[int, bytes], bytes] | None = None
        self.key = b""
        self._starts: list[int] = []  # on the tape
        self._spans: list[tuple[int, int, int]] = []  # place, bytes packed (0: a filemark), bytes of tape
        self._unpacked: dict[int, bytes] = {}
        self.size = 0
        self._end = FIRST
        self._broken: MediaError | None = None
        try:
            self._index()
        except MediaError as problem:
            if not self._spans:
                raise
            self._broken = problem
        self.whole = self._broken is None

    def read(self, offset: int, length: int) -> bytes:
        if offset + length > self.size:
            raise self._broken or Truncated(_TOO_SHORT, self._end)
        number = bisect.bisect_right(self._starts, offset) - 1
        found = bytearray()
        skip = offset - self._starts[number]
        while len(found) - skip < length:
            found += self._span(number)
            number += 1
        return bytes(found[skip : skip + length])

    def place(self, offset: int) -> int:
        number = bisect.bisect_left(self._starts, offset)
        return self._spans[number][0] if number < len(self._spans) else self._end

    # -- records ------------------------------------------------------------------------------------------------

    def _index(self) -> None:
        if self._inner.read(0, FIRST)[len(MAGIC)] != 2:
            raise NotMedia("a compressed medium of another version")
        at, block_size = FIRST, 0
        while at < self._inner.size:
            head = self._inner.read(at, RECORD.size)
            if block_size and head.startswith(b"SFMB"):
                self._add(at, 0, block_size)
                at += block_size
            else:
                at = self._record(at, head)
            self._end = at
            if not block_size and self._spans:
                (sectors,) = struct.unpack_from("<H", self._span(0), _BLOCK_SIZE)
                block_size = sectors * 512
                if not block_size:
                    raise NotMedia("the media label gives a block size of 0")

    def _record(self, at: int, head: bytes) -> int:
        kind, sectors, length = RECORD.unpack(head)
        if kind == PADDING:
            return at + RECORD.size + length
        if kind == TABLE:
            _, _, _, distance, _ = TRAILER.unpack(self._inner.read(at + RECORD.size, TRAILER.size))
            return at + RECORD.size + max(int(distance), TRAILER.size)
        if kind == KEY and not self._spans:
            self.key = self._payload(at, length)
            self._unseal = self._opener(self.key)
        elif kind == CHUNK and sectors and length:
            if at + RECORD.size + 4 + length > self._inner.size:
                raise Truncated(_TOO_SHORT, self._inner.size)
            self._add(at, length, sectors * 512)
        else:
            raise Damaged("no record of a compressed medium begins here", at)
        return at + RECORD.size + 4 + length

    def _add(self, at: int, packed: int, size: int) -> None:
        if not packed:
            self._inner.read(at + size - 1, 1)
        self._starts.append(self.size)
        self._spans.append((at, packed, size))
        self.size += size

    def _span(self, number: int) -> bytes:
        found = self._unpacked.pop(number, None)
        if found is None:
            at, packed, size = self._spans[number]
            found = self._chunk(number, at, packed, size) if packed else self._inner.read(at, size)
        while len(self._unpacked) >= _KEPT:
            self._unpacked.pop(next(iter(self._unpacked)), None)
        self._unpacked[number] = found
        return found

    def _chunk(self, number: int, at: int, packed: int, size: int) -> bytes:
        payload = self._payload(at, packed)
        if self._unseal:
            payload = self._unseal(self._starts[number], payload)
        try:
            return unpack(payload, size)
        except Damaged as problem:
            raise Damaged(problem.reason, at) from None

    def _payload(self, at: int, length: int) -> bytes:
        data = self._inner.read(at + RECORD.size, 4 + length)
        payload = data[4:]
        if checksum(payload) != int.from_bytes(data[:4], "little"):
            raise Damaged("the checksum of a compressed chunk is wrong", at)
        return payload


def open_tape(path: Path, file: BinaryIO, watch: Watch, opener: Opener) -> PlainTape | CompressedTape:
    plain = PlainTape(path, file, watch)
    if plain.size >= FIRST and plain.read(0, len(MAGIC)) == MAGIC:
        return CompressedTape(path, file, watch, opener)
    return plain
