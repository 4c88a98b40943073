# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/schedule.yml with schedule_with: agent, and back to systemd: jobs there, timers here, and never neither."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import PASSWORD, PROJECT, Instance

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (PROJECT / "roles/schedule").is_dir(), reason="roles are not shipped here"),
    pytest.mark.skipif(shutil.which("systemctl") is None, reason="systemctl is not here"),
    pytest.mark.skipif(os.geteuid() != 0, reason="units belong to root"),
]
RUNS = [{"kind": "full", "at": "Sun 02:00"}, {"kind": "log", "at": "*:00/15"}, {"kind": "prune", "at": "Mon 06:00"}]


def play(folder: Path, production: Instance, **variables: Any) -> tuple[int, str, int]:
    given = {
        "schedule_runs": RUNS, "schedule_units_directory": str(folder / "units"), "schedule_armed": False,
        "schedule_become": False, "preflight_reports_directory": str(folder / "reports"), "mssql_host": "127.0.0.1",
        "mssql_port": production.port, "mssql_admin_login": "sa", "mssql_admin_password": PASSWORD, **variables,
    }  # fmt: skip
    program = str(Path(sys.executable).parent / "ansible-playbook")
    done = subprocess.run(
        [program, "-i", "inventory/example", "playbooks/schedule.yml", "-e", json.dumps(given)],
        cwd=PROJECT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    text = done.stdout + done.stderr
    return done.returncode, text, sum(int(number) for number in re.findall(r"\bchanged=(\d+)", text))


def jobs(server: Instance) -> list[str]:
    rows = server.sql("SELECT name FROM msdb.dbo.sysjobs WHERE name LIKE 'deadpool backup %' ORDER BY name")
    return [row[0] for row in rows]


def kinds(folder: Path) -> set[str]:
    return {path.name.removeprefix("deadpool-rs-contoh-") for path in (folder / "units").iterdir()}


def test_agent_takes_the_backups_and_timers_ship_them(production: Instance, tmp_path: Path) -> None:
    (tmp_path / "units").mkdir()
    code, text, changed = play(tmp_path, production, schedule_with="agent")
    assert code == 0 and changed > 0, text
    assert jobs(production) == ["deadpool backup full", "deadpool backup log"]
    timers = {"ship.timer", "ship.service", "prune.timer", "prune.service"}
    assert kinds(tmp_path) == {*timers, "standby.service"}
    service = (tmp_path / "units/deadpool-rs-contoh-ship.service").read_text()
    assert "backup_type=ship" in service and "OnSuccess=deadpool-rs-contoh-standby.service" in service
    code, text, changed = play(tmp_path, production, schedule_with="agent")
    assert code == 0 and changed == 0, text
    code, text, changed = play(tmp_path, production)
    assert code == 0 and changed > 0 and not jobs(production), text
    assert {"full.timer", "log.timer"} <= kinds(tmp_path) and "ship.timer" not in kinds(tmp_path)
    code, text, changed = play(tmp_path, production)
    assert code == 0 and changed == 0, text
