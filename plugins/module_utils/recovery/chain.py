# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The log chain along one recovery path: how far logs carry a database that stands at some LSN.

SQL Server applies a log to a database at LSN x when first_lsn <= x (else 4305) and last_lsn is not below x (else 4326);
the database stands at last_lsn then. last_lsn is the LSN of the next record, the first that the backup does not hold.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Callable

from .backup_history import Backup
from .lineage import Lineage
from .recovery_path import RecoveryPath


@dataclass(frozen=True)
class LogStretch:
    """A log backup, or the part of it that lies on the recovery path.

    ``left_early``: the path leaves its fork in the middle, so that RESTORE has to stop at that LSN. ``strays``: its end
    lies on a later fork that left the path; only a stop time before that keeps RESTORE on the path.
    """

    backup: Backup
    first_lsn: int
    last_lsn: int
    left_early: bool = False
    strays: bool = False


class LogChain:
    """Logs of one path, in the order of their LSNs."""

    def __init__(self, stretches: list[LogStretch]) -> None:
        self._stretches = stretches
        self._firsts = [one.first_lsn for one in stretches]
        self._runs = _runs(stretches)
        self._run_firsts = [first for first, _unused in self._runs]

    @property
    def has_logs(self) -> bool:
        """Whether there is any log at all."""
        return bool(self._stretches)

    def end_from(self, lsn: int) -> int:
        """The LSN that a database at ``lsn`` reaches with all logs that follow without a gap."""
        index = bisect_right(self._run_firsts, lsn) - 1
        return max(lsn, self._runs[index][1]) if index >= 0 and lsn <= self._runs[index][1] else lsn

    def between(self, lsn: int, needed: int) -> list[LogStretch]:
        """The fewest logs that carry a database from ``lsn`` to ``needed`` or beyond, in order."""
        result: list[LogStretch] = []
        index = 0
        while lsn < needed:
            upto = bisect_right(self._firsts, lsn)
            best = _longest(self._stretches[index:upto], lsn, needed)
            if best is None:
                break
            result.append(best)
            index, lsn = upto, best.last_lsn
        return result

    def first_after(self, lsn: int) -> LogStretch | None:
        """The next log behind a gap at ``lsn``."""
        index = bisect_left(self._firsts, lsn + 1)
        return self._stretches[index] if index < len(self._stretches) else None


def log_chain(line: Lineage, allowed: Callable[[Backup], bool] | None = None, stray: bool = False) -> LogChain:
    """The usable logs of a lineage, less those that ``allowed`` leaves out."""
    if allowed is not None:
        return LogChain([one for one in _stretches(line, stray) if allowed(one.backup)])
    asked = ("log_chain", stray)
    if asked not in line.worked_out:
        line.worked_out[asked] = LogChain(_stretches(line, stray))
    found: LogChain = line.worked_out[asked]
    return found


def _stretches(line: Lineage, stray: bool) -> list[LogStretch]:
    stray = stray and bool(line.path.offshoots)
    asked = ("stretches", stray)
    if asked not in line.worked_out:
        logs = [one for one in line.backups if one.type == "log" and one.fault is None]
        found = [stretch for one in logs for stretch in _on_path(one, line.path, stray)]
        found.sort(key=lambda one: (one.first_lsn, one.last_lsn, one.backup.guid))
        line.worked_out[asked] = found
    known: list[LogStretch] = line.worked_out[asked]
    return known


def _on_path(backup: Backup, path: RecoveryPath, stray: bool) -> list[LogStretch]:
    if backup.first_lsn >= backup.last_lsn:
        return []  # an empty log changes nothing; its time is evidence and is looked at elsewhere
    if path.holds(backup):
        return [LogStretch(backup, backup.first_lsn, backup.last_lsn)]
    if backup.head.has_bulk_logged_data:
        return []  # it cannot be stopped inside
    shared = path.offshoots.get(backup.fork, 0) if stray else 0
    if backup.first_lsn < shared:
        return [LogStretch(backup, backup.first_lsn, min(shared, backup.last_lsn), strays=True)]
    fork_point = path.fork_point_in(backup)
    return [LogStretch(backup, backup.first_lsn, fork_point, left_early=True)] if fork_point is not None else []


def _runs(stretches: list[LogStretch]) -> list[tuple[int, int]]:
    """The stretches of LSNs that the logs cover without a gap."""
    runs: list[tuple[int, int]] = []
    for one in stretches:
        if runs and one.first_lsn <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(runs[-1][1], one.last_lsn))
        else:
            runs.append((one.first_lsn, one.last_lsn))
    return runs


def _longest(candidates: list[LogStretch], lsn: int, needed: int) -> LogStretch | None:
    """Of the logs that reach what is needed the smallest; of others the one that reaches furthest."""
    enough = [one for one in candidates if one.last_lsn >= needed and one.last_lsn > lsn]
    if enough:
        return min(
            enough, key=lambda one: (one.left_early or one.strays, one.backup.size, one.last_lsn, one.backup.guid)
        )
    onward = [one for one in candidates if one.last_lsn > lsn]
    return max(
        onward, key=lambda one: (one.last_lsn, not (one.left_early or one.strays), -one.backup.size), default=None
    )
