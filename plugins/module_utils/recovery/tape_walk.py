# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Going over a whole tape, block by block and stream by stream, and taking down what is wrong."""

from __future__ import annotations

from array import array
from collections import deque
from itertools import islice

from .backup_configuration import configuration, contradiction, unexplained_difference
from .compressed_tape import Unreadable
from .mtf import (
    CHECKSUM_FOLLOWS,
    DESCRIPTOR_SIZE,
    STREAM_HEADER_SIZE,
    Damage,
    Descriptor,
    Stream,
    descriptor,
    stream_header,
)
from .page_checksum import PAGE, SECTOR, add_sectors, sector_lanes
from .page_tally import EXTENT
from .set_tally import SetTally, StreamTally
from .tape import block_size, filemark_list
from .tape_stream import PIECE, CompressedStream, PlainStream
from .verification import LISTED, Counts
from .window import Read

#: Streams that hold nothing: SQL Server writes zeros.
_ZEROS = (b"SPAD", b"APAD", b"OTCP")
_MOST_STREAMS = 1_000_000
_MOST_SETS = 20_000
#: More do not fit into the largest filemark.
_MARKS = 8192
#: What may stand before each block. Others (there are none in what we saw) may stand anywhere.
_BEFORE = {
    b"SSET": (b"SFMB",),
    b"VOLB": (b"SSET",),
    b"MSCI": (b"VOLB",),
    b"MSLS": (b"MSCI", b"MSDA", b"MSTL"),
    b"MSDA": (b"MSCI", b"MSDA", b"MSTL"),
    b"MSTL": (b"MSCI", b"MSDA", b"MSTL"),
    b"ESET": (b"SFMB", b"ESET"),
    b"SFMB": (b"TAPE", b"MSLS", b"ESET"),
}


class TooManySets(Damage):
    """Nobody has so many: the walk ends, because each costs memory."""


class TapeWalk:
    """One walk over one file. ``damages`` are the first ones; all are counted."""

    def __init__(self, read: Read, size: int, *, compressed: bool, deep: bool) -> None:
        self.damages: list[tuple[int, str]] = []
        self.notes: list[tuple[int, str]] = []
        self.damage_count = 0
        self.sets: list[SetTally] = []
        self.counts = Counts()
        self._size = size
        self._compressed = compressed
        self._look_at_pages = deep or not compressed
        self._stream: PlainStream | CompressedStream = (
            CompressedStream(read, size, self.report, unpack_all=deep) if compressed else PlainStream(read, size)
        )
        self._marks: deque[int] = deque(maxlen=_MARKS)  # the last filemarks, newest first
        self._families = 1
        self._previous = b""  # type of the block before; empty after damage
        self._base: int | None = None  # where on the tape the set begins, if known
        self._current: StreamTally | None = None
        self._sum: int | None = None  # checksum of the data that just passed by
        self._opening = b""  # the opening configuration of this set

    def run(self) -> None:
        """From the first block to the end of the file. Raises Unreadable for an encrypted medium."""
        while self._stream.place < self._size:
            before = self._stream.place
            try:
                self._block()
            except Damage as damage:
                if isinstance(damage, Unreadable) and not self.sets and not self.damages:
                    raise
                self.report(damage.at, damage.reason, lost=True)
                self._previous, self._base, self._current, self._sum = b"", None, None, None
                if isinstance(damage, TooManySets):
                    break
                # A filemark that is cut off is found again and again: the walk must get on.
                if not self._stream.resume() or self._stream.place <= before:
                    break
        self._end()
        if isinstance(self._stream, CompressedStream):
            self.counts.chunks = self._stream.chunks

    def report(self, at: int, what: str, *, lost: bool = False) -> None:
        """Damage at byte ``at`` of the file; ``lost``: what follows up to the next whole block was not looked at."""
        self.damage_count += 1
        if len(self.damages) < LISTED:
            self.damages.append((at, what))
        if self.sets and not self.sets[-1].ended:
            self.sets[-1].damage(at, what, lost=lost)
        if self._current is not None:
            self._current.damage(at, what)

    def note(self, at: int, what: str) -> None:
        """Something that SQL Server does not write, in bytes that no restore looks at."""
        if len(self.notes) < LISTED:
            self.notes.append((at, what))

    def _block(self) -> None:
        raw = self._stream.peek(DESCRIPTOR_SIZE)  # first, because it passes over what lies between two blocks
        place = self._stream.place
        header = descriptor(raw, 0, place)
        self._check_place(header, place)
        if header.type == b"SFMB":
            self._filemark(header, place)
        else:
            if header.first_stream < DESCRIPTOR_SIZE:
                raise Damage(place, "a block's first stream lies inside its header")
            start = self._stream.position
            self._enter(header, place, self._stream.take(header.first_stream), start)
            self._streams(header)
        self._previous = header.type
        self.counts.blocks += 1

    def _check_place(self, header: Descriptor, place: int) -> None:
        """Blocks say how far they are from the start of their set (in KB) and have their order: none is missing."""
        allowed = _BEFORE.get(header.type, ())
        if self._previous and allowed and self._previous not in allowed:
            raise Damage(place, f"block {header.type.decode()} stands behind {self._previous.decode()}")
        if self._base is not None and header.type not in (b"SFMB", b"ESET", b"SSET", b"TAPE"):
            distance = self._stream.position - self._base
            if header.logical_address * 1024 != distance:
                raise Damage(
                    place, f"block {header.type.decode()} is not where it was written: data is missing before it"
                )

    def _enter(self, header: Descriptor, place: int, block: bytes, start: int) -> None:
        if header.type == b"TAPE":
            self._stream.block_size = block_size(block)
        elif header.type == b"SSET" and len(block) >= 88:
            own, position = int.from_bytes(block[80:88], "little"), int.from_bytes(block[62:64], "little")
            if self._compressed and not self._previous:  # after damage the place on the tape is not known otherwise
                start, self._stream.position = own, own + len(block)
            self._base = start
            self._report_pages()
            if len(self.sets) >= _MOST_SETS:
                raise TooManySets(place, f"more than {_MOST_SETS} backup sets on one medium are not verified")
            self.sets.append(SetTally(position, place))
            if own != start or (self._previous and position != len(self.sets)):
                self.report(place, f"backup set {position} is not where it was written: data is missing before it")
        elif header.type == b"ESET" and self.sets and self.sets[-1].closing is None:
            self.report(place, "the backup set has no closing configuration")

    def _streams(self, header: Descriptor) -> None:
        for _unused in range(_MOST_STREAMS):
            self._zeros(-self._stream.position % 4)
            place = self._stream.place
            stream = stream_header(self._stream.take(STREAM_HEADER_SIZE), 0, place)
            self.counts.streams += 1
            if self._sum is not None:
                self._compare(stream)
                continue
            if stream.type in (b"MQDA", b"MQTL") and self.sets and stream.length > 2:
                self._data(stream)
            elif stream.type == b"MQCI" and self.sets:
                self._configuration(header, stream)
            elif stream.type == b"RAID" and stream.length >= 22:
                self._families = int.from_bytes(self._stream.take(stream.length)[20:22], "little")
            elif stream.type in _ZEROS and stream.length <= PIECE:
                self._zeros(stream.length)
            else:
                self._stream.skip(stream.length)
            if stream.type == b"SPAD":
                return
        raise Damage(self._stream.place, "a block has no end")

    def _zeros(self, length: int) -> None:
        place = self._stream.place
        if any(self._stream.take(length)):
            self.note(place, "the padding is not zero, as SQL Server writes it")

    def _configuration(self, header: Descriptor, stream: Stream) -> None:
        data = self._stream.take(stream.length)
        content = configuration(data, stream.data)
        current = self.sets[-1]
        if header.type == b"MSCI":
            current.opening, self._opening = content, data
            return
        differs = unexplained_difference(self._opening, data) if current.opening else None
        if differs is not None:
            self.note(stream.data + differs, "the closing configuration differs from the opening one")
        current.closing = content
        column = contradiction(self._opening, data) if current.opening else None
        if column:
            self.report(stream.at, f"opening and closing configuration disagree about {column}")

    def _data(self, stream: Stream) -> None:
        current = self.sets[-1]
        tally = self._current = current.data if stream.type == b"MQDA" else current.log
        summed = bool(stream.media_attributes & CHECKSUM_FOLLOWS)
        self._stream.take(2)
        length = stream.length - 2
        tally.bytes += length
        if not summed and not self._compressed:
            tally.uncovered += length
        total = 0
        rest, rest_place = b"", 0
        for place, piece in self._stream.pieces(length):
            if piece is None or not self._look_at_pages or not (summed or stream.type == b"MQDA"):
                continue
            data, begin = (rest + piece, rest_place) if rest else (piece, place)
            whole = len(data) // EXTENT * EXTENT
            rest, rest_place = data[whole:], begin
            total = self._pages(stream, data[:whole] if rest else data, begin, total)
        total = self._pages(stream, rest, rest_place, total)
        self._sum = total if summed and self._look_at_pages else None
        self._current = tally if self._sum is not None else None

    def _pages(self, stream: Stream, piece: bytes, place: int, total: int) -> int:
        if not piece:
            return total
        lanes: array[int] = sector_lanes(piece)
        if stream.type == b"MQDA":
            count = len(piece) // PAGE
            self.counts.pages += count
            if len(piece) % PAGE:
                self.report(place, "the page data ends inside a page")
            pages, sectors = piece[: count * PAGE], lanes[: count * PAGE // SECTOR]
            for damage in self.sets[-1].pages.add(pages, sectors, place, packed=self._compressed):
                self.sets[-1].page_damage(*damage)
        return add_sectors(total, lanes) if stream.media_attributes & CHECKSUM_FOLLOWS else total

    def _report_pages(self) -> None:
        # Not a damage of the stream: the page is known, and so is its file.
        self._current = None
        for at, what in self.sets[-1].page_damages() if self.sets else ():
            self.report(at, what)

    def _compare(self, stream: Stream) -> None:
        """The checksum stream that must follow data that says so."""
        if stream.type != b"CSUM" or stream.length != 4:
            raise Damage(stream.at, "the checksum of the data before is missing")
        stored = int.from_bytes(self._stream.take(4), "little")
        if stored != self._sum:
            self.report(stream.at, "the checksum that the backup carries of its data is wrong")
        else:
            self.counts.stream_checksums += 1
        self._sum = self._current = None

    def _filemark(self, header: Descriptor, place: int) -> None:
        data = self._stream.take(self._stream.block_size)
        listed, room, start = filemark_list(header, data)
        if self.damage_count == 0 and listed != list(islice(self._marks, room)):
            self.report(place, "a filemark does not list the filemarks before it: data is missing")
        elif any(data[start + 8 * len(listed) :]):
            self.note(place, "the padding is not zero, as SQL Server writes it")
        self._marks.appendleft(place)
        self.counts.filemarks += 1
        self._report_pages()
        if self._previous == b"ESET" and self.sets:
            missing = self.sets[-1].close(self._families, pages_seen=self._look_at_pages)
            if missing:
                self.report(place, missing)

    def _end(self) -> None:
        self._report_pages()
        if self._previous != b"SFMB" and not (self.damages and self.damages[-1][0] >= self._size):
            self.report(self._size, "the file does not end with a filemark: it is being written, or was cut off")
        elif self._previous == b"SFMB" and self.sets and not self.sets[-1].ended:
            self.report(self._size, "the last backup set has no end: it is being written, or was cut off")
