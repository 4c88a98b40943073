# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a schedule is due: the freq_ columns of sysschedules, as sp_add_schedule documents them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

ONCE, DAILY, WEEKLY, MONTHLY, RELATIVE, AT_START, IDLE = 1, 4, 8, 16, 32, 64, 128
FREQUENCIES = (ONCE, DAILY, WEEKLY, MONTHLY, RELATIVE, AT_START, IDLE)
_STEPS = {2: timedelta(seconds=1), 4: timedelta(minutes=1), 8: timedelta(hours=1)}
_WHICH = {1: 0, 2: 1, 4: 2, 8: 3, 16: -1}
_LOOK_AHEAD = 366 * 9  # days: 29 February may be eight years away


@dataclass(frozen=True)
class Schedule:
    freq_type: int
    freq_interval: int
    freq_subday_type: int
    freq_subday_interval: int
    freq_relative_interval: int
    freq_recurrence_factor: int
    active_start_date: int
    active_end_date: int
    active_start_time: int
    active_end_time: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Schedule:
        return cls(**{field.name: int(row[field.name] or 0) for field in fields(cls)})

    def next_run(self, after: datetime) -> datetime | None:
        """The first moment later than ``after``; None when there is none, or no clock decides it."""
        if self.freq_type in (AT_START, IDLE):
            return None
        first, last = day_of(self.active_start_date), day_of(self.active_end_date)
        start = max(first, after.date() - timedelta(days=1))  # yesterday's may go on past midnight
        for offset in range(_LOOK_AHEAD):
            day = start + timedelta(days=offset)
            if day > last:
                return None
            if self._holds(day, first):
                found = next((moment for moment in self._moments(day) if moment > after), None)
                if found is not None:
                    return found
        return None

    def _holds(self, day: date, first: date) -> bool:
        if self.freq_type == ONCE:
            return day == first
        if self.freq_type == DAILY:
            return (day - first).days % max(self.freq_interval, 1) == 0
        if self.freq_type == WEEKLY:
            weeks = (_sunday_of(day) - _sunday_of(first)).days // 7
            return bool(self.freq_interval & 1 << _weekday(day)) and self._recurs(weeks)
        if not self._recurs((day.year - first.year) * 12 + day.month - first.month):
            return False
        return day.day == self.freq_interval if self.freq_type == MONTHLY else day == self._relative(day)

    def _recurs(self, distance: int) -> bool:
        return distance % max(self.freq_recurrence_factor, 1) == 0

    def _relative(self, day: date) -> date | None:
        """The first, second, third, fourth or last of a kind of day in this month."""
        month = [date(day.year, day.month, number) for number in range(1, _days_in(day) + 1)]
        kinds = {8: range(7), 9: range(1, 6), 10: (0, 6)}
        wanted = kinds.get(self.freq_interval, (self.freq_interval - 1,))
        found = [one for one in month if _weekday(one) in wanted]
        index = _WHICH.get(self.freq_relative_interval, 0)
        return found[index] if -1 <= index < len(found) else None

    def _moments(self, day: date) -> Iterator[datetime]:
        moment = datetime.combine(day, time_of(self.active_start_time))
        yield moment
        step = _STEPS.get(self.freq_subday_type)
        if step is None or self.freq_type == ONCE or self.freq_subday_interval < 1:
            return
        end = datetime.combine(day, time_of(self.active_end_time))
        if end < moment:
            end += timedelta(days=1)
        while (moment := moment + step * self.freq_subday_interval) <= end:
            yield moment


def day_of(number: int) -> date:
    """20240229; 0 and what is no day are taken for the last day there is."""
    try:
        return date(number // 10000, number // 100 % 100, number % 100)
    except ValueError:
        return date.max


def time_of(number: int) -> time:
    """235959."""
    return time(number // 10000, number // 100 % 100, number % 100)


def as_numbers(moment: datetime) -> tuple[int, int]:
    """A moment as msdb keeps it: 20240229 and 235959."""
    return int(moment.strftime("%Y%m%d")), int(moment.strftime("%H%M%S"))


def _weekday(day: date) -> int:
    """0 is Sunday."""
    return (day.weekday() + 1) % 7


def _sunday_of(day: date) -> date:
    return day - timedelta(days=_weekday(day))


def _days_in(day: date) -> int:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day
