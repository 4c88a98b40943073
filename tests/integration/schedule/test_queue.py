# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command of a unit, carried out: runs of one queue wait for each other, nothing that is left behind holds the
queue, and a run that hangs is ended."""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule_units import Place, command

pytestmark = pytest.mark.skipif(
    not all(Path(f"/usr/bin/{name}").exists() for name in ("flock", "timeout")), reason="flock or timeout is not here"
)


def words(tmp_path: Path, kind: str, body: str, limit: str = "60s") -> list[str]:
    """The command that a unit would carry out, with this shell script in the place of ansible-playbook."""
    program = tmp_path / f"{kind}-playbook"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    place = Place("RS Contoh", str(tmp_path), str(program), str(tmp_path), str(tmp_path / ".left"))
    return [limit if word == "1m" else word for word in shlex.split(command(kind, 1, place))]


def test_runs_of_one_queue_wait_and_a_connection_left_open_does_not_hold_it(tmp_path: Path) -> None:
    told = tmp_path / "told"
    # As ssh does with ControlPersist: the master stays when the run has ended.
    full = words(tmp_path, "full", f"sleep 30 & echo $! > {tmp_path}/master; sleep 0.6; echo full >> {told}")
    log = words(tmp_path, "log", f"echo log >> {told}")
    with subprocess.Popen(full, stdout=subprocess.DEVNULL) as first:
        while not (tmp_path / "master").exists():
            time.sleep(0.02)
        began = time.monotonic()
        subprocess.run(log, check=True, timeout=20)
        assert told.read_text().split() == ["full", "log"]
        assert time.monotonic() - began < 15 and first.wait(20) == 0
    subprocess.run(["kill", (tmp_path / "master").read_text().strip()], check=False)


def test_a_check_waits_for_nobody(tmp_path: Path) -> None:
    with subprocess.Popen(words(tmp_path, "full", "sleep 20")) as full:
        subprocess.run(words(tmp_path, "daily_check", "exit 0"), check=True, timeout=18)
        full.terminate()


def test_a_run_that_hangs_is_ended_and_the_next_begins(tmp_path: Path) -> None:
    hung = words(tmp_path, "log", "sleep 60", limit="0.3s")
    began = time.monotonic()
    assert subprocess.run(hung, check=False, timeout=30).returncode == 124
    assert time.monotonic() - began < 20
    subprocess.run(words(tmp_path, "log", "exit 0"), check=True, timeout=10)
