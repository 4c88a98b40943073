# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run as a process of its own, to be killed: restores the same backups over and over."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from simulator.engine.database import Database
from simulator.engine.facts import Device, InstanceFacts, RestoreOptions
from simulator.engine.restore import restore_database, restore_log


def now() -> datetime:
    return datetime.now(timezone.utc)


def main() -> None:
    folder = Path(sys.argv[1])
    facts = InstanceFacts("HIS02", "HIS02", utc_offset=timedelta(hours=7), clock=now)
    move = (("Ward", str(folder / "copy.mdf")), ("Ward_log", str(folder / "copy.ldf")))
    made: list[Database | None] = [None]
    if (folder / "copy.ldf.boot").exists():
        made.append(Database.open(folder / "copy.mdf", folder / "copy.ldf", clock=now, database_id=9))
    os.write(1, b"ready\n")
    while True:
        restore_database(
            "copy",
            made[-1],
            [Device.disk(folder / "full.bak")],
            RestoreOptions(recovery=False, move=move, replace=True),
            facts,
            database_id=9,
            register=made.append,
        )
        os.write(1, b"full\n")
        restore_log(made[-1], "copy", [Device.disk(folder / "log.trn")], RestoreOptions(recovery=False), facts)
        os.write(1, b"log\n")


if __name__ == "__main__":
    main()
