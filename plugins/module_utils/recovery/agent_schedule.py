# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When something is due, in the columns of msdb.dbo.sysschedules: SQL Server Agent goes by the clock of its server.

Where clocks are put back Agent waits for the hour that it knows already: what is due around the clock is not run in the
hour that comes twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone, tzinfo

from .check_schedule import Schedule
from .errors import InvalidInput
from .schedule import AHEAD, Timing

_DAY, _WEEK = 24 * 60, 7 * 24 * 60
_DAILY, _WEEKLY = 4, 8
_ONCE, _MINUTES, _HOURS = 1, 4, 8
#: A job with more schedules than these is not what anybody meant.
_MOST = 24
_LONGEST_STEP = 59


def shift_to(timing: Timing, now: datetime, server_offset: int) -> tuple[int, str]:
    """Minutes that the server's clock is ahead of the site's, and a warning. Refused where that will change."""
    offsets = _offsets(timing.zone, now)
    site = _minutes(now, timing.zone)
    apart = server_offset - site
    if apart and len(offsets) > 1:
        raise InvalidInput(
            f"schedule: the server's clock is {apart:+d} minutes off that of {timing.zone_name}, which changes in the "
            "course of the year: jobs of SQL Server Agent would run at another hour then.",
            hint=f"Set the server's time zone to {timing.zone_name}, or leave schedule_with at systemd.",
        )
    if apart:
        return apart, (
            f"the server's clock is {apart:+d} minutes off that of {timing.zone_name}, and the jobs are due by it. "
            "That is right while the server's own zone has no daylight saving; best give it the site's zone."
        )
    if len(offsets) > 1:
        return 0, (
            f"{timing.zone_name} has daylight saving: in the hour that comes twice SQL Server Agent runs nothing, so "
            "that log backups pause for an hour. systemd does not."
        )
    return 0, ""


def _offsets(zone: tzinfo, now: datetime) -> set[int]:
    return {_minutes(now + timedelta(days=day), zone) for day in range(0, AHEAD.days, 7)}


def _minutes(moment: datetime, zone: tzinfo) -> int:
    offset = moment.astimezone(timezone.utc).astimezone(zone).utcoffset() or timedelta()
    return int(offset / timedelta(minutes=1))


def agent_rows(at: Schedule, shift: int = 0) -> list[dict[str, int]]:
    """The schedules that a job needs to be due then, by a clock that is ``shift`` minutes ahead of the site's."""
    week = {
        (day * _DAY + hour * 60 + minute + shift) % _WEEK
        for day in at.days
        for hour in at.hours
        for minute in at.minutes
    }
    days: dict[tuple[int, ...], list[int]] = {}
    for day in range(7):
        own = tuple(sorted(one - day * _DAY for one in week if one // _DAY == day))
        if own:
            days.setdefault(own, []).append(day)
    rows = [_row(whole, run) for own, whole in days.items() for run in _runs(list(own))]
    if len(rows) > _MOST:
        raise InvalidInput(
            f"schedule: SQL Server Agent would need {len(rows)} schedules for {at.text!r}.",
            hint="Choose times at even intervals, such as '*:00/15' or '8..17:00'.",
        )
    return rows


def _runs(left: list[int]) -> Iterator[list[int]]:
    """Evenly spread minutes of a day as few rows as can be found, the longest of those that begin first."""
    while left:
        longest = max(_evenly(left), key=len, default=left[:1])
        found = longest if len(longest) > 2 else left[:1]
        yield found
        left = [one for one in left if one not in set(found)]


def _evenly(left: Sequence[int]) -> Iterator[list[int]]:
    there = set(left)
    for other in left[1:]:
        step = other - left[0]
        if step > _LONGEST_STEP and step % 60:
            continue  # Agent counts in hours then
        run = [left[0]]
        while run[-1] + step in there:
            run.append(run[-1] + step)
        yield run
        if len(run) == len(left):
            return


def _row(days: Iterable[int], run: Sequence[int]) -> dict[str, int]:
    whole = list(days)
    weekly = len(whole) < 7
    step = run[1] - run[0] if len(run) > 1 else 0
    kind, interval = (_ONCE, 0) if not step else (_MINUTES, step) if step <= _LONGEST_STEP else (_HOURS, step // 60)
    return {
        "enabled": 1,
        "freq_type": _WEEKLY if weekly else _DAILY,
        "freq_interval": sum(1 << ((day + 1) % 7) for day in whole) if weekly else 1,
        "freq_subday_type": kind,
        "freq_subday_interval": interval,
        "freq_relative_interval": 0,
        "freq_recurrence_factor": 1 if weekly else 0,
        "active_start_date": 20260101,
        "active_end_date": 99991231,
        "active_start_time": _time(run[0]),
        "active_end_time": _time(run[-1]) + 59 if step else 235959,
    }


def _time(minute: int) -> int:
    return minute // 60 * 10000 + minute % 60 * 100
