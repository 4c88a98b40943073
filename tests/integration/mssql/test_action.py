# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_restore through ansible-playbook: what a person sees while it runs, and what an interruption leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import PROJECT, Instance, MakeSales, Sales

pytestmark = pytest.mark.slow

PLAYBOOK = """
- name: Restore
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Restore the database
      ics.deadpool.mssql_restore:
        login_host: 127.0.0.1
        login_port: "{{ server_port }}"
        login_user: sa
        login_password: "{{ password }}"
        plans: "{{ plans }}"
        source_directory: "{{ directory }}"
      register: done

    - name: Show what changed
      ansible.builtin.debug:
        msg: "changed={{ done.changed }}"
"""


class Run:
    """One ansible-playbook, in a session of its own, as from a terminal."""

    def __init__(self, folder: Path, target: Instance, sales: Sales, plan: dict[str, Any]) -> None:
        self.mark = f"deadpool-{os.getpid()}-{folder.name}"
        playbook, values = folder / "restore.yml", folder / "values.json"
        playbook.write_text(PLAYBOOK, "utf-8")
        login = target.login
        values.write_text(
            json.dumps(
                {
                    "plans": [plan],
                    "directory": str(sales.folder),
                    "server_port": login["login_port"],
                    "password": login["login_password"],
                }
            ),
            "utf-8",
        )
        self.output = folder / "output"
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), "-e", f"@{values}"]
        environment = {**os.environ, "DEADPOOL_TEST_MARK": self.mark, "ANSIBLE_FORCE_COLOR": "0"}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, seconds: float = 120) -> str:
        self.process.wait(seconds)
        return self.text

    @property
    def text(self) -> str:
        return self.output.read_text("utf-8", errors="replace")

    def wait_for(self, words: str, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < until, self.text
            assert self.process.poll() is None, self.text
            time.sleep(0.02)

    def alive(self) -> list[str]:
        """Processes that descend from this run: they carry its environment."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_text("utf-8", errors="replace"))
            except OSError:
                continue  # it ended meanwhile, or is not ours
        return [command for command in found if command]


@pytest.fixture
def sales(make_sales: MakeSales) -> Sales:
    sales = make_sales()
    sales.back_up("full")
    name = "[" + sales.name.replace("]", "]]") + "]"
    for n in range(25):  # under names of their own: the module's would wait for the next second each time
        sales.write(f"row {n}")
        sales.server.sql(f"BACKUP LOG {name} TO DISK = N'{sales.folder}/{n:02}.trn' WITH CHECKSUM")
    return sales


@pytest.fixture
def start(tmp_path: Path, failover: Instance, sales: Sales) -> Iterator[Any]:
    runs: list[Run] = []

    def begin(plan: dict[str, Any]) -> Run:
        folder = tmp_path / f"run{len(runs)}"
        folder.mkdir()
        runs.append(Run(folder, failover, sales, plan))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait(10)


def test_each_step_is_a_line_while_it_runs(sales: Sales, failover: Instance, start: Any) -> None:
    plan = sales.plan(failover)
    run = start(plan)
    text = run.wait()
    assert run.process.returncode == 0, text
    total = len(plan["steps"])
    lines = [line.strip() for line in text.splitlines()]
    assert any(line.startswith(f"{sales.name} 1/{total} FULL ") and "done in" in line for line in lines)
    assert any(line.startswith(f"{sales.name} {total - 1}/{total} LOG ") and "done in" in line for line in lines)
    assert any(line.startswith(f"{sales.name} restored and online in ") for line in lines)
    assert "changed=True" in text
    assert not run.alive()

    again = start(sales.plan(failover))
    assert "changed=False" in again.wait()
    assert f"{sales.name} is already there, nothing to do" in again.text


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_an_interruption_leaves_no_process_and_can_be_resumed(
    sales: Sales, failover: Instance, start: Any, number: signal.Signals
) -> None:
    plan = sales.plan(failover)
    run = start(plan)
    run.wait_for(f"{sales.name} 3/")
    run.process.send_signal(number)
    run.wait(30)
    assert run.process.returncode != 0
    until = time.monotonic() + 10
    while run.alive() and time.monotonic() < until:
        time.sleep(0.1)
    assert not run.alive()
    assert failover.state_of(sales.name) == "RESTORING"
    resumed = start(sales.plan(failover))
    text = resumed.wait()
    assert resumed.process.returncode == 0, text
    assert sales.texts(failover) == [f"row {n}" for n in range(25)]


def test_a_failure_is_one_message(sales: Sales, failover: Instance, start: Any) -> None:
    plan = sales.plan(failover)
    path = sales.folder / plan["files"][-1].lstrip("/")
    path.unlink()
    run = start(plan)
    text = run.wait()
    assert run.process.returncode == 2, text
    assert text.count("HINT: The server itself opens that path") >= 1
    assert "Traceback" not in text
    assert not run.alive()
