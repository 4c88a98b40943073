# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a plan to statements: which of its steps are left on a server, and whether the plan still fits it.

The server is asked right before; what it says wins over the plan. Steps that it has already are left out, so that
running again is how an interrupted restore goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import tsql
from .backup_location import undo_path
from .database_state import DatabaseState, same_guid
from .errors import InvalidInput
from .restore_step import RestorePlan, RestoreStep, moment

#: msdb stores datetime: thirds of a hundredth of a second.
_ROUNDING = timedelta(milliseconds=5)
#: The state that a step without a backup ends in.
_LEADS_TO = {"recover": "ONLINE", "stand_by": "STANDBY"}
_PLAN_AGAIN = "The target changed since the plan was made: plan again (mssql_restore_plan) and look at the new plan."


@dataclass(frozen=True)
class Remaining:
    """``steps`` are left; ``done`` steps stand already; ``overwrites``: what is there now will be gone."""

    steps: tuple[RestoreStep, ...]
    done: int = 0
    overwrites: bool = False


def source_path(path: str, source_directory: str | None) -> str:
    """Where the server sees a file of the history: the same relative path below ``source_directory``."""
    if not source_directory:
        return path
    top = source_directory.rstrip("/\\")
    relative = path.replace("\\", "/").lstrip("/")
    if "\\" in source_directory or source_directory[1:2] == ":":
        return top + "\\" + relative.replace("/", "\\")
    return f"{top}/{relative}"


def statement(step: RestoreStep, source_directory: str | None, replace: bool = False) -> str:
    """The T-SQL of one step; ``replace`` adds to what the plan says, when the database is there."""
    files = [source_path(path, source_directory) for path in step.files]
    if step.action == "recover":
        return tsql.recover(step.database)
    if step.action == "stand_by":
        return tsql.stand_by(step.database, step.standby_file or "")
    if step.action == "restore_log":
        return tsql.restore_log(
            step.database,
            files,
            position=step.position,
            moves=step.moves,
            stop_at=step.stop_at,
            stop_at_mark=step.stop_at_mark,
            stop_before_mark=step.stop_before_mark,
            stop_mark_after=step.stop_mark_after,
        )
    if step.action == "restore_database":
        anew = replace and step.backup_type == "full"
        return tsql.restore_database(step.database, files, position=step.position, moves=step.moves, replace=anew)
    raise InvalidInput(f"{step.database}: the plan has an unknown step {step.action!r}.", hint="Plan again.")


def without_recovery(plan: RestorePlan, standby_directory: str | None = None) -> RestorePlan:
    """The plan up to its last backup: the database stays RESTORING, or with a folder for its undo file readable as a
    standby, and takes the next backups."""
    steps = [step for step in plan.steps if step.action != "recover"]
    if standby_directory and plan.steps:
        steps.append(RestoreStep("stand_by", plan.database, standby_file=undo_path(standby_directory, plan.database)))
    return replace(plan, steps=tuple(steps))


def begins_anew(plan: RestorePlan) -> bool:
    """Whether the plan starts with a full backup, whatever the target has."""
    return bool(plan.steps) and plan.steps[0].action == "restore_database" and plan.steps[0].backup_type == "full"


def remaining(plan: RestorePlan, state: DatabaseState, sequence: Sequence[str] = ()) -> Remaining:
    """What is left to do. ``sequence``: the backup sets restored since the last full one, as msdb remembers."""
    name = plan.database
    if not plan.steps:
        if state.state != "ONLINE":
            raise InvalidInput(
                f"{name}: the plan says that all is done, but the database is {state.state}.", hint=_PLAN_AGAIN
            )
        return Remaining(())
    if begins_anew(plan):
        done = _done(plan, state, sequence) if state.can_go_on else 0
        return Remaining(plan.steps[done:], done, overwrites=state.exists and not done)
    if not state.can_go_on:
        raise InvalidInput(
            f"{name}: the plan goes on with a database in RESTORING state, but the target's is {state.state}.",
            hint=_PLAN_AGAIN,
        )
    done = _done(plan, state, sequence)
    left = plan.steps[done:]
    if left:
        _must_fit(name, left[0], state)
    return Remaining(left, done)


def _done(plan: RestorePlan, state: DatabaseState, sequence: Sequence[str]) -> int:
    """How many steps from the beginning the target has already; 0 when it holds another restore than this."""
    known = {same_guid(guid) for guid in sequence}
    if begins_anew(plan) and (not known or same_guid(sequence[0]) != same_guid(plan.steps[0].backup_set_guid)):
        return 0
    redo = state.redo_start_lsn or 0
    done = 0
    for number, step in enumerate(plan.steps, 1):
        if step.files and _stands(step, state, known, redo):
            done = number
    ours = [step for n, step in enumerate(plan.steps, 1) if n <= done or same_guid(step.backup_set_guid) in known]
    if redo > max((step.last_lsn or 0 for step in ours), default=redo):
        return 0  # it went its own way since: recovered and written to, or rolled forward by other backups
    if plan.steps[done:] and plan.steps[done].action == "stand_by" and state.state == "STANDBY":
        return done + 1
    return done


def _stands(step: RestoreStep, state: DatabaseState, known: set[str | None], redo: int) -> bool:
    if step.last_lsn and redo >= step.last_lsn and not begins_a_sequence(step):
        return True
    if same_guid(step.backup_set_guid) not in known:
        return False
    if step.action == "restore_database":
        return True
    # A log that was stopped in: done only if it was the last, and stopped at the same point.
    last = same_guid(state.last_restored_set_guid) == same_guid(step.backup_set_guid)
    return last and stops(step) and _same_stop(step, state)


def begins_a_sequence(step: RestoreStep) -> bool:
    return step.action == "restore_database" and step.backup_type == "full"


def stops(step: RestoreStep) -> bool:
    return bool(step.stop_at or step.stop_at_mark or step.stop_before_mark)


def _same_stop(step: RestoreStep, state: DatabaseState) -> bool:
    if not step.stop_at:
        return (step.stop_at_mark or step.stop_before_mark) == state.last_stop_at_mark
    wanted, reached = moment(step.stop_at), state.last_stop_at
    if wanted is None or reached is None:
        return False
    return abs(_naive(wanted) - _naive(reached)) <= _ROUNDING


def _naive(when: datetime) -> datetime:
    """Both are local times of the server that took the backups; an offset, where there is one, says nothing of that."""
    return when.replace(tzinfo=None)


def _must_fit(name: str, step: RestoreStep, state: DatabaseState) -> None:
    redo = state.redo_start_lsn or 0
    if step.action != "restore_log" or step.first_lsn is None or step.last_lsn is None:
        return
    if not step.first_lsn <= redo <= step.last_lsn:
        raise InvalidInput(
            f"{name}: the target is rolled forward to LSN {redo}, and the plan's next log covers "
            f"{step.first_lsn} to {step.last_lsn}.",
            hint=_PLAN_AGAIN,
        )


def reached(step: RestoreStep, before: DatabaseState, after: DatabaseState) -> str | None:
    """Why the server does not confirm that a step was carried out; None when it does."""
    if step.action in _LEADS_TO:
        wanted = _LEADS_TO[step.action]
        return None if after.state == wanted else f"the database is {after.state}, not {wanted}"
    if after.state not in ("RESTORING", "STANDBY"):
        return f"the database is {after.state}, not RESTORING"
    if same_guid(after.last_restored_set_guid) != same_guid(step.backup_set_guid):
        return f"msdb.dbo.restorehistory does not name backup set {step.backup_set_guid} as the last one restored"
    redo = after.redo_start_lsn or 0
    if step.action == "restore_log" and not stops(step) and redo < (step.last_lsn or 0):
        return f"it is rolled forward to LSN {redo} only, not to {step.last_lsn}"
    if redo < (before.redo_start_lsn or 0) and not begins_a_sequence(step):
        return f"its LSN went back from {before.redo_start_lsn} to {redo}"
    return None


def was_passed(step: RestoreStep, earlier: RestoreStep | None, number: int, state: DatabaseState) -> bool:
    """4335 or 4305 in answer to a step that may be passed: the log before it held the stop point already."""
    if not step.may_be_passed or number not in (4335, 4305) or earlier is None:
        return False
    return (state.redo_start_lsn or 0) < (earlier.last_lsn or 0)


def what_next(state: DatabaseState, done: int, total: int) -> str:
    """What stands on the server after a failure, and how to go on."""
    if not state.exists:
        return "There is no database of that name now."
    if state.can_go_on:
        return (
            f"The database is {state.state} now, {done} of {total} steps stand and it is rolled forward to LSN "
            f"{state.redo_start_lsn}; run again with the same plan to go on from there."
        )
    return f"The database is {state.state} now."
