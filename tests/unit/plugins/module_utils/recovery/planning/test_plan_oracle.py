# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The planner against an oracle that tries everything, over random lives of a database.

Each plan is carried out step by step by SQL Server's rules over what the backups really hold; what is found afterwards
must be exactly what the database held at the instant promised. And what the oracle can reach, the planner reaches.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import pytest

pytest.importorskip("hypothesis")

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import (
    LATEST,
    RestorePlan,
    RestoreStep,
    Target,
    restore_plan,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import exhaustive
from .hospital_life import WIB, milliseconds, moment, numbers
from .restore_rules import Refused, Restoring, apply
from .strategies import Remains, remains

CASES = int(os.environ.get("DEADPOOL_CASES", "400"))
oracle = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    derandomize=CASES <= 400,
)


def planned(life: Remains, target: Target = LATEST) -> RestorePlan | RecoveryError:
    """The plan, or its refusal; whose message must be whole."""
    now = moment(life.end) + timedelta(hours=1)
    try:
        plan = restore_plan(life.sets, "Sales", target, now=now, unusable=life.unusable)
    except RecoveryError as refusal:
        assert refusal.msg.strip() and refusal.hint.strip()
        return refusal
    assert plan == restore_plan(tuple(reversed(life.sets)), "Sales", target, now=now, unusable=life.unusable)
    assert RestorePlan.from_dict(plan.to_dict()) == plan
    return plan


def carried_out(plan: RestorePlan, life: Remains) -> Restoring:
    """The database after all steps; any refusal of the rules is a failure of the planner."""
    by_guid = {(one.backup_set_guid, one.path): one for one in life.sets}
    database: Restoring | None = None
    for step in plan.steps[:-1]:
        families = [by_guid[(str(step.backup_set_guid), path)] for path in step.files]
        assert [one.family_sequence_number for one in families] == list(range(1, families[0].family_count + 1))
        assert {one.position for one in families} == {step.position}
        assert not set(step.files) & set(life.unusable)
        try:
            database = apply(database, families[0], life.truths, **stop_of(step))
        except Refused as refused:
            if not (refused.number in (4335, 4305) and step.may_be_passed and database and database.stopped):
                raise
    assert plan.steps[-1].action == "recover"
    assert database is not None
    return database


def stop_of(step: RestoreStep) -> dict[str, int | None]:
    """The step's stop option in the rules' terms."""
    stop: dict[str, int | None] = {}
    if step.stop_at:
        stop["stop_at"] = milliseconds(datetime.fromisoformat(step.stop_at).replace(tzinfo=WIB))
    if step.stop_before_mark:
        stop["stop_before"] = int(step.stop_before_mark.removeprefix("lsn:"))
    if step.stop_at_mark:
        stop["stop_after"] = int(step.stop_at_mark.removeprefix("lsn:"))
    return stop


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
