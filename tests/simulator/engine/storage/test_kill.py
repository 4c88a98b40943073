# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SIGKILL at a random moment, under load and backups: every acknowledged row is there, no half transaction is."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import pytest

from simulator.engine.database import Database
from simulator.engine.events import SqlError
from simulator.engine.facts import BackupOptions, Device, InstanceFacts, RestoreOptions
from simulator.engine.restore import header_rows, recover, restore_database, restore_log

ROOT = Path(__file__).parents[4]


def now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Witness:
    """What the killed processes had acknowledged."""

    rows: set[int] = field(default_factory=set)
    backups: list[tuple[str, str]] = field(default_factory=lambda: [("full", "first.bak")])

    def hear(self, text: str) -> None:
        for line in text.splitlines(keepends=True):
            words = line.split()
            if not line.endswith("\n"):
                continue  # cut short by the kill: nobody was told
            if words[0] == "row":
                self.rows.add(int(words[1]))
            elif words[0] == "backup":
                self.backups.append((words[1], words[2]))


def live_and_die(folder: Path, life: int, seconds: float, witness: Witness) -> None:
    command = [sys.executable, "-m", "tests.simulator.engine.storage.victim", str(folder), str(life)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"ready\n", process.stderr.read().decode()
        os.set_blocking(process.stdout.fileno(), False)
        deadline, heard = time.monotonic() + seconds, b""
        while time.monotonic() < deadline:
            heard += process.stdout.read() or b""
            time.sleep(0.002)
        assert process.poll() is None, process.stderr.read().decode()
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.set_blocking(process.stdout.fileno(), True)
        heard += process.stdout.read()
        witness.hear(heard.decode())


def reopen(folder: Path) -> Database:
    database = Database.open(folder / "w.mdf", folder / "w.ldf", clock=now, database_id=5)
    assert database.info.state == "ONLINE"
    return database


def pairs(database: Database) -> list[int]:
    """The numbers that are there; each must be there twice."""
    connection = database.connect()
    rows = connection.execute("SELECT id, count(*), sum(half) FROM pair GROUP BY id ORDER BY id").fetchall()
    connection.close()
    assert [row for row in rows if row[1:] != (2, 3)] == []
    return [row[0] for row in rows]


def check_after_kill(folder: Path, witness: Witness) -> None:
    database = reopen(folder)
    there = set(pairs(database))
    assert witness.rows - there == set()
    assert {number for number in there if number % 17 == 0} == set()
    assert database.check() == []
    database.close()


def whole_sets(folder: Path, kind: str) -> list[tuple[int, Path]]:
    """Finished backups by where they end. One may be whole and never acknowledged: its file counts all the same."""
    found = []
    for path in folder.glob(f"*.{kind}"):
        try:
            (row,) = header_rows([Device.disk(path)])
        except SqlError:
            continue  # cut short by the kill
        if row["BackupName"] != "*** INCOMPLETE ***":
            found.append((int(str(row["LastLSN"])), path))
    return sorted(found)


def check_chain(folder: Path, witness: Witness) -> None:
    """The backups alone bring the database back as it is, from the first full and from the last."""
    database = reopen(folder)
    facts = InstanceFacts("HIS01", "HIS01", clock=now)
    database.backup("log", [Device.disk(folder / "end.log")], BackupOptions(), facts)
    expected = pairs(database)
    assert {name for kind, name in witness.backups if kind == "log"} <= {
        path.name for _, path in whole_sets(folder, "log")
    }
    for full in (folder / "first.bak", *[path for _, path in whole_sets(folder, "full")[-1:]]):
        restored = restore_chain(folder, full, facts)
        assert pairs(restored) == expected
        assert restored.check() == []
        restored.close()
    database.close()


def restore_chain(folder: Path, full: Path, facts: InstanceFacts) -> Database:
    made: list[Database] = []
    name = f"from_{full.stem}"
    move = (("W", str(folder / f"{name}.mdf")), ("W_log", str(folder / f"{name}.ldf")))
    options = RestoreOptions(recovery=False, move=move)
    restore_database(name, None, [Device.disk(full)], options, facts, database_id=9, register=made.append)
    for last, path in whole_sets(folder, "log"):
        if last >= (made[0].info.redo_start_lsn or 0):
            restore_log(made[0], name, [Device.disk(path)], RestoreOptions(recovery=False), facts)
    recover(made[0], name)
    return made[0]


def run(folder: Path, kills: int, seed: int) -> None:
    chance, witness = random.Random(seed), Witness()
    for life in range(kills):
        live_and_die(folder, life, chance.uniform(0.01, 0.35), witness)
        check_after_kill(folder, witness)
    assert len(witness.rows) > kills
    check_chain(folder, witness)


@pytest.mark.slow
def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    run(tmp_path, 20, 20240301)


@pytest.mark.long
def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    run(tmp_path, 200, int(time.time()))
