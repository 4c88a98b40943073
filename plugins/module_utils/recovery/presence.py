# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the target already holds the database as planned: only what the server itself says counts as proof."""

from __future__ import annotations

from datetime import datetime, timedelta

from .choice import same_stop
from .database_state import DatabaseState
from .goal import Goal
from .lineage import Lineage
from .restore_step import RestorePlan, RestoreStep
from .target import Target

#: create_date is taken when RESTORE begins, restore_date in the same statement; both are rounded.
ROUNDING = timedelta(seconds=2)


def is_there(plan: RestorePlan, aim: Goal, line: Lineage, state: DatabaseState, target: Target) -> bool:
    """Either the target's database is the very one whose newest backups were planned with, or its last RESTORE was the
    last step of this plan and it was recovered after it."""
    if state.state.upper() != "ONLINE" or _another_family(plan, state):
        return False
    if target.kind == "latest" and state.recovery_fork_guid and state.recovery_fork_guid == line.path.tip:
        return True
    return _restored_by_plan(plan, aim, state) and _recovered_there(plan, state, line)


def _another_family(plan: RestorePlan, state: DatabaseState) -> bool:
    return bool(plan.family_guid and state.family_guid) and plan.family_guid != state.family_guid


def _restored_by_plan(plan: RestorePlan, aim: Goal, state: DatabaseState) -> bool:
    if state.last_restored_set_guid is None or state.last_restored_at is None or state.create_date is None:
        return False
    if _local(state.last_restored_at) < _local(state.create_date) - ROUNDING:
        return False  # the row is that of an earlier database of the same name
    for step in reversed([step for step in plan.steps if step.action != "recover"]):
        if step.backup_set_guid == state.last_restored_set_guid:
            return _same_option(step, aim, state)
        if not step.may_be_passed:
            return False
    return False


def _same_option(step: RestoreStep, aim: Goal, state: DatabaseState) -> bool:
    if step.stop_at:
        return same_stop(state, aim)
    mark = step.stop_at_mark or step.stop_before_mark
    return state.last_stop_at is None and (state.last_stop_at_mark or None) == mark


def _recovered_there(plan: RestorePlan, state: DatabaseState, line: Lineage) -> bool:
    """RESTORE WITH RECOVERY begins a new fork, which no backup of the source can have."""
    if state.recovery_fork_guid in line.path.limits:
        return False
    if state.fork_point_lsn is None:
        return True
    ends = [step.last_lsn for step in plan.steps if step.last_lsn]
    return state.fork_point_lsn <= max(ends, default=0)


def _local(when: datetime) -> datetime:
    return when.replace(tzinfo=None)
