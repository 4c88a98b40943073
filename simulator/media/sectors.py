# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checksum of WITH CHECKSUM: over each sector of 512 bytes the XOR of its words, rotated by one bit per sector.

The rotation only depends on the distance to the last sector, so sectors 32 apart are XORed as one big integer first.
"""

from __future__ import annotations

SECTOR = 512
_PERIOD = 32 * SECTOR
_MASK = 0xFFFFFFFF


def rotate(word: int, bits: int) -> int:
    bits %= 32
    return (word << bits | word >> (32 - bits)) & _MASK


def fold_sectors(value: int) -> int:
    """Afterwards the lowest word of each sector of ``value`` is the XOR of the sector's 128 words."""
    for bits in (2048, 1024, 512, 256, 128, 64, 32):
        value ^= value >> bits
    return value


class SectorChecksum:
    """Fed with pieces of any multiple of 512 bytes."""

    def __init__(self) -> None:
        self._sum = 0
        self._sectors = 0

    def update(self, data: bytes | memoryview) -> None:
        if len(data) % SECTOR:
            raise ValueError(f"{len(data)} bytes are not whole sectors")
        shift = self._sectors * SECTOR % _PERIOD
        self._sectors += len(data) // SECTOR
        if shift:
            head = min(_PERIOD - shift, len(data))
            self._sum ^= int.from_bytes(data[:head], "little") << shift * 8
            data = data[head:]
        self._sum ^= int.from_bytes(data, "little")  # pieces are laid on each other; a period on the next in the end

    def value(self) -> int:
        total, bits = self._sum, _PERIOD * 8
        while total.bit_length() > bits:
            half = (-(-total.bit_length() // bits) + 1) // 2 * bits
            total = total & (1 << half) - 1 ^ total >> half
        folded = fold_sectors(total)
        result = 0
        for index in range(min(32, self._sectors)):
            result ^= rotate(folded >> index * SECTOR * 8 & _MASK, self._sectors - 1 - index)
        return result
