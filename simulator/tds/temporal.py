# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dates and times between Python and the wire (MS-TDS 2.2.5.5.1.8 and 2.2.5.5.1.9).

SQL Server keeps steps of 100 nanoseconds, Python microseconds: the last digit is always 0 here.
"""

from __future__ import annotations

import datetime as dt
import struct

_DATETIME_EPOCH = dt.date(1900, 1, 1).toordinal()
_SECONDS = 86400
_DATETIME = struct.Struct("<iI")
_SMALLDATETIME = struct.Struct("<HH")
_OFFSET = struct.Struct("<h")


def _microseconds(time: dt.time | dt.datetime) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


def _naive(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is not None:
        raise TypeError(f"{value.isoformat()} has an offset; only datetimeoffset keeps one")
    return value


def _as_datetime(value: dt.datetime | dt.date) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())


def time_length(scale: int) -> int:
    return 3 if scale <= 2 else 4 if scale <= 4 else 5


def date_bytes(value: dt.date) -> bytes:
    return (value.toordinal() - 1).to_bytes(3, "little")


def read_date(data: bytes) -> dt.date:
    return dt.date.fromordinal(int.from_bytes(data, "little") + 1)


def _ticks(microseconds: int, scale: int) -> int:
    """Rounds half up, as SQL Server does when it stores a time in a smaller scale."""
    return (microseconds * 10**scale + 500_000) // 1_000_000


def time_bytes(value: dt.time, scale: int) -> bytes:
    ticks = _ticks(_microseconds(value), scale) % (_SECONDS * 10**scale)
    return ticks.to_bytes(time_length(scale), "little")


def read_time(data: bytes, scale: int) -> dt.time:
    microseconds = int.from_bytes(data, "little") * 1_000_000 // 10**scale
    return (dt.datetime.min + dt.timedelta(microseconds=microseconds)).time()


def datetime2_bytes(value: dt.datetime | dt.date, scale: int) -> bytes:
    return _datetime2(_naive(_as_datetime(value)), scale)


def _datetime2(moment: dt.datetime, scale: int) -> bytes:
    days, ticks = divmod(_ticks(_microseconds(moment), scale), _SECONDS * 10**scale)
    date = (moment.toordinal() - 1 + days).to_bytes(3, "little")
    return ticks.to_bytes(time_length(scale), "little") + date


def read_datetime2(data: bytes, scale: int) -> dt.datetime:
    return dt.datetime.combine(read_date(data[-3:]), read_time(data[:-3], scale))


def datetimeoffset_bytes(value: dt.datetime, scale: int) -> bytes:
    """The instant in UTC, then the offset in minutes. Without an offset the value is taken for UTC."""
    offset = value.utcoffset() or dt.timedelta()
    utc = value.replace(tzinfo=None) - offset
    return _datetime2(utc, scale) + _OFFSET.pack(offset // dt.timedelta(minutes=1))


def read_datetimeoffset(data: bytes, scale: int) -> dt.datetime:
    offset = dt.timedelta(minutes=_OFFSET.unpack(data[-2:])[0])
    return (read_datetime2(data[:-2], scale) + offset).replace(tzinfo=dt.timezone(offset))


def datetime_bytes(value: dt.datetime | dt.date) -> bytes:
    """Days since 1900 and three-hundredths of a second."""
    moment = _naive(_as_datetime(value))
    days, ticks = divmod((_microseconds(moment) * 3 + 5_000) // 10_000, _SECONDS * 300)
    return _DATETIME.pack(moment.toordinal() - _DATETIME_EPOCH + days, ticks)


def read_datetime(data: bytes) -> dt.datetime:
    """A third of a hundredth shows as .000, .003 or .007."""
    days, ticks = _DATETIME.unpack(data)
    midnight = dt.datetime.combine(dt.date.fromordinal(_DATETIME_EPOCH + days), dt.time())
    return midnight + dt.timedelta(milliseconds=(ticks * 10 + 1) // 3)


def smalldatetime_bytes(value: dt.datetime | dt.date) -> bytes:
    moment = _naive(_as_datetime(value))
    days, minutes = divmod((_microseconds(moment) + 30_000_000) // 60_000_000, 24 * 60)
    return _SMALLDATETIME.pack(moment.toordinal() - _DATETIME_EPOCH + days, minutes)


def read_smalldatetime(data: bytes) -> dt.datetime:
    days, minutes = _SMALLDATETIME.unpack(data)
    midnight = dt.datetime.combine(dt.date.fromordinal(_DATETIME_EPOCH + days), dt.time())
    return midnight + dt.timedelta(minutes=minutes)
