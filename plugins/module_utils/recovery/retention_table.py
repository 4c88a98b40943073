# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A retention as lines that a person can read before anything is deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from .disk_room import mebibytes
from .holds import Hold
from .loss import shown
from .recoverable import Window
from .retention_policy import RetentionPolicy
from .retention_verdict import LEFTOVER, DatabaseRetention, Retention

#: Windows and files that are listed; of others the number is told.
_SHOWN = 5


def retention_table(
    done: Retention, policy: RetentionPolicy, now: datetime, zone: tzinfo, holds: Sequence[Hold] = ()
) -> list[str]:
    """What is asked for, each database with what it can be restored to before and after, and what is left alone."""
    lines = [_asked_for(policy, now, zone)]
    for database in done.databases:
        lines += _of_database(database, policy, now, zone)
    lines += [f"hold {_what(one)} {one.describe()}{' IS OVER' if one.is_over(now) else ''}" for one in holds]
    lines += _files("left alone, look at it:", [f"{one.path}: {one.reason}" for one in done.unknown])
    leftovers = [f"{one.path}: {one.reason}" for one in done.verdicts if one.verdict == LEFTOVER]
    return lines + list(_files("to be removed, left by a broken upload:", leftovers))


def _asked_for(policy: RetentionPolicy, now: datetime, zone: tzinfo) -> str:
    since = shown(policy.since(now), zone)
    if policy.by_age:
        return f"by age: whatever is older than {policy.window_days:g} days ({since}) goes"
    return f"recovery window: any instant of the last {policy.window_days:g} days (since {since}) stays restorable"


def _of_database(one: DatabaseRetention, policy: RetentionPolicy, now: datetime, zone: tzinfo) -> Iterator[str]:
    yield one.database
    yield f"  stays       {one.kept} files, {mebibytes(one.bytes_kept)}"
    yield f"  goes        {one.deleted} files, {mebibytes(one.bytes_deleted)}"
    yield f"  before      {_spans(one.windows_before, zone)}"
    yield f"  after       {_spans(one.windows_after, zone)}"
    if one.withheld:
        yield f"  NOT DELETED {one.withheld}"
    if policy.by_age:
        yield from _consequence(one, policy, now)


def _consequence(one: DatabaseRetention, policy: RetentionPolicy, now: datetime) -> Iterator[str]:
    """What the procedure's words really leave."""
    days = restorable_days(one.windows_after, policy.since(now), now)
    yield f"  CONSEQUENCE {days:.1f} of the last {policy.window_days:g} days stay restorable"
    if one.useless:
        yield f"  CONSEQUENCE {len(one.useless)} files stay to which no full leads: they restore nothing"


def restorable_days(windows: Sequence[Window], since: datetime, now: datetime) -> float:
    """How much of the time between can be restored."""
    spans = [(max(one.start, since), min(one.end, now)) for one in windows]
    return sum(((end - start) / timedelta(days=1) for start, end in spans if end > start), 0.0)


def _spans(windows: Sequence[Window], zone: tzinfo) -> str:
    if not windows:
        return "no instant can be chosen; only the backups' own"
    spans = [f"{shown(one.start, zone)} to {shown(one.end, zone)}" for one in windows[-_SHOWN:]]
    more = f"{len(windows) - _SHOWN} earlier spans; " if len(windows) > _SHOWN else ""
    return f"any instant from {more}{'; from '.join(spans)}"


def _what(hold: Hold) -> str:
    return hold.path or f"{hold.database}{f' {hold.start} to {hold.end}' if hold.start else ''}"


def _files(heading: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield heading
        yield from (f"  {row}" for row in rows[:_SHOWN])
        if len(rows) > _SHOWN:
            yield f"  and {len(rows) - _SHOWN} more, see the verdicts"
