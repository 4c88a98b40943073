# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The schedules of SQL Server Agent mean the instants of the site's list: compared over a year with the calendar of the
simulated Agent, which was written from Microsoft's documentation and knows nothing of ours."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.agent_schedule import agent_rows, shift_to
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_schedule import DAYS, schedule
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule import Timing
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.agent.calendar import Schedule

START = datetime(2027, 1, 1, tzinfo=timezone.utc)
YEAR, MONTH = timedelta(days=365), timedelta(days=15)
NOW = datetime(2026, 11, 24, tzinfo=timezone.utc)


def timing(at: str, zone: str = "Asia/Jakarta") -> Timing:
    return Timing("full", schedule(at), zone, ZoneInfo(zone))


def by_agent(at: str, shift: int, offset: int, span: timedelta) -> list[datetime]:
    """The instants at which an Agent would run it whose server's clock is ``offset`` minutes ahead of UTC."""
    wall = timedelta(minutes=offset)
    first, last = ((moment + wall).replace(tzinfo=None) for moment in (START, START + span))
    found = set()
    for row in agent_rows(schedule(at), shift):
        rule, moment = Schedule.of(row), first - timedelta(seconds=1)
        while (following := rule.next_run(moment)) is not None and following < last:
            found.add((following - wall).replace(tzinfo=timezone.utc))
            moment = following
    return sorted(found)


@pytest.mark.parametrize("offset", [420, 0, -480, 345])
@pytest.mark.parametrize("at", ["Sun 02:00", "Mon..Sat 03:00", "07:00", "Sun 23:30", "Fri 1,13:05"])
def test_a_year_of_what_is_due_once_a_day(at: str, offset: int) -> None:
    one = timing(at)
    shift, warning = shift_to(one, NOW, offset)
    assert by_agent(at, shift, offset, YEAR) == one.between(START, START + YEAR)
    assert bool(warning) == (offset != 420)


def test_a_year_of_log_backups() -> None:
    one = timing("*:00/15")
    (row,) = agent_rows(one.at)
    assert (row["freq_type"], row["freq_subday_type"], row["freq_subday_interval"]) == (4, 4, 15)
    assert (row["active_start_time"], row["active_end_time"]) == (0, 234559)
    assert by_agent("*:00/15", 0, 420, YEAR) == one.between(START, START + YEAR)


TIMES = st.sampled_from(["02:00", "*:00/15", "8..17:00/30", "0/6:10", "1,13:05,50", "22:00/20", "*:07", "0..23/5:59"])
WEEKDAYS = st.sets(st.sampled_from(DAYS), min_size=1).map(lambda days: ",".join(sorted(days)))


@settings(max_examples=60, deadline=None)
@given(days=WEEKDAYS, times=TIMES, offset=st.sampled_from([-720, -300, 0, 330, 420, 765]))
def test_any_schedule_of_the_grammar_means_the_same(days: str, times: str, offset: int) -> None:
    one = timing(f"{days} {times}")
    shift, _warning = shift_to(one, NOW, offset)
    assert by_agent(one.at.text, shift, offset, MONTH) == one.between(START, START + MONTH)


def test_columns_are_those_that_microsoft_documents() -> None:
    (sunday,) = agent_rows(schedule("Sun 02:00"))
    assert (sunday["freq_type"], sunday["freq_interval"], sunday["freq_recurrence_factor"]) == (8, 1, 1)
    assert (sunday["freq_subday_type"], sunday["active_start_time"]) == (1, 20000)
    (workdays,) = agent_rows(schedule("Mon..Fri 03:00"))
    assert workdays["freq_interval"] == 2 + 4 + 8 + 16 + 32
    (moved,) = agent_rows(schedule("Sun 02:00"), -420)
    assert (moved["freq_interval"], moved["active_start_time"]) == (64, 190000), "it is Saturday there"
    (hours,) = agent_rows(schedule("0/6:10"))
    assert (hours["freq_subday_type"], hours["freq_subday_interval"], hours["active_end_time"]) == (8, 6, 181059)


def test_what_agent_cannot_say_in_few_schedules_is_refused() -> None:
    odd = ",".join(str(number * number % 59) for number in range(1, 14))
    with pytest.raises(InvalidInput, match="would need") as refused:
        agent_rows(schedule(f"1,2,4,8,16:{odd}"))
    assert "even intervals" in refused.value.hint


def test_a_server_apart_from_a_zone_with_daylight_saving_is_refused() -> None:
    one = timing("*:00/15", "Europe/Berlin")
    with pytest.raises(InvalidInput, match="off that of Europe/Berlin"):
        shift_to(one, NOW, 0)
    shift, warning = shift_to(one, NOW, 60)
    assert shift == 0 and "log backups pause for an hour" in warning
    assert shift_to(timing("*:00/15"), NOW, 420) == (0, "")
