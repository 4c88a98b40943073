# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person should know of a plan that is right all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .backup_history import Backup, BackupHistory
from .choice import Choice
from .goal import Goal
from .lineage import Lineage
from .target import Target


def plan_warnings(history: BackupHistory, line: Lineage, aim: Goal, choice: Choice, target: Target) -> tuple[str, ...]:
    """All warnings but those about disks."""
    used = [*choice.beginning.backups, *(log.backup for log in choice.logs)]
    return (*line.warnings, *_about_used(history, used), *_about_forks(choice, aim), *_about_target(line, aim, target))


def _about_used(history: BackupHistory, used: list[Backup]) -> Iterator[str]:
    assumed = [one for one in used if one.files[0] in history.zone_assumed]
    if assumed:
        yield f"{len(assumed)} backups do not say their server's time zone; the site's was taken."
    if used and used[-1].head.is_read_only:
        yield "The database was read-only when it was backed up, and comes back read-only."
    unchecked = [one for one in used if not one.head.has_backup_checksums]
    if unchecked:
        yield f"{len(unchecked)} of {len(used)} backups were taken without CHECKSUM: damage in them shows only later."


def _about_forks(choice: Choice, aim: Goal) -> Iterator[str]:
    for log in choice.logs:
        if log.left_early and not aim.lies_before(log.last_lsn):
            yield (
                f"{log.backup.label} is left at LSN {log.last_lsn}, where the database was itself once restored to and "
                "began another recovery fork."
            )


def _about_target(line: Lineage, aim: Goal, target: Target) -> Iterator[str]:
    if aim.time is not None and aim.needed_lsn is not None:
        repeated = _clock_put_back(line, aim.time, aim.needed_lsn)
        if repeated is not None:
            yield (
                f"The clock of {repeated.head.server_name} was put back: {repeated.label} was begun at "
                f"{repeated.started.isoformat()}, after later times had passed. STOPAT finds the first of such times."
            )
    if target.kind == "lsn" and not aim.stops:
        yield f"LSN {target.lsn} is where the newest backup ends: a record of that LSN was never backed up."


def _clock_put_back(line: Lineage, when: datetime, needed: int) -> Backup | None:
    """A backup that comes later in the log than the one which covers an instant, but was begun before the instant."""
    own = (one for one in line.backups if one.fork == line.path.tip and one.first_lsn >= needed)
    return next((one for one in own if one.started < when and one.last_lsn > needed), None)
