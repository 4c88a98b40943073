# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dates as text and text as dates, DATEADD, DATEDIFF and DATEPART."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from simulator.engine.events import SqlError, SqlType
from simulator.engine.messages import message

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.:](\d{1,7}))?)?)?\s*(Z|[-+]\d{1,2}:\d{2})?$"
)
_COMPACT = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?: +(\d{1,2}):(\d{2})(?::(\d{2})(?:[.:](\d{1,7}))?)?)?\s*(Z|[-+]\d{1,2}:\d{2})?$"
)
_TIME = re.compile(r"()()()(\d{1,2}):(\d{2})(?::(\d{2})(?:[.:](\d{1,7}))?)?()$")
_DAY_AND_TIME = re.compile(r"(.*?)(?: (\d{1,2}):(\d{2})(?::(\d{2})(?:[.:](\d{1,7}))?)? ?([AaPp][Mm])?)?$")
_STYLED = {
    1: "%m/%d/%y", 101: "%m/%d/%Y", 102: "%Y.%m.%d", 103: "%d/%m/%Y", 104: "%d.%m.%Y", 105: "%d-%m-%Y", 106: "%d %b %Y",
    107: "%b %d, %Y", 108: "%H:%M:%S", 110: "%m-%d-%Y", 111: "%Y/%m/%d", 112: "%Y%m%d", 120: "%Y-%m-%d %H:%M:%S",
    20: "%Y-%m-%d %H:%M:%S", 24: "%H:%M:%S", 8: "%H:%M:%S", 23: "%Y-%m-%d",
}  # fmt: skip
# Documented abbreviations of date parts.
PARTS = {
    "year": "year", "yy": "year", "yyyy": "year", "quarter": "quarter", "qq": "quarter", "q": "quarter",
    "month": "month", "mm": "month", "m": "month", "dayofyear": "dayofyear", "dy": "dayofyear", "y": "dayofyear",
    "day": "day", "dd": "day", "d": "day", "week": "week", "wk": "week", "ww": "week", "weekday": "weekday",
    "dw": "weekday",
    "w": "weekday", "hour": "hour", "hh": "hour", "minute": "minute", "mi": "minute", "n": "minute", "second": "second",
    "ss": "second", "s": "second", "millisecond": "millisecond", "ms": "millisecond", "microsecond": "microsecond",
    "mcs": "microsecond", "nanosecond": "nanosecond", "ns": "nanosecond", "tzoffset": "tzoffset", "tz": "tzoffset",
    "iso_week": "iso_week", "isowk": "iso_week", "isoww": "iso_week",
}  # fmt: skip
_SECONDS = {"week": 604800, "weekday": 86400, "dayofyear": 86400, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
_FRACTIONS = {"millisecond": 1000, "microsecond": 1, "nanosecond": 0.001}
_START = datetime(1, 1, 1)


def parse_moment(text: str, style: int = 0) -> datetime | None:
    """The formats that read the same in every language, and those that a style names; None if it is none of them."""
    text = text.strip()
    if not text:
        return datetime(1900, 1, 1)
    match = _ISO.match(text) or _COMPACT.match(text) or _TIME.match(text)
    if match is None:
        return _parse_styled(text, style)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year or 1900), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        return None
    moment = moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]))
    return moment.replace(tzinfo=_zone(zone)) if zone else moment


def _parse_styled(text: str, style: int) -> datetime | None:
    match = _DAY_AND_TIME.match(" ".join(text.split()))
    if match is None:
        return None
    day, hour, minute, second, fraction, half = match.groups()
    layouts = (
        [_STYLED[style]]
        if style in _STYLED
        else ["%m/%d/%Y", "%b %d %Y", "%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y"]
    )
    for layout in layouts:
        try:
            found = datetime.strptime(day, layout)
            twelve = {"AM": -12 * (int(hour or 0) == 12), "PM": 12 * (int(hour or 0) < 12)}.get((half or "").upper(), 0)
            time_of_day = timedelta(hours=int(hour or 0) + twelve, minutes=int(minute or 0), seconds=int(second or 0))
            return found + time_of_day + timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))
        except ValueError:
            continue
    return None


def _zone(text: str) -> timezone:
    if text == "Z":
        return timezone.utc
    hours, minutes = text[1:].split(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if text[0] == "-" else offset)


def parse_offset(text: str) -> timezone:
    if not re.fullmatch(r"[-+]\d{1,2}:\d{2}", text):
        raise SqlError(message(9812))
    return _zone(text)


def format_moment(value: Any, source: SqlType, style: int) -> str:
    if isinstance(value, time) and not isinstance(value, datetime):
        return _with_fraction(datetime.combine(date(1900, 1, 1), value), "%H:%M:%S", source, ".")
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
        if style in (0, 20, 21, 120, 121, 126, 127):
            return str(value.strftime("%Y-%m-%d"))
    if style in _STYLED:
        return str(value.strftime(_STYLED[style]))
    if style in (0, 100) and source.name in {"datetime", "smalldatetime"}:
        hour = value.hour % 12 or 12
        return f"{value:%b} {value.day:2d} {value.year} {hour:2d}:{value:%M}{'AM' if value.hour < 12 else 'PM'}"
    return _long_format(value, source, style)


def _long_format(value: datetime, source: SqlType, style: int) -> str:
    if style in (0, 100, 21, 25, 121):
        text = _with_fraction(value, "%Y-%m-%d %H:%M:%S", source, ".", padded=True)
        return text + (" " + _offset_text(value) if value.tzinfo else "")
    if style == 126:
        return _with_fraction(value, "%Y-%m-%dT%H:%M:%S", source, ".") + (_offset_text(value) if value.tzinfo else "")
    if style == 127:
        moment = value.astimezone(timezone.utc) if value.tzinfo else value
        return _with_fraction(moment, "%Y-%m-%dT%H:%M:%S", source, ".") + ("Z" if value.tzinfo else "")
    if style == 113:
        return _with_fraction(value, "%d %b %Y %H:%M:%S", source, ":", padded=True)
    if style == 114:
        return _with_fraction(value, "%H:%M:%S", source, ":", padded=True)
    raise SqlError(message(281, style, source.name, "character string"))


def _offset_text(value: datetime) -> str:
    minutes = int((value.utcoffset() or timedelta(0)).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _with_fraction(value: datetime, layout: str, source: SqlType, separator: str, padded: bool = False) -> str:
    """datetime has three digits, left out by ISO styles when zero; datetime2 has as many as it was declared with."""
    text = value.strftime(layout)
    if source.name in {"datetime", "smalldatetime"}:
        milliseconds = value.microsecond // 1000
        return f"{text}{separator}{milliseconds:03d}" if milliseconds or padded else text
    digits = f"{value.microsecond:06d}0"[: source.scale]
    return f"{text}{separator}{digits}" if digits else text


# ------------------------------------------------------------------------------------------------ arithmetic


def date_part(part: str, value: datetime) -> int:
    simple = {
        "year": value.year, "quarter": (value.month + 2) // 3, "month": value.month, "day": value.day,
        "dayofyear": value.timetuple().tm_yday, "hour": value.hour, "minute": value.minute, "second": value.second,
        "weekday": value.isoweekday() % 7 + 1, "millisecond": value.microsecond // 1000,
        "microsecond": value.microsecond,
        "nanosecond": value.microsecond * 1000, "iso_week": value.isocalendar()[1],
        "tzoffset": int((value.utcoffset() or timedelta(0)).total_seconds() // 60),
    }  # fmt: skip
    if part == "week":
        first = value.replace(month=1, day=1)
        return (value.timetuple().tm_yday + first.isoweekday() % 7 - 1) // 7 + 1
    return simple[part]


def date_name(part: str, value: datetime) -> str:
    if part == "month":
        return value.strftime("%B")
    return value.strftime("%A") if part == "weekday" else str(date_part(part, value))


def date_add(part: str, number: int, value: datetime) -> datetime:
    try:
        if part in {"year", "quarter", "month"}:
            return _add_months(value, number * {"year": 12, "quarter": 3, "month": 1}[part])
        if part in _FRACTIONS:
            return value + timedelta(microseconds=number * _FRACTIONS[part])
        return value + timedelta(seconds=number * _SECONDS[part])
    except (OverflowError, ValueError):
        raise SqlError(message(517, "datetime")) from None


def _add_months(value: datetime, months: int) -> datetime:
    index = value.year * 12 + value.month - 1 + months
    year, month = divmod(index, 12)
    return value.replace(year=year, month=month + 1, day=min(value.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1) if year < 9999 or month < 12 else date(9999, 12, 31)
    return (following - date(year, month, 1)).days if (year, month) != (9999, 12) else 31


def date_diff(part: str, start: datetime, end: datetime, name: str = "datediff", big: bool = False) -> int:
    """Boundaries crossed, not time passed."""
    if start.tzinfo or end.tzinfo:
        start, end = (moment.astimezone(timezone.utc) if moment.tzinfo else moment for moment in (start, end))
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    months = {"year": (12, end.year - start.year), "month": (1, 0), "quarter": (3, 0)}
    if part == "year":
        return months["year"][1]
    if part == "month":
        return end.year * 12 + end.month - start.year * 12 - start.month
    if part == "quarter":
        return (end.year * 4 + (end.month - 1) // 3) - (start.year * 4 + (start.month - 1) // 3)
    difference = _boundaries(part, end) - _boundaries(part, start)
    if not big and not -(2**31) <= difference < 2**31:
        raise SqlError(message(535, name, name))
    return difference


def _boundaries(part: str, moment: datetime) -> int:
    microseconds = (moment - _START) // timedelta(microseconds=1)
    if part == "week":
        return ((moment - _START).days + 1) // 7  # weeks begin on Sunday
    if part in _FRACTIONS:
        return round(microseconds / _FRACTIONS[part]) if part == "nanosecond" else int(microseconds // _FRACTIONS[part])
    return int(microseconds // 1_000_000 // _SECONDS[part])


def end_of_month(value: datetime, months: int = 0) -> date:
    moved = _add_months(value.replace(day=1), months)
    return date(moved.year, moved.month, _days_in(moved.year, moved.month))
