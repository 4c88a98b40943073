# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The functions that translated statements call inside SQLite. Values come and go as SQLite keeps them."""

from __future__ import annotations

import hashlib
import math
import sqlite3
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.query import conversion, dates, texts, types, values
from simulator.engine.query.model import decode
from simulator.engine.query.runtime_aggregates import AGGREGATES

_ALGORITHMS = {"MD5": "md5", "SHA": "sha1", "SHA1": "sha1", "SHA2_256": "sha256", "SHA2_512": "sha512"}


class Failures:
    """SQLite hides what a function raised: it is kept here, for whoever ran the statement."""

    def __init__(self) -> None:
        self.error: SqlError | None = None

    def guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any) -> Any:
            try:
                result = function(*arguments)
                if isinstance(result, int) and not -(2**63) <= result < 2**63:
                    raise SqlError(message(8115, "expression", "bigint"))
                return result
            except SqlError as error:
                self.error = error
                raise
            except (ArithmeticError, ValueError) as error:
                self.error = SqlError(message(8115, "expression", "float"))
                raise self.error from error

        return guarded

    def take(self, otherwise: Exception) -> Exception:
        error, self.error = self.error, None
        if error is None and str(otherwise) == "integer overflow":
            return SqlError(message(8115, "expression", "bigint"))
        return error or otherwise


def register(connection: sqlite3.Connection, failures: Failures) -> None:
    """Everything that needs no session; :mod:`simulator.engine.session_functions` adds the rest."""
    for name, function in {**_FUNCTIONS, **texts.FUNCTIONS}.items():
        connection.create_function(f"f_{name}", -1, failures.guard(function))
    for name, aggregate in AGGREGATES.items():
        connection.create_aggregate(f"f_{name}", -1, aggregate)


# ------------------------------------------------------------------------------------------------ conversions


def _cast(value: Any, source: str, target: str, style: int) -> Any:
    return conversion.convert(value, decode(source), decode(target), style or 0)


def _try_cast(value: Any, source: str, target: str, style: int) -> Any:
    try:
        return _cast(value, source, target, style)
    except (SqlError, ValueError, ArithmeticError):
        return None


def _fit(value: Any, source: str, target: str, table: str, column: str) -> Any:
    return conversion.fit(value, decode(source), decode(target), table, column)


# ------------------------------------------------------------------------------------------------ numbers


def _divide(left: Any, right: Any, whole: int) -> Any:
    if left is None or right is None:
        return None
    if right == 0:
        raise SqlError(message(8134))
    return _whole(left, right) if whole else left / right


def _whole(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _modulo(left: Any, right: Any, _whole_numbers: int) -> Any:
    if left is None or right is None:
        return None
    if right == 0:
        raise SqlError(message(8134))
    return (
        math.fmod(left, right)
        if isinstance(left, float) or isinstance(right, float)
        else int(math.copysign(abs(left) % abs(right), left))
    )


def _numeric(function: Callable[..., Any]) -> Callable[..., Any]:
    def strict(*arguments: Any) -> Any:
        return None if any(argument is None for argument in arguments) else function(*arguments)

    return strict


def _round(value: float, digits: int, truncate: int = 0) -> Any:
    scale = 10.0**digits
    if truncate:
        result = math.trunc(value * scale) / scale
    else:
        result = math.copysign(math.floor(abs(value) * scale + 0.5 + 1e-9), value) / scale
    return int(result) if isinstance(value, int) else result


# ------------------------------------------------------------------------------------------------ time


def _dateadd(part: str, amount: Any, moment: Any, kind: str) -> Any:
    if moment is None or amount is None:
        return None
    sql_type = decode(kind)
    base = _as_moment(moment, kind)
    moved = dates.date_add(part, int(amount), base)
    result: Any = moved.date() if sql_type.name == "date" else moved.time() if sql_type.name == "time" else moved
    if isinstance(result, datetime):
        result = values.round_moment(result, sql_type)
    return values.store(result, sql_type)


def _as_moment(stored: Any, kind: str) -> datetime:
    value = values.present(stored, decode(kind))
    if isinstance(value, datetime):
        return value
    day = datetime(1900, 1, 1)
    return datetime.combine(value, day.time()) if hasattr(value, "year") else datetime.combine(day.date(), value)


def _datediff(part: str, start: Any, start_kind: str, end: Any, end_kind: str) -> Any:
    if start is None or end is None:
        return None
    return dates.date_diff(part, _as_moment(start, start_kind), _as_moment(end, end_kind))


def _datediff_big(part: str, start: Any, start_kind: str, end: Any, end_kind: str) -> Any:
    if start is None or end is None:
        return None
    return dates.date_diff(part, _as_moment(start, start_kind), _as_moment(end, end_kind), big=True)


def _datepart(part: str, moment: Any, kind: str) -> Any:
    return None if moment is None else dates.date_part(part, _as_moment(moment, kind))


def _datename(part: str, moment: Any, kind: str) -> Any:
    return None if moment is None else dates.date_name(part, _as_moment(moment, kind))


def _part_of(part: str) -> Callable[[Any], Any]:
    return lambda moment: None if moment is None else dates.date_part(part, datetime.fromisoformat(moment))


def _eomonth(moment: Any, months: int = 0) -> Any:
    return None if moment is None else dates.end_of_month(datetime.fromisoformat(moment), months or 0).isoformat()


def _datefromparts(year: int, month: int, day: int) -> str:
    try:
        return datetime(year, month, day).date().isoformat()
    except ValueError:
        raise SqlError(message(289, "date")) from None


def _switchoffset(moment: str, offset: str) -> str:
    value = values.present(moment, types.DATETIMEOFFSET)
    return str(values.store(value.astimezone(dates.parse_offset(offset)), types.DATETIMEOFFSET))


def _todatetimeoffset(moment: str, offset: str) -> str:
    value = values.present(moment, types.DATETIME2).replace(tzinfo=dates.parse_offset(offset))
    return str(values.store(value, types.DATETIMEOFFSET))


def _attimezone(moment: str, aware: int, zone: str) -> str:
    """Only UTC: Windows' other zone names are not known here."""
    if zone.upper() != "UTC":
        raise SqlError(message(9820, zone))
    return _switchoffset(moment, "+00:00") if aware else _todatetimeoffset(moment, "+00:00")


def _move(moment: str, days: float) -> str:
    return str(values.store(values.present(moment, types.DATETIME) + timedelta(days=days), types.DATETIME))


# ------------------------------------------------------------------------------------------------ checksums


def _hashbytes(name: str, value: Any, kind: str) -> Any:
    if value is None or name is None:
        return None
    if name.upper() not in _ALGORITHMS:
        return None
    data = conversion.encode(value, decode(kind)) if isinstance(value, str) else bytes(value)
    return hashlib.new(_ALGORITHMS[name.upper()], data, usedforsecurity=False).digest()


def _checksum_of(fold: Callable[[str], str]) -> Callable[..., int]:
    """Not SQL Server's own algorithm, which is not documented; equal rows give equal values, which is its purpose."""

    def checksum(*arguments: Any) -> int:
        text = "\0".join(fold(value) if isinstance(value, str) else repr(value) for value in arguments)
        value = zlib.crc32(text.encode("utf-8", "surrogatepass"))
        return value - 2**32 if value >= 2**31 else value

    return checksum


def _too_many() -> None:
    raise SqlError(message(512))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "cast": _cast, "try_cast": _try_cast, "fit": _fit, "divide": _divide, "modulo": _modulo,
    "xor": _numeric(lambda left, right: left ^ right), "abs": _numeric(abs), "ceiling": _numeric(math.ceil),
    "floor": _numeric(math.floor), "round": _numeric(_round), "sign": _numeric(lambda value: (value > 0) - (value < 0)),
    "power": _numeric(lambda base, exponent: type(base)(base**exponent)), "sqrt": _numeric(math.sqrt),
    "square": _numeric(lambda value: value * value), "exp": _numeric(math.exp), "log": _numeric(math.log),
    "log10": _numeric(math.log10), "pi": lambda: math.pi,
    "dateadd": _dateadd, "datediff": _datediff, "datediff_big": _datediff_big, "datepart": _datepart,
    "datename": _datename, "year": _part_of("year"), "month": _part_of("month"), "day": _part_of("day"),
    "eomonth": _eomonth,
    "datefromparts": _numeric(_datefromparts), "switchoffset": _numeric(_switchoffset),
    "todatetimeoffset": _numeric(_todatetimeoffset), "attimezone": _numeric(_attimezone), "move": _numeric(_move),
    "hashbytes": _hashbytes, "checksum": _checksum_of(str.lower), "binary_checksum": _checksum_of(str),
    "toomany": _too_many, "join": _numeric(lambda left, right: bytes(left) + bytes(right)),
}  # fmt: skip
