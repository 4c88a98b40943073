# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the planner finds the same before and after: the promise is not believed, it is looked at."""

from __future__ import annotations

from datetime import datetime

from .backup_history import BackupHistory
from .errors import RecoveryError
from .plan import LATEST, Circumstances, Planner, Target
from .recoverable import Recoverable, Window, recoverable


def promise_kept(
    before: BackupHistory, after: BackupHistory, name: str, windows: Recoverable, *, since: datetime, now: datetime
) -> bool:
    """Since ``since`` the same windows and points, and the same answers to latest and to the first instant."""
    if not after.named(name):
        # A name that nobody has used since: what it holds was judged with the database that goes by another now.
        return max(one.started for one in before.named(name)) < since
    if _since(windows, since) != _since(recoverable(after, name), since):
        return False
    first = Target(kind="time", time=since)
    if _answer(before, name, LATEST, now) != _answer(after, name, LATEST, now):
        return False
    was, is_now = _answer(before, name, first, now), _answer(after, name, first, now)
    # Where logs are known that lead nowhere the planner refuses; without them it offers the last full before. Neither
    # reaches the instant.
    return was == is_now or (was is None and is_now is not None and is_now[0] != since)


def _since(answer: Recoverable, since: datetime) -> tuple[list[Window], list[datetime]]:
    windows = [Window(max(one.start, since), one.end) for one in answer.windows if one.end >= since]
    return windows, [one for one in answer.points if one >= since]


def _answer(
    history: BackupHistory, name: str, target: Target, now: datetime
) -> tuple[datetime | None, int, str | None] | None:
    try:
        plan = Planner(history, Circumstances(now)).plan(name, target)
    except RecoveryError:
        return None
    return plan.reaches, plan.reaches_lsn, plan.family_guid
