# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checksums that are made many at once are the ones made word by word."""

from __future__ import annotations

import random
import struct

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.page_checksum import (
    add_sectors,
    chunk_checksum,
    page_differences,
    sector_lanes,
)

from .medium import PAGE, page, rotated, sector_sum

CHANCE = random.Random(8096)


@pytest.mark.parametrize("sectors", [1, 2, 31, 32, 33, 64, 200])
def test_stream_checksums(sectors: int) -> None:
    data = CHANCE.randbytes(512 * sectors)
    assert add_sectors(0, sector_lanes(data)) == sector_sum(data)


def test_stream_checksums_go_on_over_pieces() -> None:
    data = CHANCE.randbytes(512 * 300)
    total = 0
    for start, end in ((0, 17), (17, 49), (49, 50), (50, 300)):
        total = add_sectors(total, sector_lanes(data[start * 512 : end * 512]))
    assert total == sector_sum(data)


def test_pages() -> None:
    pages = [page(1, number, CHANCE.randbytes(8000)) for number in range(40)]
    pages[7] = pages[7][:5000] + b"\1\2\3\4" + pages[7][5004:]
    pages[39] = pages[39][:60] + b"\0\0\0\0" + pages[39][64:]
    data = b"".join(pages)
    wrong = [i for i, difference in enumerate(page_differences(data, sector_lanes(data))) if difference]
    assert wrong == [7, 39]


@pytest.mark.parametrize("bit", range(0, 8 * PAGE, 997))
def test_every_flipped_bit_of_a_page_shows(bit: int) -> None:
    data = bytearray(page(1, 1, b"content"))
    data[bit // 8] ^= 1 << bit % 8
    assert any(page_differences(bytes(data), sector_lanes(bytes(data))))


@pytest.mark.parametrize("length", [1, 2, 4, 5, 127, 128, 129, 256, 383, 5000, 65535])
def test_chunk_checksums(length: int) -> None:
    data = CHANCE.randbytes(length)
    total = 0
    for (word,) in struct.iter_unpack("<I", data + bytes(-length % 4)):
        total = rotated(total) ^ word
    assert chunk_checksum(data) == total
