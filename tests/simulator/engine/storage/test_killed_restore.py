# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SIGKILL in the middle of a restore: the database stays RESTORING, and the restore can be done again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from simulator.engine.database import Database
from tests.simulator.engine.storage.ward import JAKARTA, Ward

ROOT = Path(__file__).parents[4]


def restore_and_die(folder: Path, seconds: float) -> None:
    command = [sys.executable, "-m", "tests.simulator.engine.storage.restorer", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"ready\n", process.stderr.read().decode()
        time.sleep(seconds)
        assert process.poll() is None, process.stderr.read().decode()
        process.kill()
        process.wait()


def test_killed_restore_can_be_done_again(ward: Ward) -> None:
    ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 3000)
    ward.backup("full", "full.bak", checksum=True)
    ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 2000)
    ward.backup("log", "log.trn", checksum=True)
    expected, chance = ward.rows(), random.Random(4)
    for _ in range(8):
        restore_and_die(ward.folder, chance.uniform(0, 0.5))
        data, log = ward.folder / "copy.mdf", ward.folder / "copy.ldf"
        if not log.with_name("copy.ldf.boot").exists():
            continue  # nothing was begun yet
        database = Database.open(data, log, clock=ward.clock, database_id=9, utc_offset=JAKARTA)
        assert database.info.state == "RESTORING"
        ward.restored["copy"] = database
        ward.restore("copy", "full.bak")
        ward.restore_log("copy", "log.trn")
        database = ward.restored["copy"]
        assert database.info.redo_start_lsn is not None
        database.close()
    ward.recover("copy")
    assert ward.rows("copy") == expected
    assert ward.restored["copy"].check() == []
