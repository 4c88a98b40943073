# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan certainly holds, what it loses, and why: which log is missing, from when to when."""

from __future__ import annotations

from datetime import datetime, timezone, tzinfo

from .backup_history import Backup
from .choice import Choice, Choices
from .lineage import Lineage
from .target import Target


def certain_instant(line: Lineage, lsn: int) -> datetime:
    """Up to when a database at ``lsn`` certainly holds all that was committed: a backup holds what was committed when
    it was begun, so the last backup begun whose last_lsn is not beyond says it."""
    starts = [one.started for one in line.evidence() if one.last_lsn <= lsn]
    return max(starts) if starts else min(one.started for one in line.backups)


def data_loss(choices: Choices, choice: Choice, target: Target, at: datetime, reaches: datetime) -> tuple[float, str]:
    """Seconds from what is reached to ``at``, and the reason in a sentence."""
    seconds = max(0.0, (at - reaches).total_seconds())
    line = choices.lineage
    if target.kind != "latest" and choices.is_enough(choice.beginning):
        return seconds, "The target was chosen: what was committed after it is left out."
    if target.kind == "time" and not choices.chain.has_logs:
        return seconds, "There are no logs to stop in: only the instants of the full and differential backups remain."
    gap = whole_or_not_at_all(choices, choice.end_lsn, at.tzinfo) or gap_after(line, choice.end_lsn, at.tzinfo)
    if gap:
        return seconds, gap
    last = _last(line)
    if last.head.is_force_offline and last.last_lsn <= choice.end_lsn:
        return 0.0, "Nothing: the last backup is a tail-log backup WITH NORECOVERY, after which nothing was committed."
    return (
        seconds,
        f"The last backup was begun at {shown(reaches, at.tzinfo)}; what was committed after it was not backed up.",
    )


def gap_after(line: Lineage, lsn: int, zone: tzinfo | None) -> str | None:
    """Which log is missing behind ``lsn``; None where no backup goes further."""
    later = [one for one in line.backups if one.last_lsn > lsn and line.path.holds(one)]
    if not later:
        return None
    broken = [one for one in later if one.type == "log" and one.fault and one.first_lsn <= lsn]
    if broken:
        one = min(broken, key=lambda log: (log.first_lsn, log.last_lsn))
        return (
            f"The log backup {one.label} of {shown(one.started, zone)} (LSN {one.first_lsn} to {one.last_lsn}) "
            f"cannot be used: {one.fault}."
        )
    logs = [one for one in later if one.type == "log" and one.first_lsn > lsn and one.fault is None]
    begun = shown(certain_instant(line, lsn), zone)
    if not logs:
        faults = [f"{one.label}: {one.fault}" for one in later if one.fault]
        why = f" ({'; '.join(faults)})" if faults else ""
        return f"No log backup leads on from LSN {lsn} ({begun}); later backups exist but cannot be used{why}."
    one = min(logs, key=lambda log: (log.first_lsn, log.last_lsn))
    return (
        f"The log from LSN {lsn} to {one.first_lsn} is missing: no file holds what was backed up between {begun} and "
        f"{shown(one.started, zone)}, when {one.label} was begun."
    )


def whole_or_not_at_all(choices: Choices, lsn: int, zone: tzinfo | None) -> str | None:
    """The log behind ``lsn`` that the goal would have to be stopped inside, but that cannot be (4341)."""
    line, goal = choices.lineage, choices.goal
    for one in line.backups:
        onward = one.type == "log" and one.fault is None and one.first_lsn <= lsn < one.last_lsn
        if onward and one.head.has_bulk_logged_data and line.path.holds(one) and not goal.allows(one):
            return (
                f"The log backup {one.label} of {shown(one.started, zone)} (LSN {one.first_lsn} to {one.last_lsn}) "
                "holds bulk-logged changes, and such a log is restored whole or not at all."
            )
    return None


def _last(line: Lineage) -> Backup:
    return max(line.backups, key=lambda one: (one.started, one.last_lsn))


def shown(when: datetime, zone: tzinfo | None) -> str:
    """A time as people read it, with its offset."""
    return when.astimezone(zone or when.tzinfo).isoformat(sep=" ", timespec="seconds")


def both(when: datetime, zone: tzinfo | None) -> str:
    """A time in the site's zone and in UTC."""
    utc = when.astimezone(timezone.utc).isoformat(sep=" ", timespec="seconds")[:19]
    return f"{shown(when, zone)} ({utc} UTC)"
