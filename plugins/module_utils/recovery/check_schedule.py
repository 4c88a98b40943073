# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When something is due, by the site's clock: ``Sun 02:00``, ``Mon..Sat 03:00``, ``*:00/15``, as systemd writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from .errors import InvalidInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LAST_DAYS = 36
_FORM = re.compile(r"(?:(?P<days>[A-Za-z.,]+)\s+)?(?P<hour>\*|[\d/,.]+):(?P<minute>\*|[\d/,.]+)(?::00)?")


@dataclass(frozen=True)
class Schedule:
    """The minutes of the week at which something is due."""

    text: str
    days: frozenset[int]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]

    def between(self, start: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
        """The instants due from ``start`` up to but without ``end``, in the site's zone, oldest first."""
        return [when for when in self._days(start, end, zone) if start <= when < end]

    def last_before(self, now: datetime, zone: tzinfo) -> datetime | None:
        """The newest instant due at or before ``now``; a week may have none, where its clock was put forward."""
        for back in range(_LAST_DAYS):
            day = (now - timedelta(days=back)).astimezone(zone)
            found = [when for when in self._of_day(day, zone) if when <= now]
            if found:
                return found[-1]
        return None

    def _days(self, start: datetime, end: datetime, zone: tzinfo) -> Iterator[datetime]:
        day, last = start.astimezone(zone), end.astimezone(zone)
        while day.date() <= last.date():
            yield from self._of_day(day, zone)
            day = (day.replace(tzinfo=None, hour=12) + timedelta(days=1)).replace(tzinfo=zone)

    def _of_day(self, day: datetime, zone: tzinfo) -> list[datetime]:
        return sorted(when for when in (wall.replace(tzinfo=zone) for wall in self.walls(day)) if exists(when))

    def walls(self, day: datetime) -> list[datetime]:
        """What the clock on the wall shows when it is due on this day, without a zone; also what it never shows."""
        if day.weekday() not in self.days:
            return []
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return [midnight.replace(hour=hour, minute=minute) for hour in self.hours for minute in self.minutes]


def exists(when: datetime) -> bool:
    """A clock that is put forward never shows some times."""
    there = when.astimezone(timezone.utc).astimezone(when.tzinfo)
    return there.replace(tzinfo=None) == when.replace(tzinfo=None)


def schedule(text: str) -> Schedule:
    """The schedule that an expression means."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise _unknown(text)
    try:
        days = _days_of(found["days"] or "Mon..Sun")
        hours, minutes = _numbers(found["hour"], 24), _numbers(found["minute"], 60)
    except ValueError:
        raise _unknown(text) from None
    if not (days and hours and minutes):
        raise _unknown(text)
    return Schedule(text, days, hours, minutes)


def entry(row: Mapping[str, Any]) -> tuple[str, Schedule]:
    """A line of the site's list: what is due, and when."""
    if not row.get("kind") or not row.get("at"):
        raise InvalidInput(
            f"schedule: {dict(row)} has no kind or no at.", hint="Write each row as {kind: full, at: 'Sun 02:00'}."
        )
    return str(row["kind"]), schedule(str(row["at"]))


def _days_of(text: str) -> frozenset[int]:
    result: set[int] = set()
    for part in text.lower().split(","):
        first, dots, last = part.partition("..")
        start, end = DAYS.index(first[:3]), DAYS.index((last or first)[:3])
        result |= {(start + step) % 7 for step in range((end - start) % 7 + 1 if dots else 1)}
    return frozenset(result)


def _numbers(text: str, limit: int) -> tuple[int, ...]:
    """``*``, ``5``, ``1,13``, ``8..17``, ``0/15``."""
    if text == "*":
        return tuple(range(limit))
    result: set[int] = set()
    for part in text.split(","):
        begin, slash, step = part.partition("/")
        first, dots, last = begin.partition("..")
        start = int(first)
        end = int(last) if dots else (limit - 1 if slash else start)
        if not 0 <= start <= end < limit or (slash and int(step) < 1):
            raise ValueError(text)
        result |= set(range(start, end + 1, int(step) if slash else 1))
    return tuple(sorted(result))


def _unknown(text: str) -> InvalidInput:
    return InvalidInput(
        f"schedule: {text!r} is not understood.",
        hint="Write days and a time of the site's clock, as 'Sun 02:00', 'Mon..Sat 03:00' or '*:00/15'.",
    )
