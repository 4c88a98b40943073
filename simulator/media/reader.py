# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads a medium: its label, its backup sets, and the data in them. Only structure is held in memory, never data."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from simulator.media.blocks import (
    CHECKSUM_FOLLOWS,
    HEADER,
    STREAM_HEADER,
    Block,
    Damaged,
    NotMedia,
    Stream,
    Truncated,
    unpack_block,
    unpack_stream,
)
from simulator.media.configuration import Configuration, unpack_configuration
from simulator.media.label import Label, SetHeader, read_label, read_set_header, unpack_map
from simulator.media.sealing import Packing
from simulator.media.sectors import SectorChecksum
from simulator.media.tape import Opener, Watch, no_opener, open_tape

PIECE = 1 << 20
_LARGEST_CONFIGURATION = 64 << 20


@dataclass(frozen=True)
class DataStream:
    """A piece of pages (MQDA) or log (MQTL). ``offset`` and ``length`` leave out the two leading bytes."""

    kind: str
    offset: int
    length: int
    checksum: int | None


@dataclass
class MediaSet:
    """One backup set on one file. ``final`` is None when the set was never finished."""

    header: SetHeader
    preliminary: Configuration | None = None
    final: Configuration | None = None
    streams: list[DataStream] = field(default_factory=list)
    broken: Exception | None = None
    packing: Packing = field(default=Packing())

    @property
    def configuration(self) -> Configuration | None:
        return self.final or self.preliminary

    @property
    def complete(self) -> bool:
        return self.final is not None and self.broken is None


class MediaFile:
    """An open backup file. Opening walks over all blocks and stream headers, which costs a few reads per set."""

    def __init__(self, path: Path, watch: Watch = lambda *_: None, opener: Opener = no_opener) -> None:
        self.path = path
        self._file = path.open("rb")
        try:
            self._tape = open_tape(path, self._file, watch, opener)
            self.size = self._tape.size  # of the tape, as all offsets are
            self.packing = Packing.of(self._tape.compressed, self._tape.key)
            self.sets: list[MediaSet] = []
            self.filemarks: list[int] = []
            self.entries: list[bytes] = []
            self.end = 0  # of the last filemark that closes a whole set (or the label)
            self.label = self._read_label()
            self._walk()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> MediaFile:
        return self

    def __exit__(self, *_args: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def intact(self) -> bool:
        """Whether the file ends exactly where its last set does."""
        return self.end == self.size and self._tape.whole and all(one.complete for one in self.sets)

    @property
    def container(self) -> bool:
        """Whether the tape is packed in a container, compressed or encrypted."""
        return self._tape.compressed

    def place(self, offset: int) -> int:
        """Where in the file a filemark or the end lies."""
        return self._tape.place(offset)

    def read(self, offset: int, length: int) -> bytes:
        return self._tape.read(offset, length)

    def data(self, stream: DataStream, progress: Callable[[int], None] | None = None) -> Iterator[bytes]:
        """The stream in pieces; a wrong CSUM is raised after the last one. ``progress`` is told the bytes read."""
        checksum = SectorChecksum() if stream.checksum is not None else None
        at, end = stream.offset, stream.offset + stream.length
        while at < end:
            piece = self.read(at, min(PIECE, end - at))
            if checksum:
                checksum.update(piece)
            if progress:
                progress(len(piece))
            yield piece
            at += len(piece)
        if checksum and checksum.value() != stream.checksum:
            raise Damaged(f"the checksum of the {stream.kind} stream is wrong", stream.offset)

    # -- structure ----------------------------------------------------------------------------------------------

    def _read_label(self) -> Label:
        if self.size < HEADER:
            raise NotMedia("the file is too short for a media label")
        if self.read(0, 4) != b"TAPE":
            raise NotMedia("the file does not begin with a media label")
        block = self._block(0)
        family = b""
        at = 0
        for stream in self._streams(block):
            if stream.type == "RAID":
                family = self.read(stream.data_offset, stream.length)
            at = stream.end
        if len(family) < 32:
            raise NotMedia("the media label does not say which media set it belongs to")
        label = read_label(block, family)
        if label.block_size < 512:
            raise NotMedia(f"the media label gives a block size of {label.block_size}")
        self.end = self._filemark(at, label.block_size)
        return label

    def _walk(self) -> None:
        while self.end < self.size:
            before = len(self.sets)
            try:
                at = self._read_set(self.end)
                at = self._filemark(at, self.label.block_size)
                at = self._read_end(at)
                self.end = self._filemark(at, self.label.block_size)
            except (Damaged, Truncated) as problem:
                if len(self.sets) > before:
                    self.sets[-1].broken = problem
                elif not self.sets:
                    raise
                return

    def _read_set(self, at: int) -> int:
        start = self._block(at)
        if start.type != "SSET":
            raise Damaged(f"a backup set should begin here, not {start.type!r}", at)
        found = MediaSet(read_set_header(start, None), packing=self.packing)
        self.sets.append(found)
        at = self._after(start)
        while True:
            block = self._block(at)
            if block.type == "VOLB":
                found.header = read_set_header(start, block)
            elif block.type in ("MSCI", "MSLS"):
                self._read_configuration(block, found)
            elif block.type in ("MSDA", "MSTL"):
                found.streams += self._data_streams(block)
            elif block.type == "SFMB":
                return at
            at = self._after(block)

    def _read_configuration(self, block: Block, found: MediaSet) -> None:
        for stream in self._streams(block):
            if stream.type == "MQCI":
                if stream.length > _LARGEST_CONFIGURATION:
                    raise Damaged(f"a configuration of {stream.length} bytes", stream.offset)
                configuration = unpack_configuration(self.read(stream.data_offset, stream.length), stream.data_offset)
                if block.type == "MSCI":
                    found.preliminary = configuration
                else:
                    found.final = configuration

    def _data_streams(self, block: Block) -> list[DataStream]:
        pieces: list[DataStream] = []
        waiting: Stream | None = None
        for stream in self._streams(block):
            if waiting is not None:
                if stream.type != "CSUM":
                    raise Damaged("a checksum is announced and missing", stream.offset)
                (value,) = struct.unpack("<I", self.read(stream.data_offset, 4))
                pieces.append(_piece(waiting, value))
                waiting = None
            elif stream.type in ("MQDA", "MQTL") and stream.length > 2:
                if stream.media_attributes & CHECKSUM_FOLLOWS:
                    waiting = stream
                else:
                    pieces.append(_piece(stream, None))
        return pieces

    def _read_end(self, at: int) -> int:
        """The two ESETs; the set map of the first one lists every set up to here."""
        block = self._block(at)
        while block.type == "ESET":
            for stream in self._streams(block):
                if stream.type == "TSMP":
                    self.entries = unpack_map(self.read(stream.data_offset, stream.length))
            at = self._after(block)
            block = self._block(at)
        return at

    def _filemark(self, at: int, size: int) -> int:
        block = self._block(at)
        if block.type != "SFMB":
            raise Damaged(f"a filemark should stand here, not {block.type!r}", at)
        self.read(at, size)
        self.filemarks.append(self._tape.place(at))
        return at + size

    def _block(self, at: int) -> Block:
        data = self.read(at, min(4096, max(HEADER, self.size - at)))
        block = unpack_block(data, at)
        if block.first_stream > len(data):
            block = unpack_block(self.read(at, block.first_stream), at)
        return block

    def _streams(self, block: Block) -> Iterator[Stream]:
        at = block.offset + block.first_stream
        while True:
            stream = unpack_stream(self.read(at, STREAM_HEADER), at)
            if stream.data_offset + stream.length > self.size:
                raise Truncated("the medium ends inside a data stream", self.size)
            yield stream
            if stream.type == "SPAD":
                return
            at = stream.end

    def _after(self, block: Block) -> int:
        at = block.offset
        for stream in self._streams(block):
            at = stream.end
        return at


def _piece(stream: Stream, checksum: int | None) -> DataStream:
    return DataStream(stream.type, stream.data_offset + 2, stream.length - 2, checksum)
