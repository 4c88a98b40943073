# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which full, which differential, or where the target already stands: the beginnings from which the logs lead on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from .backup_history import Backup
from .chain import LogStretch, log_chain
from .database_state import DatabaseState
from .goal import Goal
from .lineage import Lineage


@dataclass(frozen=True)
class Beginning:
    """A full with or without a differential, or what the target has already; the logs begin at ``lsn``."""

    lsn: int
    full: Backup | None = None
    differential: Backup | None = None
    stopped: bool = False  # the target stands at the stop point: an earlier run applied the log that holds it

    @property
    def backups(self) -> tuple[Backup, ...]:
        """What is restored before the logs."""
        return tuple(one for one in (self.full, self.differential) if one is not None)


@dataclass(frozen=True)
class Choice:
    """A beginning, the logs that follow, and the LSN where they end."""

    beginning: Beginning
    logs: tuple[LogStretch, ...]
    end_lsn: int


class Choices:
    """All beginnings of a lineage for a goal, with what can be reached from each."""

    def __init__(self, lineage: Lineage, goal: Goal, state: DatabaseState | None) -> None:
        self.lineage = lineage
        self.goal = goal
        self.state = state
        stray = goal.time is not None and goal.needed_lsn is not None
        self.chain = log_chain(lineage, goal.allows, stray)
        self._differentials = differentials_by_full(lineage)

    def reaches(self, beginning: Beginning) -> int:
        """How far the logs lead from there."""
        return beginning.lsn if beginning.stopped else self.chain.end_from(beginning.lsn)

    def is_enough(self, beginning: Beginning) -> bool:
        """Whether the goal is met."""
        needed = self.goal.needed_lsn
        return beginning.stopped or (needed is not None and self.reaches(beginning) >= needed)

    def best(self) -> Beginning | None:
        """What the target already has goes first, then the newest full with its newest differential; but an older one
        is taken where only its chain leads to the goal, or furthest."""
        best: Beginning | None = None
        for beginning in self.all():
            if self.is_enough(beginning):
                return self._shortest(beginning)
            if best is None or self.reaches(beginning) > self.reaches(best):
                best = beginning
        return self._shortest(best) if best else None

    def _shortest(self, beginning: Beginning) -> Beginning:
        """From what the target has, a differential may lead as far as many logs, with fewer bytes."""
        if beginning.full is not None or beginning.stopped:
            return beginning
        far = self.reaches(beginning)
        as_far = [one for one in going_on(self) if self.reaches(one) == far]
        return min(as_far, key=self._bytes, default=beginning)

    def _bytes(self, beginning: Beginning) -> int:
        logs = self.choose(beginning).logs
        return sum(one.size for one in beginning.backups) + sum(log.backup.size for log in logs)

    def without_proof(self) -> Choices:
        """The choices of what leads furthest without going past the goal, where nothing leads to it."""
        return Choices(self.lineage, replace(self.goal, needed_lsn=None), self.state)

    def all(self) -> Iterator[Beginning]:
        """Every beginning that does not go past the goal, best first."""
        yield from going_on(self)
        for full in reversed(self.fulls()):
            for differential in self.differentials(full):
                yield Beginning(max(differential.last_lsn, full.last_lsn), full, differential)
            yield Beginning(full.last_lsn, full)

    def fulls(self) -> list[Backup]:
        """The fulls that can be restored, oldest first."""
        return [one for one in self.lineage.backups if one.type == "full" and self._fits(one)]

    def differentials(self, full: Backup) -> list[Backup]:
        """The differentials of a full that can be restored, newest first."""
        return [one for one in reversed(self.differentials_of(full)) if self._fits(one)]

    def differentials_of(self, full: Backup) -> list[Backup]:
        """The differentials whose base is this full, oldest first."""
        return self._differentials.get(full.guid, [])

    def _fits(self, backup: Backup) -> bool:
        return backup.fault is None and self.goal.is_before(backup) and self.lineage.path.holds(backup)

    def choose(self, beginning: Beginning) -> Choice:
        """The logs from a beginning to the goal."""
        if beginning.stopped:
            return Choice(beginning, (), beginning.lsn)
        end = self.reaches(beginning)
        needed = end if self.goal.needed_lsn is None else min(self.goal.needed_lsn, end)
        logs = tuple(self.chain.between(beginning.lsn, needed))
        return Choice(beginning, logs, logs[-1].last_lsn if logs else beginning.lsn)


def differentials_by_full(lineage: Lineage) -> dict[str, list[Backup]]:
    """backup_set_guid of a full -> its differentials: by DifferentialBaseGUID, else by DifferentialBaseLSN, which is
    the full's checkpoint_lsn. A copy-only full is never a differential base."""
    if "differentials_by_full" not in lineage.worked_out:
        lineage.worked_out["differentials_by_full"] = _differentials_by_full(lineage)
    found: dict[str, list[Backup]] = lineage.worked_out["differentials_by_full"]
    return found


def _differentials_by_full(lineage: Lineage) -> dict[str, list[Backup]]:
    by_checkpoint = {
        one.head.checkpoint_lsn: one.guid for one in lineage.backups if one.type == "full" and not one.head.is_copy_only
    }
    result: dict[str, list[Backup]] = defaultdict(list)
    for one in lineage.backups:
        if one.type == "differential":
            base = one.head.differential_base_guid or by_checkpoint.get(one.head.differential_base_lsn or -1)
            if base:
                result[base].append(one)
    return result


def going_on(choices: Choices) -> Iterator[Beginning]:
    """The target's database, where it was left restoring or is a standby on this path and not past the goal."""
    state, lineage, goal = choices.state, choices.lineage, choices.goal
    if state is None or not state.can_go_on or state.redo_start_lsn is None:
        return
    lsn = state.redo_start_lsn
    if not lineage.path.holds_point(state.redo_start_fork_guid, lsn) or not _same_family(state, lineage):
        return
    if stands_at_stop(state, goal, lineage):
        yield Beginning(lsn, stopped=True)
    elif not_past(lsn, state, goal, lineage):
        yield Beginning(lsn)
        for one in reversed(choices.lineage.backups):
            if one.type == "differential" and one.last_lsn > lsn and _continues(one, state, choices):
                yield Beginning(one.last_lsn, differential=one)


def _continues(differential: Backup, state: DatabaseState, choices: Choices) -> bool:
    """A differential can be applied to a restoring database whose files have the same differential base."""
    base = state.differential_base_guid
    return bool(base) and differential.head.differential_base_guid == base and choices._fits(differential)


def _same_family(state: DatabaseState, lineage: Lineage) -> bool:
    if state.family_guid and lineage.backups[0].head.family_guid:
        return state.family_guid == lineage.backups[0].head.family_guid
    return state.redo_start_fork_guid in lineage.path.limits


def stands_at_stop(state: DatabaseState, goal: Goal, lineage: Lineage) -> bool:
    """Whether the last RESTORE had the same stop point and its log was long enough to hold it."""
    if goal.needed_lsn is None or not same_stop(state, goal):
        return False
    last = next((one for one in lineage.backups if one.guid == state.last_restored_set_guid), None)
    return last is not None and last.type == "log" and last.last_lsn >= goal.needed_lsn


def same_stop(state: DatabaseState, goal: Goal) -> bool:
    """Whether the last RESTORE on the target was given the goal's stop point. msdb keeps 1/300 of a second."""
    if goal.stop_at is None or state.last_stop_at is None:
        return False
    asked = datetime.fromisoformat(goal.stop_at)
    return abs((state.last_stop_at.replace(tzinfo=None) - asked).total_seconds()) < 0.01


def not_past(lsn: int, state: DatabaseState, goal: Goal, lineage: Lineage) -> bool:
    """Whether it is certain that a database at ``lsn`` holds nothing from behind the stop point."""
    if not goal.stops and goal.exact_lsn is None:
        return True
    if goal.exact_lsn is not None and lsn <= goal.exact_lsn:
        return True
    if same_stop(state, goal):
        return True
    return any(one.last_lsn >= lsn and goal.is_before(one) for one in lineage.backups if lineage.path.holds(one))
