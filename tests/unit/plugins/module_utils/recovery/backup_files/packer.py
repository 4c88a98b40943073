# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packs a plain medium into the container of compressed backups (MSSQLBAK version 2), for tests."""

from __future__ import annotations

import heapq
import struct
from collections import Counter

from .medium import rotated

FIRST = 0x1E0
CHUNK = 65536


def packed(tape: bytes, block_size: int) -> bytes:
    """The same tape in chunks; filemarks stand unpacked and list offsets of the new file."""
    marks = _filemarks(tape, block_size)
    out = bytearray(b"MSSQLBAK" + struct.pack("<II", 2, 3)).ljust(FIRST, b"\xaa")
    new_marks: list[int] = []
    position = 0
    for number, mark in enumerate(marks):
        places = []
        while position < mark:
            piece = tape[position : min(position + CHUNK, mark)]
            payload = compressed(piece)
            while len(payload) > 65535:  # what does not compress goes in smaller chunks
                piece = piece[: len(piece) // 1024 * 512]
                payload = compressed(piece)
            places.append((position, len(out)))
            out += record(payload, len(piece))
            position += len(piece)
        # The second filemark of each set closes its configuration.
        _fill(out, places[-2:], block_size, table=number % 2 == 1)
        sfmb = bytearray(tape[mark : mark + block_size])
        used = struct.unpack_from("<I", sfmb, 56)[0]
        struct.pack_into(f"<{used}Q", sfmb, 72, *new_marks[::-1][:used])
        new_marks.append(len(out))
        out += sfmb
        position = mark + block_size
    return bytes(out)


def _filemarks(tape: bytes, block_size: int) -> list[int]:
    last = len(tape) - block_size
    used = struct.unpack_from("<I", tape, last + 56)[0]
    return [*struct.unpack_from(f"<{used}Q", tape, last + 72)[::-1], last]


def _fill(out: bytearray, places: list[tuple[int, int]], block_size: int, *, table: bool) -> None:
    if not table:
        room = -(len(out) + 24) % block_size
        out += struct.pack("<BBH20x", 0x24, 0, room) + bytes(room)
        return
    out += struct.pack("<BBH20x", 0x2C, 0, 0)
    start = len(out)
    entries = b"".join(struct.pack("<QQ", *place) for place in places)
    distance = len(entries) + 32
    distance += -(start + distance) % block_size
    head = struct.pack("<HHIII", 1, 1, len(places), distance, 0x1234)
    out += head + entries + bytes(distance - 32 - len(entries)) + head


def record(payload: bytes, size: int, kind: int = 0x21) -> bytes:
    """One record: a chunk that holds ``size`` bytes."""
    total = 0
    for (word,) in struct.iter_unpack("<I", payload + bytes(-len(payload) % 4)):
        total = rotated(total) ^ word
    return struct.pack("<BBH20xI", kind, size // 512, len(payload), total) + payload


def compressed(data: bytes) -> bytes:
    """LZ77 + Huffman as MS-XCA has it: greedy, with a table of the last places of three bytes."""
    tokens = _tokens(data)
    lengths = _code_lengths(Counter(symbol for symbol, *_unused in tokens))
    codes = _codes(lengths)
    table = bytes(lengths[i] | lengths[i + 1] << 4 for i in range(0, 512, 2))
    return table + _bits(tokens, codes, lengths)


def _tokens(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """(symbol, value and width of the distance's low bits, extra bytes of the length)."""
    tokens = []
    seen: dict[bytes, int] = {}
    at = 0
    while at < len(data):
        key = data[at : at + 3]
        before = seen.get(key, -1)
        length = 0
        if before >= 0 and len(key) == 3:
            while at + length < len(data) and length < 60000 and data[before + length] == data[at + length]:
                length += 1
        seen[key] = at
        if length < 3:
            tokens.append((data[at], 0, 0, b""))
            at += 1
            continue
        distance = at - before
        width = distance.bit_length() - 1
        short = length - 3
        extra = b""
        if short >= 15:
            extra = bytes((short - 15,)) if short < 270 else b"\xff" + struct.pack("<H", short)
        tokens.append((256 + (width << 4 | min(short, 15)), distance - (1 << width), width, extra))
        at += length
    return tokens


def _code_lengths(counts: Counter[int]) -> list[int]:
    """Huffman; where a code would be too long, nine bits for each of the 512 symbols."""
    for symbol in (0, 1):
        counts[symbol] += 0 if counts[symbol] else 1  # at least two symbols
    heap: list[tuple[int, int, list[int]]] = [(count, symbol, [symbol]) for symbol, count in counts.items()]
    heapq.heapify(heap)
    lengths = [0] * 512
    while len(heap) > 1:
        one, other = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in one[2] + other[2]:
            lengths[symbol] += 1
        heapq.heappush(heap, (one[0] + other[0], min(one[1], other[1]), one[2] + other[2]))
    return lengths if max(lengths) <= 15 else [9] * 512


def _codes(lengths: list[int]) -> dict[int, int]:
    codes = {}
    code = 0
    for length in range(1, 16):
        for symbol in (s for s in range(512) if lengths[s] == length):
            codes[symbol] = code
            code += 1
        code <<= 1
    return codes


def _bits(tokens: list[tuple[int, int, int, bytes]], codes: dict[int, int], lengths: list[int]) -> bytes:
    """The words stand where the reader is when it needs them; bytes of long lengths come between them."""
    bits: list[str] = []
    out: list[bytes | None] = [None, None]  # None: the place of the next word
    spare = 16

    def put(value: int, width: int) -> None:
        nonlocal spare
        if width:
            bits.append(format(value, f"0{width}b"))
        spare -= width
        if spare < 0:
            out.append(None)
            spare += 16

    for symbol, low, width, extra in tokens:
        put(codes[symbol], lengths[symbol])
        if extra:
            out.append(extra)
        put(low, width)
    stream = "".join(bits)
    words = [int(stream[i : i + 16].ljust(16, "0"), 2) for i in range(0, len(stream), 16)]
    words += [0] * (sum(each is None for each in out) - len(words))
    places = iter(words)
    return b"".join(struct.pack("<H", next(places)) if each is None else each for each in out)
