# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A year of Mondays under both policies, as a plot: ``python -m benchmarks.retention.year`` writes docs/retention.svg.

A full each Sunday at 02:00, a differential on working days at 03:00, a log every hour (every quarter of an hour makes
the same picture, four times as slowly). On four Sundays the full fails, as happens: then the policies part.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.leftovers import StoredFile
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention import Known, retention
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_policy import AGE, WINDOW, RetentionPolicy
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_verdict import Retention

WIB = timezone(timedelta(hours=7))
SUNDAY = datetime(2026, 1, 4, tzinfo=WIB)
WEEKS = 52
FAILED_FULLS = {9, 21, 22, 40}
PICTURE = Path(__file__).resolve().parents[2] / "docs/retention.svg"


@dataclass(frozen=True)
class Monday:
    """What is left after a Monday's deletions: how far back any instant can be restored, and which share of the logs
    restores nothing."""

    days: float
    useless_logs: float


def backup_sets(
    database: str = "Sales", weeks: int = WEEKS, logs_an_hour: int = 1, differentials: int = 5
) -> Iterator[BackupSet]:
    """All backups that a database gets, oldest first."""
    base: dict[str, Any] = {}
    lsn = chain = 1000
    step = timedelta(hours=1) / logs_an_hour
    for number in range(weeks * 7 * 24 * logs_an_hour):
        at = SUNDAY + number * step
        week, hour = number // (168 * logs_an_hour), at.hour if at.minute == 0 else -1
        kinds = ["log"]
        if at.weekday() == 6 and hour == 2 and week not in FAILED_FULLS:
            kinds.insert(0, "full")
        elif at.weekday() < differentials and hour == 3 and base:
            kinds.insert(0, "differential")
        for kind in kinds:
            lsn += 100
            guid = f"{database}-{number}-{kind}"
            yield _set(database, kind, guid, at=at, lsns=(chain if kind == "log" else lsn - 20, lsn), base=base)
            if kind == "full":
                base = {"differential_base_guid": guid, "differential_base_lsn": lsn - 20}
            if kind == "log":
                chain = lsn


def _set(
    database: str, kind: str, guid: str, *, at: datetime, lsns: tuple[int, int], base: dict[str, Any]
) -> BackupSet:
    return BackupSet(
        path=f"/SQL1/{database}/{guid}",
        database_name=database,
        server_name="SQL1",
        backup_type=kind,
        backup_set_guid=guid,
        first_lsn=lsns[0],
        last_lsn=lsns[1],
        checkpoint_lsn=lsns[0],
        database_backup_lsn=base.get("differential_base_lsn", 0),
        backup_start_date=at,
        backup_finish_date=at + timedelta(minutes=1 if kind == "log" else 20),
        size=1 << 20,
        family_guid=f"family-{database}",
        recovery_fork_id=f"fork-{database}",
        **(base if kind == "differential" else {}),
    )


def year(policy: str) -> list[Monday]:
    """Every Monday from the fourth on: first what came since, then the deletions, then the look at what is left."""
    coming = list(backup_sets())
    held: list[BackupSet] = []
    mondays = []
    for week in range(1, WEEKS):
        # Somebody does it between 08:00 and 15:00.
        now = SUNDAY + timedelta(weeks=week, days=1, hours=8 + week % 8)
        while coming and coming[0].backup_start_date < now - timedelta(minutes=30):
            held.append(coming.pop(0))
        done = judged(held, policy, now)
        gone = set(done.order)
        held = [one for one in held if one.path not in gone]
        if week >= 3:
            mondays.append(_monday(done, held, now))
    return mondays


def judged(held: list[BackupSet], policy: str, now: datetime) -> Retention:
    """The paper knows no least number of fulls; one is the least that ftp_prune leaves."""
    files = [StoredFile(one.path, one.size) for one in held]
    known = Known(tuple(held), verified=dict.fromkeys([one.path for one in held], "sound"))
    return retention(files, known, RetentionPolicy(name=policy, minimum_fulls=1 if policy == AGE else 2), now)


def _monday(done: Retention, held: list[BackupSet], now: datetime) -> Monday:
    (database,) = done.databases
    windows = database.windows_after
    logs = {one.path for one in held if one.backup_type == "log"}
    useless = len(logs & set(database.useless)) / len(logs)
    return Monday((now - windows[-1].start) / timedelta(days=1) if windows else 0.0, useless)


def picture(by_window: list[Monday], by_age: list[Monday]) -> str:
    """Weeks to the right, days upwards."""
    width, height, left, bottom = 720, 300, 50, 250
    top = max(one.days for one in by_window + by_age)

    def line(mondays: list[Monday], colour: str) -> str:
        spots = [
            f"{left + index * (width - left - 20) / (len(mondays) - 1):.1f},{bottom - one.days / top * 210:.1f}"
            for index, one in enumerate(mondays)
        ]
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(spots)}"/>'

    def mark(days: float, text: str) -> str:
        y = bottom - days / top * 210
        return (
            f'<line x1="{left}" x2="{width - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ccc"/>'
            f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
        )

    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
            'font-size="12">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *(mark(days, str(days)) for days in (0, 7, 14, 21)),
            line(by_window, "#1b7837"),
            line(by_age, "#b2182b"),
            f'<text x="{left}" y="20">days back to which any instant can be restored, after each Monday</text>',
            f'<text x="{left}" y="275" fill="#1b7837">recovery window of 14 days</text>',
            f'<text x="{left + 220}" y="275" fill="#b2182b">delete what is older than 14 days</text>',
            "</svg>\n",
        ]
    )


def summary(mondays: list[Monday]) -> str:
    """A cell of the table in docs/retention.md."""
    days = [one.days for one in mondays]
    useless = [one.useless_logs for one in mondays]
    return (
        f"{min(days):.1f} to {max(days):.1f} | {sum(one < 14 for one in days)} of {len(days)} | "
        f"{sum(useless) / len(useless):.0%}"
    )


def main() -> None:
    by_window, by_age = year(WINDOW), year(AGE)
    PICTURE.write_text(picture(by_window, by_age), "utf-8")
    sys.stdout.write(f"recovery window | {summary(by_window)}\nage | {summary(by_age)}\n")


if __name__ == "__main__":
    main()
