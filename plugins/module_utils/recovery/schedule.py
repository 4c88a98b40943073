# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When the site's runs begin, from one list, in the words of whoever keeps the clock: systemd, iCalendar rules (AWX),
cron (Semaphore), SQL Server Agent.

Clocks that are put forward and back: systemd leaves out a time that a day does not have, and of an hour that comes
twice it runs the first. So the time of a run must exist every day, and what runs around the clock is said in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from .check_schedule import DAYS, Schedule, entry, exists
from .errors import InvalidInput

#: Rules begin here; a date of its own for each run of the role would change them every time.
BEGINNING = datetime(2026, 1, 1)
_ALL_DAYS, _ALL_HOURS = frozenset(range(7)), tuple(range(24))
#: So far ahead a time must exist every day.
AHEAD = timedelta(days=731)


@dataclass(frozen=True)
class Timing:
    """One line of the list: what is due, and when by the clock on the hospital's walls."""

    kind: str
    at: Schedule
    zone_name: str
    zone: tzinfo

    @property
    def all_day(self) -> bool:
        """Whether it runs around the clock at minutes that are the same in UTC, whatever the zone does."""
        if self.at.days != _ALL_DAYS or self.at.hours != _ALL_HOURS:
            return False
        minutes = set(self.at.minutes)
        return all({(minute - offset) % 60 for minute in minutes} == minutes for offset in self._offsets())

    def _offsets(self) -> set[int]:
        """Minutes of the zone's offsets in the years that are looked at."""
        days = (BEGINNING.replace(tzinfo=timezone.utc) + timedelta(days=day) for day in range(0, 1461, 7))
        found = (day.astimezone(self.zone).utcoffset() for day in days)
        return {int((offset or timedelta()) / timedelta(minutes=1)) for offset in found}

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """The instants from ``start`` up to but without ``end``."""
        return self.at.between(start, end, timezone.utc if self.all_day else self.zone)

    def refuse_a_gap(self, now: datetime) -> None:
        """A full on Sundays at 02:00 would be left out on the Sunday that has no 02:00."""
        if self.all_day or self.at.hours == _ALL_HOURS:
            return
        day = now.astimezone(self.zone).replace(tzinfo=None)
        for ahead in range(AHEAD.days):
            for wall in self.at.walls(day + timedelta(days=ahead)):
                if not exists(wall.replace(tzinfo=self.zone)):
                    raise InvalidInput(
                        f"schedule: {self.kind} at '{self.at.text}': the clocks of {self.zone_name} are put forward on "
                        f"{wall:%Y-%m-%d}, and that day has no {wall:%H:%M}: the run would be left out.",
                        hint="Choose an hour that every day has, for example 00:30 or 04:00.",
                    )

    def on_calendar(self) -> str:
        """systemd.time(7), with the zone in the expression: the controller's own zone does not matter."""
        days = "" if self.at.days == _ALL_DAYS else _days(self.at.days) + " "
        hours = "*" if self.at.hours == _ALL_HOURS else ",".join(f"{hour:02}" for hour in self.at.hours)
        step = _step(self.at.minutes)
        minutes = f"00/{step}" if step else ",".join(f"{minute:02}" for minute in self.at.minutes)
        return f"{days}*-*-* {hours}:{minutes}:00 {'UTC' if self.all_day else self.zone_name}"

    def rrule(self) -> str:
        """As AWX wants it: DTSTART with TZID, one rule, INTERVAL said, no ordinals."""
        zone, step = "UTC" if self.all_day else self.zone_name, _step(self.at.minutes)
        first = next(wall for day in range(8) for wall in self.at.walls(BEGINNING + timedelta(days=day)))
        if self.all_day and step:
            rule = f"FREQ=MINUTELY;INTERVAL={step}"
        else:
            named = "" if self.at.days == _ALL_DAYS else ";BYDAY=" + _days(self.at.days, 2).upper()
            rule = f"FREQ={'WEEKLY' if named else 'DAILY'};INTERVAL=1{named}"
            rule += f";BYHOUR={_listed(self.at.hours)}" if len(self.at.hours) > 1 else ""
            rule += f";BYMINUTE={_listed(self.at.minutes)}" if len(self.at.minutes) > 1 else ""
        return f"DTSTART;TZID={zone}:{first:%Y%m%dT%H%M%S} RRULE:{rule}"

    def cron(self) -> str:
        """The five fields; the zone is the business of whoever reads them."""
        days = "*" if self.at.days == _ALL_DAYS else _listed(sorted((day + 1) % 7 for day in self.at.days))
        hours = "*" if self.at.hours == _ALL_HOURS else _listed(self.at.hours)
        step = _step(self.at.minutes)
        return f"{f'*/{step}' if step else _listed(self.at.minutes)} {hours} * * {days}"

    def agent(self) -> dict[str, int] | None:
        """The columns of msdb.dbo.sysschedules; None where Agent has no single schedule for it. Agent goes by the clock
        of its server."""
        step = _step(self.at.minutes)
        weekly = self.at.days != _ALL_DAYS
        row = {
            "freq_type": 8 if weekly else 4,
            "freq_interval": sum(1 << ((day + 1) % 7) for day in self.at.days) if weekly else 1,
            "freq_recurrence_factor": 1 if weekly else 0,
        }
        begin = self.at.hours[0] * 10000 + self.at.minutes[0] * 100
        if len(self.at.hours) == len(self.at.minutes) == 1:
            return {**row, "freq_subday_type": 1, "active_start_time": begin}
        if self.at.hours == _ALL_HOURS and step:
            return {**row, "freq_subday_type": 4, "freq_subday_interval": step, "active_start_time": begin}
        return None


def timings(rows: Iterable[Mapping[str, Any]], zone_name: str, zone: tzinfo) -> list[Timing]:
    """The list as the inventory has it: each row with ``kind`` and ``at``."""
    return [Timing(*entry(row), zone_name, zone) for row in rows]


def _step(minutes: tuple[int, ...]) -> int | None:
    """The interval in minutes that divides the hour, where they are evenly spread from its beginning."""
    step = 60 // len(minutes)
    return step if minutes == tuple(range(0, 60, step)) and 60 % step == 0 and len(minutes) > 1 else None


def _days(days: Iterable[int], letters: int = 3) -> str:
    return ",".join(DAYS[day].capitalize()[:letters] for day in sorted(days))


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(str(number) for number in numbers)
