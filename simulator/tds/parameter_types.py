# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parameters as they arrive: a type's description, then a value (MS-TDS 2.2.5.4, 2.2.5.5)."""

from __future__ import annotations

import decimal
import struct
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from simulator.engine.events import SqlType
from simulator.tds import refusals, temporal
from simulator.tds.collation import code_page
from simulator.tds.reading import FieldReader, utf16

Decoder = Callable[[bytes], Any]
ValueReader = Callable[[FieldReader], Any]

_NULL_PLP = 0xFFFFFFFFFFFFFFFF


def _unpack(layout: str) -> Decoder:
    unpack = struct.Struct(layout).unpack
    return lambda data: unpack(data)[0]


def _money(data: bytes) -> decimal.Decimal:
    high, low = struct.unpack("<iI", data)
    return decimal.Decimal((high << 32) + low).scaleb(-4)


def _smallmoney(data: bytes) -> decimal.Decimal:
    return decimal.Decimal(struct.unpack("<i", data)[0]).scaleb(-4)


def _bit(data: bytes) -> bool:
    return data != b"\x00"


_INTEGERS: dict[int, tuple[str, Decoder]] = {
    1: ("tinyint", _unpack("<B")),
    2: ("smallint", _unpack("<h")),
    4: ("int", _unpack("<i")),
    8: ("bigint", _unpack("<q")),
}
_FLOATS: dict[int, tuple[str, Decoder]] = {4: ("real", _unpack("<f")), 8: ("float", _unpack("<d"))}
_MONEY: dict[int, tuple[str, Decoder]] = {4: ("smallmoney", _smallmoney), 8: ("money", _money)}
_DATETIMES: dict[int, tuple[str, Decoder]] = {
    4: ("smalldatetime", temporal.read_smalldatetime),
    8: ("datetime", temporal.read_datetime),
}
_BITS: dict[int, tuple[str, Decoder]] = {1: ("bit", _bit)}
_GUIDS: dict[int, tuple[str, Decoder]] = {16: ("uniqueidentifier", lambda data: uuid.UUID(bytes_le=data))}

# Without a length: the value follows at once and cannot be NULL.
_FIXED: dict[int, tuple[int, dict[int, tuple[str, Decoder]]]] = {
    0x30: (1, _INTEGERS),
    0x34: (2, _INTEGERS),
    0x38: (4, _INTEGERS),
    0x7F: (8, _INTEGERS),
    0x32: (1, _BITS),
    0x3B: (4, _FLOATS),
    0x3E: (8, _FLOATS),
    0x7A: (4, _MONEY),
    0x3C: (8, _MONEY),
    0x3A: (4, _DATETIMES),
    0x3D: (8, _DATETIMES),
}
# With the largest length in the description and the real one before each value.
_NULLABLE = {0x26: _INTEGERS, 0x68: _BITS, 0x6D: _FLOATS, 0x6E: _MONEY, 0x6F: _DATETIMES, 0x24: _GUIDS}
_SCALED: dict[int, tuple[str, Callable[[bytes, int], Any], int]] = {
    0x29: ("time", temporal.read_time, 8),
    0x2A: ("datetime2", temporal.read_datetime2, 19),
    0x2B: ("datetimeoffset", temporal.read_datetimeoffset, 26),
}
_CHARACTER = {0xA7: "varchar", 0xAF: "char", 0xE7: "nvarchar", 0xEF: "nchar"}
_BINARY = {0xA5: "varbinary", 0xAD: "binary"}
_OLD_LOBS = {0x23: "text", 0x63: "ntext", 0x22: "image"}
_BYTE_LENGTH = {0x2F: "char", 0x27: "varchar", 0x2D: "binary", 0x25: "varbinary"}
_UNSUPPORTED = {0xF3: "table-valued parameters", 0xF0: "parameters of CLR types", 0x62: "sql_variant parameters"}


def read_typed_value(reader: FieldReader) -> tuple[SqlType, Any]:
    sql_type, read_value = _read_type(reader)
    try:
        return sql_type, read_value(reader)
    except (ValueError, ArithmeticError, struct.error) as error:
        raise refusals.invalid_value(sql_type.name, str(error)) from error


def _read_type(reader: FieldReader) -> tuple[SqlType, ValueReader]:
    token = reader.u8()
    if token in _FIXED:
        length, sizes = _FIXED[token]
        name, decode = sizes[length]
        return SqlType(name), lambda fields: decode(fields.take(length))
    for tokens, read in _FAMILIES:
        if token in tokens:
            return read(token, reader)
    if token in _UNSUPPORTED:
        raise refusals.unsupported(_UNSUPPORTED[token])
    raise refusals.unknown_type(token)


def _nullable(token: int, reader: FieldReader) -> tuple[SqlType, ValueReader]:
    sizes = _NULLABLE[token]
    declared = reader.u8()
    if declared not in sizes:
        raise refusals.bad_type_length(token, declared)

    def value(fields: FieldReader) -> Any:
        length = fields.u8()
        if length and length not in sizes:
            raise refusals.bad_type_length(token, length)
        return sizes[length][1](fields.take(length)) if length else None

    return SqlType(sizes[declared][0]), value


def _decimal(token: int, reader: FieldReader) -> tuple[SqlType, ValueReader]:
    reader.u8()
    precision, scale = reader.u8(), reader.u8()
    if not 1 <= precision <= 38 or scale > precision:
        raise refusals.bad_type_length(token, precision)

    def decode(data: bytes) -> decimal.Decimal:
        digits = int.from_bytes(data[1:], "little")
        sign = 0 if data[0] else 1
        return decimal.Decimal((sign, tuple(map(int, str(digits))), -scale))

    name = "numeric" if token == 0x6C else "decimal"
    return SqlType(name, 0, precision, scale), partial(_short, decode)


def _date(_token: int, _reader: FieldReader) -> tuple[SqlType, ValueReader]:
    return SqlType("date"), partial(_short, temporal.read_date)


def _scaled(token: int, reader: FieldReader) -> tuple[SqlType, ValueReader]:
    name, decode, digits = _SCALED[token]
    scale = reader.u8()
    if scale > 7:
        raise refusals.bad_type_length(token, scale)
    precision = digits + (scale + 1 if scale else 0)
    return SqlType(name, 0, precision, scale), partial(_short, lambda data: decode(data, scale))


def _short(decode: Decoder, fields: FieldReader) -> Any:
    length = fields.u8()
    return decode(fields.take(length)) if length else None


def _sized(token: int, reader: FieldReader) -> tuple[SqlType, ValueReader]:
    """varchar and varbinary with their kin; 0xFFFF in place of the length means max."""
    size = reader.u16()
    collated = token in _CHARACTER
    decode = _text_decoder(token, reader) if collated else bytes
    name = _CHARACTER[token] if collated else _BINARY[token]
    if size == 0xFFFF:
        return SqlType(name, -1), partial(_plp, decode)
    return SqlType(name, size // 2 if name.startswith("n") else size), partial(_counted, decode)


def _text_decoder(token: int, reader: FieldReader) -> Decoder:
    encoding = code_page(reader.take(5))
    if token in (0xE7, 0xEF, 0x63):
        return utf16
    return lambda data: data.decode(encoding, "replace")


def _counted(decode: Decoder, fields: FieldReader) -> Any:
    length = fields.u16()
    return None if length == 0xFFFF else decode(fields.take(length))


def _plp(decode: Decoder, fields: FieldReader) -> Any:
    """Chunks up to an empty one; the announced total may be unknown."""
    if fields.u64() == _NULL_PLP:
        return None
    pieces = []
    while length := fields.u32():
        pieces.append(fields.take(length))
    return decode(b"".join(pieces))


def _old_lob(token: int, reader: FieldReader) -> tuple[SqlType, ValueReader]:
    """text, ntext and image as parameters have no text pointer."""
    reader.u32()
    decode = bytes if token == 0x22 else _text_decoder(token, reader)

    def value(fields: FieldReader) -> Any:
        length = fields.u32()
        return None if length == 0xFFFFFFFF else decode(fields.take(length))

    return SqlType(_OLD_LOBS[token]), value


def _byte_length(token: int, reader: FieldReader) -> tuple[SqlType, ValueReader]:
    """The forms of char and binary from before TDS 7, which some clients still send."""
    size = reader.u8()
    decode: Decoder = bytes if token in (0x2D, 0x25) else lambda data: data.decode(code_page(bytes(5)), "replace")
    return SqlType(_BYTE_LENGTH[token], size), partial(_short, decode)


def _xml(_token: int, reader: FieldReader) -> tuple[SqlType, ValueReader]:
    if reader.u8():
        raise refusals.unsupported("xml with a schema")
    return SqlType("xml", -1), partial(_plp, utf16)


def _null(_token: int, _reader: FieldReader) -> tuple[SqlType, ValueReader]:
    return SqlType("int"), lambda _fields: None


_FAMILIES: tuple[tuple[Any, Callable[[int, FieldReader], tuple[SqlType, ValueReader]]], ...] = (
    (_NULLABLE, _nullable),
    ({0x6A, 0x6C}, _decimal),
    ({0x28}, _date),
    (_SCALED, _scaled),
    (_CHARACTER | _BINARY, _sized),
    (_OLD_LOBS, _old_lob),
    (_BYTE_LENGTH, _byte_length),
    ({0xF1}, _xml),
    ({0x1F}, _null),
)
