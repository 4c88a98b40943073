# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finding one's way on a medium: its label, its filemarks, where each backup set begins and closes.

A filemark (SFMB) stands behind the label, behind the closing configuration of each set and behind the end of each
set. The last one ends the file and lists all before it: one look at the end shows where everything is.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, Protocol

from .mtf import (
    DESCRIPTOR_SIZE,
    STREAM_HEADER_SIZE,
    Damage,
    Descriptor,
    HeaderDamage,
    Stream,
    descriptor,
    stream_header,
)
from .window import HEAD, Window

#: Sizes of a medium's blocks; a filemark fills one. WITH BLOCKSIZE allows these.
BLOCK_SIZES = frozenset((512, 1024, 2048, 4096, 8192, 16384, 32768, 65536))
_MOST_FILEMARKS = 100_000
_MOST_READS = 1000
_MOST_STREAMS = 64
#: Blocks begin at multiples of this, counted from the start of the set; so each is at least as long.
_UNIT = 1024
_MARKS = struct.Struct("<III")


class Tape(Protocol):
    """A medium, whichever container it stands in. Positions are offsets in the file."""

    window: Window
    label: bytes
    block_size: int
    first_filemark: int
    compressed: bool
    container: tuple[int, int] | None  # version of a compressed container, and the number behind it

    def get(self, start: int, offset: int, length: int) -> bytes:
        """``length`` bytes of the tape, ``offset`` bytes behind the one that follows ``start``, a block's place."""

    def place(self, start: int, offset: int) -> int:
        """Where in the file that is, as near as one can say."""

    def closing(self, filemark: int, size_hint: int) -> tuple[bytes, int]:
        """The closing configuration (MSLS, from its header on) before ``filemark``, and where on the tape it stands."""

    def end_of_set(self, start: int) -> int:
        """Where the end-of-set blocks that begin at ``start`` end: the last filemark must stand there."""


class Block(NamedTuple):
    """A descriptor, all bytes before its first stream, its streams' headers, and where the next block begins."""

    header: Descriptor
    data: bytes
    streams: tuple[Stream, ...]
    end: int


def read_block(tape: Tape, start: int, offset: int) -> Block:
    """The block ``offset`` bytes behind ``start``. Only headers are read, not the data of its streams."""
    try:
        return _read_block(tape, start, offset)
    except HeaderDamage as damage:
        raise Damage(tape.place(start, damage.at), damage.reason) from damage


def _read_block(tape: Tape, start: int, offset: int) -> Block:
    raw = tape.get(start, offset, _UNIT)
    header = descriptor(raw, 0, offset)
    first = header.first_stream
    if first < DESCRIPTOR_SIZE:
        raise Damage(tape.place(start, offset), "a block's first stream lies inside its header")
    data = raw[:first] if first <= _UNIT else tape.get(start, offset, first)
    streams: list[Stream] = []
    inside, most = first, _UNIT - STREAM_HEADER_SIZE
    for _unused in range(_MOST_STREAMS):
        at = offset + inside
        if inside <= most:
            stream = stream_header(raw, inside, at)
        else:
            stream = stream_header(tape.get(start, at, STREAM_HEADER_SIZE), 0, at)
        streams.append(stream)
        if stream.type == b"SPAD":
            return Block(header, data, tuple(streams), stream.end)
        inside = stream.end - offset
    raise Damage(tape.place(start, offset), "a block has no end")


class PlainTape:
    """A medium without compression: the file is the tape."""

    compressed = False
    container: tuple[int, int] | None = None

    def __init__(self, window: Window) -> None:
        self.window = window
        first = read_block(self, 0, 0)
        if first.header.type != b"TAPE":
            raise Damage(0, "the file does not begin with a media label")
        self.label = self.get(0, 0, min(first.end, HEAD))
        self.block_size = block_size(self.label)
        self.first_filemark = first.end

    def get(self, start: int, offset: int, length: int) -> bytes:
        return self.window.get(start + offset, length)

    def place(self, start: int, offset: int) -> int:
        return start + offset

    def closing(self, filemark: int, size_hint: int) -> tuple[bytes, int]:
        # The closing configuration is as long as the opening one. Nothing tells where it begins: search backwards.
        low = max(0, filemark - _rounded(size_hint + 4096, self.block_size) - self.block_size)
        self.window.load(low, filemark)
        data = self.window.get(low, filemark - low)
        at = find_closing(data, len(data))
        if at is None:
            raise Damage(filemark, "no closing configuration stands before this filemark")
        return data[at:], low + at

    def end_of_set(self, start: int) -> int:
        offset = 0
        for _unused in range(2):
            block = read_block(self, start, offset)
            if block.header.type != b"ESET":
                break
            offset = block.end
        return start + offset


def find_closing(data: bytes, end: int) -> int | None:
    """Where the last MSLS block in ``data`` begins, if a block with a true header does."""
    at = end
    for _unused in range(64):
        at = data.rfind(b"MSLS", 0, at)
        if at < 0:
            return None
        try:
            descriptor(data, at, at)
        except Damage:
            continue
        return at
    return None


def _rounded(size: int, unit: int) -> int:
    return -(-size // unit) * unit


def block_size(label: bytes) -> int:
    """The size of this medium's blocks, from the label."""
    size = int.from_bytes(label[64:66], "little") * 512
    if size not in BLOCK_SIZES:
        raise Damage(64, f"the media label says {size} bytes a block")
    return size


def filemark(window: Window, at: int, size: int) -> Descriptor | None:
    """The filemark at ``at``, or None where there is none."""
    if at < 0 or at + size > window.size:
        return None
    try:
        found = descriptor(window.get(at, 512, 512), 0, at)
    except Damage:
        return None
    return found if found.type == b"SFMB" else None


def filemarks(tape: Tape, last: int) -> list[int]:
    """All filemarks up to ``last``, ascending. One lists only some 55 of them; the oldest of those lists further ones.

    Only the ones whose list was read are known to be there.
    """
    found = [last]
    while found[-1] != tape.first_filemark and len(found) < _MOST_FILEMARKS:
        earlier = _listed(tape, found[-1])
        if not earlier or any(later <= at for later, at in zip([found[-1], *earlier], earlier)):
            raise Damage(found[-1], "a filemark does not list the filemarks before it")
        found.extend(earlier)
    return found[::-1]


def walked_filemarks(tape: Tape) -> list[int]:
    """The filemarks that can be reached block by block from the label: what is left where the end of the file is not.

    Chunks of a compressed medium cannot be passed over without reading them all; there it is the first filemark only.
    """
    found = [tape.first_filemark]
    at = tape.first_filemark + tape.block_size
    while not tape.compressed and tape.window.reads < _MOST_READS:
        try:
            if filemark(tape.window, at, tape.block_size):
                found.append(at)
                at += tape.block_size
            else:
                at = read_block(tape, at, 0).end + at
        except Damage:
            break
    return found


def _listed(tape: Tape, at: int) -> list[int]:
    header = filemark(tape.window, at, tape.block_size)
    if header is None:
        raise Damage(at, "no filemark stands here")
    return filemark_list(header, tape.window.get(at, tape.block_size, 512))[0]


def filemark_list(header: Descriptor, data: bytes) -> tuple[list[int], int, int]:
    """The filemarks that one lists, newest first; how many it has room for; where the list begins."""
    if len(data) < DESCRIPTOR_SIZE + _MARKS.size:
        raise Damage(header.at, "a filemark is too short")
    capacity, used, start = _MARKS.unpack_from(data, DESCRIPTOR_SIZE)
    if not header.attributes >> 31:
        start = 60  # SQL Server 2005 has no such offset: the list begins there
    room = min(capacity, max(0, (len(data) - start) // 8))
    count = min(used, room)
    return [int.from_bytes(data[start + 8 * i : start + 8 * i + 8], "little") for i in range(count)], room, start
