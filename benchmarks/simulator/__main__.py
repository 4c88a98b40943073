# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How fast the simulated server backs up and restores: ``python -m benchmarks.simulator --megabytes 2048`` (root).

The floor comes from the same run: the database's file copied with sha256, as any tool that moves it would do.
Wall clock and processor time; the demand is at most three times the copy, and milliseconds for a small log backup.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.engine.events import LoginRequest, Message
from simulator.engine.instance import Instance, Settings
from simulator.engine.session import EngineSession

MEGABYTE = 1 << 20
PASSWORD = "Sa-Secret-1"


def ask(session: EngineSession, batch: str) -> None:
    errors = [event.text for event in session.execute(batch) if isinstance(event, Message) and event.severity > 10]
    if errors:
        raise SystemExit(f"{batch}\n{errors}")


def fill(instance: Instance, session: EngineSession, megabytes: int) -> None:
    """Bytes that no compression makes smaller, through the pages and the log as every write."""
    ask(session, "CREATE DATABASE Big; ALTER DATABASE Big SET RECOVERY SIMPLE; CREATE TABLE Big.dbo.T (x int)")
    database = instance.database("Big")
    assert database is not None
    connection = database.connect()
    connection.execute("CREATE TABLE filling (id INTEGER PRIMARY KEY, body BLOB)")
    for _ in range(megabytes // 4):
        with database.transaction(connection):
            connection.executemany("INSERT INTO filling (body) VALUES (randomblob(?))", [(MEGABYTE,)] * 4)
    connection.close()
    ask(session, "ALTER DATABASE Big SET RECOVERY FULL; CHECKPOINT")


def copy(source: Path, target: Path) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as write:
        while piece := read.read(MEGABYTE):
            digest.update(piece)
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())


def timed(work: Callable[[], Any]) -> dict[str, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {"seconds": round(time.perf_counter() - wall, 3), "processor": round(time.process_time() - processor, 3)}


def measure(folder: Path, megabytes: int, rounds: int) -> dict[str, Any]:
    instance = Instance.start(Settings(folder / "state", "BENCH", sa_password=PASSWORD, closing_pause=0.0))
    session = instance.login(LoginRequest("sa", PASSWORD, "", "benchmark", "desk", "", "127.0.0.1:1", os.getpid()))
    fill(instance, session, megabytes)
    data = folder / "state/data/Big.mdf"
    figures: dict[str, Any] = {"megabytes": data.stat().st_size // MEGABYTE}
    for number in range(rounds):  # the first of each warms the disk's cache
        figures["copy with sha256"] = timed(lambda: copy(data, folder / "copy"))
        for name, options in (("", ""), (" with CHECKSUM", ", CHECKSUM")):
            backup = f"BACKUP DATABASE Big TO DISK = '{folder}/big.bak' WITH FORMAT{options}"
            figures[f"full backup{name}"] = timed(lambda text=backup: ask(session, text))
            restore = (
                f"RESTORE DATABASE New{number} FROM DISK = '{folder}/big.bak' WITH REPLACE, MOVE 'Big' TO"
                f" '{folder}/n.mdf', MOVE 'Big_log' TO '{folder}/n.ldf'{options}"
            )
            figures[f"restore{name}"] = timed(lambda text=restore: ask(session, text))
        ask(session, f"DROP DATABASE New{number}")
    figures["log backup of one row"] = statistics.median(small_log(session, folder) for _ in range(9))
    floor = figures["copy with sha256"]["seconds"]
    figures["times the copy"] = {
        name: round(found["seconds"] / floor, 2) for name, found in figures.items() if isinstance(found, dict)
    }
    instance.stop()
    return figures


def small_log(session: EngineSession, folder: Path) -> float:
    ask(session, "INSERT Big.dbo.T VALUES (1)")
    found = timed(lambda: ask(session, f"BACKUP LOG Big TO DISK = '{folder}/small.trn' WITH FORMAT, CHECKSUM"))
    return found["seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2, help="the last one counts")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (a temporary one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        print(json.dumps(measure(Path(folder), options.megabytes, options.rounds), indent=1))


if __name__ == "__main__":
    main()
