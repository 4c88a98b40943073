# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the fields of a request; what ends too early is refused, never guessed."""

from __future__ import annotations

import struct

from simulator.tds import refusals


class FieldReader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._data)

    def take(self, length: int) -> bytes:
        end = self._at + length
        if length < 0 or end > len(self._data):
            raise refusals.stream_ended()
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def peek(self) -> int:
        if self.at_end:
            raise refusals.stream_ended()
        return self._data[self._at]

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def _number(self, layout: struct.Struct) -> int:
        return int(layout.unpack(self.take(layout.size))[0])

    def u8(self) -> int:
        return self.take(1)[0]

    def u16(self) -> int:
        return self._number(_U16)

    def u32(self) -> int:
        return self._number(_U32)

    def u64(self) -> int:
        return self._number(_U64)

    def text(self, characters: int) -> str:
        return utf16(self.take(2 * characters))

    def b_varchar(self) -> str:
        return self.text(self.u8())

    def us_varchar(self) -> str:
        return self.text(self.u16())


_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


def utf16(data: bytes) -> str:
    """nvarchar may hold lone surrogates; they survive."""
    if len(data) % 2:
        raise refusals.stream_ended()
    return data.decode("utf-16-le", "surrogatepass")
