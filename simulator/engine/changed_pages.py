# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which pages changed since the differential base: one bit per page."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator


class ChangedPages:
    def __init__(self, bits: bytes = b"") -> None:
        self._bits = bytearray(bits)

    def add(self, page_ids: Iterable[int]) -> None:
        for page_id in page_ids:
            byte = page_id >> 3
            if byte >= len(self._bits):
                self._bits.extend(bytes(byte + 1 - len(self._bits)))
            self._bits[byte] |= 1 << (page_id & 7)

    def __iter__(self) -> Iterator[int]:
        for index, byte in enumerate(self._bits):
            if byte:
                for bit in range(8):
                    if byte >> bit & 1:
                        yield index * 8 + bit

    def to_text(self) -> str:
        return base64.b64encode(zlib.compress(bytes(self._bits), 1)).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> ChangedPages:
        return cls(zlib.decompress(base64.b64decode(text)) if text else b"")
