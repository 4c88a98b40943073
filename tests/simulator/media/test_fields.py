# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Small values of the Tape Format: there and back, and against a plain definition."""

from __future__ import annotations

import struct
from datetime import datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from simulator.media.fields import pack_date, pack_guid, pack_lsn, unpack_date, unpack_guid, unpack_lsn, xor_words
from simulator.media.sectors import SectorChecksum


def plain_checksum(data: bytes) -> int:
    """The documented formula, word by word."""
    result = 0
    for sector in range(0, len(data), 512):
        folded = 0
        for (word,) in struct.iter_unpack("<I", data[sector : sector + 512]):
            folded ^= word
        result = ((result << 1) | (result >> 31)) & 0xFFFFFFFF
        result ^= folded
    return result


def test_lsn_as_in_a_real_file() -> None:
    assert pack_lsn(19000000021500001) == struct.pack("<IIH", 0x13, 0xD7, 1)


@given(st.integers(1, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1))
def test_lsn_there_and_back(vlf: int, block: int, slot: int) -> None:
    lsn = unpack_lsn(struct.pack("<IIH", vlf, block, slot))
    assert lsn == vlf * 10**15 + block * 10**5 + slot
    assert pack_lsn(lsn) == struct.pack("<IIH", vlf, block, slot) or block >= 10**10 or slot >= 10**5


def test_no_lsn_is_zero() -> None:
    assert pack_lsn(None) == bytes(10)
    assert unpack_lsn(bytes(10)) is None


def test_date_as_in_a_real_file() -> None:
    assert unpack_date(bytes.fromhex("1f8d2521d0")) == datetime(2019, 4, 18, 18, 7, 16)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9999, 12, 31)))
def test_date_there_and_back(moment: datetime) -> None:
    assert unpack_date(pack_date(moment)) == moment.replace(microsecond=0)


@given(st.uuids())
def test_guid_there_and_back(guid: object) -> None:
    assert unpack_guid(pack_guid(str(guid))) == (str(guid) if str(guid).strip("0-") else None)


@given(st.binary(min_size=2, max_size=64).filter(lambda data: len(data) % 2 == 0))
def test_header_checksum(data: bytes) -> None:
    expected = 0
    for at in range(0, len(data), 2):
        expected ^= data[at] | data[at + 1] << 8
    assert xor_words(data) == expected


@given(st.lists(st.integers(1, 70), min_size=1, max_size=8), st.integers())
def test_sector_checksum_in_pieces(pieces: list[int], seed: int) -> None:
    """Whatever the pieces, the sum is that of the whole."""
    random = Random(seed)
    checksum = SectorChecksum()
    whole = b""
    for sectors in pieces:
        data = random.randbytes(sectors * 512)
        checksum.update(data)
        whole += data
    assert checksum.value() == plain_checksum(whole)
