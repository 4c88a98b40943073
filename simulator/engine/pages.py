# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages. SQLite's page is 8192 bytes with 96 reserved at its end: 8096 bytes of content, as in SQL Server's page.

The reserved bytes hold SQL Server's page header, with page id, LSN and checksum; in backups it stands in front, where
SQL Server has it. SQLite hands the reserved bytes around without looking at them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from simulator.media.sectors import SECTOR, fold_sectors, rotate

PAGE = 8192
HEADER = 96
BODY = PAGE - HEADER
FILE_ID = 1
_CHECKSUM_FLAG = 0x200
_CHECKSUM = 60
_MASK = 0xFFFFFFFF
_SECTOR_BITS = SECTOR * 8


@dataclass(frozen=True)
class _Halving:
    """Rotates every word of ``sectors`` sectors left by ``sectors`` bits; masks keep the bits inside their words."""

    sectors: int
    low: int
    high: int
    half_bits: int
    half: int

    @classmethod
    def of(cls, sectors: int) -> _Halving:
        bits = sectors * _SECTOR_BITS
        low = int.from_bytes(((1 << sectors) - 1).to_bytes(4, "little") * (bits // 32), "little")
        return cls(sectors, low, low ^ (1 << bits) - 1, bits // 2, (1 << bits // 2) - 1)


_HALVINGS = tuple(_Halving.of(sectors) for sectors in (8, 4, 2, 1))


def page_checksum(page: bytes) -> int:
    """Of a page with its header in front; the checksum's own field counts as zero.

    By the formula each of the 16 sectors is rotated once for every sector behind it. Here halves are laid on each
    other: the first eight sectors rotated by eight bits, then the first four of the sum by four, and so on.
    """
    front, back = int.from_bytes(page[: PAGE // 2], "little"), int.from_bytes(page[PAGE // 2 :], "little")
    both = 0
    for one in _HALVINGS:
        both = (front << one.sectors) & one.high ^ (front >> 32 - one.sectors) & one.low ^ back
        front, back = both & one.half, both >> one.half_bits
    own = int.from_bytes(page[_CHECKSUM : _CHECKSUM + 4], "little")
    return fold_sectors(both) & _MASK ^ rotate(own, 15)


def with_header(body: bytes, page_id: int, lsn_fields: tuple[int, int, int]) -> bytes:
    """A page as media carry it: header in front, checksum set. ``page_id`` counts from 0."""
    header = bytearray(HEADER)
    header[0:2] = b"\x01\x01"
    struct.pack_into("<H", header, 4, _CHECKSUM_FLAG)
    struct.pack_into("<IH", header, 32, page_id, FILE_ID)
    struct.pack_into("<IIH", header, 40, *lsn_fields)
    page = bytes(header) + body
    return b"".join((page[:_CHECKSUM], struct.pack("<I", page_checksum(page)), page[_CHECKSUM + 4 :]))


def page_id_of(page: bytes) -> int:
    return int.from_bytes(page[32:36], "little")


def is_stamped(page: bytes) -> bool:
    """Whether a page (header in front) carries a checksum; others were never written, and are zero."""
    return page[0] == 1 and 1 <= page[1] <= 20 and bool(int.from_bytes(page[4:6], "little") & _CHECKSUM_FLAG)


def is_sound(page: bytes) -> bool:
    if is_stamped(page):
        return page_checksum(page) == struct.unpack_from("<I", page, _CHECKSUM)[0]
    return not any(page)


def to_front(stored: bytes | memoryview) -> list[bytes]:
    """Pages as the data file stores them -> pages as media carry them."""
    return [b"".join((stored[at + BODY : at + PAGE], stored[at : at + BODY])) for at in range(0, len(stored), PAGE)]


def to_back(pages: Iterable[bytes | memoryview]) -> bytes:
    """The reverse of :func:`to_front`, joined."""
    parts: list[bytes | memoryview] = []
    for page in pages:
        parts += (page[HEADER:], page[:HEADER])
    return b"".join(parts)


def lsn_fields(lsn: int) -> tuple[int, int, int]:
    """numeric(25,0) -> VLF, block, slot."""
    vlf, rest = divmod(lsn, 10**15)
    return vlf, rest // 10**5, rest % 10**5
