# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The restore planner: from a backup history and a target to a plan, which is a value.

Planning touches nothing. To plan again after an interruption, or on a warm standby, is the same function with another
``restored_to``. What is chosen is decided by LSNs, GUIDs and recovery forks; times only say what an LSN covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone, tzinfo

from .backup_history import Backup, BackupHistory, family_of
from .backup_set import BackupSet
from .choice import Beginning, Choice, Choices
from .database_state import DatabaseState
from .errors import InvalidInput
from .goal import Goal, find_log, goal
from .lineage import Branch, Lineage, alive_at, branches, lineage, newest
from .loss import certain_instant, data_loss, shown
from .passed_over import passed_over
from .plan_warnings import plan_warnings
from .presence import is_there
from .refusal import (
    before_the_oldest,
    in_the_future,
    nothing_to_begin_with,
    out_of_reach,
    refuse_another_database,
    would_overwrite,
)
from .relocation import Relocation
from .restore_step import PassedOver, RestorePlan, RestoreStep
from .steps import database_files, restore_steps
from .target import LATEST, Target, at_time


@dataclass(frozen=True)
class Circumstances:
    """What does not change between the databases of one recovery.

    ``now`` and ``disaster_at`` (when production stopped, if known) only serve to say how much is lost. ``zone`` is the
    site's. ``replace``: a database of that name that is online may be overwritten. ``reseed``: one that is restoring or
    a standby may be, because nobody has written to it. ``restore_again``: restore even where the target is found to
    hold the database as planned.
    """

    now: datetime
    zone: tzinfo | None = None
    disaster_at: datetime | None = None
    source_server: str | None = None
    replace: bool = False
    restore_again: bool = False
    reseed: bool = False


def restore_plan(
    history: Iterable[BackupSet] | BackupHistory,
    database: str,
    target: Target = LATEST,
    *,
    now: datetime,
    restored_to: DatabaseState | None = None,
    relocation: Relocation | None = None,
    unusable: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
    disaster_at: datetime | None = None,
    source_server: str | None = None,
    replace: bool = False,
    restore_again: bool = False,
) -> RestorePlan:
    """The plan for one database, or a RecoveryError that says what is wrong and what to do."""
    if not isinstance(history, BackupHistory):
        history = BackupHistory(history, unusable, zone)
    about = Circumstances(now, zone, disaster_at, source_server, replace, restore_again)
    return Planner(history, about).plan(database, target, restored_to, relocation)


class Planner:
    """Plans the databases of one history under the same circumstances."""

    def __init__(self, history: BackupHistory, about: Circumstances) -> None:
        if about.now.tzinfo is None:
            raise InvalidInput("the current time was given without a zone.", hint="Give now as an aware time.")
        self.history = history
        self.about = about

    def plan(
        self,
        database: str,
        target: Target = LATEST,
        restored_to: DatabaseState | None = None,
        relocation: Relocation | None = None,
    ) -> RestorePlan:
        """The plan for one database."""
        all_branches = branches(self.history, database, self.about.source_server)
        line = lineage(self.history, database, self._branch(all_branches, target, database))
        aim = goal(target, line, self.about.zone)
        choices, beginning = self._beginning(Choices(line, aim, restored_to), target)
        choice = choices.choose(beginning)
        plan = self._result(choices, choice, target, relocation)
        if restored_to is not None and not self.about.restore_again and is_there(plan, aim, line, restored_to, target):
            return replace(plan, steps=(), already_there=True, bytes_to_fetch=0, bytes_to_restore=0)
        self._refuse_to_overwrite(plan, restored_to)
        return plan

    def _branch(self, all_branches: list[Branch], target: Target, database: str) -> Branch:
        if target.kind == "before_log":
            log = find_log(target, self.history.named(database), database)
            return next(one for one in all_branches if (one.family, one.fork) == (family_of(log.head), log.fork))
        if target.time is None:
            return newest(all_branches, database)
        if target.time > self.about.now:
            raise in_the_future(database, target.time, self.about.now, self.about.zone)
        chosen = alive_at(all_branches, target.time, database)
        if chosen is None:
            raise before_the_oldest(self.history, all_branches, database, target.time, self.about.zone)
        return chosen

    def _beginning(self, choices: Choices, target: Target) -> tuple[Choices, Beginning]:
        best = choices.best()
        if best is None:
            raise nothing_to_begin_with(choices, self.about.zone)
        refuse_another_database(choices, choices.choose(best), self.about.zone)
        if target.kind == "latest" or choices.is_enough(best):
            return choices, best
        if self._nearest_will_do(best, target, choices):
            nearest = choices.without_proof()
            return nearest, nearest.best() or best
        raise out_of_reach(choices, best, target, self.about.zone)

    @staticmethod
    def _nearest_will_do(best: Beginning, target: Target, choices: Choices) -> bool:
        """In the SIMPLE recovery model there are no logs: only the backups' own instants can be reached."""
        if target.kind != "time":
            return False
        reached = [one for one in choices.lineage.backups if one.last_lsn <= best.lsn]
        simple = bool(reached) and reached[-1].head.recovery_model == "SIMPLE"
        return target.or_earlier or (simple and not choices.chain.has_logs)

    def _result(self, choices: Choices, choice: Choice, target: Target, relocation: Relocation | None) -> RestorePlan:
        line, aim = choices.lineage, choices.goal
        name = (relocation.database if relocation and relocation.database else None) or line.database
        enough = choices.is_enough(choice.beginning)
        reaches = aim.time if aim.time and enough else certain_instant(line, certain_lsn(choice, aim))
        at = (self.about.disaster_at or self.about.now).astimezone(self.about.zone or timezone.utc)
        lost, reason = data_loss(choices, choice, target, at, reaches)
        steps = restore_steps(choice, choices, name, relocation)
        source = _source(choice, line)
        return RestorePlan(
            database=name,
            source_database=line.database,
            source_server=source.head.server_name,
            target=target.describe(self.about.zone),
            steps=steps,
            reaches=reaches.astimezone(self.about.zone) if self.about.zone else reaches,
            reaches_lsn=furthest_lsn(choice, aim),
            recovery_fork_id=source.fork or None,
            family_guid=source.head.family_guid,
            data_loss_seconds=lost,
            data_loss_reason=reason,
            database_files=database_files(steps, choice),
            bytes_to_fetch=_bytes_to_fetch(choice),
            bytes_to_restore=sum(step.size for step in steps),
            warnings=(
                *_shortfall(aim, enough, reaches),
                *plan_warnings(self.history, line, aim, choice, target),
            ),
            passed_over=passed_over(choices, choice),
        )

    def _refuse_to_overwrite(self, plan: RestorePlan, state: DatabaseState | None) -> None:
        if state is None or not state.exists or self.about.replace or not _overwrites(plan):
            return
        if self.about.reseed and state.can_go_on:
            return
        raise would_overwrite(plan, state)


def _overwrites(plan: RestorePlan) -> bool:
    return bool(plan.steps) and plan.steps[0].backup_type == "full"


def certain_lsn(choice: Choice, aim: Goal) -> int:
    """What the database is certain to hold all of, wherever in its last log RESTORE finds the stop point."""
    if aim.stop_lsn is not None:
        return min(aim.stop_lsn, choice.end_lsn)
    return choice.logs[-1].first_lsn if aim.stop_mark_after and choice.logs else choice.end_lsn


def furthest_lsn(choice: Choice, aim: Goal) -> int:
    """What the database does not go beyond."""
    if aim.stop_lsn is not None and aim.stop_before_mark:
        return min(aim.stop_lsn, choice.end_lsn)
    return choice.end_lsn


def _source(choice: Choice, line: Lineage) -> Backup:
    """The backup that says whose data this is in the end."""
    if choice.logs:
        return choice.logs[-1].backup
    if choice.beginning.backups:
        return choice.beginning.backups[-1]
    return next(one for one in reversed(line.backups) if one.fork == line.path.tip)


def _bytes_to_fetch(choice: Choice) -> int:
    """Several sets of the plan may lie in one file, which is fetched once."""
    used = [*choice.beginning.backups, *(log.backup for log in choice.logs)]
    return sum({one.files: one.size for one in used}.values())


def _shortfall(aim: Goal, enough: bool, reaches: datetime) -> tuple[str, ...]:
    if enough or aim.time is None:
        return ()
    asked, ends = shown(aim.time, None), shown(reaches, aim.time.tzinfo)
    return (f"The target time {asked} cannot be reached; the plan ends at {ends}.",)


__all__ = [
    "LATEST",
    "Circumstances",
    "DatabaseState",
    "PassedOver",
    "Planner",
    "Relocation",
    "RestorePlan",
    "RestoreStep",
    "Target",
    "at_time",
    "restore_plan",
]
