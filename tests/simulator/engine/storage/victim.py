# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run as a process of its own, to be killed: writers that report each commit, and backups that never end.

Its standard output is lines ``row <id>`` after each acknowledged commit and ``backup <kind> <file>`` after each backup.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path

from simulator.engine.database import Database
from simulator.engine.facts import BackupOptions, Device, InstanceFacts


def now() -> datetime:
    return datetime.now(timezone.utc)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def open_database(folder: Path) -> Database:
    data, log = folder / "w.mdf", folder / "w.ldf"
    if data.exists():
        return Database.open(data, log, clock=now, database_id=5)
    database = Database.create("W", 5, data, log, clock=now)
    connection = database.connect()
    with database.transaction(connection):
        connection.execute("CREATE TABLE pair (id INTEGER, half INTEGER, note BLOB)")
    connection.close()
    database.backup("full", [Device.disk(folder / "first.bak")], BackupOptions(), facts())
    return database


def facts() -> InstanceFacts:
    return InstanceFacts("HIS01", "HIS01", clock=now)


def write_pairs(database: Database, numbers: range, size: int) -> None:
    """Two rows per transaction: a half one must never be seen."""
    connection = database.connect()
    for number in numbers:
        database.begin(connection)
        connection.execute("INSERT INTO pair VALUES (?, 1, randomblob(?))", (number, size))
        connection.execute("INSERT INTO pair VALUES (?, 2, randomblob(?))", (number, size))
        if number % 17 == 0:
            database.rollback(connection)
            continue
        database.commit(connection)
        say(f"row {number}")


def take_backups(database: Database, folder: Path, prefix: str) -> None:
    for number in itertools.count():
        kind = ("log", "differential", "log", "full", "log")[number % 5]
        path = folder / f"{prefix}_{number}.{kind}"
        database.backup(kind, [Device.disk(path)], BackupOptions(checksum=number % 2 == 0), facts())
        say(f"backup {kind} {path.name}")
        database.checkpoint()


def main() -> None:
    folder, life = Path(sys.argv[1]), int(sys.argv[2])
    database = open_database(folder)
    say("ready")
    first = life * 10_000_000
    for worker in range(2):
        numbers = range(first + worker * 5_000_000, first + (worker + 1) * 5_000_000)
        threading.Thread(target=write_pairs, args=(database, numbers, 10 + worker * 3000), daemon=True).start()
    take_backups(database, folder, f"life{life}")


if __name__ == "__main__":
    main()
