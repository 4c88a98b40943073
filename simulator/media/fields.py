# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The small values of Microsoft's Tape Format: integers, LSNs, GUIDs, dates, texts, each in both directions."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True)
class Kind:
    """How a value stands in a block: its size, and the way there and back."""

    size: int
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


def _integer(form: str) -> Kind:
    packer = struct.Struct("<" + form)
    return Kind(packer.size, packer.pack, lambda data: packer.unpack(data)[0])


def pack_lsn(lsn: int | None) -> bytes:
    """numeric(25,0) -> VLF, block, slot."""
    vlf, rest = divmod(lsn or 0, 10**15)
    block, slot = divmod(rest, 10**5)
    return struct.pack("<IIH", vlf, block, slot)


def unpack_lsn(data: bytes) -> int | None:
    """All zero is no LSN at all."""
    vlf, block, slot = struct.unpack("<IIH", data)
    return (vlf * 10**15 + block * 10**5 + slot) or None


def pack_date(moment: datetime | None) -> bytes:
    """40 bits, big-endian: year 14, month 4, day 5, hour 5, minute 6, second 6."""
    if moment is None:
        return bytes(5)
    bits = 0
    for value, width in zip(moment.timetuple()[:6], (14, 4, 5, 5, 6, 6), strict=True):
        bits = bits << width | value
    return bits.to_bytes(5, "big")


def unpack_date(data: bytes) -> datetime | None:
    bits = int.from_bytes(data, "big")
    if not bits:
        return None
    return datetime(bits >> 26, bits >> 22 & 15, bits >> 17 & 31, bits >> 12 & 31, bits >> 6 & 63, bits & 63)


def pack_guid(guid: str | None) -> bytes:
    return uuid.UUID(guid).bytes_le if guid else bytes(16)


def unpack_guid(data: bytes) -> str | None:
    return str(uuid.UUID(bytes_le=data)) if any(data) else None


U8 = _integer("B")
I8 = _integer("b")
U16 = _integer("H")
U32 = _integer("I")
U64 = _integer("Q")
LSN = Kind(10, pack_lsn, unpack_lsn)
GUID = Kind(16, pack_guid, unpack_guid)
DATE = Kind(5, pack_date, unpack_date)
CHAR = Kind(1, lambda text: text.encode("ascii"), lambda data: data.decode("ascii", "replace"))

#: name -> (offset, kind)
Layout = Mapping[str, tuple[int, Kind]]


def write_fields(block: bytearray, layout: Layout, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        offset, kind = layout[name]
        block[offset : offset + kind.size] = kind.encode(value)


def read_fields(block: Buffer, layout: Layout) -> dict[str, Any]:
    """A block that is too short for a field gives None for it (older writers have shorter ones)."""
    values: dict[str, Any] = {}
    for name, (offset, kind) in layout.items():
        data = bytes(block[offset : offset + kind.size])
        values[name] = kind.decode(data) if len(data) == kind.size else None
    return values


def write_texts(block: bytearray, texts: Mapping[int, str]) -> None:
    """Appends each text (UTF-16) and writes (length, offset) at the offset it is keyed by; empty ones are (0, 0)."""
    for at, text in texts.items():
        data = text.encode("utf-16-le")
        struct.pack_into("<HH", block, at, len(data), len(block) if data else 0)
        block += data


def read_text(block: Buffer, at: int) -> str:
    length, offset = struct.unpack_from("<HH", block, at)
    return bytes(block[offset : offset + length]).decode("utf-16-le", "replace").rstrip("\0")


def xor_words(data: bytes) -> int:
    """The checksum of block and stream headers: XOR of all 16-bit words."""
    result = 0
    for (word,) in struct.iter_unpack("<H", data):
        result ^= word
    return result
