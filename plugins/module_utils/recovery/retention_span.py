# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must stay so that every instant of a time span stays restorable: the cut below which backups are not needed.

Along a recovery path a newer beginning never leads less far than an older one: logs that carry the older one past the
newer carry the newer on too. So the last full before the span, and all that ends behind it, serve every instant of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .backup_history import Backup, BackupHistory
from .choice import differentials_by_full
from .lineage import Branch, Lineage, branches, lineage


@dataclass
class Needed:
    """``reasons``: backup_set_guid -> why it stays, the first reason that was found. ``anchors``: the fulls that all
    the rest hangs on; what is older may only go on their strength."""

    reasons: dict[str, str] = field(default_factory=dict)
    anchors: list[Backup] = field(default_factory=list)

    def keep(self, backups: Iterable[Backup], reason: str) -> None:
        for one in backups:
            self.reasons.setdefault(one.guid, reason)


@dataclass(frozen=True)
class Span:
    """From when to when (None: and ever after) any instant is to stay restorable, and in whose words."""

    start: datetime
    end: datetime | None
    what: str


def needed_for(history: BackupHistory, database: str, span: Span, minimum_fulls: int = 0) -> Needed:
    """What a database needs for a span, on every branch on which it may have lived then."""
    needed = Needed()
    for branch in _alive_in(branches(history, database, None), span):
        _needed_on(lineage(history, database, branch), span, minimum_fulls, needed)
    return needed


def _alive_in(all_branches: list[Branch], span: Span) -> list[Branch]:
    """Rather one too many: what was backed up since, what each server had when the span began, and the newest."""
    chosen = {one for one in all_branches if one.last >= span.start and (span.end is None or one.first <= span.end)}
    for server in {server for one in all_branches for server in one.servers}:
        begun = [one for one in all_branches if server in one.servers and one.first <= span.start]
        if begun:
            chosen.add(max(begun, key=lambda one: (one.first, one.last)))
    if span.end is None:
        chosen.add(max(all_branches, key=lambda one: (one.last, one.first)))
    return [one for one in all_branches if one in chosen]


def _needed_on(line: Lineage, span: Span, minimum_fulls: int, needed: Needed) -> None:
    fulls = [one for one in line.backups if one.type == "full" and one.fault is None and line.path.holds(one)]
    before = [one for one in fulls if one.ended_by <= span.start]
    if not before:
        needed.keep(line.backups, f"no full that can be restored is older than {span.what}")
        return
    if len(fulls) < minimum_fulls:
        needed.keep(line.backups, f"{len(fulls)} of at least {minimum_fulls} fulls are there")
        return
    anchor = before[-1]
    wanted = fulls[-minimum_fulls] if minimum_fulls else anchor
    if wanted.last_lsn < anchor.last_lsn:
        needed.keep([wanted], f"at least {minimum_fulls} fulls stay")
        anchor = wanted
    needed.keep([anchor], f"the last full before {span.what}")
    needed.anchors.append(anchor)
    _hangs_on(line, anchor, span, needed)


def _hangs_on(line: Lineage, anchor: Backup, span: Span, needed: Needed) -> None:
    """All that ends behind the full, up to the backup that covers the end of the span; and the bases of its
    differentials: a copy-only full is none."""
    end = _covering(line, span.end)
    kept = [one for one in line.backups if one.last_lsn >= anchor.last_lsn and (end is None or one.started <= end)]
    inside = [one for one in kept if one.ended_by > span.start]
    needed.keep(inside, f"needed for {span.what}")
    needed.keep(kept, f"hangs on the last full before {span.what}")
    stays = {one.guid for one in kept}
    by_guid = {one.guid: one for one in line.backups}
    for base, dependants in differentials_by_full(line).items():
        if base in by_guid and any(one.guid in stays for one in dependants):
            needed.keep([by_guid[base]], "base of a differential that stays")


def _covering(line: Lineage, end: datetime | None) -> datetime | None:
    """When the backup was begun that proves the last instant of the span; None: all that follows is needed."""
    if end is None:
        return None
    return min((one.started for one in line.backups if one.fork == line.path.tip and one.started >= end), default=None)
