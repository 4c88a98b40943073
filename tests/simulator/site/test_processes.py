# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Processes known by their pid files."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.processes import Process, ProcessDied

SLEEPER = [sys.executable, "-c", "import time; print('up'); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, lambda *_: None); print('up'); time.sleep(60)",
]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process("one", tmp_path / "run")
    yield process
    process.kill()


def wait_until_up(process: Process) -> None:
    while not process.log_file.read_text():
        time.sleep(0.02)


def test_a_process_is_started_once_and_recognised_by_another_reader(process: Process, tmp_path: Path) -> None:
    pid = process.start(SLEEPER)
    assert process.start(SLEEPER) == pid
    assert Process("one", tmp_path / "run").pid == pid
    assert os.getsid(pid) == pid


def test_stop_says_whether_there_was_something_to_stop(process: Process) -> None:
    process.start(SLEEPER)
    assert process.stop() is True
    assert process.pid is None
    assert process.stop() is False


def test_a_process_that_does_not_listen_is_killed_when_patience_ends(process: Process) -> None:
    process.start(STUBBORN)
    wait_until_up(process)
    assert process.stop(patience=0.3) is True
    assert process.pid is None


def test_a_pid_that_belongs_to_somebody_else_now_is_not_ours(process: Process, tmp_path: Path) -> None:
    process.start(SLEEPER)
    process.kill()
    pid_file = tmp_path / "run" / "one.pid"
    pid_file.write_text(json.dumps({"pid": os.getpid(), "birth": "1"}))
    assert process.pid is None
    assert process.stop() is False


def test_a_process_that_dies_at_its_start_is_reported_with_its_last_word(process: Process) -> None:
    process.start([sys.executable, "-c", "raise SystemExit('port 1433 is taken')"])
    while process.pid:
        time.sleep(0.02)
    with pytest.raises(ProcessDied, match="one: port 1433 is taken"):
        process.require()
