# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policies, in the words of who sets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .backup_history import Backup, BackupHistory
from .choice import differentials_by_full
from .holds import Hold
from .lineage import branches, lineage
from .retention_span import Needed, Span, needed_for

WINDOW, AGE = "recovery_window", "age"


@dataclass(frozen=True)
class RetentionPolicy:
    """``recovery_window``: any instant of the last ``window_days`` stays restorable. ``age``: the procedure's words:
    whatever is older goes. ``keep_days``: per backup type, kept so long on top of that. ``stale_after_hours``: of a
    database without a newer backup nothing goes, unless it is in ``retired``."""

    name: str = WINDOW
    window_days: float = 14
    minimum_fulls: int = 2
    keep_days: Mapping[str, float] = field(default_factory=dict)
    stale_after_hours: float = 48
    retired: frozenset[str] = frozenset()
    require_verified: bool = True

    @property
    def by_age(self) -> bool:
        return self.name == AGE

    def since(self, now: datetime) -> datetime:
        return now - timedelta(days=self.window_days)

    def nothing_goes(self, database: str, newest: datetime, now: datetime) -> str | None:
        """Backups that stopped coming: the old ones may be all that there will ever be."""
        if database.casefold() in self.retired or now - newest <= timedelta(hours=self.stale_after_hours):
            return None
        days = (now - newest) / timedelta(days=1)
        return f"its newest backup is {days:.1f} days old; nothing goes until backups arrive again"

    def why_it_goes(self, now: datetime) -> str:
        if self.by_age:
            return f"older than {self.window_days:g} days"
        return f"no instant since {self.since(now).isoformat(timespec='minutes')} needs it"

    def hold(self, history: BackupHistory, name: str, hold: Hold, held: Sequence[Backup], needed: Needed) -> None:
        """Keeps what a hold protects, and what that needs to be restored."""
        why = hold.describe()
        if hold.database is not None and hold.database.casefold() == name:
            if hold.start is None:
                needed.keep(history.named(name), why)
            else:
                _merge(needed, needed_for(history, name, Span(hold.start, hold.end, "what is held")), why)
        for one in held:
            if one.head.database_name.casefold() == name:
                needed.keep([one], why)
                span = Span(one.started, one.started, "what is held")
                _merge(needed, needed_for(history, name, span), why)


def _merge(needed: Needed, more: Needed, why: str) -> None:
    for guid in more.reasons:
        needed.reasons.setdefault(guid, why)


def needed(history: BackupHistory, name: str, policy: RetentionPolicy, now: datetime, into: Needed) -> None:
    """The recovery window."""
    found = needed_for(history, name, Span(policy.since(now), None, "the window"), policy.minimum_fulls)
    for guid, reason in found.reasons.items():
        into.reasons.setdefault(guid, reason)
    into.anchors += found.anchors


def aged(history: BackupHistory, name: str, policy: RetentionPolicy, now: datetime, into: Needed) -> None:
    """The procedure's words, but for the last fulls: they go only when there are newer ones."""
    young = f"younger than {policy.window_days:g} days"
    into.keep([one for one in history.named(name) if one.ended_by > policy.since(now)], young)
    fulls = sorted((one for one in history.named(name) if _is_whole_full(one)), key=lambda one: one.started)
    last = fulls[-max(1, policy.minimum_fulls) :]
    into.keep(last, f"at least {max(1, policy.minimum_fulls)} fulls stay")
    into.anchors += last[-1:]


def _is_whole_full(one: Backup) -> bool:
    return one.type == "full" and one.fault is None


def kept_longer(history: BackupHistory, policy: RetentionPolicy, now: datetime, into: Needed) -> None:
    """The ages per type; a differential that stays keeps its full."""
    for kind, days in policy.keep_days.items():
        since = now - timedelta(days=days)
        young = [one for one in history.backups if one.type == kind and one.ended_by > since]
        into.keep(young, f"a {kind} backup younger than {days:g} days")
    if "differential" in policy.keep_days:
        _keep_bases(history, into)


def _keep_bases(history: BackupHistory, into: Needed) -> None:
    by_guid = {one.guid: one for one in history.backups}
    for name in history.databases:
        for branch in branches(history, name, None):
            for base, dependants in differentials_by_full(lineage(history, name, branch)).items():
                if base in by_guid and any(one.guid in into.reasons for one in dependants):
                    into.keep([by_guid[base]], "base of a differential that stays")
