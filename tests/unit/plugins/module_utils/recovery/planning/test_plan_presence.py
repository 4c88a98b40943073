# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the target holds the database as planned already: only the server's own facts prove it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DatabaseInUse
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import DatabaseState, RestorePlan

from .hospital_life import Database, moment
from .stories import MINUTE, at, names, plan_of

RESTORED = datetime(2026, 11, 24, 9, 0, 5)


def recovered(plan: RestorePlan, **more: object) -> DatabaseState:
    """What the server says after all steps of a plan."""
    last = plan.steps[-2]
    state = DatabaseState(
        state="ONLINE",
        name=plan.database,
        create_date=RESTORED - timedelta(seconds=4),
        family_guid=plan.family_guid,
        recovery_fork_guid="fork-of-the-target",
        fork_point_lsn=plan.reaches_lsn,
        last_restored_set_guid=last.backup_set_guid,
        last_restored_at=RESTORED,
        last_stop_at=datetime.fromisoformat(last.stop_at) if last.stop_at else None,
    )
    return replace(state, **more)  # type: ignore[arg-type]


def test_after_the_plan_nothing_is_left_to_do(week: Database) -> None:
    plan = plan_of(week)
    again = plan_of(week, restored_to=recovered(plan))
    assert again.already_there
    assert again.steps == () and again.bytes_to_fetch == 0
    assert again.reaches == plan.reaches


def test_after_a_plan_to_an_instant_the_stop_time_counts_too(week: Database) -> None:
    plan = plan_of(week, at(20 * MINUTE))
    there = recovered(plan, fork_point_lsn=plan.reaches_lsn - 10)
    assert plan_of(week, at(20 * MINUTE), restored_to=there).already_there
    rounded = replace(there, last_stop_at=datetime(2026, 11, 22, 2, 20, 0, 3000))
    assert plan_of(week, at(20 * MINUTE), restored_to=rounded).already_there
    with pytest.raises(DatabaseInUse):
        plan_of(week, at(21 * MINUTE), restored_to=there)


@pytest.mark.parametrize(
    "change",
    [
        {"last_restored_set_guid": "log-1-4"},
        {"last_restored_set_guid": None},
        {"last_restored_at": RESTORED - timedelta(days=1)},
        {"create_date": None},
        {"family_guid": "another-family"},
        {"recovery_fork_guid": "fork-1", "last_restored_set_guid": "log-1-4", "family_guid": "another-family"},
        {"fork_point_lsn": 99_999},
        {"last_stop_at": datetime(2026, 11, 22, 2, 20)},
        {"state": "RECOVERY_PENDING"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_where_one_fact_is_missing_it_is_not_there(week: Database, change: dict[str, object]) -> None:
    state = recovered(plan_of(week), **change)
    with pytest.raises(DatabaseInUse) as refusal:
        plan_of(week, restored_to=state)
    assert state.state in refusal.value.msg
    assert "replace" in refusal.value.hint
    decided = plan_of(week, restored_to=state, replace=True)
    assert not decided.already_there
    assert decided.steps[0].replace


def test_a_new_log_on_the_store_means_it_is_behind(week: Database) -> None:
    state = recovered(plan_of(week))
    week.commit()
    week.wait(15 * MINUTE)
    week.log()
    with pytest.raises(DatabaseInUse):
        plan_of(week, restored_to=state)


def test_the_database_that_the_backups_come_from_is_there_and_beyond(week: Database) -> None:
    """After a failover the store fills with the failover's own backups: restoring them over it would only lose data."""
    state = DatabaseState(state="ONLINE", name="Sales", family_guid="family-1", recovery_fork_guid="fork-1")
    assert plan_of(week, restored_to=state).already_there
    assert plan_of(week, restored_to=state, replace=True).already_there
    assert not plan_of(week, restored_to=state, replace=True, restore_again=True).already_there
    with pytest.raises(DatabaseInUse):
        plan_of(week, at(20 * MINUTE), restored_to=state)


@pytest.mark.parametrize("state", ["RESTORING", "STANDBY"])
def test_a_warm_standby_goes_on(week: Database, state: str) -> None:
    fourth = next(one for one in week.sets if one.backup_set_guid == "log-1-4")
    standby = DatabaseState(state=state, redo_start_lsn=fourth.last_lsn, redo_start_fork_guid="fork-1")
    plan = plan_of(week, restored_to=standby)
    assert names(plan) == ["log-1-5"]
    assert [step.action for step in plan.steps] == ["restore_log", "recover"]
    assert plan.reaches == plan_of(week).reaches


def test_a_warm_standby_past_the_target_is_not_used(week: Database) -> None:
    standby = DatabaseState(state="STANDBY", redo_start_lsn=week.next_lsn, redo_start_fork_guid="fork-1")
    with pytest.raises(DatabaseInUse):
        plan_of(week, at(20 * MINUTE), restored_to=standby)
    assert names(plan_of(week, at(20 * MINUTE), restored_to=standby, replace=True))[0] == "full-1-1"


@pytest.mark.parametrize(
    "change", [{"redo_start_fork_guid": "another"}, {"family_guid": "another"}, {"redo_start_lsn": None}]
)
def test_a_restoring_database_of_another_past_is_not_used(week: Database, change: dict[str, object]) -> None:
    state = DatabaseState(state="RESTORING", redo_start_lsn=week.next_lsn, redo_start_fork_guid="fork-1")
    with pytest.raises(DatabaseInUse):
        plan_of(week, restored_to=replace(state, **change))  # type: ignore[arg-type]


def test_a_differential_jumps_a_hole_for_a_restoring_database() -> None:
    life = Database()
    life.full()
    life.commit()
    begun = life.log()
    life.commit()
    lost = life.log()
    life.commit()
    life.differential()
    life.commit()
    life.log()
    assert begun is not None and lost is not None
    kept = [one for one in life.sets if one.backup_set_guid != lost.backup_set_guid]
    state = DatabaseState(
        state="RESTORING",
        redo_start_lsn=begun.last_lsn,
        redo_start_fork_guid="fork-1",
        differential_base_guid="full-1-1",
    )
    assert names(plan_of(life, sets=kept, restored_to=state)) == ["diff-1-4", "log-1-5"]


def test_reaches_and_loss_are_counted_from_what_is_certain(week: Database) -> None:
    plan = plan_of(week)
    last = next(one for one in week.sets if one.backup_set_guid == "log-1-5")
    assert plan.reaches == last.backup_start_date
    now = moment(week.clock) + timedelta(hours=1)
    assert plan.data_loss_seconds == (now - last.backup_start_date).total_seconds()
    dead = last.backup_start_date + timedelta(minutes=7)
    assert plan_of(week, disaster_at=dead).data_loss_seconds == 7 * 60
    tail = [replace(one, is_force_offline=True) if one is last else one for one in week.sets]
    lossless = plan_of(week, sets=tail)
    assert lossless.data_loss_seconds == 0
    assert "tail-log" in lossless.data_loss_reason
