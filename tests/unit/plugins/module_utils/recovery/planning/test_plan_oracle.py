# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The planner against an oracle that tries everything, over random lives of a database.

Each plan is carried out step by step by SQL Server's rules over what the backups really hold; what is found afterwards
must be exactly what the database held at the instant promised. And what the oracle can reach, the planner reaches.
"""

from __future__ import annotations

import os

import pytest

pytest.importorskip("hypothesis")

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_history import BackupHistory
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import RestorePlan, Target
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.recoverable import recoverable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import exhaustive
from .carrying_out import carried_out, planned, state_of
from .hospital_life import milliseconds, moment, numbers
from .remains import Remains
from .strategies import remains

pytestmark = pytest.mark.slow

CASES = int(os.environ.get("DEADPOOL_CASES", "400"))
oracle = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    derandomize=CASES <= 400,
)


@oracle
@given(remains())
def test_latest_reaches_what_the_oracle_reaches(life: Remains) -> None:
    if not any(one.database_name == "Sales" for one in life.sets):
        return
    best = exhaustive.latest(list(life.sets), life.unusable, life.truths, "Sales")
    plan = planned(life)
    if best is None:
        assert isinstance(plan, RecoveryError)
        return
    fork = exhaustive.newest_fork(list(life.sets), life.truths, "Sales")
    if not exhaustive.is_known(fork, list(life.sets), life.truths) and isinstance(plan, RecoveryError):
        return
    assert isinstance(plan, RestorePlan), plan
    assert plan.reaches_lsn == best or not exhaustive.is_known(fork, list(life.sets), life.truths)
    database = carried_out(plan, life)
    assert database.lsn == plan.reaches_lsn <= best
    committed = life.committed(fork, milliseconds(plan.reaches))
    assert committed <= set(numbers(database.records)), "reaches claims more than is there"


@oracle
@given(remains(), st.integers(0, 10**6))
def test_an_instant_is_reached_exactly_or_not_promised(life: Remains, somewhere: int) -> None:
    if not life.sets:
        return
    at = somewhere % (life.end + 1500)
    when = moment(at)
    sets, truths = list(life.sets), life.truths
    fork = exhaustive.fork_at(when, sets, truths, "Sales")
    known = fork is not None and exhaustive.is_known(fork, sets, truths)
    reachable = known and exhaustive.can_reach(when, sets, life.unusable, truths, "Sales")
    plan = planned(life, Target(kind="time", time=when))
    if isinstance(plan, RecoveryError):
        assert not reachable, f"the oracle reaches {when}, the planner says {plan}"
        return
    database = carried_out(plan, life)
    if plan.reaches == when:
        assert numbers(database.records) == numbers(life.at(at))
    else:
        assert plan.reaches < when
        assert plan.warnings
        assert not reachable
        held = set(numbers(database.records))
        assert fork is not None and life.committed(fork, milliseconds(plan.reaches)) <= held <= life.committed(fork, at)


@oracle
@given(remains(), st.integers(0, 10**6), st.booleans())
def test_an_lsn_is_reached_exactly_or_not_promised(life: Remains, somewhere: int, before: bool) -> None:
    if not any(one.database_name == "Sales" for one in life.sets):
        return
    lsn = 990 + somewhere % 200 // 5 * 5
    sets, truths = list(life.sets), life.truths
    fork = exhaustive.newest_fork(sets, truths, "Sales")
    plan = planned(life, Target(kind="lsn", lsn=lsn, before=before))
    reachable = exhaustive.can_reach_lsn((lsn, before), sets, life.unusable, truths, fork)
    if not isinstance(plan, RestorePlan):
        assert not reachable or not exhaustive.is_known(fork, sets, truths), plan
        return
    held = set(numbers(carried_out(plan, life).records))
    never_backed_up = any("never backed up" in warning for warning in plan.warnings)
    assert held == life.records_to(fork, lsn, before or never_backed_up)
    assert life.committed(fork, milliseconds(plan.reaches)) <= held, "reaches claims more than is there"


@oracle
@given(remains(), st.integers(0, 30))
def test_the_point_before_a_log_is_reached_exactly_or_not_promised(life: Remains, which: int) -> None:
    logs = [one for one in life.sets if one.backup_type == "log" and one.position == 1]
    if not logs:
        return
    log = logs[which % len(logs)]
    plan = planned(life, Target(kind="before_log", log=log.path))
    if isinstance(plan, RestorePlan):
        held = set(numbers(carried_out(plan, life).records))
        assert held == life.records_to(life.truths[log.backup_set_guid].fork, log.first_lsn, before=True)


@oracle
@given(remains(), st.integers(0, 30), st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_interrupted_restore_goes_on(life: Remains, done: int, one: int, other: int) -> None:
    """The first plan is carried out in part, then planned anew for the same or another target."""
    targets = [Target(kind="time", time=moment(at % (life.end + 1500))) if at % 3 else Target() for at in (one, other)]
    first = planned(life, targets[0])
    if not isinstance(first, RestorePlan):
        return
    broken_off = carried_out(first, life, most=1 + done % (len(first.steps) - 1))
    for target in targets:
        again = planned(life, target, state_of(broken_off), replace=True)
        from_nothing = planned(life, target)
        assert isinstance(again, RestorePlan) or not isinstance(from_nothing, RestorePlan)
        if not isinstance(again, RestorePlan):
            continue
        anew = again.steps[0].backup_type == "full"
        if target is targets[0]:
            assert not anew, "what was restored already is thrown away"
        ends = carried_out(again, life, None if anew else broken_off) if len(again.steps) > 1 else broken_off
        if isinstance(from_nothing, RestorePlan):
            assert numbers(ends.records) == numbers(carried_out(from_nothing, life).records)


@oracle
@given(remains(), st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_the_windows_are_where_plans_are(life: Remains, somewhere: list[int]) -> None:
    if not any(one.database_name == "Sales" for one in life.sets):
        return
    history = BackupHistory(life.sets, life.unusable)
    answer = recoverable(history, "Sales")
    bulk = any(one.has_bulk_logged_data for one in life.sets)
    ends = [when for window in answer.windows for when in (window.start, window.end)]
    for when in [*ends, *(moment(at % (life.end + 1500)) for at in somewhere)]:
        inside = any(window.start <= when <= window.end for window in answer.windows)
        plan = planned(life, Target(kind="time", time=when))
        exact = isinstance(plan, RestorePlan) and plan.reaches == when
        assert exact or not inside, f"{when} is in a window, but: {plan}"
        assert inside or not exact or bulk, f"{when} can be reached, but no window has it"
