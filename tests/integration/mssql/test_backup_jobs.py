# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_backup_jobs: the simulated SQL Server Agent takes the backups, under our names, and tells what failed."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError

from .conftest import Instance, MakeSales, Sales

RUNS = [
    {"kind": "full", "at": "Sun 02:00"},
    {"kind": "differential", "at": "Mon..Sat 03:00"},
    {"kind": "log", "at": "*:00/15"},
    {"kind": "prune", "at": "Mon 06:00"},
]
NAMES = [f"deadpool backup {kind}" for kind in ("differential", "full", "log")]


def jobs(server: Instance) -> dict[str, bool]:
    rows = server.sql("SELECT name, enabled FROM msdb.dbo.sysjobs WHERE name LIKE 'deadpool backup %' ORDER BY name")
    return {name: bool(enabled) for name, enabled in rows}


def settled(server: Instance, sales: Sales, check_mode: bool = False, **others: Any) -> dict[str, Any]:
    wanted = {"runs": RUNS, "databases": [sales.name], "directory": str(sales.folder), "time_zone": "Asia/Jakarta"}
    return server.run("backup_jobs", check_mode, **{**wanted, **others})


def run_job(server: Instance, name: str) -> tuple[int, str]:
    """The outcome of a run, 1 where it was good, and what its step told."""
    query = (
        "SELECT h.run_status, h.message FROM msdb.dbo.sysjobhistory AS h JOIN msdb.dbo.sysjobs AS j"
        " ON j.job_id = h.job_id WHERE j.name = ? AND h.step_id = 1 ORDER BY h.instance_id DESC"
    )
    before = len(server.sql(query, name))
    server.sql(f"EXECUTE msdb.dbo.sp_start_job @job_name = N'{name}'")
    for _wait in range(200):
        rows = server.sql(query, name)
        if len(rows) > before:
            return int(rows[0][0]), str(rows[0][1])
        time.sleep(0.1)
    raise AssertionError(f"{name} did not end")


@pytest.fixture
def sales(make_sales: MakeSales, production: Instance) -> Any:
    made = make_sales()
    yield made
    settled(production, made, runs=[])


def test_jobs_are_shown_made_once_and_taken_away(sales: Sales, production: Instance) -> None:
    looked = settled(production, sales, check_mode=True)
    assert looked["changed"] and not jobs(production)
    done = settled(production, sales)
    assert done["changes"] == looked["changes"] and jobs(production) == dict.fromkeys(NAMES, True)
    owners = production.sql("SELECT DISTINCT SUSER_SNAME(owner_sid) FROM msdb.dbo.sysjobs WHERE name LIKE 'deadpool%'")
    assert [row[0] for row in owners] == ["sa"] and not done["warnings"]
    assert not settled(production, sales)["changed"]
    fewer = settled(production, sales, runs=RUNS[:1])
    assert fewer["changed"] and list(jobs(production)) == ["deadpool backup full"]
    assert settled(production, sales, runs=[])["changed"] and not jobs(production)
    left = production.sql("SELECT COUNT(*) FROM msdb.dbo.sysschedules WHERE name LIKE 'deadpool backup%'")
    assert left[0][0] == 0


def test_the_files_are_ours_and_restore(sales: Sales, production: Instance) -> None:
    settled(production, sales)
    assert run_job(production, "deadpool backup full")[0] == 1
    sales.write("one")
    assert run_job(production, "deadpool backup differential")[0] == 1
    sales.write("two")
    assert run_job(production, "deadpool backup log")[0] == 1
    found = sorted(str(path.relative_to(sales.folder)) for path in sales.folder.rglob("*.*") if path.is_file())
    folder = f"SQL1/{sales.name}"
    form = [r"DIFF/SQL1_{}_DIFF_\d{{8}}_\d{{6}}\.bak", r"FULL/SQL1_{}_FULL_\d{{8}}_\d{{6}}\.bak", r"LOG/.*\.trn"]
    for path, wanted in zip(found, form, strict=True):
        assert re.fullmatch(re.escape(folder) + "/" + wanted.format(re.escape(sales.name)), path), path
    own = production.run("info", gather_subset=["backups"], databases=[sales.name])["last_backups"]
    assert all(row["has_backup_checksums"] for row in own) and len(own) == 3
    assert {row["backup_type"] for row in own} == {"full", "differential", "log"}


def test_a_database_that_fails_is_told_and_stops_no_other(
    make_sales: MakeSales, sales: Sales, production: Instance
) -> None:
    settled(production, sales, databases=["Not there", sales.name])
    status, message = run_job(production, "deadpool backup full")
    assert status == 0 and "Not backed up: Not there" in message
    assert len(list(sales.folder.rglob("*_FULL_*.bak"))) == 1


def test_what_somebody_changed_is_put_right(sales: Sales, production: Instance) -> None:
    settled(production, sales)
    production.sql("EXECUTE msdb.dbo.sp_update_job @job_name = N'deadpool backup log', @enabled = 0")
    assert [one["what"] for one in settled(production, sales)["changes"]] == ["enable it"]
    step = "@job_name = N'deadpool backup log', @step_id = 1, @command = N'SELECT 1'"
    production.sql(f"EXECUTE msdb.dbo.sp_update_jobstep {step}")
    again = settled(production, sales)
    assert {one["item"] for one in again["changes"]} == {"deadpool backup log"} and all(jobs(production).values())
    later = [*RUNS[:2], {"kind": "log", "at": "*:00/10"}]
    assert {one["item"] for one in settled(production, sales, runs=later)["changes"]} == {"deadpool backup log"}
    assert not settled(production, sales, runs=later)["changed"]


def test_the_other_server_takes_the_same_job_over(sales: Sales, production: Instance, failover: Instance) -> None:
    settled(production, sales)
    source = {key: production.login[key] for key in ("login_host", "login_port", "login_user", "login_password")}
    failover.run("login_sync", source=source, parts=["jobs"])
    assert jobs(failover) == dict.fromkeys(NAMES, False)
    failover.run("handover", enable_jobs=NAMES)
    failover.sql("CREATE DATABASE [" + sales.name.replace("]", "]]") + "]")
    assert run_job(failover, "deadpool backup full")[0] == 1
    assert [path.parts[-4] for path in sales.folder.rglob("*.bak")] == ["SQL2"]
    assert settled(failover, sales, runs=[])["changed"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"databases": []}, "none is named"),
        ({"databases": ["a$(b)"]}, "token"),
        ({"databases": ["a" * 128], "directory": "/" + "b" * 60}, "characters"),
        ({"time_zone": "Europe/Berlin", "runs": RUNS[2:3]}, "off that of Europe/Berlin"),
        ({"runs": [{"kind": "full", "at": "whenever"}]}, "not understood"),
    ],
)
def test_what_could_never_work_is_refused(
    sales: Sales, production: Instance, changed: dict[str, Any], expected: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(expected)):
        settled(production, sales, **changed)
    assert not jobs(production)


def test_a_login_that_is_no_sysadmin_is_refused(sales: Sales, production: Instance) -> None:
    production.sql("CREATE LOGIN schedules_nothing WITH PASSWORD = 'Long-enough-1'")
    with pytest.raises(RecoveryError, match="sysadmin"):
        settled(production, sales, login_user="schedules_nothing", login_password="Long-enough-1")
