# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What users of other tools have suffered in public, one test for each (the threads are named in the docstrings).

dbt = dataplat/dbatools, frk = BrentOzarULTD/SQL-Server-First-Responder-Kit, ola = olahallengren's maintenance solution
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import (
    DatabaseState,
    Target,
    at_time,
)

from .hospital_life import WIB, Database, moment, numbers
from .stories import MINUTE, at, found, names, plan_of


def test_pain_04_differential_that_finished_after_the_target_time(week: Database) -> None:
    """dbt #3660: a differential that was running at the target time holds what came after it."""
    week.wait(15 * MINUTE)
    begun = week.clock
    week.differential(during=20)
    week.wait(15 * MINUTE)
    week.log()
    plan = plan_of(week, at(begun + 3000))
    assert names(plan) == ["full-1-1", "diff-1-3", "log-1-4", "log-1-5", "log-1-7"]
    assert found(plan, week) == numbers(week.at(begun + 3000))
    assert any("diff-1-6" in row.path and "behind the target" in row.reason for row in plan.passed_over)


def test_pain_05_stop_point_reached_but_tail_files_still_applied(week: Database) -> None:
    """dbt #10656: nothing follows the log that holds the stop point; success does not throw."""
    plan = plan_of(week, at(20 * MINUTE))
    assert names(plan)[-1] == "diff-1-3" or names(plan)[-1].startswith("log")
    assert "log-1-5" not in names(plan)
    assert found(plan, week) == numbers(week.at(20 * MINUTE))


def test_pain_05_where_a_log_may_hold_the_stop_point_already_the_step_says_so() -> None:
    """dbt #10656: the target lies between a log's start and finish; SQL Server may find it there already."""
    life = Database()
    life.commit()
    life.full()
    life.wait(MINUTE)
    begun = life.clock
    life.log(late=8)  # held by this log, although committed after its start
    life.wait(MINUTE)
    life.commit()
    life.log()
    plan = plan_of(life, at(begun + 1100))
    assert [step.may_be_passed for step in plan.steps[:-1]] == [False, False, True]
    assert found(plan, life) == numbers(life.at(begun + 1100))


@pytest.mark.parametrize("after", [-1000, 0, 1, 999, 60_000])
def test_pain_06_stops_one_log_too_early(week: Database, after: int) -> None:
    """dbt #4385; frk #3038, #2152: around the start of a log, the log that holds the instant is always in the plan."""
    fourth = next(one for one in week.sets if one.backup_set_guid == "log-1-4")
    instant = round((fourth.backup_start_date - moment(0)) / timedelta(milliseconds=1)) + after
    plan = plan_of(week, at(instant))
    assert names(plan)[-1] == ("log-1-4" if after <= 0 else "log-1-5")
    assert found(plan, week) == numbers(week.at(instant))


def test_pain_07_stopat_ignored_when_picking_full_and_differential(week: Database) -> None:
    """frk #1198: the newest full and differential of all are not those for an earlier instant."""
    instant = week.clock - 5 * MINUTE
    week.wait(15 * MINUTE)
    week.full()
    week.wait(15 * MINUTE)
    week.differential()
    week.log()
    plan = plan_of(week, at(instant))
    assert names(plan)[:2] == ["full-1-1", "diff-1-3"]
    assert found(plan, week) == numbers(week.at(instant))


def test_pain_07_stopat_ignored_with_continued_logs(week: Database) -> None:
    """frk #1986: going on with a restoring database, every log still has the stop time."""
    third = next(one for one in week.sets if one.backup_set_guid == "diff-1-3")
    state = DatabaseState(
        state="RESTORING",
        redo_start_lsn=third.last_lsn,
        redo_start_fork_guid="fork-1",
        last_restored_set_guid="diff-1-3",
    )
    plan = plan_of(week, at(50 * MINUTE), restored_to=state)
    assert [step.action for step in plan.steps] == ["restore_log", "restore_log", "recover"]
    assert {step.stop_at for step in plan.steps[:-1]} == {"2026-11-22T02:50:00.000"}


def test_pain_08_names_in_utc_and_stopat_in_local_time(week: Database) -> None:
    """frk PR#3113: STOPAT is in the clock of the server that took the backups, whatever zone the target is given in."""
    asked = moment(20 * MINUTE)
    texts = set()
    for zone in (timezone.utc, WIB, timezone(timedelta(hours=-5))):
        plan = plan_of(week, Target(kind="time", time=asked.astimezone(zone)))
        texts |= {step.stop_at for step in plan.steps if step.action == "restore_log"}
    assert texts == {"2026-11-22T02:20:00.000"}
    site = at_time("2026-11-22 02:20:00", WIB)
    assert site.time == asked
    assert plan_of(week, site, zone=WIB).target["time_utc"] == "2026-11-21T19:20:00+00:00"


@pytest.mark.parametrize(
    "rename",
    [
        lambda index, path: f"/SQL1/{'ZYXWVUT'[index % 7]}.BAK",
        lambda index, path: f"/SQL1/Sales_LOG_2501{12 - index:02}01_000000.trn",
        lambda index, path: f"/{9 - index}.bak",
    ],
    ids=["Z.BAK", "year 2501", "backwards"],
)
def test_pain_09_wrong_full_picked_because_names_sort(week: Database, rename: Callable[[int, str], str]) -> None:
    """frk #2604, #3607, #3786: names of files say nothing."""
    week.full()
    week.commit()
    week.log()
    renamed = [replace(one, path=rename(index, one.path)) for index, one in enumerate(week.sets)]
    assert names(plan_of(week, sets=renamed)) == names(plan_of(week)) == ["full-1-6", "log-1-7"]


def test_pain_09_database_whose_name_begins_another(week: Database) -> None:
    """frk #1409: Sales, Sales_Archive and SalesTest in one folder."""
    others = []
    for number, name in enumerate(("Sales_Archive", "SalesTest", "Sale"), 7):
        other = Database(name=name, family=f"family-{number}", clock=week.clock)
        other.fork = replace(other.fork, guid=f"fork-{number}")
        other.commit(5)
        other.full()
        others += other.sets
    plan = plan_of(week, sets=[*others, *week.sets])
    assert names(plan) == names(plan_of(week))
    assert all(row.path.startswith("/SQL1/Sales/") for row in plan.passed_over)
