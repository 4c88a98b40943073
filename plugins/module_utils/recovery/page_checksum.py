# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL Server's checksums of pages, backup streams and compressed chunks, many at once.

All are made of 32-bit words, XORed into a sum that is rotated left by one bit in between: by sector of 512 bytes for
pages and for BACKUP ... WITH CHECKSUM, by word for compressed chunks. A loop over words is a hundred times too slow in
Python, so the words are lifted into integers of many thousand bits ("lanes") and XORed all at once. Arrays only move
bytes: the order of bytes in this machine's words does not matter.
"""

from __future__ import annotations

from array import array

SECTOR, PAGE = 512, 8192
_SECTORS = PAGE // SECTOR
_WORDS = SECTOR // 8
#: So many bytes of a chunk are lifted at once: 32 rounds of 32 words.
_FOLDED = 32 * 32 * 4
_HALVES = [(1024 * rounds, (1 << 1024 * rounds) - 1) for rounds in (16, 8, 4, 2, 1)]


def sector_lanes(data: bytes) -> array[int]:
    """For each sector the XOR of its 32-bit words, in the low half of 64 bits. The last sector is filled with zeros."""
    words = array("Q")
    words.frombytes(data + b"\0" * (-len(data) % SECTOR))
    lanes = 0
    for column in range(_WORDS):  # column n: the n-th 8 bytes of every sector
        lanes ^= int.from_bytes(words[column::_WORDS], "little")
    count = len(words) // _WORDS
    return _lanes((lanes ^ lanes >> 32) & _low(count), count)


def page_differences(data: bytes, lanes: array[int]) -> array[int]:
    """For each page: zero where its checksum (at byte 60) is right."""
    count = len(data) // PAGE
    low = _low(count)
    sums = 0
    for sector in range(_SECTORS):  # 15 rotations at most, so nothing leaves its 64 bits before it is folded
        sums ^= int.from_bytes(lanes[sector::_SECTORS], "little") << (_SECTORS - 1 - sector)
    stored = _stored(data, count)
    # The checksum is made with its own field zero: the stored value went through 15 rotations with the rest.
    sums ^= stored << (_SECTORS - 1)
    return _lanes((sums ^ sums >> 32 ^ stored) & low, count)


def _stored(data: bytes, count: int) -> int:
    """The checksums that stand in the pages, each in the low half of 64 bits."""
    words = array("I")
    words.frombytes(memoryview(data)[: count * PAGE].cast("I")[60 // 4 :: PAGE // 4].tobytes())
    spread = array("I", bytes(8 * count))
    spread[::2] = words
    return int.from_bytes(spread, "little")


def add_sectors(total: int, lanes: array[int]) -> int:
    """The checksum of a stream, continued over further sectors."""
    # Sector n of m is rotated m-1-n times; rotations repeat after 32, so sectors with the same rest go together.
    packed = lanes.tobytes()
    groups = 0
    for end in range(len(packed), 0, -256):
        piece = packed[max(0, end - 256) : end]
        groups ^= int.from_bytes(piece, "little") << 8 * (256 - len(piece))
    return rotated(total, len(lanes)) ^ _rotated_sum(groups, 64)


def chunk_checksum(payload: bytes) -> int:
    """The checksum of a compressed chunk: word by word, filled with zeros."""
    # Rounds of 32 words are counted from the end; the first is filled with zeros, which add nothing there. At the end
    # up to three bytes are missing to a whole word: as zeros they need not be there.
    end = len(payload) + 3 & ~3
    first = end % _FOLDED
    words = int.from_bytes(payload[:first], "little") << 8 * (_FOLDED - first)
    for start in range(first, end, _FOLDED):
        words ^= int.from_bytes(payload[start : start + _FOLDED], "little")
    for half, mask in _HALVES:  # of the rounds that are still side by side
        words = words >> half ^ words & mask
    return _rotated_sum(words, 32)


def rotated(word: int, bits: int) -> int:
    """32 bits, rotated left."""
    bits %= 32
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


def _rotated_sum(words: int, width: int) -> int:
    """32 words, the first at the bottom, each ``width`` bits wide: word n is rotated 31-n times, then all are XORed."""
    half = 16
    while half:  # the earlier half has so many rotations more than the later one
        stay, wrap = _ROTATION[half, width]
        first = words & (1 << width * half) - 1
        words = ((first & stay) << half | first >> 32 - half & wrap) ^ words >> width * half
        half //= 2
    return words


def _rotation(half: int, width: int) -> tuple[int, int]:
    """Masks to rotate ``half`` words by as many bits: what stays in its word, and what comes around."""
    lanes = sum(1 << width * lane for lane in range(half))
    return lanes * ((1 << 32 - half) - 1), lanes * ((1 << half) - 1)


_ROTATION = {(half, width): _rotation(half, width) for half in (16, 8, 4, 2, 1) for width in (32, 64)}


def _low(count: int) -> int:
    """The low 32 of each of ``count`` times 64 bits."""
    return int.from_bytes(b"\xff\xff\xff\xff\0\0\0\0" * count, "little")


def _lanes(packed: int, count: int) -> array[int]:
    lanes = array("Q")
    lanes.frombytes((packed & (1 << 64 * count) - 1).to_bytes(8 * count, "little"))
    return lanes
