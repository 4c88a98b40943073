# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carries out a plan by SQL Server's rules, and tells what the server would say of the database meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import (
    LATEST,
    DatabaseState,
    RestorePlan,
    RestoreStep,
    Target,
    restore_plan,
)

from .hospital_life import WIB, milliseconds, moment
from .remains import Remains
from .restore_rules import Refused, Restoring, apply


def planned(
    life: Remains, target: Target = LATEST, state: DatabaseState | None = None, replace: bool = False
) -> RestorePlan | RecoveryError:
    """The plan, or its refusal; whose message must be whole. Equal histories in any order give equal plans."""
    now = moment(life.end) + timedelta(hours=1)
    results: list[RestorePlan | RecoveryError] = []
    for sets in (life.sets, tuple(reversed(life.sets))):
        try:
            plan = restore_plan(
                sets, "Sales", target, now=now, unusable=life.unusable, restored_to=state, replace=replace
            )
        except RecoveryError as refusal:
            assert refusal.msg.strip() and refusal.hint.strip()
            results.append(refusal)
        else:
            assert RestorePlan.from_dict(plan.to_dict()) == plan
            results.append(plan)
    assert str(results[0]) == str(results[1])
    return results[0]


def carried_out(
    plan: RestorePlan, life: Remains, database: Restoring | None = None, most: int | None = None
) -> Restoring:
    """The database after all steps (or the first ``most``); any refusal of the rules is a failure of the planner."""
    by_file = {(one.backup_set_guid, one.path): one for one in life.sets}
    for step in plan.steps[:-1][:most]:
        families = [by_file[(str(step.backup_set_guid), path)] for path in step.files]
        assert [one.family_sequence_number for one in families] == list(range(1, families[0].family_count + 1))
        assert {one.position for one in families} == {step.position}
        assert not set(step.files) & set(life.unusable)
        try:
            database = apply(database, families[0], life.truths, **stop_of(step))
        except Refused as refused:
            if not (
                refused.number in (4335, 4305) and step.may_be_passed and database and database.stopped_at is not None
            ):
                raise
        database = replace(database, last=step)
    assert plan.steps[-1].action == "recover"
    assert database is not None
    return database


def stop_of(step: RestoreStep) -> dict[str, int | None]:
    """The step's stop option in the rules' terms."""
    stop: dict[str, int | None] = {}
    if step.stop_at:
        stop["stop_at"] = milliseconds(datetime.fromisoformat(step.stop_at).replace(tzinfo=WIB))
    if step.stop_before_mark:
        stop["stop_before"] = int(step.stop_before_mark[4:])
    if step.stop_at_mark:
        stop["stop_after"] = int(step.stop_at_mark[4:])
    return stop


def state_of(database: Restoring, name: str = "Sales") -> DatabaseState:
    """What the server says of a database in RESTORING state."""
    last = database.last
    assert isinstance(last, RestoreStep)
    mark = last.stop_at_mark or last.stop_before_mark
    return DatabaseState(
        state="RESTORING",
        name=name,
        redo_start_lsn=database.lsn,
        redo_start_fork_guid=database.fork.guid,
        differential_base_guid=database.base,
        last_restored_set_guid=last.backup_set_guid,
        last_stop_at=datetime.fromisoformat(last.stop_at) if last.stop_at else None,
        last_stop_at_mark=mark,
    )
