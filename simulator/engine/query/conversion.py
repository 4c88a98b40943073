# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CAST, CONVERT and the conversions that assignments and comparisons make on their own."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from simulator.engine.events import SqlError, SqlType
from simulator.engine.messages import message
from simulator.engine.query import types, values
from simulator.engine.query.dates import format_moment, parse_moment


def convert(stored: Any, source: SqlType, target: SqlType, style: int = 0) -> Any:
    """A kept value of one type as a kept value of another, or the documented error."""
    if stored is None:
        return None
    value = values.present(stored, source) if source.name else stored
    return values.store(to_python(value, source, target, style), target)


def to_python(value: Any, source: SqlType, target: SqlType, style: int) -> Any:
    name = target.name
    if name in types.TEXT:
        return _fit_text(to_text(value, source, style), value, target)
    if name in types.NUMBERS:
        return _to_number(value, source, target)
    if name in types.DATES:
        return _to_date(value, source, target, style)
    if name in types.BINARY:
        return _to_binary(value, source, target, style)
    if name == "uniqueidentifier":
        return _to_guid(value)
    return value


# ------------------------------------------------------------------------------------------------ text


def to_text(value: Any, source: SqlType, style: int = 0) -> str:
    if isinstance(value, (datetime, date, time)):
        return format_moment(value, source, style)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, (bytes, bytearray)):
        return _binary_text(bytes(value), style)
    if isinstance(value, UUID):
        return str(value).upper()
    if source.name in {"money", "smallmoney"}:
        return str(Decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
    return str(int(value)) if isinstance(value, bool) else str(value)


def _float_text(value: float) -> str:
    """Style 0: at most six digits."""
    text = f"{value:.6g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{exponent[0]}{int(exponent[1:]):03d}"


def _binary_text(value: bytes, style: int) -> str:
    if style == 1:
        return "0x" + value.hex().upper()
    return value.hex().upper() if style == 2 else value.decode("latin-1")


def _fit_text(text: str, value: Any, target: SqlType) -> str:
    """Text is cut; a number that does not fit is refused or shown as *."""
    if target.length in (-1, 0) or len(text) <= target.length:
        return text
    if isinstance(value, int) and not isinstance(value, bool):
        if target.name in {"nchar", "nvarchar"}:
            raise SqlError(message(8115, "expression", target.name))
        return "*"
    if isinstance(value, (Decimal, float)):
        raise SqlError(message(8115, "numeric", target.name))
    if isinstance(value, UUID):
        raise SqlError(message(8170))
    return text[: target.length]


# ------------------------------------------------------------------------------------------------ numbers


def _to_number(value: Any, source: SqlType, target: SqlType) -> Any:
    if isinstance(value, str):
        value = _number_of(value, source, target)
    elif isinstance(value, (bytes, bytearray)):
        value = int.from_bytes(value[-8:], "big", signed=len(value) >= 8)
    elif isinstance(value, (datetime, date)) and not isinstance(value, UUID):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        value = values.to_number(moment)
    elif isinstance(value, (UUID, time)):
        raise SqlError(message(529, source.name, target.name))
    if target.name == "bit":
        return bool(value)
    if target.name in types.INTEGERS:
        return _integer(value, source, target)
    return float(value) if target.name in types.APPROXIMATE else _decimal(value, source, target)


def _number_of(text: str, source: SqlType, target: SqlType) -> Any:
    stripped = text.strip()
    if target.name == "bit" and stripped.lower() in {"true", "false"}:
        return stripped.lower() == "true"
    try:
        if target.name in types.INTEGERS:
            return int(stripped or 0)
        if target.name in types.APPROXIMATE:
            return float(stripped or 0)
        return Decimal(stripped.replace(",", "") if "money" in target.name else stripped)
    except (ValueError, InvalidOperation):
        raise _not_a_number(text, source, target) from None


def _not_a_number(text: str, source: SqlType, target: SqlType) -> SqlError:
    if target.name in types.INTEGERS:
        return SqlError(message(245, source.name or "varchar", text, target.name))
    if target.name == "money":
        return SqlError(message(235))
    return SqlError(message(8114, source.name or "varchar", target.name))


def _integer(value: Any, source: SqlType, target: SqlType) -> int:
    whole = int(Decimal(value).to_integral_value(ROUND_DOWN)) if not isinstance(value, int) else int(value)
    low, high = types.RANGES[target.name]
    if not low <= whole <= high:
        if source.name in types.TEXT:
            raise (
                SqlError(message(248, source.name, whole))
                if target.name == "int"
                else SqlError(message(244, source.name, whole, f"INT{types.INTEGERS[target.name]}"))
            )
        raise SqlError(message(220, target.name, whole) if target.name != "int" else message(8115, "expression", "int"))
    return whole


def _decimal(value: Any, source: SqlType, target: SqlType) -> Decimal:
    precision, scale = types.exact_size(target)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    try:
        rounded = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        rounded = Decimal(10) ** 38
    if abs(rounded) >= Decimal(10) ** (precision - scale):
        raise SqlError(message(8115, source.name or "numeric", target.name))
    return rounded


# ------------------------------------------------------------------------------------------------ the others


def _to_date(value: Any, source: SqlType, target: SqlType, style: int) -> Any:
    if isinstance(value, str):
        moment = parse_moment(value, style)
        if moment is None:
            raise SqlError(message(241))
    elif isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time())
    elif isinstance(value, time):
        moment = datetime.combine(date(1900, 1, 1), value)
    elif isinstance(value, (int, float, Decimal)) and target.name in {"datetime", "smalldatetime"}:
        moment = values.from_number(float(value))
    else:
        raise SqlError(message(529, source.name or "varbinary", target.name))
    return _as_date_type(moment, source, target)


def _as_date_type(moment: datetime, source: SqlType, target: SqlType) -> Any:
    if target.name == "datetimeoffset":
        aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return values.round_moment(aware, target)
    moment = moment.replace(tzinfo=None)
    if target.name == "date":
        return moment.date()
    if target.name == "time":
        rounded = values.round_moment(moment, SqlType("datetime2", scale=target.scale))
        return rounded.time()
    earliest = {"datetime": datetime(1753, 1, 1), "smalldatetime": datetime(1900, 1, 1)}.get(target.name)
    if earliest is not None and moment < earliest:
        raise SqlError(message(242, source.name or "varchar", target.name))
    return values.round_moment(moment, target)


def _to_binary(value: Any, source: SqlType, target: SqlType, style: int) -> bytes:
    number = isinstance(value, int)
    if isinstance(value, str):
        value = _hexadecimal(value) if style in (1, 2) else encode(value, source)
    elif isinstance(value, bool):
        value = bytes([value])
    elif isinstance(value, int):
        value = value.to_bytes(8 if abs(value) >= 2**31 else 4, "big", signed=True)
    elif isinstance(value, UUID):
        value = value.bytes_le
    elif not isinstance(value, (bytes, bytearray)):
        raise SqlError(message(529, "expression", target.name))
    data = bytes(value)
    if target.length in (-1, 0):
        return data
    return data[-target.length :] if number else data[: target.length]


def encode(text: str, source: SqlType) -> bytes:
    """The bytes that SQL Server keeps: UTF-16 of nvarchar, the code page of varchar."""
    return text.encode("utf-16-le") if source.name in types.UNICODE else text.encode("cp1252", "replace")


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text[2:] if text.lower().startswith("0x") else text)
    except ValueError:
        raise SqlError(message(8114, "varchar", "varbinary")) from None


def _to_guid(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, (bytes, bytearray)):
        return UUID(bytes_le=bytes(value).ljust(16, b"\0")[:16])
    try:
        return UUID(str(value).strip("{}")[:36])
    except ValueError:
        raise SqlError(message(8169)) from None


def fit(stored: Any, source: SqlType, target: SqlType, table: str, column: str) -> Any:
    """An assignment: as :func:`convert`, but what would be cut is refused (2628)."""
    if isinstance(stored, (str, bytes)) and target.length > 0 and len(stored) > target.length:
        whole = stored.rstrip(" " if isinstance(stored, str) else b"\0")  # type: ignore[arg-type]
        if target.name in types.TEXT | types.BINARY and len(whole) > target.length:
            raise SqlError(message(2628, table, column, stored[: target.length]))
    return convert(stored, source, target)
