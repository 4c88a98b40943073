# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Recovery forks: every RESTORE ... WITH RECOVERY begins a new fork of the database's history.

A recovery path leads from the first fork to one tip: each fork counts on it up to the LSN where the next one left it.
Along a path LSNs only grow, and everything that SQL Server would apply one after the other lies on one path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .backup_history import Backup


@dataclass(frozen=True)
class RecoveryPath:
    """``limits``: fork -> LSN at which the path leaves it, None for the tip; ``until``: when that was at the latest.
    ``offshoots``: fork that left the path -> LSN where; the first log on it may hold what went before.

    A fork may live on after the path left it (the production server after a test restore elsewhere): what was backed up
    of it then is not evidence about this path.
    """

    tip: str
    limits: dict[str, int | None]
    until: dict[str, datetime] = field(default_factory=dict)
    offshoots: dict[str, int] = field(default_factory=dict)

    def holds(self, backup: Backup) -> bool:
        """Whether all of the backup lies on the path."""
        if backup.fork not in self.limits:
            return False
        limit = self.limits[backup.fork]
        return limit is None or backup.last_lsn <= limit

    def is_evidence(self, backup: Backup) -> bool:
        """Whether the backup's start says up to when the database on this path is covered by its LSN."""
        if backup.fork == self.tip:
            return True
        limit = self.limits.get(backup.fork) or 0
        if backup.last_lsn < limit:
            return True  # the path went on on this fork afterwards
        return backup.last_lsn == limit and backup.fork in self.until and backup.started < self.until[backup.fork]

    def fork_point_in(self, backup: Backup) -> int | None:
        """The LSN at which the path leaves the backup in its middle; None where it does not."""
        limit = self.limits.get(backup.fork)
        if limit is None or not backup.first_lsn < limit < backup.last_lsn:
            return None
        return limit

    def holds_point(self, fork: str | None, lsn: int) -> bool:
        """Whether a database at ``lsn`` of ``fork`` stands on the path."""
        if fork is None:
            return len(self.limits) == 1
        if fork not in self.limits:
            return lsn <= self.offshoots.get(fork, 0)
        limit = self.limits[fork]
        return limit is None or lsn <= limit


def recovery_path(backups: Iterable[Backup], tip: str) -> RecoveryPath:
    """The path that ends in ``tip``, as far back as the backups know the forks before it."""
    backups = list(backups)
    earlier = _earlier_forks(backups)
    born = first_seen(backups)
    limits: dict[str, int | None] = {tip: None}
    until: dict[str, datetime] = {}
    ahead = [tip]
    while ahead:
        child = ahead.pop(0)
        for fork, point in earlier.get(child, ()):
            limit = limits[child]
            known = point if limit is None else min(limit, point)
            if fork == tip or known <= (limits.get(fork) or 0):
                continue  # a surer way to it was found
            limits[fork] = known
            if child in born:
                until[fork] = min(born[child], until.get(child, born[child]))
            ahead.append(fork)
    return RecoveryPath(tip, limits, until, _offshoots(limits, earlier))


def _offshoots(limits: dict[str, int | None], earlier: dict[str, list[tuple[str, int]]]) -> dict[str, int]:
    shared: dict[str, int] = {}
    waiting = [fork for fork in earlier if fork not in limits]
    while waiting:
        found = {}
        for fork in waiting:
            for parent, point in earlier[fork]:
                limit = limits.get(parent, shared.get(parent, 0))
                if limit != 0:
                    found[fork] = point if limit is None else min(point, limit)
                    break
        shared.update(found)
        waiting = [fork for fork in waiting if fork not in found] if found else []
    return shared


def first_seen(backups: Iterable[Backup]) -> dict[str, datetime]:
    """fork -> the start of its first backup: from then on the database is known to have been on it.

    A restored database's creation date says less: a warm standby is created long before it is recovered.
    """
    seen: dict[str, datetime] = {}
    for backup in backups:
        if backup.fork not in seen or backup.started < seen[backup.fork]:
            seen[backup.fork] = backup.started
    return seen


def _earlier_forks(backups: list[Backup]) -> dict[str, list[tuple[str, int]]]:
    """fork -> the forks that it comes from, each with the LSN up to which that is known; the surest first.

    A backup names the fork that its own left, and where. It also names its differential base: wherever the database was
    restored to since, that full is part of its past.
    """
    parents: dict[str, tuple[str, int]] = {}
    fulls = {one.guid: one for one in backups if one.type == "full"}
    bases: dict[str, dict[str, int]] = {}
    for backup in backups:
        head = backup.head
        if head.first_recovery_fork_id and head.fork_point_lsn and head.first_recovery_fork_id != backup.fork:
            parents[backup.fork] = (head.first_recovery_fork_id, head.fork_point_lsn)
        elif len(head.recovery_fork_stack) > 1 and backup.fork not in parents:
            point, fork = head.recovery_fork_stack[1]
            if point and fork and fork != backup.fork:
                parents[backup.fork] = (fork, point)
        base = fulls.get(head.differential_base_guid or head.current_differential_base_guid or "")
        if base is not None and base.fork != backup.fork:
            known = bases.setdefault(backup.fork, {})
            known[base.fork] = max(known.get(base.fork, 0), base.last_lsn)
    result = {fork: list(known.items()) for fork, known in bases.items()}
    for fork, parent in parents.items():
        result.setdefault(fork, []).insert(0, parent)
    return result
