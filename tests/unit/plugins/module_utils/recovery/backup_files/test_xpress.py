# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a packer of our own packs is unpacked again, and garbage is refused at once."""

from __future__ import annotations

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.mtf import Damage
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.xpress import LARGEST, unpack
from hypothesis import given
from hypothesis import strategies as st

from .packer import compressed

#: The first example of MS-XCA, section 3.2: the 26 letters.
ALPHABET = bytes.fromhex(
    "00" * 48 + "50" + "55" * 10 + "45" + "44" + "04" + "00" * 66 + "04" + "00" * 127
    + "d8523ed794115be9195ff9d67cdf8d0400000000"
)  # fmt: skip
TEXTS = st.one_of(
    st.binary(min_size=1, max_size=3000),
    st.builds(lambda part, times: (part * times)[:LARGEST], st.binary(min_size=1, max_size=300), st.integers(1, 2000)),
    st.text("SELECT FROM WHERE", min_size=1, max_size=5000).map(str.encode),
)


def test_the_example_of_the_specification() -> None:
    assert unpack(ALPHABET, 26) == b"abcdefghijklmnopqrstuvwxyz"


@given(TEXTS)
def test_what_was_packed_is_unpacked(data: bytes) -> None:
    assert unpack(compressed(data), len(data)) == data


@pytest.mark.parametrize("size", [3, 17, 18, 19, 272, 273, 274, 300, 59999, 65536])
def test_all_ways_to_write_a_length(size: int) -> None:
    data = (b"xyz" + b"a" * size)[:65536]
    assert unpack(compressed(data), len(data)) == data


@given(st.binary(max_size=2000), st.integers(0, LARGEST + 10))
def test_garbage_is_refused_or_gives_what_was_asked(data: bytes, size: int) -> None:
    try:
        assert len(unpack(data, size)) == size
    except Damage as damage:
        assert damage.reason


@given(TEXTS, st.integers(0, 10**6), st.integers(0, 7))
def test_a_flipped_bit_does_no_harm(data: bytes, place: int, bit: int) -> None:
    raw = bytearray(compressed(data))
    raw[place % len(raw)] ^= 1 << bit
    try:
        assert len(unpack(bytes(raw), len(data))) == len(data)
    except Damage:
        pass
