# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes one backup set to one file, or spread over several: from SSET (or TAPE) to the closing filemark."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from simulator.media.blocks import (
    CHECKSUM_FOLLOWS,
    CONTINUED,
    END_OF_CONTINUED,
    HEADER,
    PADDING,
    STREAM_HEADER,
    UNIT,
    pack_block,
    pack_stream,
    padding,
)
from simulator.media.configuration import Configuration, pack_configuration
from simulator.media.container import Packer, Sink
from simulator.media.label import (
    Label,
    SetHeader,
    end_of_set_body,
    family_data,
    label_body,
    map_entry,
    pack_map,
    set_body,
    volume_body,
)
from simulator.media.sectors import SectorChecksum

EXTENT = 8 * 8192  # what one stripe gets before the next one has its turn
_FILEMARK_HAS_OFFSET = 0x80000000
_FILEMARK_CLOSES = 0x40000  # of compressed media: the table of places stands before it
_BEHIND_THE_PLACE = 2048  # CompressedBackupSize of real files is so much more than the place of their last chunk
_FILEMARK_LIST = 72


@dataclass
class Family:
    """One file of the media set while a set is being written to it. For a new medium ``position`` is 0.

    With a packer the medium is compressed: what is written here goes through it, and filemarks list its places.
    """

    sink: Sink
    label: Label
    position: int = 0
    filemarks: list[int] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    set_base: int = 0
    blocks: int = 0
    packer: Packer | None = None
    set_place: int = 0  # as set_base, in the file

    def put(self, data: bytes) -> None:
        (self.packer or self.sink).write(data)
        self.position += len(data)

    @property
    def place(self) -> int:
        """Where in the file the next byte will be."""
        return self.packer.place if self.packer else self.position

    def begin_stretch(self) -> None:
        """On a compressed medium the table of places leads here."""
        if self.packer:
            self.packer.flush(noted=True)

    def pad(self, boundary: int = UNIT, start: int | None = None) -> None:
        header, space = padding(self.position, boundary, self.set_base if start is None else start)
        self.put(header + bytes(space))

    def stream(self, kind: str, data: bytes, media_attributes: int = 0) -> None:
        """A stream whose data is at hand; streams begin at multiples of four."""
        self.put(pack_stream(kind, len(data), media_attributes) + data)
        self.put(bytes(-self.position % 4))

    def block(self, kind: str, body: bytes, *, attributes: int = 0, os_data: int = 0) -> None:
        address = (self.position - self.set_base) // UNIT
        self.put(pack_block(kind, body, address=address, number=self.blocks, attributes=attributes, os_data=os_data))
        self.blocks += 1

    def end_block(self, kind: str, body: bytes) -> None:
        """ESET carries neither address nor number."""
        self.put(pack_block(kind, body))

    def filemark(self, *, closing: bool = False) -> None:
        """SFMB: one block of the medium, with the offsets of the filemarks before it, newest first."""
        size = self.label.block_size
        room = (size - _FILEMARK_LIST) // 8
        known = self.filemarks[::-1][:room]
        body = struct.pack("<III", room, len(known), _FILEMARK_LIST) + bytes(_FILEMARK_LIST - HEADER - 12)
        body += struct.pack(f"<{len(known)}Q", *known)
        attributes = _FILEMARK_HAS_OFFSET | (_FILEMARK_CLOSES if closing and self.packer else 0)
        mark = pack_block("SFMB", body.ljust(size - HEADER, b"\0"), attributes=attributes)
        if self.packer is None:
            self.filemarks.append(self.position)
            self.put(mark)
        else:
            self.filemarks.append(self.packer.filemark(mark, closing=closing))
            self.position += len(mark)


class SetWriter:
    """The parts in their order: ``begin``, ``pages`` per data file, ``log``, ``finish``.

    Lengths are given before the bytes, because the stream's header carries them.
    """

    def __init__(self, families: Sequence[Family], header: SetHeader, *, checksums: bool) -> None:
        self.families = families
        self.header = header
        self.checksums = checksums

    def begin(self, preliminary: Configuration) -> None:
        data = pack_configuration(preliminary)
        for family in self.families:
            if not family.position:
                _write_label(family)
            family.set_base, family.set_place, family.blocks = family.position, family.place, 0
            header = replace(self.header, offset=family.position)
            family.block("SSET", set_body(header), attributes=0, os_data=21)
            family.pad()
            family.block("VOLB", volume_body(header))
            family.pad()
            _write_configuration(family, "MSCI", data)

    def pages(self, file_id: int, count: int, pages: Iterable[bytes]) -> None:
        """``count`` pages of 8192 bytes of one file; ``pages`` gives them in pieces of whole pages."""
        shares = _shares(count, len(self.families))
        flag = CHECKSUM_FOLLOWS if self.checksums else 0
        for family, share in zip(self.families, shares, strict=True):
            family.begin_stretch()
            family.block("MSDA", struct.pack("<6xH", file_id))
            _align(family)
            if share:
                family.put(pack_stream("MQDA", 2 + share * 8192, CONTINUED | flag) + bytes(2))
        sums = [SectorChecksum() for _ in self.families]
        self._deal(pages, sums)
        for family, share, checksum in zip(self.families, shares, sums, strict=True):
            if share:
                self._close_stream(family, checksum)
            family.stream("MQDA", b"", CONTINUED | END_OF_CONTINUED)
            family.pad()

    def _deal(self, pages: Iterable[bytes], sums: list[SectorChecksum]) -> None:
        """Extents go to the stripes in turn."""
        for number, extent in enumerate(_extents(pages) if len(self.families) > 1 else pages):
            turn = number % len(self.families)
            self.families[turn].put(extent)
            if self.checksums:
                sums[turn].update(extent)

    def log(self, file_id: int, start: int, length: int, pieces: Iterable[bytes]) -> None:
        """``length`` bytes of log that begin at ``start`` of the log file: all on the first stripe, as real ones do."""
        first = self.families[0]
        first.begin_stretch()
        if length:
            first.block("MSTL", _log_body(file_id, start, start + length))
            _align(first)
            first.put(pack_stream("MQTL", 2 + length, CHECKSUM_FOLLOWS if self.checksums else 0) + bytes(2))
            checksum = SectorChecksum()
            for piece in pieces:
                first.put(piece)
                if self.checksums:
                    checksum.update(piece)
            self._close_stream(first, checksum)
            first.pad()
        first.block("MSTL", _log_body(file_id, 0, 0))
        first.pad()

    def _close_stream(self, family: Family, checksum: SectorChecksum) -> None:
        family.put(bytes(-family.position % 4))
        if self.checksums:
            family.stream("CSUM", struct.pack("<I", checksum.value()))

    def size(self) -> int:
        """BackupSize if the final configuration came now, over all stripes."""
        return sum(_size_so_far(family) for family in self.families)

    def compressed_size(self) -> int:
        """CompressedBackupSize: the same as ``size`` unless the medium is compressed."""
        for family in self.families:
            family.begin_stretch()
        return sum(_place_so_far(family) for family in self.families)

    def finish(self, final: Configuration) -> None:
        data = pack_configuration(final)
        for family in self.families:
            size = _size_so_far(family)
            _write_configuration(family, "MSLS", data, boundary=family.label.block_size)
            family.filemark(closing=True)
            _write_end(family, replace(self.header, offset=family.set_base), size)
            family.filemark()


def _size_so_far(family: Family) -> int:
    """The first set counts from the start of the medium without its filemark; later ones from their own start."""
    return family.position - (family.set_base if family.entries else family.label.block_size)


def _place_so_far(family: Family) -> int:
    if family.packer is None or not family.packer.compressed:
        return _size_so_far(family)
    start = family.set_place if family.entries else family.label.block_size
    return family.packer.place - start + _BEHIND_THE_PLACE


def _write_label(family: Family) -> None:
    boundary = max(UNIT, family.label.block_size)
    family.set_base = 0
    if family.packer:
        family.packer.begin()
    family.put(pack_block("TAPE", label_body(family.label), attributes=0x30000))
    family.stream("RAID", family_data(family.label))
    family.pad(boundary, 0)
    family.filemark()


def _write_configuration(family: Family, kind: str, data: bytes, boundary: int = UNIT) -> None:
    family.block(kind, bytes(4))
    family.stream("MQCI", data)
    if boundary > UNIT:
        family.pad(boundary, 0)
    else:
        family.pad()


def _write_end(family: Family, header: SetHeader, size: int) -> None:
    base = family.position
    family.end_block("ESET", end_of_set_body(header))
    space = -(family.position - base + STREAM_HEADER) % UNIT
    family.stream("OTCP", bytes(space))
    family.entries.append(map_entry(header, size))
    family.stream("TSMP", pack_map(family.label.media_family_id, family.entries))
    family.pad(UNIT, base)
    family.end_block("ESET", end_of_set_body(header, base))
    family.pad(max(UNIT, family.label.block_size), base if family.label.block_size <= UNIT else 0)


def _align(family: Family) -> None:
    """Padding after which the next stream's data, less its two leading bytes, begins on a sector of the medium."""
    boundary = max(UNIT, family.label.block_size)
    start = family.set_base if boundary == UNIT else 0
    space = -(family.position - start + 2 * STREAM_HEADER + 2) % boundary
    family.stream("APAD", bytes(space), PADDING)


def _log_body(file_id: int, start: int, end: int) -> bytes:
    return struct.pack("<6xHQQI", 1, start, end, file_id).ljust(544, b"\0")


def _shares(count: int, families: int) -> list[int]:
    """How many of ``count`` pages each stripe gets when extents of eight are dealt in turn."""
    if families == 1:
        return [count]
    extents, rest = divmod(count, 8)
    shares = [(extents + families - 1 - turn) // families * 8 for turn in range(families)]
    shares[extents % families] += rest
    return shares


def _extents(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cuts pieces of any number of pages into extents; only the last may be shorter."""
    waiting = b""
    for piece in pieces:
        waiting += piece
        while len(waiting) >= EXTENT:
            yield waiting[:EXTENT]
            waiting = waiting[EXTENT:]
    if waiting:
        yield waiting
