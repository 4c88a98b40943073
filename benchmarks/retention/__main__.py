# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long judging 100,000 files takes: ``python -m benchmarks.retention`` from the project's root."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from .year import SUNDAY, backup_sets, judged

DATABASES, WEEKS, FILES = 37, 4, 100_000


def main() -> None:
    sets = [one for number in range(DATABASES) for one in backup_sets(f"Db{number:02}", WEEKS, 4)][:FILES]
    now = SUNDAY + timedelta(weeks=WEEKS)
    started, cpu = time.perf_counter(), time.process_time()
    done = judged(sets, "recovery_window", now)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    sys.stdout.write(
        f"{len(sets)} files of {len(done.databases)} databases judged in {seconds:.2f} s "
        f"({cpu:.2f} s of one processor): {len(done.order)} may go\n"
    )


if __name__ == "__main__":
    main()
