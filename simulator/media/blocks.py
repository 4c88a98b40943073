# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Descriptor blocks and data streams: the two structures every medium is made of."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from simulator.media.fields import xor_words

HEADER = 52
STREAM_HEADER = 22
UNIT = 1024  # a format logical block: blocks start at multiples of it, counted from the start of the set
OS_WINDOWS_NT = (14, 1)
UNICODE = 2

CONTINUED = 0x02
END_OF_CONTINUED = 0x04
PADDING = 0x80
CHECKSUM_FOLLOWS = 0x100


class MediaError(Exception):
    """The medium is not what it should be. ``offset`` says where, ``reason`` what."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(f"{reason} (at byte {offset})")
        self.reason = reason
        self.offset = offset


class NotMedia(MediaError):
    """No Tape Format at all, or a form that is not read here."""


class Truncated(MediaError):
    """The bytes end before the structure does."""


class Damaged(MediaError):
    """The structure is there, and wrong."""


@dataclass(frozen=True)
class Block:
    """A descriptor block: ``data`` reaches from its first byte to its first stream."""

    type: str
    offset: int
    first_stream: int
    address: int  # in units, from the start of the set
    attributes: int
    data: bytes


@dataclass(frozen=True)
class Stream:
    type: str
    offset: int  # of the header
    length: int
    media_attributes: int

    @property
    def data_offset(self) -> int:
        return self.offset + STREAM_HEADER

    @property
    def end(self) -> int:
        """Where the next stream's header stands."""
        return (self.data_offset + self.length + 3) & ~3


def pack_block(
    kind: str, body: bytes | bytearray, *, address: int = 0, number: int = 0, attributes: int = 0, os_data: int = 0
) -> bytes:
    """Header and body, padded to a word's boundary; ``os_data`` is the length of what stands at offset 100."""
    first_stream = (HEADER + len(body) + 3) & ~3
    header = bytearray(HEADER)
    # A filemark of 64 KB does not fit the field, and has no streams.
    offset = min(first_stream, 0xFFFC)
    struct.pack_into("<4sIHBB", header, 0, kind.encode("ascii"), attributes, offset, *OS_WINDOWS_NT)
    struct.pack_into("<Q", header, 20, address)
    struct.pack_into("<I", header, 36, number)
    struct.pack_into("<HH", header, 44, os_data, 100 if os_data else 0)
    header[48] = UNICODE if kind in ("TAPE", "SSET", "VOLB", "MSCI", "MSLS") else 0
    struct.pack_into("<H", header, 50, xor_words(bytes(header[:50])))
    return bytes(header) + bytes(body) + bytes(first_stream - HEADER - len(body))


def unpack_block(data: bytes, offset: int) -> Block:
    """``data`` begins at ``offset`` of the medium and may be longer than the block."""
    if len(data) < HEADER:
        raise Truncated("the medium ends inside a descriptor block", offset)
    kind, attributes, first_stream = struct.unpack_from("<4sIH", data)
    if xor_words(data[:50]) != struct.unpack_from("<H", data, 50)[0] or not any(kind):
        raise Damaged("the checksum of a descriptor block is wrong", offset)
    (address,) = struct.unpack_from("<Q", data, 20)
    return Block(kind.decode("ascii", "replace"), offset, first_stream, address, attributes, data[:first_stream])


def pack_stream(kind: str, length: int, media_attributes: int = 0) -> bytes:
    header = struct.pack("<4sHHQHH", kind.encode("ascii"), 0, media_attributes, length, 0, 0)
    return header + struct.pack("<H", xor_words(header))


def unpack_stream(data: bytes, offset: int) -> Stream:
    if len(data) < STREAM_HEADER:
        raise Truncated("the medium ends inside a stream header", offset)
    if xor_words(data[:20]) != struct.unpack_from("<H", data, 20)[0]:
        raise Damaged("the checksum of a stream header is wrong", offset)
    kind, _, media_attributes, length = struct.unpack_from("<4sHHQ", data)
    return Stream(kind.decode("ascii", "replace"), offset, length, media_attributes)


def padding(position: int, boundary: int, start: int = 0) -> tuple[bytes, int]:
    """The header of the stream that pads from ``position`` to the next boundary counted from ``start``; its length."""
    space = -(position - start + STREAM_HEADER) % boundary
    return pack_stream("SPAD", space), space
