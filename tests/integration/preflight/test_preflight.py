# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The preflight refuses what would end well and help nobody, and keeps runs apart."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
MODULE: dict[str, Any] = {
    "name": "pharmacy",
    "host": "app1",
    "files": [{"path": "/opt/pharmacy/appsettings.json"}],
    "restart": "restart pharmacy",
    "health": "http://127.0.0.1:8082/health",
    "sessions": [{"program": "MyHospital Pharmacy"}],
    "databases": ["MyHospitalPharmacy"],
}
PLAY = """
- hosts: all,localhost
  gather_facts: false
  any_errors_fatal: true
  tags: [always]
  tasks:
    - ansible.builtin.import_role: {name: ics.deadpool.preflight}
      vars: {preflight_kind: recovery, preflight_lock: site, preflight_needs_applications: true}
      run_once: true
"""
Preflight = Callable[..., tuple[int, str]]


@pytest.fixture
def preflight(tmp_path: Path) -> Preflight:
    play = tmp_path / "book" / "play.yml"
    play.parent.mkdir()
    play.write_text(PLAY)
    hosts = {"production": "sql1", "failover": "sql2", "backup_storage": "backup1", "application": "app1"}
    (tmp_path / "hosts.json").write_text(
        json.dumps({"all": {"children": {group: {"hosts": {host: {}}} for group, host in hosts.items()}}})
    )
    site = {"site_name": "RS", "site_timezone": "Asia/Jakarta", "site_databases": MODULE["databases"]}

    def run(applications: list[dict[str, Any]], *arguments: str) -> tuple[int, str]:
        environment = {key: value for key, value in os.environ.items() if key != "PWD"}
        command = [sys.executable, "-m", "ansible", "playbook", "-i", str(tmp_path / "hosts.json"), str(play)]
        done = subprocess.run(
            [*command, "-e", json.dumps({**site, "applications": applications}), *arguments],
            cwd=ROOT,
            env={**environment, "ANSIBLE_NOCOLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)

    return run


@pytest.mark.parametrize(
    ("applications", "fact"),
    [
        ([], '"applications" is missing or empty'),
        ([{**MODULE, "health": ""}], "pharmacy lacks health"),
        ([{key: value for key, value in MODULE.items() if key != "name"}], "number 1 lacks name"),
        ([MODULE, MODULE], "Two application modules bear one name"),
        ([{**MODULE, "host": "app9"}], '"app9", which is not in the inventory\'s group "application"'),
        ([{**MODULE, "databases": ["MyHospitalMorgue"]}], "uses MyHospitalMorgue"),
    ],
)
def test_a_site_whose_modules_would_not_come_back_is_refused(
    preflight: Preflight, tmp_path: Path, applications: list[dict[str, Any]], fact: str
) -> None:
    code, told = preflight(applications, "--tags", "plan")
    assert code != 0 and fact in told and "Nothing was changed. HINT:" in told
    assert not (tmp_path / "reports").exists()


def test_each_run_has_a_folder_of_its_own_even_where_PWD_is_unset(preflight: Preflight, tmp_path: Path) -> None:
    for _ in range(2):
        code, told = preflight([MODULE])
        assert code == 0, told
    folders = list((tmp_path / "reports").glob("*-recovery"))
    assert len(folders) == 2
    assert all(re.fullmatch(r"\d{8}-\d{6}-[a-z0-9]{4}-recovery", folder.name) for folder in folders)
    assert all((folder / "journal.jsonl").read_text().count("\n") == 1 for folder in folders)


def test_two_operators_at_once_are_kept_apart(preflight: Preflight, tmp_path: Path) -> None:
    """The second is told who is at it; looking is free; and a run that was killed stands in nobody's way."""
    first, second = tmp_path / "first", tmp_path / "go"
    os.mkfifo(second)
    hold = f"echo > {first}; read line < {second}"
    task = {"ansible.builtin.command": {"argv": ["sh", "-c", hold]}}
    wait = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    play = tmp_path / "book" / "play.yml"
    play.write_text(f"{PLAY}\n- {json.dumps(wait)}\n")
    with ThreadPoolExecutor() as others:
        running = others.submit(preflight, [MODULE])
        while not first.exists():
            assert not running.done(), running.result()
            time.sleep(0.1)
        play.write_text(PLAY)
        code, told = preflight([MODULE])
        assert code != 0 and "RS: another run is under way: recovery by" in told and "HINT: Talk to" in told
        assert len(list((tmp_path / "reports").glob("*-recovery"))) == 1
        for looking in (["--check"], ["--tags", "plan"]):
            assert preflight([MODULE], *looking)[0] == 0
        second.write_text("go\n")
        assert running.result()[0] == 0
    assert preflight([MODULE])[0] == 0


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_the_demo_deletes_no_folder_but_a_simulated_hospital(tmp_path: Path, name: str) -> None:
    precious = tmp_path / name
    precious.write_text("keep")
    done = subprocess.run(
        [str(ROOT / "scripts/demo")],
        env={**os.environ, "DEADPOOL_STATE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1 and "it is not deleted" in done.stderr and "HINT:" in done.stderr
    assert precious.read_text() == "keep"
