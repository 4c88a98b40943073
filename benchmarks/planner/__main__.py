# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long planning takes: ``python -m benchmarks.planner`` from the project's root; ``--json`` for machines.

A hospital's databases with a full each Sunday, a differential each night and a log every quarter of an hour.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_history import BackupHistory
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import Circumstances, Planner, Target
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.recoverable import recoverable

BEGINNING = datetime(2026, 1, 4, 2, 0, tzinfo=timezone(timedelta(hours=7)))
QUARTER = timedelta(minutes=15)


def history(database: str, count: int) -> list[BackupSet]:
    """``count`` backup sets of one database, a quarter of an hour apart."""
    sets: list[BackupSet] = []
    lsn, full = 1000, ("", 0)
    for number in range(count):
        quarter = number % (7 * 96)
        kind = "full" if quarter == 0 else "differential" if quarter % 96 == 4 else "log"
        begun = BEGINNING + number * QUARTER
        guid = f"{database}-{number}"
        if kind == "full":
            full = (guid, lsn)
        first = lsn - 100 if kind == "log" else lsn - 20
        base: dict[str, Any] = (
            {"differential_base_guid": full[0], "differential_base_lsn": full[1]} if kind == "differential" else {}
        )
        sets.append(
            BackupSet(
                path=f"/SQL1/{database}/{guid}",
                database_name=database,
                server_name="SQL1",
                backup_type=kind,
                backup_set_guid=guid,
                first_lsn=first,
                last_lsn=lsn,
                checkpoint_lsn=lsn,
                database_backup_lsn=full[1],
                backup_start_date=begun,
                backup_finish_date=begun + timedelta(seconds=20),
                size=1 << 20,
                family_guid=database,
                recovery_fork_id=database,
                **base,
            )
        )
        lsn += 100 if kind == "log" else 0
    return sets


def planned(sets: list[BackupSet], *targets: Target) -> int:
    """Plans every database for every target from scratch; the number of steps."""
    known = BackupHistory(sets)
    planner = Planner(known, Circumstances(now=BEGINNING + timedelta(days=9999)))
    return sum(len(planner.plan(name, target).steps) for name in known.databases for target in targets)


def measured(work: Callable[[], Any], rounds: int = 3) -> float:
    """The best of some rounds, in seconds of one core."""
    best = math.inf
    for _ in range(rounds):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def figures() -> list[dict[str, Any]]:
    """All measurements: what was done, how many sets, seconds, the limit where there is one."""
    rows: list[dict[str, Any]] = []

    def note(what: str, sets: list[BackupSet], work: Callable[[], Any], limit: float | None = None) -> None:
        rows.append({"what": what, "sets": len(sets), "seconds": round(measured(work), 4), "limit": limit})

    latest = Target()
    many = [one for number in range(50) for one in history(f"db{number:02}", 2000)]
    note("50 databases, latest", many, lambda: planned(many, latest), 2.0)
    single = history("single", 10_000)
    middle = Target(kind="time", time=BEGINNING + 5000 * QUARTER + timedelta(minutes=7))
    note("one database, latest", single, lambda: planned(single, latest), 0.3)
    note("one database, an instant", single, lambda: planned(single, middle), 0.3)
    full_only = [one for one in single if one.backup_type == "log" or one is single[0]]
    note("one full and 10,000 logs", full_only, lambda: planned(full_only, latest))
    note("one database, windows", single, lambda: recoverable(BackupHistory(single), "single"))
    for count in (1000, 10_000, 100_000):
        grown = history("grown", count)
        note("growth, latest", grown, functools.partial(planned, grown, latest))
    return rows


def growth(rows: list[dict[str, Any]]) -> list[float]:
    """Seconds per n log n, each relative to the one before: at most about 1 where time grows no faster."""
    grown = [row for row in rows if row["what"].startswith("growth")]
    each = [row["seconds"] / (row["sets"] * math.log(row["sets"])) for row in grown]
    return [round(later / earlier, 2) for earlier, later in zip(each, each[1:])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    rows = figures()
    factors = growth(rows)
    if parser.parse_args().json:
        print(json.dumps({"figures": rows, "growth_against_n_log_n": factors}))
    else:
        for row in rows:
            limit = f"  (limit {row['limit']} s)" if row["limit"] else ""
            print(f"{row['what']:<26} {row['sets']:>8,} backup sets  {row['seconds']:>8.3f} s{limit}")
        print(f"time per n log n, from 1k to 10k and from 10k to 100k sets: x {factors[0]}, x {factors[1]}")
    return 1 if any(row["limit"] and row["seconds"] > row["limit"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
