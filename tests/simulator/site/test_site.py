# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole site: built, run, stopped, killed."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.apps.journal import read_journal
from simulator.judge import judge
from simulator.judge_rows import transactions
from simulator.site import Site

from .conftest import SPEED, Recovered

pytestmark = pytest.mark.slow


def command(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], check=False, capture_output=True, text=True, timeout=60, **options
    )


def findings(site: Site, role: str = "failover") -> dict[str, list[str]]:
    return {verdict.module: verdict.all_findings for verdict in judge(site, role) if verdict.all_findings}


def states(site: Site) -> set[str]:
    return {(site.health(name) or {"status": "silent"})["status"] for name in site.modules}


def wait_for(fact: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not fact():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


@pytest.mark.slow
def test_the_hospital_opens_quickly_and_its_files_say_what_it_is(tmp_path: Path) -> None:
    started = time.monotonic()
    site = Site(tmp_path / "other", say=lambda _: None)
    try:
        site.start()
        assert time.monotonic() - started < 30
        assert all(entry["running"] for entry in site.status())
        assert oct((site.state / "secrets.json").stat().st_mode)[-3:] == "600"
        pids = [entry["pid"] for entry in site.status()]
        site.start()
        assert [entry["pid"] for entry in site.status()] == pids
        ports = json.loads((site.state / "site.json").read_text())["store"]["port"]
        site.stop()
        assert not any(entry["running"] for entry in site.status())
        site.start()
        assert site.facts["store"]["port"] == ports
        assert findings(site, "production") == {}
    finally:
        site.stop()


def test_no_password_stands_on_a_command_line(recovered: Recovered) -> None:
    site = recovered.site
    text = json.dumps(site.passwords)
    lines = b"\n".join(
        Path(f"/proc/{entry['pid']}/cmdline").read_bytes() + Path(f"/proc/{entry['pid']}/environ").read_bytes()
        for entry in site.status()
        if entry["pid"]
    ).decode("utf-8", "replace")
    secrets = [word for word in text.replace('"', " ").split() if word.startswith("Dp1-")]
    assert len(secrets) >= 11
    assert not [word for word in secrets if word in lines]


@pytest.mark.slow
def test_a_kill_leaves_no_acknowledged_row_behind(tmp_path: Path) -> None:
    site = Site(tmp_path / "killed", say=lambda _: None)
    try:
        site.start(SPEED)
        for _ in range(2):
            time.sleep(1)
            site.stop_one("production", kill=True)
            time.sleep(0.7)
            assert states(site) == {"down"}
            site.start_one("production")
            wait_for(lambda: states(site) == {"ok"})
        assert findings(site, "production") == {}
        doubtful = [
            one
            for name in site.modules
            for one in transactions(read_journal(Path(site.facts["modules"][name]["journal"]))).values()
            if not one.committed
        ]
        assert len(doubtful) >= 2
    finally:
        site.stop()


def test_the_restart_command_reads_the_file_again_or_says_why_not(recovered: Recovered) -> None:
    site = recovered.site
    module = site.facts["modules"]["registration"]
    config = Path(module["config"])
    before = config.read_bytes()
    pid = site.process("registration").pid
    assert pid
    config.write_bytes(before.replace(b"Server=", b"Sevrer="))
    done = command(*module["restart"], cwd="/", env={"PATH": "/bin"})
    assert done.returncode == 1
    assert "Keyword not supported: 'Sevrer'" in done.stderr
    config.write_bytes(before)
    done = command(*module["restart"], cwd="/", env={"PATH": "/bin"})
    assert done.returncode == 0, done
    assert site.process("registration").pid not in (None, pid)
