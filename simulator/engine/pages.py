# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages. SQLite's page is 8192 bytes with 96 reserved at its end: 8096 bytes of content, as in SQL Server's page.

The reserved bytes hold SQL Server's page header, with page id, LSN and checksum; in backups it stands in front, where
SQL Server has it. SQLite hands the reserved bytes around without looking at them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from simulator.media.sectors import fold_sectors

PAGE = 8192
HEADER = 96
BODY = PAGE - HEADER
FILE_ID = 1
_CHECKSUM_FLAG = 0x200
_CHECKSUM = 60
_MASK = 0xFFFFFFFF


def page_checksum(page: bytes) -> int:
    """Of a page with its header in front; the checksum's own field counts as zero."""
    plain = b"".join((page[:_CHECKSUM], b"\0\0\0\0", page[_CHECKSUM + 4 :]))
    folded = fold_sectors(int.from_bytes(plain, "little")).to_bytes(PAGE, "little")
    result = 0
    for word in memoryview(folded).cast("I")[::128].tolist():
        result = ((result << 1) & _MASK | result >> 31) ^ word
    return result


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
