# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unpacking one chunk of a compressed backup: LZ77 + Huffman, as MS-XCA section 2.2 specifies it.

A chunk begins with 512 code lengths of four bits; then bits come in little-endian words of 16, the highest bit first.
Symbols below 256 are bytes; the others are matches: four bits of length, four bits that say how many bits of distance
follow. Long lengths interrupt the bits with whole bytes.
"""

from __future__ import annotations

from .mtf import Damage

_TABLE = 256
#: A table covers 64 KB of output; SQL Server packs no more than that into one chunk.
LARGEST = 65536
_LOW_HALF, _HIGH_HALF = bytes(byte & 15 for byte in range(256)), bytes(byte >> 4 for byte in range(256))
#: In the decoding table: symbols below 256 are bytes.
_FIRST_MATCH = 256 << 4


def unpack(data: bytes, size: int) -> bytes:
    """The ``size`` bytes that ``data`` holds. Every round of the loop makes at least one: hostile data ends it soon."""
    if size > LARGEST or len(data) < _TABLE + 4:
        raise Damage(0, f"a compressed chunk of {len(data)} bytes cannot hold {size}")
    codes, rest = _decoding_table(data[:_TABLE])
    limit = len(data)
    data = data + b"\0" * 8  # the reader below looks ahead of the last code
    out = bytearray()
    bits = (data[257] << 24) | (data[256] << 16) | (data[259] << 8) | data[258]
    at = _TABLE + 4
    spare = 16  # bits beyond the 16 that must always be there
    have = 0  # bytes in ``out``
    while have < size:
        entry = codes[bits >> rest]
        used = entry & 15
        bits = bits << used & 0xFFFFFFFF
        spare -= used
        if spare < 0:
            if at > limit:
                raise Damage(at, "a compressed chunk ends too early")
            bits |= (data[at] | data[at + 1] << 8) << -spare
            at += 2
            spare += 16
        if entry < _FIRST_MATCH:
            out.append(entry >> 4)
            have += 1
            continue
        length, width = entry >> 4 & 15, entry - _FIRST_MATCH >> 8
        if length == 15:
            length, at = _long_length(data, at, limit)
        distance = (1 << width) + (bits >> 32 - width if width else 0)
        bits = bits << width & 0xFFFFFFFF
        spare -= width
        if spare < 0:
            if at > limit:
                raise Damage(at, "a compressed chunk ends too early")
            bits |= (data[at] | data[at + 1] << 8) << -spare
            at += 2
            spare += 16
        length += 3
        if distance > have or have + length > size:
            raise Damage(have, "a compressed chunk refers to bytes outside of itself")
        # A match that overlaps what it makes repeats a pattern.
        pattern = out[have - distance : have - distance + length]
        out += pattern if length <= distance else (pattern * (length // distance + 1))[:length]
        have += length
    return bytes(out)


def _long_length(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """A match length of 15 or more, and where the bits go on: a byte, or 16 bits, or 32."""
    if at + 7 > limit + 8:
        raise Damage(at, "a compressed chunk ends too early")
    length = data[at]
    if length < 255:
        return length + 15, at + 1
    length = data[at + 1] | data[at + 2] << 8
    at += 3
    if not length:
        length = int.from_bytes(data[at : at + 4], "little")
        at += 4
    if length < 15:
        raise Damage(at, "a compressed chunk has an impossible match length")
    return length, at


def _decoding_table(packed: bytes) -> tuple[list[int], int]:
    """For all bits that may begin a code: the symbol (times 16) and the length of its code; canonical Huffman codes.

    And how many of 32 bits are not looked at: a table that is only as long as it must be is soon made.
    """
    lengths = bytearray(2 * _TABLE)
    lengths[::2], lengths[1::2] = packed.translate(_LOW_HALF), packed.translate(_HIGH_HALF)
    longest = max(lengths)
    shares = [0] + [1 << longest - length for length in range(1, longest + 1)]
    # The codes must use up the code space exactly; SQL Server's always do.
    if sum(lengths.count(length) * share for length, share in enumerate(shares)) != 1 << longest:
        raise Damage(0, "the code lengths of a compressed chunk are impossible")
    table: list[int] = []
    for length, share in enumerate(shares):
        symbol = lengths.find(length) if share else -1
        while symbol >= 0:
            table += [symbol << 4 | length] * share
            symbol = lengths.find(length, symbol + 1)
    return table, 32 - longest
