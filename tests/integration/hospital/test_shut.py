# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The old server is shut where no tail closes it: from the inside by its logins, from the outside as the site says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyodbc
import pytest

from .conftest import ROOT, Hospital, Run

pytestmark = pytest.mark.slow
PLAYBOOK = str(Path(__file__).with_name("shut.yml"))


def shut(hospital: Hospital, **variables: object) -> Run:
    (hospital.state / "reports").mkdir(exist_ok=True)  # a preflight makes it
    return hospital.play(PLAYBOOK, "-e", json.dumps(variables))


def let_in(hospital: Hospital) -> list[str]:
    """The modules that production lets in, each by its own login."""
    found = []
    for name, module in hospital.site["modules"].items():
        try:
            hospital.connect("production", module["database"], module["login"]).close()
            found.append(name)
        except pyodbc.Error:
            pass
    return found


def test_one_that_lets_nobody_in_and_cannot_be_shut_is_refused(hospital: Hospital) -> None:
    run = shut(hospital, mssql_restore_password="wrong", mssql_admin_login="")
    assert run.code != 0 and run.says("RSSQL01 answers and could not be shut", "No database was restored.", "HINT:")
    assert len(let_in(hospital)) == 4


def test_why_its_administrator_could_not_shut_it_is_said(hospital: Hospital) -> None:
    run = shut(hospital, mssql_restore_password="wrong", mssql_admin_password="wrong")
    assert run.code != 0 and run.says("the server refused login 'deadpool_admin'", "No database was restored.")
    assert len(let_in(hospital)) == 4


def test_from_the_inside(hospital: Hospital) -> None:
    """Its databases stay open, its modules stay out; what was done is written down for the way back."""
    hospital.sql("production", "EXECUTE msdb.dbo.sp_add_job @job_name = N'Nightly'")
    run = shut(hospital)
    assert run.code == 0, run.text
    assert let_in(hospital) == [] and set(hospital.databases("production").values()) == {"ONLINE"}
    (memory,) = (hospital.state / "reports").glob(".fenced-*-rssql01.json")
    logins = {module["login"] for module in hospital.site["modules"].values()}
    kept = json.loads(memory.read_text())
    assert logins <= set(kept["logins"]) and kept["jobs"] == ["Nightly"] and memory.stat().st_mode & 0o077 == 0
    assert not {login for login in kept["logins"] if login in hospital.site["logins"].values()} - {"deadpool_verify"}
    again = shut(hospital)
    assert again.code == 0 and again.changed == 0 and json.loads(memory.read_text()) == kept, again.text


def test_from_the_outside(hospital: Hospital) -> None:
    off = [
        "env",
        f"PYTHONPATH={ROOT}",
        sys.executable,
        "-m",
        "simulator",
        "stop",
        "production",
        "--state",
        str(hospital.state),
    ]
    commands = [{"what": "Try what fails", "command": ["false"]}, {"what": "Power it off", "command": off}]
    run = shut(hospital, mssql_restore_password="wrong", mssql_admin_login="", mssql_fence_commands=commands)
    assert run.code == 0 and run.says("Try what fails: non-zero return code", "Power it off: done"), run.text
    with pytest.raises(pyodbc.Error):
        hospital.sql("production", "SELECT 1")
