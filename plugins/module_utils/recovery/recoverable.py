# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The "recoverable to" answer: in which windows any instant can be reached, and what the holes between them are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from .backup_history import Backup, BackupHistory
from .chain import log_chain
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
    asked = ("recoverable", database, server)
    if asked not in history.worked_out:
        history.worked_out[asked] = _recoverable(history, database, server)
    found: Recoverable = history.worked_out[asked]
    return found


def _recoverable(history: BackupHistory, database: str, server: str | None) -> Recoverable:
    all_branches = branches(history, database, server)
    windows: list[Window] = []
    holes: list[Hole] = []
    points: list[datetime] = []
    for branch, following in zip(all_branches, [*all_branches[1:], None]):
        found = _Branch(lineage(history, database, branch))
        kept = [part for part in (_clipped(one, branch, following) for one in found.windows()) if part is not None]
        windows += kept
        alone = found.points(kept)
        points += [one.started for one in alone]
        holes += found.holes(kept, alone)
    return Recoverable(database, tuple(windows), tuple(holes), tuple(sorted(set(points))))


def _clipped(window: Window, branch: Branch, following: Branch | None) -> Window | None:
    """An instant belongs to the branch on which the database lived then."""
    start = max(window.start, branch.first)
    end = min(window.end, following.first - TICK) if following is not None else window.end
    return Window(start, end) if start <= end else None


class _Branch:
    """One path: what its beginnings lead to, and up to which instants its backups prove that."""

    def __init__(self, line: Lineage) -> None:
        self.line = line
        self.chain = log_chain(line, stray=True)
        self.own = sorted((one for one in line.backups if one.fork == line.path.tip), key=lambda one: one.started)
        self.beginnings = self._beginnings()
        self.ends = _growing(
            (one.ended_by, self.chain.end_from(one.last_lsn)) for one in self.beginnings
        )  # (instant, how far the beginnings that had ended by then lead)

    def _beginnings(self) -> list[Backup]:
        """The fulls that can be restored, and their differentials."""
        usable = [one for one in self.line.backups if one.fault is None and self.line.path.holds(one)]
        fulls = {one.guid for one in usable if one.type == "full"}
        based = differentials_by_full(self.line)
        differentials = {one.guid for full in fulls for one in based.get(full, ())}
        return [one for one in usable if one.guid in fulls or one.guid in differentials]

    def windows(self) -> list[Window]:
        """An instant is covered by the first backup begun at or after it."""
        furthest = [reached for _unused, reached in self.ends]
        windows: list[Window] = []
        previous: datetime | None = None
        for started, needed in self._covers():
            index = bisect_left(furthest, needed)
            if index < len(furthest):
                start = max(self.ends[index][0], previous + TICK) if previous else self.ends[index][0]
                if start <= started:
                    windows.append(Window(start, started))
            previous = started
        return _without(_merged(windows), self._bulk())

    def _covers(self) -> list[tuple[datetime, int]]:
        """(start of a backup, LSN that is needed for all instants up to it), oldest first."""
        result = []
        needed: int | None = None
        for one in reversed(self.own):
            needed = one.last_lsn if needed is None else min(needed, one.last_lsn)
            result.append((one.started, needed))
        return result[::-1]

    def _bulk(self) -> list[Window]:
        """Where a log with bulk-logged changes would have to be stopped inside."""
        bulk = [one for one in self.line.backups if one.type == "log" and one.head.has_bulk_logged_data]
        if not bulk:
            return []
        covered = _growing_starts(self.own)
        lsns = [lsn for lsn, _unused in covered]
        result = []
        for one in bulk:
            index = bisect_right(lsns, one.first_lsn)
            begun = covered[index - 1][1] + TICK if index else self.own[0].started
            result.append(Window(min(begun, one.started), one.ended_by - TICK))
        return _merged(result)

    def points(self, windows: list[Window]) -> list[Backup]:
        """The backups that can be restored as they are, outside of all windows."""
        own = [one for one in self.beginnings if one.fork == self.line.path.tip]
        starts = [window.start for window in windows]
        return [one for one in own if not _inside(one.started, windows, starts)]

    def holes(self, windows: list[Window], points: list[Backup]) -> list[Hole]:
        """What lies between what can be reached, up to the newest backup, with the reason."""
        times = [when for when, _unused in self.ends]
        known = [(one.start, one.end, self.ends[bisect_right(times, one.end) - 1][1]) for one in windows]
        known += [(one.started, one.started, self.chain.end_from(one.last_lsn)) for one in points]
        if self.own:
            known.append((self.own[-1].started, self.own[-1].started, 0))
        known.sort()
        bulk = self._bulk()
        return [
            Hole(start, end, gap_after(self.line, lsn, start.tzinfo) or _why(start, end, bulk))
            for (_unused, start, lsn), (end, *_rest) in zip(known, known[1:])
            if start < end
        ]


_BULK = "It lies in a log backup with bulk-logged changes, which cannot be stopped inside."
_TAKEN = "A backup was being taken: it can be restored as a whole, and to no instant inside of it."


def _why(start: datetime, end: datetime, bulk: list[Window]) -> str:
    return _BULK if any(one.start < end and one.end >= start for one in bulk) else _TAKEN


def _growing(pairs: Iterable[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    result: list[tuple[datetime, int]] = []
    for when, reached in sorted(pairs):
        if not result or reached > result[-1][1]:
            result.append((when, reached))
    return result


def _growing_starts(backups: Iterable[Backup]) -> list[tuple[int, datetime]]:
    """(LSN, up to when what lies before it is proven to be all), growing in both."""
    result: list[tuple[int, datetime]] = []
    for one in sorted(backups, key=lambda one: one.last_lsn):
        result.append((one.last_lsn, max(one.started, result[-1][1]) if result else one.started))
    return result


def _inside(when: datetime, windows: list[Window], starts: list[datetime]) -> bool:
    index = bisect_right(starts, when) - 1
    return index >= 0 and when <= windows[index].end


def _without(windows: list[Window], cuts: list[Window]) -> list[Window]:
    """Both in order and apart from each other."""
    result: list[Window] = []
    index = 0
    for window in windows:
        start = window.start
        while index < len(cuts) and cuts[index].end < start:
            index += 1
        following = index
        while following < len(cuts) and cuts[following].start <= window.end:
            if start < cuts[following].start:
                result.append(Window(start, cuts[following].start - TICK))
            start = cuts[following].end + TICK
            following += 1
        if start <= window.end:
            result.append(Window(start, window.end))
    return result


def _merged(windows: list[Window]) -> list[Window]:
    result: list[Window] = []
    for window in sorted(windows, key=lambda one: one.start):
        if result and window.start <= result[-1].end + TICK:
            result[-1] = Window(result[-1].start, max(result[-1].end, window.end))
        else:
            result.append(window)
    return result


def windows_text(answer: Recoverable, zone: tzinfo | None) -> str:
    """The windows in a sentence."""
    if answer.windows:
        spans = "; ".join(f"{shown(one.start, zone)} to {shown(one.end, zone)}" for one in answer.windows[-5:])
        return f"Any instant can be reached in: {spans}."
    if answer.points:
        instants = ", ".join(shown(one, zone) for one in answer.points[-5:])
        return f"Only the backups' own instants can be reached: {instants}."
    return "No instant at all can be reached with these backups."
