# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From SqlType to the wire: the description of the type and an encoder of its values (MS-TDS 2.2.5.4, 2.2.5.5)."""

from __future__ import annotations

import decimal
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from simulator.engine.events import SqlType
from simulator.tds import temporal
from simulator.tds.collation import CODE_PAGE, COLLATION
from simulator.tds.login import TDS_7_3

Encoder = Callable[[Any], bytes]

_MAX = 0xFFFF
_LARGEST_BYTES = 8000
_NULL_PLP = b"\xff" * 8
_PLP_END = bytes(4)
_EXACT = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_UP)
_TEXT_POINTER = bytes([16]) + b"dummy textptr\0\0\0" + b"dummyTS\0"

# These are other names of one type.
_SAME = {
    "sysname": SqlType("nvarchar", 128),
    "rowversion": SqlType("binary", 8),
    "timestamp": SqlType("binary", 8),
    "dec": SqlType("decimal"),
    "integer": SqlType("int"),
    "xml": SqlType("nvarchar", -1),
}
# Only from TDS 7.3 on; older clients get text, as SQL Server sends it to them.
_NEW_TEMPORAL = {"date": 10, "time": 16, "datetime2": 27, "datetimeoffset": 34}


@dataclass(frozen=True)
class WireType:
    """``info`` is TYPE_INFO; ``encode`` takes a value or None. Columns of text types also carry their table's name."""

    info: bytes
    encode: Encoder
    names_table: bool = False


@lru_cache(maxsize=4096)
def wire_type(sql_type: SqlType, tds_version: int) -> WireType:
    sql_type = _SAME.get(sql_type.name, sql_type)
    if tds_version < TDS_7_3 and sql_type.name in _NEW_TEMPORAL and tds_version >> 24 == 0x72:
        return _character(SqlType("nvarchar", _NEW_TEMPORAL[sql_type.name]))
    if sql_type.name not in _KINDS:
        raise ValueError(f"the type {sql_type.name} is unknown to the protocol")
    return _KINDS[sql_type.name](sql_type)


def default_scale(sql_type: SqlType) -> int:
    """datetime2 without anything else is datetime2(7); datetime2(0) has its precision of 19."""
    return 7 if sql_type.scale == 0 and sql_type.precision == 0 else sql_type.scale


def _short(encode: Encoder) -> Encoder:
    """Length in one byte, 0 for NULL."""

    def with_length(value: Any) -> bytes:
        if value is None:
            return b"\x00"
        data = encode(value)
        return bytes([len(data)]) + data

    return with_length


def _integer(token: int, layout: str) -> Callable[[SqlType], WireType]:
    pack = struct.Struct(layout).pack
    size = struct.calcsize(layout)
    return lambda _: WireType(bytes([token, size]), _short(lambda value: pack(int(value))))


def _bit(_: SqlType) -> WireType:
    return WireType(b"\x68\x01", _short(lambda value: b"\x01" if value else b"\x00"))


def _float(sql_type: SqlType) -> WireType:
    single = sql_type.name == "real" or 0 < sql_type.precision <= 24
    pack = struct.Struct("<f" if single else "<d").pack
    return WireType(bytes([0x6D, 4 if single else 8]), _short(pack))


def _scaled(value: Any, scale: int) -> int:
    exact = value if isinstance(value, decimal.Decimal) else decimal.Decimal(str(value))
    return int(exact.scaleb(scale, _EXACT).to_integral_value(context=_EXACT))


def _money(token_size: int) -> Callable[[SqlType], WireType]:
    def encode(value: Any) -> bytes:
        amount = _scaled(value, 4)
        if token_size == 4:
            return struct.pack("<i", amount)
        return struct.pack("<iI", amount >> 32, amount & 0xFFFFFFFF)

    return lambda _: WireType(bytes([0x6E, token_size]), _short(encode))


def _decimal(sql_type: SqlType) -> WireType:
    precision = sql_type.precision or 18
    size = 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17
    limit = 10**precision

    def encode(value: Any) -> bytes:
        number = _scaled(value, sql_type.scale)
        if abs(number) >= limit:
            raise ValueError(f"{value} does not fit decimal({precision},{sql_type.scale})")
        return bytes([number >= 0]) + abs(number).to_bytes(size - 1, "little")

    token = 0x6C if sql_type.name == "numeric" else 0x6A
    return WireType(bytes([token, size, precision, sql_type.scale]), _short(encode))


def _uniqueidentifier(_: SqlType) -> WireType:
    return WireType(
        b"\x24\x10", _short(lambda value: (value if isinstance(value, uuid.UUID) else uuid.UUID(value)).bytes_le)
    )


def _date(_: SqlType) -> WireType:
    return WireType(b"\x28", _short(temporal.date_bytes))


def _with_scale(token: int, encode: Callable[[Any, int], bytes]) -> Callable[[SqlType], WireType]:
    def build(sql_type: SqlType) -> WireType:
        scale = default_scale(sql_type)
        return WireType(bytes([token, scale]), _short(lambda value: encode(value, scale)))

    return build


def _datetime(size: int, encode: Encoder) -> Callable[[SqlType], WireType]:
    return lambda _: WireType(bytes([0x6F, size]), _short(encode))


def _character(sql_type: SqlType) -> WireType:
    """char, varchar, nchar, nvarchar."""
    wide = sql_type.name.startswith("n")
    fixed = sql_type.name.endswith("char") and "var" not in sql_type.name
    token = {"char": 0xAF, "varchar": 0xA7, "nchar": 0xEF, "nvarchar": 0xE7}[sql_type.name]
    to_bytes = _wide_bytes if wide else _narrow_bytes
    if sql_type.length == -1:
        return WireType(bytes([token]) + _MAX.to_bytes(2, "little") + COLLATION, _plp(to_bytes))
    size = _declared_bytes(sql_type, 2 if wide else 1, fixed=fixed)
    blank = b" \x00" if wide else b" "
    encode = _bounded(to_bytes, size, blank if fixed else None)
    return WireType(bytes([token]) + size.to_bytes(2, "little") + COLLATION, encode)


def _binary(sql_type: SqlType) -> WireType:
    fixed = sql_type.name == "binary"
    token = bytes([0xAD if fixed else 0xA5])
    if sql_type.length == -1:
        return WireType(token + _MAX.to_bytes(2, "little"), _plp(bytes))
    size = _declared_bytes(sql_type, 1, fixed=fixed)
    return WireType(token + size.to_bytes(2, "little"), _bounded(bytes, size, b"\x00" if fixed else None))


def _declared_bytes(sql_type: SqlType, width: int, *, fixed: bool) -> int:
    """A length left out means 1 for char(n) and the largest there is for varchar(n)."""
    if sql_type.length == 0:
        return width if fixed else _LARGEST_BYTES
    size = sql_type.length * width
    if not 0 < size <= _LARGEST_BYTES:
        raise ValueError(f"{sql_type.name}({sql_type.length}) does not exist")
    return size


def _wide_bytes(value: Any) -> bytes:
    return str(value).encode("utf-16-le", "surrogatepass")


def _narrow_bytes(value: Any) -> bytes:
    """What the code page lacks becomes a question mark, as in SQL Server."""
    return str(value).encode(CODE_PAGE, "replace")


def _bounded(to_bytes: Encoder, size: int, padding: bytes | None) -> Encoder:
    def encode(value: Any) -> bytes:
        if value is None:
            return b"\xff\xff"
        data = to_bytes(value)
        if len(data) > size:
            raise ValueError(f"a value of {len(data)} bytes in a column of {size}")
        if padding:
            data += padding * ((size - len(data)) // len(padding))
        return len(data).to_bytes(2, "little") + data

    return encode


def _plp(to_bytes: Encoder) -> Encoder:
    """Partially length-prefixed: the whole value as one chunk."""

    def encode(value: Any) -> bytes:
        if value is None:
            return _NULL_PLP
        data = to_bytes(value)
        chunk = len(data).to_bytes(4, "little") + data if data else b""
        return len(data).to_bytes(8, "little") + chunk + _PLP_END

    return encode


def _old_lob(token: int, to_bytes: Encoder, *, collated: bool) -> Callable[[SqlType], WireType]:
    """text, ntext, image: a pointer and a timestamp before the value."""

    def encode(value: Any) -> bytes:
        if value is None:
            return b"\x00"
        data = to_bytes(value)
        return _TEXT_POINTER + len(data).to_bytes(4, "little") + data

    largest = 0x7FFFFFFE if token == 0x63 else 0x7FFFFFFF
    info = bytes([token]) + largest.to_bytes(4, "little") + (COLLATION if collated else b"")
    return lambda _: WireType(info, encode, names_table=True)


_KINDS: dict[str, Callable[[SqlType], WireType]] = {
    "tinyint": _integer(0x26, "<B"),
    "smallint": _integer(0x26, "<h"),
    "int": _integer(0x26, "<i"),
    "bigint": _integer(0x26, "<q"),
    "bit": _bit,
    "real": _float,
    "float": _float,
    "money": _money(8),
    "smallmoney": _money(4),
    "decimal": _decimal,
    "numeric": _decimal,
    "uniqueidentifier": _uniqueidentifier,
    "date": _date,
    "time": _with_scale(0x29, temporal.time_bytes),
    "datetime2": _with_scale(0x2A, temporal.datetime2_bytes),
    "datetimeoffset": _with_scale(0x2B, temporal.datetimeoffset_bytes),
    "datetime": _datetime(8, temporal.datetime_bytes),
    "smalldatetime": _datetime(4, temporal.smalldatetime_bytes),
    "char": _character,
    "varchar": _character,
    "nchar": _character,
    "nvarchar": _character,
    "binary": _binary,
    "varbinary": _binary,
    "text": _old_lob(0x23, _narrow_bytes, collated=True),
    "ntext": _old_lob(0x63, _wide_bytes, collated=True),
    "image": _old_lob(0x22, bytes, collated=False),
}


def is_known(name: str) -> bool:
    return name in _KINDS or name in _SAME
