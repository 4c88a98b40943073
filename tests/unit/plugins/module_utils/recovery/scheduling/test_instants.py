# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When runs are due, compared with walking through a year by the zone's own clock, and with what systemd makes of the
expression."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule import Timing, timings

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
START = datetime(2027, 1, 1, tzinfo=timezone.utc)
END = START + timedelta(days=365)
#: No daylight saving; an hour of it, in America and Europe; an offset of 45 minutes; half an hour of it; at midnight.
ZONES = ["Asia/Jakarta", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"]
EXPRESSIONS = ["Sun 04:00", "Mon..Sat 04:30", "*:00/15", "Mon..Fri 8..17:07"]


def timing(at: str, zone: str) -> Timing:
    return timings([{"kind": "log", "at": at}], zone, ZoneInfo(zone))[0]


@functools.cache
def quarters(zone: str) -> list[tuple[datetime, int, int, int, int]]:
    """(UTC, weekday, hour, minute, fold) of every quarter of an hour of the year: all offsets are multiples of one."""
    found = []
    for number in range(4 * 24 * 365):
        when = START + timedelta(minutes=15 * number)
        wall = when.astimezone(ZoneInfo(zone))
        found.append((when, wall.weekday(), wall.hour, wall.minute, wall.fold))
    return found


def wanted(at: str, zone: str) -> list[datetime]:
    """By hand: which minutes of the year show one of these times on the wall. An hour that comes twice counts once for
    a time of the day, and twice for what is due around the clock."""
    match = re.fullmatch(r"(?:(\S+) )?(\S+):(\S+)", at)
    assert match
    days, hours, minutes = match.groups()
    first, _dots, last = (days or "Mon..Sun").partition("..")
    which = range(DAYS.index(first), DAYS.index(last or first) + 1)
    begin, _dots, end = ("0..23" if hours == "*" else hours).partition("..")
    spread, slash, step = minutes.partition("/")
    shown = range(int(spread), 60, int(step)) if slash else [int(spread)]
    return [
        when + timedelta(minutes=one - minute)
        for when, day, hour, minute, fold in quarters(zone)
        if day in which and int(begin) <= hour <= int(end or begin) and not (fold and hours != "*")
        for one in shown
        if minute <= one < minute + 15
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_the_instants_of_a_year(zone: str) -> None:
    for at in EXPRESSIONS:
        found = [when.astimezone(timezone.utc) for when in timing(at, zone).between(START, END)]
        assert found == wanted(at, zone), at


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("zone", ZONES)
def test_systemd_means_the_same_instants(zone: str) -> None:
    """Around every change of the clock of the year, and from its beginning on."""
    offsets = [(START + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).utcoffset() for hour in range(365 * 24)]
    changes = [START + timedelta(hours=hour) for hour in range(1, len(offsets)) if offsets[hour] != offsets[hour - 1]]
    for at in EXPRESSIONS:
        one = timing(at, zone)
        for begin in [START, *(change - timedelta(hours=5) for change in changes[:2])]:
            mine = one.between(begin + timedelta(seconds=1), begin + timedelta(days=40))[:60]
            assert systemd(one.on_calendar(), begin, len(mine)) == [when.astimezone(timezone.utc) for when in mine], at


def systemd(expression: str, after: datetime, count: int) -> list[datetime]:
    base = f"--base-time={after:%Y-%m-%d %H:%M:%S} UTC"
    command = ["systemd-analyze", "calendar", f"--iterations={count}", base, expression]
    environment = {"TZ": "UTC", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = re.findall(r"(?:elapse|Iter. #\d+): \w+ (\S+ \S+) UTC", done.stdout)
    return [datetime.fromisoformat(one).replace(tzinfo=timezone.utc) for one in found]


@pytest.mark.parametrize(
    ("at", "zone", "refused"),
    [
        ("Sun 02:00", "America/New_York", "2027-03-14"),
        ("Sun 02:30", "Europe/Berlin", "2027-03-28"),
        ("Fri 00:00", "Africa/Cairo", "2027-04-30"),
        ("Sun 02:00", "Asia/Jakarta", ""),
        ("Mon..Sat 02:30", "Europe/Berlin", ""),
        ("*:00/15", "Europe/Berlin", ""),
        ("Sun 03:00", "Europe/Berlin", ""),
    ],
)
def test_a_time_that_a_day_does_not_have_is_refused(at: str, zone: str, refused: str) -> None:
    """Else systemd would leave out the full of that Sunday, without a word."""
    one = timing(at, zone)
    if not refused:
        one.refuse_a_gap(START)
        return
    with pytest.raises(InvalidInput, match=refused) as caught:
        one.refuse_a_gap(START)
    assert "left out" in caught.value.msg and "Choose an hour" in caught.value.hint


@pytest.mark.parametrize(
    ("at", "calendar", "rrule", "cron"),
    [
        (
            "Sun 02:00",
            "Sun *-*-* 02:00:00 Asia/Jakarta",
            "20260104T020000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU",
            "0 2 * * 0",
        ),
        (
            "Mon..Sat 03:00",
            "Mon,Tue,Wed,Thu,Fri,Sat *-*-* 03:00:00 Asia/Jakarta",
            "20260101T030000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR,SA",
            "0 3 * * 1,2,3,4,5,6",
        ),
        ("*:00/15", "*-*-* *:00/15:00 UTC", "20260101T000000 RRULE:FREQ=MINUTELY;INTERVAL=15", "*/15 * * * *"),
        ("07:00", "*-*-* 07:00:00 Asia/Jakarta", "20260101T070000 RRULE:FREQ=DAILY;INTERVAL=1", "0 7 * * *"),
        (
            "Fri 8,12:05,35",
            "Fri *-*-* 08,12:05,35:00 Asia/Jakarta",
            "20260102T080500 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=FR;BYHOUR=8,12;BYMINUTE=5,35",
            "5,35 8,12 * * 5",
        ),
    ],
)
def test_the_same_in_other_words(at: str, calendar: str, rrule: str, cron: str) -> None:
    one = timing(at, "Asia/Jakarta")
    zone = "UTC" if calendar.endswith("UTC") else "Asia/Jakarta"
    assert (one.on_calendar(), one.cron()) == (calendar, cron)
    assert one.rrule() == f"DTSTART;TZID={zone}:{rrule}"


def test_the_agent_is_told_by_columns_of_sysschedules() -> None:
    assert timing("Sun 02:00", "Asia/Jakarta").agent() == {
        "freq_type": 8,
        "freq_interval": 1,
        "freq_recurrence_factor": 1,
        "freq_subday_type": 1,
        "active_start_time": 20000,
    }
    row = timing("*:00/15", "Asia/Jakarta").agent()
    assert row and (row["freq_type"], row["freq_subday_type"], row["freq_subday_interval"]) == (4, 4, 15)
    row = timing("Mon..Sat 03:00", "Asia/Jakarta").agent()
    assert row and row["freq_interval"] == 2 + 4 + 8 + 16 + 32 + 64
    assert timing("8..17:00/30", "Asia/Jakarta").agent() is None


@pytest.mark.parametrize("at", ["", "soon", "Sun 25:00", "Someday 02:00", "02:00 UTC"])
def test_what_is_not_understood_is_refused(at: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        timing(at, "Asia/Jakarta")
    assert caught.value.hint


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_any_schedule_is_understood_by_systemd_and_means_the_same() -> None:
    hypothesis = pytest.importorskip("hypothesis")
    st = hypothesis.strategies
    days = st.lists(st.sampled_from(DAYS), unique=True, min_size=1, max_size=7).map(",".join)
    hours = st.one_of(st.just("*"), st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True).map(_words))
    some = st.lists(st.integers(0, 59), min_size=1, max_size=3).map(_words)
    minutes = st.one_of(st.sampled_from(["00/5", "0/20"]), some)

    @hypothesis.settings(max_examples=25, deadline=None, derandomize=True)
    @hypothesis.given(days, hours, minutes, st.sampled_from(ZONES), st.integers(0, 364))
    def any_schedule(day: str, hour: str, minute: str, zone: str, begin: int) -> None:
        one = timing(f"{day} {hour}:{minute}", zone)
        start = START + timedelta(days=begin)
        mine = one.between(start + timedelta(seconds=1), start + timedelta(days=15))[:20]
        assert systemd(one.on_calendar(), start, len(mine)) == [when.astimezone(timezone.utc) for when in mine]

    any_schedule()


def _words(numbers: list[int]) -> str:
    return ",".join(map(str, sorted(set(numbers))))
