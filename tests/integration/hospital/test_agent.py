# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL Server Agent takes the backups, the controller ships them, and a recovery needs nothing else."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from .conftest import Hospital

pytestmark = pytest.mark.long
JOBS = {
    "hosts": "production",
    "gather_facts": False,
    "tasks": [
        {
            "name": "Make the jobs",
            "ics.deadpool.mssql_backup_jobs": {
                "login_host": "{{ mssql_host }}",
                "login_port": "{{ mssql_port }}",
                "login_user": "{{ mssql_admin_login }}",
                "login_password": "{{ mssql_admin_password }}",
                "runs": [{"kind": "full", "at": "Sun 02:00"}, {"kind": "log", "at": "*:00/15"}],
                "time_zone": "{{ site_timezone }}",
                "databases": "{{ site_databases }}",
                "directory": "{{ mssql_backup_directory }}",
            },
            "delegate_to": "localhost",
        }
    ],
}


def run_job(hospital: Hospital, kind: str) -> None:
    connection = hospital.connect("production")
    query = (
        "SELECT h.run_status, h.message FROM msdb.dbo.sysjobhistory AS h JOIN msdb.dbo.sysjobs AS j"
        " ON j.job_id = h.job_id WHERE j.name = ? AND h.step_id = 1 ORDER BY h.instance_id DESC"
    )
    name = f"deadpool backup {kind}"
    before = len(connection.execute(query, name).fetchall())
    connection.execute(f"EXECUTE msdb.dbo.sp_start_job @job_name = N'{name}'")
    for _wait in range(300):
        rows = connection.execute(query, name).fetchall()
        if len(rows) > before:
            connection.close()
            assert rows[0][0] == 1, rows[0][1]
            return
        time.sleep(0.1)
    raise AssertionError(f"{name} did not end")


def test_a_recovery_from_what_agent_took_and_the_controller_shipped(hospital: Hospital, tmp_path: Path) -> None:
    playbook = tmp_path / "jobs.json"
    playbook.write_text(json.dumps([JOBS]))
    made = hospital.play(str(playbook))
    assert made.code == 0 and made.changed, made.text
    run_job(hospital, "full")
    run_job(hospital, "log")
    assert not list(hospital.store.rglob("*.bak"))
    shipped = hospital.play("playbooks/backup_in_use.yml", "-e", "backup_type=ship")
    assert shipped.code == 0, shipped.text
    databases = len(hospital.databases("production"))
    assert len(list(hospital.store.rglob("*.bak"))) == len(list(hospital.store.rglob("*.trn"))) == databases
    report = hospital.report("backup")
    assert report["outcome"] == "success", report
    run = hospital.recover()
    assert run.code == 0, run.text
    assert hospital.report()["outcome"] == "success"
