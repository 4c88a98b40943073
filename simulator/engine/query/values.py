# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of T-SQL's types: as Python sees them, and as SQLite keeps them (see :mod:`types`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from simulator.engine.events import SqlError, SqlType
from simulator.engine.messages import message
from simulator.engine.query import types

_DAY = "%Y-%m-%d"
_EPOCH = date(1900, 1, 1)


def store(value: Any, sql_type: SqlType) -> Any:
    """A Python value of this type as SQLite keeps it."""
    if value is None:
        return None
    keep = _STORE.get(sql_type.name)
    return _store_untyped(value) if keep is None else keep(value, sql_type)


def _store_untyped(value: Any) -> Any:
    """Text and binary as they are; what has a type of its own (in a sql_variant) by that type."""
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if value is None or isinstance(value, (str, bytes)):
        return value
    natural = natural_type(value)
    return value if natural.name not in _STORE else _STORE[natural.name](value, natural)


def _store_exact(value: Decimal, sql_type: SqlType) -> int | float:
    if value == value.to_integral_value() and abs(value) < 2**63:
        return int(value)
    if len(value.normalize().as_tuple().digits) > 15:
        raise SqlError(message(8115, "numeric", types.text_of(sql_type)))
    return float(value)


def store_date(value: Any, name: str) -> str:
    if name == "date":
        return value.strftime(_DAY) if value.year >= 1000 else value.isoformat()[:10]
    if name == "time":
        return value.isoformat(timespec="microseconds")[:15]
    if name == "datetimeoffset":
        offset = value.utcoffset() or timedelta(0)
        moment = value.replace(tzinfo=None) - offset
        minutes = int(offset.total_seconds() // 60)
        sign = "-" if minutes < 0 else "+"
        return f"{_moment_text(moment)} {sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return _moment_text(value.replace(tzinfo=None))


def _moment_text(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="microseconds")


def present(stored: Any, sql_type: SqlType) -> Any:
    """What SQLite kept, as the Python value that goes to the client."""
    if stored is None:
        return None
    show = _PRESENT.get(sql_type.name)
    return stored if show is None else show(stored, sql_type)


def _whole(stored: Any, sql_type: SqlType) -> int:
    value = int(stored)
    low, high = types.RANGES[sql_type.name]
    if not low <= value <= high:
        raise SqlError(message(8115, "expression", sql_type.name))
    return value


def _exact(stored: Any, sql_type: SqlType) -> Decimal:
    _, scale = types.exact_size(sql_type)
    value = Decimal(repr(stored) if isinstance(stored, float) else stored)
    return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)


def present_date(text: str, name: str) -> Any:
    if name == "date":
        return date.fromisoformat(text[:10])
    if name == "time":
        return time.fromisoformat(text)
    moment = datetime.fromisoformat(text[:26])
    if name != "datetimeoffset":
        return moment
    sign = -1 if text[27] == "-" else 1
    offset = timezone(sign * timedelta(hours=int(text[28:30]), minutes=int(text[31:33])))
    return moment.replace(tzinfo=timezone.utc).astimezone(offset)


def natural_type(value: Any) -> SqlType:
    """The T-SQL type that fits a Python value."""
    if isinstance(value, bool):
        return types.BIT
    if isinstance(value, int):
        return types.INT if -(2**31) <= value < 2**31 else types.BIGINT
    if isinstance(value, datetime):
        return types.DATETIME2 if value.tzinfo is None else types.DATETIMEOFFSET
    if isinstance(value, Decimal):
        return types.decimal_type(value)
    simple = {
        float: types.FLOAT, bytes: types.varbinary(8000), UUID: types.GUID, date: SqlType("date"),
        time: SqlType("time", scale=7), str: types.nvarchar(4000),
    }  # fmt: skip
    return simple.get(type(value), types.UNTYPED)


def round_moment(value: datetime, sql_type: SqlType) -> datetime:
    """To the precision of the type: datetime counts in 1/300 s, smalldatetime in minutes."""
    if sql_type.name == "datetime":
        ticks = (value.microsecond * 3 + 5000) // 10000
        milliseconds = (ticks * 10 + 1) // 3
        return value.replace(microsecond=0) + timedelta(milliseconds=milliseconds)
    if sql_type.name == "smalldatetime":
        minute = value.replace(second=0, microsecond=0)
        return minute + timedelta(minutes=1) if value.second + value.microsecond / 1e6 >= 29.999 else minute
    if sql_type.name in {"datetime2", "datetimeoffset"} and sql_type.scale < 6:
        unit = 10 ** (6 - sql_type.scale)
        rounded = (value.microsecond + unit // 2) // unit * unit
        return value.replace(microsecond=0) + timedelta(microseconds=rounded)
    return value


def from_number(days: float) -> datetime:
    """A number as datetime: days since 1900."""
    return datetime.combine(_EPOCH, time()) + timedelta(days=float(days))


def to_number(moment: datetime) -> float:
    return (moment - datetime.combine(_EPOCH, time())) / timedelta(days=1)


_Conversion = Callable[[Any, SqlType], Any]
_STORE: dict[str, _Conversion] = {
    **dict.fromkeys(types.INTEGERS, lambda value, _: int(value)),
    **dict.fromkeys(types.APPROXIMATE, lambda value, _: float(value)),
    **dict.fromkeys(types.EXACT, lambda value, sql_type: _store_exact(Decimal(value), sql_type)),
    **dict.fromkeys(types.DATES, lambda value, sql_type: store_date(value, sql_type.name)),
    "uniqueidentifier": lambda value, _: str(value).upper(),
}
_PRESENT: dict[str, _Conversion] = {
    **dict.fromkeys(types.INTEGERS, _whole),
    **dict.fromkeys(types.EXACT, _exact),
    **dict.fromkeys(types.APPROXIMATE, lambda stored, _: float(stored)),
    **dict.fromkeys(types.DATES, lambda stored, sql_type: present_date(str(stored), sql_type.name)),
    **dict.fromkeys(("char", "nchar"), lambda stored, sql_type: str(stored).ljust(max(sql_type.length, 0))),
    "bit": lambda stored, _: bool(stored),
    "uniqueidentifier": lambda stored, _: UUID(str(stored)),
    "binary": lambda stored, sql_type: bytes(stored).ljust(sql_type.length, b"\0"),
}
