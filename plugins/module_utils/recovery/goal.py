# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a target means in LSNs: how far the chain has to lead, and what may not be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Callable

from .backup_history import SECOND, Backup
from .errors import InvalidInput
from .lineage import Lineage
from .target import Target


@dataclass(frozen=True)
class Goal:
    """``needed_lsn``: the chain must lead there or beyond; None where nothing proves that any LSN is enough.

    ``exact_lsn``: no log may lead beyond it; ``stop_lsn``: RESTORE itself is told to stop there.
    ``is_before``: whether a backup ends before the stop point, so that restoring it whole does no harm.
    ``stop_at``, ``stop_at_mark``, ``stop_before_mark``: the option on every log.
    """

    needed_lsn: int | None
    is_before: Callable[[Backup], bool]
    exact_lsn: int | None = None
    stop_lsn: int | None = None
    time: datetime | None = None
    stop_at: str | None = None
    stop_at_mark: str | None = None
    stop_before_mark: str | None = None
    stop_mark_after: str | None = None

    @property
    def stops(self) -> bool:
        """Whether a log can be stopped in its middle."""
        return bool(self.stop_at or self.stop_at_mark or self.stop_before_mark)

    def lies_before(self, lsn: int) -> bool:
        """Whether RESTORE stops at the target before it comes to an LSN, such as the one where a path leaves a fork."""
        return self.stop_lsn is not None and self.stop_lsn < lsn

    def allows(self, log: Backup) -> bool:
        """A log with bulk-logged changes is applied whole or not at all (4341)."""
        if self.exact_lsn is not None and log.last_lsn > self.exact_lsn:
            return False
        return not (self.stops and log.head.has_bulk_logged_data) or self.is_before(log)


def goal(target: Target, lineage: Lineage, zone: tzinfo | None) -> Goal:
    """The goal of a target along a lineage."""
    if target.kind == "time":
        return _at_time(target, lineage, zone)
    if target.kind in ("lsn", "mark"):
        return _at_mark(target, lineage, zone)
    if target.kind == "before_log":
        log = find_log(target, lineage.backups, lineage.database)
        return Goal(log.first_lsn, lambda one: one.last_lsn <= log.first_lsn, exact_lsn=log.first_lsn)
    return Goal(None, lambda one: True)


def _at_time(target: Target, lineage: Lineage, zone: tzinfo | None) -> Goal:
    when = stop_instant(target)
    proof = covering(lineage, when)
    return Goal(
        proof.last_lsn if proof else None,
        lambda one: one.ended_by <= when,
        time=when,
        stop_at=stop_text(when, lineage, proof, zone),
    )


def _at_mark(target: Target, lineage: Lineage, zone: tzinfo | None) -> Goal:
    lsn = target.lsn if target.kind == "lsn" else target.mark_lsn
    name = f"lsn:{lsn}" if target.kind == "lsn" else target.mark
    at, before = (None, name) if target.before else (name, None)
    if lsn is not None:
        if target.kind == "lsn" and _ends_at(lineage, lsn):
            return Goal(lsn, lambda one: one.last_lsn <= lsn, exact_lsn=lsn)
        needed = lsn if target.before else lsn + 1
        return Goal(needed, lambda one: one.last_lsn <= lsn, stop_lsn=lsn, stop_at_mark=at, stop_before_mark=before)
    if target.time is None:
        raise InvalidInput(
            f"{lineage.database}: the backups do not say where the mark {target.mark} lies.",
            hint="Give its LSN or time too (target_lsn or target_time); msdb.dbo.logmarkhistory of the server that "
            "made it has both.",
        )
    by_time = _at_time(target, lineage, zone)
    return Goal(
        by_time.needed_lsn,
        by_time.is_before,
        stop_at_mark=at,
        stop_before_mark=before,
        stop_mark_after=by_time.stop_at,
    )


def _ends_at(lineage: Lineage, lsn: int) -> bool:
    """Whether an LSN is where the newest backup ends: the LSN of a record that nobody has backed up, which people take
    from a plan or from msdb as the last that there is."""
    return max((one.last_lsn for one in lineage.backups if lineage.path.holds(one)), default=0) == lsn


def stop_instant(target: Target) -> datetime:
    """SQL Server's datetime has no microseconds."""
    if target.time is None:
        raise AssertionError("only a target of kind time has an instant")
    return target.time.replace(microsecond=target.time.microsecond // 1000 * 1000)


def covering(lineage: Lineage, when: datetime) -> Backup | None:
    """The backup that ends soonest of those that were begun at the instant or later, on the fork of that time: all that
    was committed by then lies before its last_lsn."""
    tip = lineage.path.tip
    return min(
        (one for one in lineage.backups if one.fork == tip and one.started >= when),
        key=lambda one: (one.last_lsn, one.started),
        default=None,
    )


def stop_text(when: datetime, lineage: Lineage, proof: Backup | None, zone: tzinfo | None) -> str:
    """The instant in the clock of the server that took the backups."""
    before = [one for one in lineage.backups if one.fork == lineage.path.tip and one.started < when]
    latest = max(before, key=lambda one: one.started, default=proof)
    source = proof or latest
    chosen = when.astimezone(source.started.tzinfo) if source else when
    if source and latest and source.started.utcoffset() != latest.started.utcoffset():
        chosen = _between_offsets(when, latest, source, zone, lineage.database)
    return chosen.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _between_offsets(when: datetime, before: Backup, after: Backup, zone: tzinfo | None, database: str) -> datetime:
    """The clock was put to another offset between two backups. Only the site's zone, if it is the server's, says when;
    and where the clock was put back, an hour's times came twice and STOPAT finds the first."""
    local = when.astimezone(zone) if zone else None
    offsets = [before.started.utcoffset(), after.started.utcoffset()]
    back = (offsets[0] or SECOND) - (offsets[1] or SECOND)
    in_zone = zone and [one.started.astimezone(zone).utcoffset() for one in (before, after)] == offsets
    if local is not None and in_zone and not (back > 0 * SECOND and local.fold):
        return local
    raise InvalidInput(
        f"{database}: the clock of {after.head.server_name} was put to another offset between "
        f"{before.started.isoformat()} and {after.started.isoformat()}, so that STOPAT for {when.isoformat()} "
        "is not certain.",
        hint="Choose an instant outside of that time, or set time_zone to the server's own zone.",
    )


def find_log(target: Target, backups: Sequence[Backup], database: str) -> Backup:
    """The log backup that ``before_log`` names, by its path or by its backup_set_guid."""
    wanted = (target.log or "").lower()
    for backup in backups:
        if backup.type == "log" and (backup.guid == wanted or target.log in backup.files):
            return backup
    raise InvalidInput(
        f"{database}: {target.log} is not a log backup of this database.",
        hint="Give the path of one as the backup history has it, or its backup_set_guid.",
    )
