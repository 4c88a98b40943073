# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""XPRESS Huffman (MS-XCA 2.1 and 2.2), the form of one chunk of a compressed medium.

512 code lengths of four bits, then codes in little-endian words of 16 bits. What is packed here are bytes and runs of
zeros, no other matches: a valid form, as small as the bytes' frequencies allow. What is unpacked may have all.
"""

from __future__ import annotations

import heapq
import re
import struct
from array import array
from collections import Counter
from collections.abc import Iterator

from simulator.media.blocks import Damaged

_SYMBOLS = 512
_TABLE = 256  # bytes
_END = 256  # the symbol that closes a block
_FIRST_MATCH = _END << 4
_DEEPEST = 15
_LENGTH, _WIDE, _WIDER = 15, 255, 0  # of a match: more follows in a byte, in 16 bits, in 32
_SHORTEST = 3
_ZEROS = re.compile(b"\0{16,65530}")


def pack(data: bytes | memoryview) -> bytes:
    data = bytes(data)
    pieces = list(_pieces(data))
    counts = Counter(b"".join(literals for literals, _ in pieces))
    counts.update(_run_symbol(run) for _, run in pieces if run)
    counts[_END] += 1
    lengths = _code_lengths(counts)
    table = bytes(lengths[at] | lengths[at + 1] << 4 for at in range(0, _SYMBOLS, 2))
    return table + _stream(pieces, _codes(lengths))


def _pieces(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Bytes, and how many zeros follow them: each repeats the zero before it."""
    at = 0
    for found in _ZEROS.finditer(data):
        yield data[at : found.start() + 1], found.end() - found.start() - 1
        at = found.end()
    yield data[at:], 0


def _run_symbol(run: int) -> int:
    """A match of the byte before."""
    return _END + min(run - _SHORTEST, _LENGTH)


def _run_length(run: int) -> bytes:
    value = run - _SHORTEST
    if value < _LENGTH:
        return b""
    return bytes([value - _LENGTH]) if value - _LENGTH < _WIDE else bytes([_WIDE]) + struct.pack("<H", value)


def _stream(pieces: list[tuple[bytes, int]], codes: dict[int, str]) -> bytes:
    """Whoever unpacks is always a word ahead: there lengths stand between the words, and one word more at the end."""
    texts: list[str] = []
    lengths: list[tuple[int, bytes]] = []  # behind which word
    done = 0
    for literals, run in pieces:
        texts.append("".join(map(codes.__getitem__, literals)) + (codes[_run_symbol(run)] if run else ""))
        done += len(texts[-1])
        if run:
            lengths.append((-(-done // 16) + 1, _run_length(run)))
    bits = "".join(texts) + codes[_END]
    count = -(-len(bits) // 16) + 1
    words = array("H", int(bits.ljust(16 * count, "0"), 2).to_bytes(2 * count, "big"))
    words.byteswap()
    raw, parts, at = words.tobytes(), [], 0
    for word, length in lengths:
        parts += [raw[at : 2 * word], length]
        at = 2 * word
    return b"".join([*parts, raw[at:]])


def _code_lengths(counts: Counter[int]) -> list[int]:
    """Huffman's; where a code would be too long for the table, the frequencies are evened out first."""
    while True:
        heap: list[tuple[int, int, tuple[int, ...]]] = [(count, symbol, (symbol,)) for symbol, count in counts.items()]
        heapq.heapify(heap)
        lengths = [0] * _SYMBOLS
        while len(heap) > 1:
            one, other = heapq.heappop(heap), heapq.heappop(heap)
            both = one[2] + other[2]
            for symbol in both:
                lengths[symbol] += 1
            heapq.heappush(heap, (one[0] + other[0], one[1], both))
        if max(lengths) <= _DEEPEST:
            return lengths
        counts = Counter({symbol: count // 4 + 1 for symbol, count in counts.items()})


def _in_order(lengths: list[int]) -> list[tuple[int, int]]:
    """(symbol, length of its code) as the codes are given out: short ones first, then by symbol."""
    return sorted(((symbol, length) for symbol, length in enumerate(lengths) if length), key=lambda one: one[::-1])


def _codes(lengths: list[int]) -> dict[int, str]:
    codes = {}
    code = before = 0
    for symbol, length in _in_order(lengths):
        code <<= length - before
        before = length
        codes[symbol] = format(code, f"0{length}b")
        code += 1
    return codes


def unpack(data: bytes, size: int) -> bytes:
    """The ``size`` bytes that are packed in ``data``."""
    if len(data) < _TABLE + 4:
        raise Damaged(f"a compressed chunk of {len(data)} bytes")
    return _Unpacking(data).run(size)


class _Unpacking:
    """Words are fetched 16 bits at a time, and the next 15 of the bits that are waiting choose a symbol."""

    def __init__(self, data: bytes) -> None:
        self._data = data + bytes(8)
        self._limit = len(data)
        self._symbols = _decoding_table(data[:_TABLE])
        self._at = _TABLE
        self._bits = 0
        self._have = 0
        self._fetch()
        self._fetch()

    def _fetch(self) -> None:
        if self._at > self._limit:
            raise Damaged("a compressed chunk ends too early")
        self._bits = self._bits << 16 | self._data[self._at] | self._data[self._at + 1] << 8
        self._have += 16
        self._at += 2

    def _drop(self, count: int) -> None:
        self._have -= count
        self._bits &= (1 << self._have) - 1
        if self._have < 16:
            self._fetch()

    def run(self, size: int) -> bytes:
        out = bytearray()
        while len(out) < size:
            match = self._literals(out, size)
            if match >= 0:
                self._copy(out, match, size)
        return bytes(out)

    def _literals(self, out: bytearray, size: int) -> int:
        """Bytes up to the next match, which is returned (-1: the end). The same as _drop, spelled out for speed."""
        symbols, data, limit = self._symbols, self._data, self._limit
        at, bits, have = self._at, self._bits, self._have
        left = size - len(out)
        entry = -1
        while left:
            entry = symbols[bits >> have - _DEEPEST]
            have -= entry & 15
            bits &= (1 << have) - 1
            if have < 16:
                if at > limit:
                    raise Damaged("a compressed chunk ends too early")
                bits = bits << 16 | data[at] | data[at + 1] << 8
                have += 16
                at += 2
            if entry >= _FIRST_MATCH:
                break
            out.append(entry >> 4)
            left -= 1
        self._at, self._bits, self._have = at, bits, have
        return (entry >> 4) - _END if left else -1

    def _copy(self, out: bytearray, match: int, size: int) -> None:
        length, width = match & 15, match >> 4
        if length == _LENGTH:
            length = self._long_length()
        distance = (1 << width) + (self._bits >> self._have - width if width else 0)
        self._drop(width)
        length += _SHORTEST
        if distance > len(out) or len(out) + length > size:
            raise Damaged("a compressed chunk refers to what is not in it")
        pattern = bytes(out[-distance:])  # a match may overlap what it makes
        out += (pattern * -(-length // distance))[:length]

    def _long_length(self) -> int:
        length = self._byte()
        if length < _WIDE:
            return length + _LENGTH
        length = self._byte() | self._byte() << 8
        if length == _WIDER:
            length = sum(self._byte() << shift for shift in (0, 8, 16, 24))
        if length < _LENGTH:
            raise Damaged("a compressed chunk has an impossible length")
        return length

    def _byte(self) -> int:
        if self._at >= self._limit:
            raise Damaged("a compressed chunk ends too early")
        self._at += 1
        return self._data[self._at - 1]


def _decoding_table(packed: bytes) -> list[int]:
    """By the next 15 bits: 16 times the symbol, plus the length of its code."""
    lengths = [half for byte in packed for half in (byte & 15, byte >> 4)]
    table: list[int] = []
    for symbol, length in _in_order(lengths):
        table += [symbol << 4 | length] * (1 << _DEEPEST - length)
    if len(table) != 1 << _DEEPEST:
        raise Damaged("the code lengths of a compressed chunk are impossible")
    return table
