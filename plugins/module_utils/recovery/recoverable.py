# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The "recoverable to" answer: in which windows any instant can be reached, and what the holes between them are."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from .backup_history import Backup, BackupHistory
from .chain import LogChain
from .choice import differentials_by_full
from .lineage import Branch, Lineage, branches, lineage
from .loss import gap_after, shown
from .restore_step import plain

#: What STOPAT can tell apart.
TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Window:
    """Any instant from ``start`` to ``end`` (both included) can be reached."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Hole:
    """No instant strictly between ``start`` and ``end`` can be reached, and why."""

    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True)
class Recoverable:
    """All windows of one database, oldest first. ``recoverable_to`` is where the last one ends.

    ``points`` are the instants of backups that can be restored as they are although no log proves any instant around
    them (SIMPLE recovery model, a full without logs).
    """

    database: str
    windows: tuple[Window, ...]
    holes: tuple[Hole, ...]
    points: tuple[datetime, ...]

    @property
    def recoverable_to(self) -> datetime | None:
        """The latest instant that can be reached."""
        ends = [window.end for window in self.windows] + list(self.points)
        return max(ends) if ends else None

    def to_dict(self) -> dict[str, Any]:
        """What JSON and Ansible carry."""
        return {**plain(asdict(self)), "recoverable_to": plain(self.recoverable_to)}


def recoverable(history: BackupHistory, database: str, server: str | None = None) -> Recoverable:
    """The windows of a database over all its branches."""
    all_branches = branches(history, database, server)
    windows: list[Window] = []
    holes: list[Hole] = []
    points: list[datetime] = []
    for branch, following in zip(all_branches, [*all_branches[1:], None]):
        line = lineage(history, database, branch)
        found = [_clipped(window, branch, following) for window in branch_windows(line)]
        kept = [window for window in found if window is not None]
        holes += _holes(kept, line)
        windows += kept
        points += _points(line, kept)
    return Recoverable(database, tuple(windows), tuple(holes), tuple(sorted(set(points))))


def _clipped(window: Window, branch: Branch, following: Branch | None) -> Window | None:
    """An instant belongs to the branch on which the database lived then."""
    start = max(window.start, branch.first)
    end = min(window.end, following.first - TICK) if following is not None else window.end
    return Window(start, end) if start <= end else None


def branch_windows(line: Lineage) -> list[Window]:
    """The windows along one path. An instant is covered by the first backup begun at or after it."""
    chain = LogChain(line.backups, line.path, stray=True)
    ends = _ends(line, chain)
    furthest = [reached for _, reached in ends]
    windows: list[Window] = []
    previous: datetime | None = None
    for started, needed in _covers(line):
        index = bisect_left(furthest, needed)
        if index < len(ends):
            start = max(ends[index][0], previous + TICK) if previous else ends[index][0]
            if start <= started:
                windows.append(Window(start, started))
        previous = started
    return _merged(_without_bulk(windows, line))


def _ends(line: Lineage, chain: LogChain) -> list[tuple[datetime, int]]:
    """(instant, how far the beginnings that had ended by then lead), growing in both."""
    differentials = differentials_by_full(line)
    pairs = []
    for full in line.backups:
        if full.type != "full" or full.fault or not line.path.holds(full):
            continue
        pairs.append((full.ended_by, chain.end_from(full.last_lsn)))
        for one in differentials.get(full.guid, []):
            if not one.fault and line.path.holds(one):
                pairs.append((max(one.ended_by, full.ended_by), chain.end_from(one.last_lsn)))
    result: list[tuple[datetime, int]] = []
    for when, reached in sorted(pairs):
        if not result or reached > result[-1][1]:
            result.append((when, reached))
    return result


def _covers(line: Lineage) -> list[tuple[datetime, int]]:
    """(start of a backup, LSN that is needed for all instants up to it), oldest first."""
    result = []
    needed: int | None = None
    for one in sorted(
        (one for one in line.backups if one.fork == line.path.tip), key=lambda one: one.started, reverse=True
    ):
        needed = one.last_lsn if needed is None else min(needed, one.last_lsn)
        result.append((one.started, needed))
    return result[::-1]


def _without_bulk(windows: list[Window], line: Lineage) -> list[Window]:
    """A log with bulk-logged changes cannot be stopped inside."""
    starts = sorted({one.started for one in line.backups if one.fork == line.path.tip})
    for one in line.backups:
        if one.type == "log" and one.head.has_bulk_logged_data and line.path.holds(one):
            index = bisect_left(starts, one.started)
            begun = starts[index - 1] if index else one.started - TICK
            windows = [part for window in windows for part in _cut(window, begun + TICK, one.ended_by - TICK)]
    return windows


def _cut(window: Window, start: datetime, end: datetime) -> list[Window]:
    if window.end < start or window.start > end:
        return [window]
    parts = [Window(window.start, start - TICK), Window(end + TICK, window.end)]
    return [part for part in parts if part.start <= part.end]


def _merged(windows: list[Window]) -> list[Window]:
    result: list[Window] = []
    for window in sorted(windows, key=lambda one: one.start):
        if result and window.start <= result[-1].end + TICK:
            result[-1] = Window(result[-1].start, max(result[-1].end, window.end))
        else:
            result.append(window)
    return result


def _holes(windows: list[Window], line: Lineage) -> list[Hole]:
    result = []
    for before, after in zip(windows, windows[1:]):
        reached = [one.last_lsn for one in line.evidence() if one.started <= before.end]
        reason = gap_after(line, max(reached, default=0), before.end.tzinfo) or "no full backup leads into it"
        result.append(Hole(before.end, after.start, reason))
    return result


def _points(line: Lineage, windows: list[Window]) -> list[datetime]:
    usable: list[Backup] = []
    differentials = differentials_by_full(line)
    for full in line.backups:
        if full.type == "full" and not full.fault and line.path.holds(full) and full.fork == line.path.tip:
            usable.append(full)
            usable += [one for one in differentials.get(full.guid, []) if not one.fault]
    return [one.started for one in usable if not any(part.start <= one.started <= part.end for part in windows)]


def windows_text(answer: Recoverable, zone: tzinfo | None) -> str:
    """The windows in a sentence."""
    if answer.windows:
        spans = "; ".join(f"{shown(one.start, zone)} to {shown(one.end, zone)}" for one in answer.windows[-5:])
        return f"Any instant can be reached in: {spans}."
    if answer.points:
        instants = ", ".join(shown(one, zone) for one in answer.points[-5:])
        return f"Only the backups' own instants can be reached: {instants}."
    return "No instant at all can be reached with these backups."
