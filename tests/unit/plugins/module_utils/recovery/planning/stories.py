# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Short ways to tell a test: the life of a database, a target, the plan, what is found afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import (
    LATEST,
    RestorePlan,
    Target,
    restore_plan,
)

from .carrying_out import carried_out
from .hospital_life import Database, moment, numbers
from .remains import Remains

MINUTE = 60_000


def plan_of(
    life: Database, target: Target = LATEST, sets: Iterable[BackupSet] | None = None, **more: object
) -> RestorePlan:
    """The plan for a life, an hour after its end."""
    now = moment(life.clock) + timedelta(hours=1)
    return restore_plan(life.sets if sets is None else sets, life.name, target, now=now, **more)  # type: ignore[arg-type]


def names(plan: RestorePlan) -> list[str]:
    """The backup sets of a plan, in order."""
    return [str(step.backup_set_guid) for step in plan.steps[:-1]]


def at(milliseconds: int) -> Target:
    """A target time in the life's own clock."""
    return Target(kind="time", time=moment(milliseconds))


def found(plan: RestorePlan, life: Database) -> list[int]:
    """The transactions in the database after the plan was carried out."""
    return numbers(carried_out(plan, Remains((life,), tuple(life.sets), {})).records)
