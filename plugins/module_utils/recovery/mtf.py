# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The small change of Microsoft Tape Format: descriptor blocks, streams, strings, dates, GUIDs and LSNs.

SQL Server writes every backup as a tape, also on disk: descriptor blocks of four letters (``TAPE``, ``SSET``, ...),
each followed by streams (``MQDA`` holds pages, ``CSUM`` a checksum, ``SPAD`` fills up to the next block). All numbers
are little-endian, dates alone are not. Nothing here trusts a length: whoever reads past the end gets :class:`Damage`.
"""

from __future__ import annotations

import struct
from codecs import utf_16_le_decode
from datetime import datetime
from typing import NamedTuple

DESCRIPTOR_SIZE = 52
STREAM_HEADER_SIZE = 22
#: Media attributes of a stream.
CONTINUED, LAST_PIECE, PADDING_ONLY, CHECKSUM_FOLLOWS = 0x02, 0x04, 0x80, 0x100
#: Block types that SQL Server writes.
BLOCK_TYPES = frozenset((b"TAPE", b"SFMB", b"SSET", b"VOLB", b"MSCI", b"MSDA", b"MSTL", b"MSLS", b"ESET", b"EOTM"))

_HEADER = struct.Struct("<4sIH10xQ24x")
_STREAM = struct.Struct("<4s2xHQ6x")
#: The same bytes as numbers that are as wide as can be: a header's checksum is the XOR of its words of 16 bits.
_HEADER_SUM = struct.Struct("<6QI")
_STREAM_SUM = struct.Struct("<2QIH")
_PAIR = struct.Struct("<HH")
_LSN = struct.Struct("<IIH")


class Damage(Exception):
    """Something in the bytes is not as SQL Server writes it; ``at`` is where it shows."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(f"at byte {at}: {reason}")
        self.at = at
        self.reason = reason


class HeaderDamage(Damage):
    """In a header; ``at`` is what the caller called its place."""


class Descriptor(NamedTuple):
    """The header that all blocks share."""

    type: bytes
    at: int  # where it stands on the tape
    attributes: int
    first_stream: int  # relative to ``at``
    logical_address: int


class Stream(NamedTuple):
    """One stream header; the data follows it."""

    type: bytes
    at: int
    media_attributes: int
    length: int

    @property
    def data(self) -> int:
        return self.at + STREAM_HEADER_SIZE

    @property
    def end(self) -> int:
        """Where the next header stands: streams begin at multiples of four."""
        return (self.at + STREAM_HEADER_SIZE + self.length + 3) & ~3


def descriptor(data: bytes, offset: int, at: int) -> Descriptor:
    """The block at ``data[offset:]``, which stands at ``at`` on the tape; its checksum must be right."""
    if len(data) - offset < DESCRIPTOR_SIZE:
        raise HeaderDamage(at, "the file ends inside a block header")
    kind, attributes, first_stream, logical_address = _HEADER.unpack_from(data, offset)
    # The last word is the checksum of the 25 before it, so all 26 together give zero; so do 26 zeros.
    one, two, three, four, five, six, rest = _HEADER_SUM.unpack_from(data, offset)
    total = one ^ two ^ three ^ four ^ five ^ six
    total ^= total >> 32 ^ rest
    if not kind.isalnum():
        raise HeaderDamage(at, f"no block begins here: found {kind!r}")
    if (total ^ total >> 16) & 0xFFFF:
        raise HeaderDamage(at, f"the header checksum of block {kind.decode()} is wrong")
    return Descriptor(kind, at, attributes, first_stream, logical_address)


def stream_header(data: bytes, offset: int, at: int) -> Stream:
    """The stream header at ``data[offset:]``, which stands at ``at`` on the tape; its checksum must be right."""
    if len(data) - offset < STREAM_HEADER_SIZE:
        raise HeaderDamage(at, "the file ends inside a stream header")
    kind, media, length = _STREAM.unpack_from(data, offset)
    total, two, rest, last = _STREAM_SUM.unpack_from(data, offset)
    total ^= two
    total ^= total >> 32 ^ rest
    if (total ^ total >> 16 ^ last) & 0xFFFF or not kind.isalnum():
        raise HeaderDamage(at, "the checksum of a stream header is wrong")
    return Stream(kind, at, media, length)


def text(block: bytes, field: int, base: int = 0) -> str | None:
    """The string whose length and offset (from ``base``) stand at ``field``; UTF-16. None where empty."""
    if base + field + 4 > len(block):
        return None
    length, offset = _PAIR.unpack_from(block, base + field)
    if not length:
        return None
    start = base + offset
    if start + length > len(block):
        raise Damage(start, "a string reaches past its block")
    return utf_16_le_decode(block[start : start + length], "replace")[0].rstrip("\0") or None


def date(raw: bytes, at: int) -> datetime | None:
    """Five bytes, big-endian: 14 bits year, 4 month, 5 day, 5 hour, 6 minute, 6 second. Local time; zero: no date."""
    bits = int.from_bytes(raw, "big")
    if not bits:
        return None
    try:
        return datetime(bits >> 26, bits >> 22 & 15, bits >> 17 & 31, bits >> 12 & 31, bits >> 6 & 63, bits & 63)
    except ValueError as error:
        raise Damage(at, f"an impossible date ({error})") from error


def guid(block: bytes, offset: int) -> str | None:
    """Lower-case text of the 16 bytes at ``offset``; None where they are zero or missing."""
    raw = block[offset : offset + 16]
    if len(raw) < 16 or not any(raw):
        return None
    # As Windows writes it: the first three numbers are little-endian. Ten times as fast as uuid.UUID.
    one, two, three = raw[3::-1].hex(), raw[5:3:-1].hex(), raw[7:5:-1].hex()
    return f"{one}-{two}-{three}-{raw[8:10].hex()}-{raw[10:].hex()}"


def lsn(block: bytes, offset: int) -> int:
    """numeric(25,0): virtual log file * 10^15 + block * 10^5 + slot."""
    if offset + 10 > len(block):
        return 0
    virtual_log_file, log_block, slot = _LSN.unpack_from(block, offset)
    return int(virtual_log_file) * 10**15 + int(log_block) * 10**5 + int(slot)
