# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store must hold, by the rules that prune it: ``python -m benchmarks.sizing --full 60 --day 3`` (gigabytes).

Eight weeks of one hospital as one database: a full each Sunday, a differential each other day that holds what changed
since, a log every quarter of an hour. Each Monday at 06:00 the retention itself judges; nothing here is measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.leftovers import StoredFile
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention import Known, retention
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_policy import RetentionPolicy

from benchmarks.retention.year import SUNDAY, backup_sets

GIGABYTE = 1 << 30
WEEKS = 8


@dataclass(frozen=True)
class Sizes:
    """Of all databases together, in gigabytes as the files have them: compressed, where backups are."""

    full: float
    day: float

    def of(self, one: BackupSet) -> int:
        """A differential holds what changed since Sunday, at most a whole full; a day's logs what it wrote."""
        days = (one.backup_start_date.weekday() + 1) % 7
        differential = min(self.full, self.day * days)
        return int({"full": self.full, "differential": differential, "log": self.day / 96}[one.backup_type] * GIGABYTE)


@dataclass(frozen=True)
class Store:
    """Bytes and files before and after a Monday's deletions, and the days that can be restored after them."""

    before: int
    after: int
    files: int
    days: float


def mondays(sizes: Sizes, window: int) -> Iterator[Store]:
    coming = [replace(one, size=sizes.of(one)) for one in backup_sets("Sales", WEEKS, 4, 6)]
    held: list[BackupSet] = []
    policy = RetentionPolicy(window_days=window)
    for week in range(1, WEEKS):
        now = SUNDAY + timedelta(weeks=week, days=1, hours=6)
        while coming and coming[0].backup_finish_date < now:
            held.append(coming.pop(0))
        known = Known(tuple(held), verified=dict.fromkeys([one.path for one in held], "sound"))
        judged = retention([StoredFile(one.path, one.size) for one in held], known, policy, now)
        before, count = sum(one.size for one in held), len(held)
        held = [one for one in held if one.path not in set(judged.order)]
        (database,) = judged.databases
        days = (now - database.windows_after[-1].start) / timedelta(days=1)
        yield Store(before, sum(one.size for one in held), count, days)


def worst_chain(sizes: Sizes) -> tuple[float, int]:
    """Gigabytes and files of a cold recovery just before the next full: full, newest differential, the logs since."""
    logs = 23 * 4
    return sizes.full + min(sizes.full, 6 * sizes.day) + logs * sizes.day / 96, 2 + logs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizing", description=__doc__)
    parser.add_argument("--full", type=float, required=True, help="GB of a full backup of all databases")
    parser.add_argument("--day", type=float, required=True, help="GB of all log backups of one day")
    parser.add_argument("--window", type=int, default=14, help="recovery_window_days")
    parser.add_argument("--rate", type=float, nargs="*", default=[50, 100], help="MB/s from the store to the disk")
    options = parser.parse_args()
    sizes = Sizes(options.full, options.day)
    stores = list(mondays(sizes, options.window))
    most = max(stores, key=lambda one: one.before)
    last = stores[-1]
    write = sys.stdout.write
    write(
        f"store, before a Monday's deletions  {most.before / GIGABYTE:8.0f} GB in {most.files} backups of a database\n"
    )
    write(f"store, after them                   {last.after / GIGABYTE:8.0f} GB, {last.days:.1f} days restorable\n")
    chain, files = worst_chain(sizes)
    write(f"cold recovery, just before a full   {chain:8.0f} GB in {files} files of a database\n")
    for rate in options.rate:
        write(f"    at {rate:.0f} MB/s{chain * 1024 / rate / 60:34.0f} minutes\n")


if __name__ == "__main__":
    main()
