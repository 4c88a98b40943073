# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The dead server comes back: it is closed, never backed up as if nothing had happened, and can be gone back to."""

from __future__ import annotations

import pyodbc
import pytest

from .conftest import Hospital

pytestmark = pytest.mark.slow


TABLES = {
    "registration": "Registrations",
    "pharmacy": "Dispensings",
    "laboratory": "Results",
    "billing": "Invoices",
}
JOB = "Close the day's books"


@pytest.fixture(scope="module", autouse=True)
def recovered(hospital: Hospital) -> Hospital:
    quoted = JOB.replace("'", "''")
    hospital.sql("production", f"EXECUTE msdb.dbo.sp_add_job @job_name = N'{quoted}'")
    hospital.sql("production", f"EXECUTE msdb.dbo.sp_add_jobstep @job_name = N'{quoted}', @step_name = N's'")
    hospital.backup("full")
    hospital.backup("log")
    run = hospital.play("playbooks/standby.yml")
    assert run.code == 0, run.text
    hospital.simulator("kill", "production")
    run = hospital.recover()
    assert run.code == 0, run.text
    return hospital


def writes(hospital: Hospital, role: str) -> list[str]:
    """The modules whose own login, with its own password, is let in to that server and may write there."""
    done = []
    for name, module in hospital.site["modules"].items():
        try:
            session = hospital.connect(role, module["database"], module["login"])
            session.execute(f"DELETE FROM dbo.{TABLES[name]} WHERE 1 = 0")
            session.close()
            done.append(name)
        except pyodbc.Error:
            pass
    return done


def jobs(hospital: Hospital, role: str) -> dict[str, bool]:
    return {name: bool(on) for name, on in hospital.sql(role, "SELECT name, enabled FROM msdb.dbo.sysjobs")}


def test_what_backups_do_not_hold_came_along(hospital: Hospital) -> None:
    """Production is dead, and was never asked for any of it in the recovery: the standby had it in step."""
    assert jobs(hospital, "failover") == {JOB: True}
    owners = hospital.sql("failover", "SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE database_id > 4")
    assert {row[0] for row in owners} == {"sa"}
    assert writes(hospital, "failover") == list(TABLES)
    hidden = list((hospital.state / "reports").glob(".in-step-*"))
    assert hidden and all(path.stat().st_mode & 0o077 == 0 and "0x02" not in path.read_text() for path in hidden)


def test_an_unknown_server_is_refused(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log", "-e", "backup_server=application")
    assert run.code != 0 and run.says('backup_server is "application", which is none of production, failover', "HINT:")


def test_the_schedule_is_told_which_server_is_in_use(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log")
    assert run.code != 0
    assert run.says("RSSQL01 was left at", "for RSSQL02", "It does not answer.", "-e backup_server=failover"), run.text


def test_the_server_in_use_is_backed_up(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log", "-e", "backup_server=failover")
    assert run.code == 0, run.text
    again = hospital.recover()
    assert again.code == 0 and again.changed == 0, again.text


def test_when_it_comes_back_no_module_writes_to_it_any_more(hospital: Hospital) -> None:
    hospital.simulator("start", "production")
    assert set(hospital.databases("production").values()) == {"ONLINE"}
    assert writes(hospital, "production") == list(TABLES), "that is the danger"
    run = hospital.play("playbooks/fence.yml")
    assert run.code == 0, run.text
    assert run.says("It had come back and was closed.", "is open on RSSQL01 and on RSSQL02", "recovery forks differ")
    assert set(hospital.databases("production").values()) == {"RESTORING"}
    assert writes(hospital, "production") == [] and writes(hospital, "failover") == list(TABLES)
    assert jobs(hospital, "production") == {JOB: False} and jobs(hospital, "failover") == {JOB: True}
    fenced = list((hospital.state / "reports").glob("*-fence"))
    again = hospital.play("playbooks/fence.yml")
    assert again.code == 0 and again.changed == 0, again.text
    assert list((hospital.state / "reports").glob("*-fence")) == fenced, "nothing to do is not written down"


def test_it_is_not_backed_up_and_its_last_rows_are_kept(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log")
    assert run.code != 0 and run.says("It is closed."), run.text
    assert set(hospital.databases("production").values()) == {"RESTORING"}
    kept = hospital.state / "hosts" / "production"
    tails = [path.name for path in kept.rglob("*-left/**/*.trn")]
    assert len(tails) == 4
    assert not {path.name for path in hospital.store.rglob("*.trn")} & set(tails)


def test_the_way_back_overwrites_only_with_a_decision(hospital: Hospital) -> None:
    back = ("playbooks/recovery.yml", "-e", "target=production", "-e", "recovery_confirmed=true")
    run = hospital.play(*back)
    assert run.code != 0 and run.says("would", "overwrite", "HINT:"), run.text
    assert set(hospital.databases("failover").values()) == {"ONLINE"}
    run = hospital.play("playbooks/failback.yml", "-e", "recovery_confirmed=true")
    assert run.code == 0, run.text
    assert jobs(hospital, "production") == {JOB: True} and jobs(hospital, "failover") == {JOB: False}
    assert set(hospital.databases("production").values()) == {"ONLINE"}
    assert set(hospital.databases("failover").values()) == {"RESTORING"}
    judged = hospital.judge("--server", "production")
    assert judged.code == 0, judged.text


def test_after_the_way_back_the_schedule_is_as_before(hospital: Hospital) -> None:
    hospital.backup("log")
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log", "-e", "backup_server=failover")
    assert run.code != 0 and run.says("RSSQL02 was left at", "for RSSQL01"), run.text
