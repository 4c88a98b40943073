# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL Server Agent: jobs are kept, run when they are due, and leave their history."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.instance import Instance

from .conftest import Client, start

HISTORY = (
    "SELECT step_id, run_status, message FROM msdb.dbo.sysjobhistory h JOIN msdb.dbo.sysjobs j ON j.job_id = h.job_id"
    " WHERE j.name = '{}' ORDER BY instance_id"
)


@pytest.fixture
def msdb(hospital: Client) -> Client:
    hospital.run("USE msdb")
    return hospital


def make_job(client: Client, name: str, *commands: str, database: str = "Hospital", **options: str) -> None:
    given = "".join(f", @{option} = {value}" for option, value in options.items())
    client.run(f"EXEC msdb.dbo.sp_add_job @job_name = N'{name}'{given}")
    for number, command in enumerate(commands, 1):
        action = 3 if number < len(commands) else 1
        text = command.replace("'", "''")
        client.run(
            f"EXEC msdb.dbo.sp_add_jobstep @job_name = N'{name}', @step_name = N'step {number}', @subsystem = N'TSQL',"
            f" @command = N'{text}', @database_name = N'{database}', @on_success_action = {action}"
        )
    client.run(f"EXEC msdb.dbo.sp_add_jobserver @job_name = N'{name}', @server_name = N'(local)'")


def history(client: Client, name: str, steps: int = 1, seconds: float = 8.0) -> list[tuple[Any, ...]]:
    """Waits until the job has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        rows = client.rows(HISTORY.format(name))
        if len([row for row in rows if row[0] == 0]) >= steps:
            return rows
        time.sleep(0.02)
    raise AssertionError(f"{name} did not end: {client.rows(HISTORY.format(name))}")


def test_a_job_backs_up_and_its_history_says_so(msdb: Client, files: Path) -> None:
    make_job(msdb, "Nightly", f"BACKUP DATABASE Hospital TO DISK = '{files}/n.bak'\nGO\nPRINT 'and more'", "SELECT 1")
    assert msdb.run("EXEC sp_start_job N'Nightly'").numbers == [14243]
    rows = history(msdb, "Nightly")
    assert [row[:2] for row in rows] == [(1, 1), (2, 1), (0, 1)]
    assert (
        rows[0][2].startswith("Executed as user: sa.") and "(Message 3014)" in rows[0][2] and "and more" in rows[0][2]
    )
    assert rows[2][2] == (
        "The job succeeded.  The Job was invoked by User sa.  The last step to run was step 2 (step 2)."
    )
    assert (files / "n.bak").exists()
    (listed,) = msdb.rows("EXEC sp_help_job @job_name = 'nightly'")
    assert listed[2:4] == ("Nightly", 1) and listed[7] == "sa" and listed[10:] == (1, 4)
    activity = msdb.rows("SELECT start_execution_date, stop_execution_date, last_executed_step_id FROM sysjobactivity")
    assert activity[0][0] <= activity[0][1] and activity[0][2] == 2


def test_a_step_that_fails_ends_the_job_with_its_number(msdb: Client) -> None:
    make_job(msdb, "Broken", "BACKUP LOG Hospital TO DISK = '/nowhere/at/all.trn'", "SELECT 1")
    msdb.run("EXEC sp_start_job @job_name = 'Broken'")
    rows = history(msdb, "Broken")
    assert [row[:2] for row in rows] == [(1, 0), (0, 0)] and "(Error 4214)" in rows[0][2]
    assert msdb.rows("SELECT sql_message_id, sql_severity FROM sysjobhistory WHERE step_id = 1") == [(4214, 16)]


def test_a_failed_step_may_go_elsewhere(msdb: Client) -> None:
    make_job(msdb, "Detour", "SELECT 1/0", "SELECT 2", "PRINT 'clean up'")
    msdb.run("EXEC sp_update_jobstep @job_name = 'Detour', @step_id = 1, @on_fail_action = 4, @on_fail_step_id = 3")
    msdb.run("EXEC sp_start_job 'Detour'")
    assert [row[:2] for row in history(msdb, "Detour")] == [(1, 0), (3, 1), (0, 1)]


def test_a_retry_is_noted(msdb: Client) -> None:
    make_job(msdb, "Stubborn", "SELECT 1/0")
    msdb.run("EXEC sp_update_jobstep @job_name = 'Stubborn', @step_id = 1, @retry_attempts = 1")
    msdb.run("EXEC sp_start_job 'Stubborn'")
    assert [row[:2] for row in history(msdb, "Stubborn")] == [(1, 2), (1, 0), (0, 0)]


def test_steps_run_as_the_owner(msdb: Client, login: Any) -> None:
    login("nurse", "Hospital", roles=("db_datareader",)).close()
    make_job(msdb, "Reads", "SELECT COUNT(*) FROM Patients", owner_login_name="'nurse'")
    make_job(msdb, "Writes", "DELETE FROM Patients", owner_login_name="'nurse'")
    for name in ("Reads", "Writes"):
        msdb.run(f"EXEC sp_start_job '{name}'")
    assert history(msdb, "Reads")[0][1] == 1
    refused = history(msdb, "Writes")[0]
    assert refused[1] == 0 and "Executed as user: nurse." in refused[2] and "229" in refused[2]
    msdb.run("USE Hospital; DROP USER nurse; USE msdb")
    msdb.run("DROP LOGIN nurse")
    msdb.run("EXEC sp_start_job 'Reads'")
    assert "does not have server access" in history(msdb, "Reads", 2)[-1][2]


def test_a_job_can_be_stopped(msdb: Client) -> None:
    make_job(msdb, "Long", "WAITFOR DELAY '00:01:00'")
    assert msdb.refused("EXEC sp_stop_job 'Long'") == [22022]
    msdb.run("EXEC sp_start_job 'Long'")
    time.sleep(0.2)
    assert msdb.refused("EXEC sp_start_job 'Long'") == [22022]
    assert msdb.rows("EXEC sp_help_job @job_name = 'Long'")[0][-1] == 1
    program = "SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE program_name LIKE 'SQLAgent - TSQL JobStep%Step 1)'"
    assert msdb.value(program) == 1
    msdb.run("EXEC sp_stop_job 'Long'")
    assert [row[:2] for row in history(msdb, "Long")] == [(1, 3), (0, 3)]
    assert msdb.value(program) == 0


def every_second(client: Client, name: str, **options: str) -> None:
    given = "".join(f", @{option} = {value}" for option, value in options.items())
    client.run(
        f"EXEC msdb.dbo.sp_add_jobschedule @job_name = '{name}', @name = 'often', @freq_type = 4, @freq_interval = 1,"
        f" @freq_subday_type = 2, @freq_subday_interval = 1{given}"
    )


def test_a_schedule_runs_its_job_again_and_again(msdb: Client) -> None:
    make_job(msdb, "Often", "INSERT Patients (Name) VALUES (N'scheduled')")
    make_job(msdb, "Disabled", "DELETE Patients", enabled="0")
    make_job(msdb, "Unscheduled", "DELETE Patients")
    every_second(msdb, "Often")
    every_second(msdb, "Disabled")
    every_second(msdb, "Unscheduled", enabled="0")
    rows = history(msdb, "Often", 2)
    assert "invoked by Schedule 1 (often)" in rows[-1][2]
    msdb.run("EXEC sp_update_job @job_name = 'Often', @enabled = 0")
    assert msdb.value("SELECT COUNT(*) FROM Hospital.dbo.Patients WHERE Name = N'scheduled'") >= 2
    assert msdb.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") >= 5
    assert msdb.rows(HISTORY.format("Disabled")) == msdb.rows(HISTORY.format("Unscheduled")) == []


def test_a_disabled_job_runs_when_it_is_told_to(msdb: Client) -> None:
    make_job(msdb, "Disabled", "SELECT 1", enabled="0")
    msdb.run("EXEC sp_start_job 'Disabled'")
    assert history(msdb, "Disabled")[-1][1] == 1


def test_schedules_outlive_a_restart(msdb: Client, tmp_path: Path) -> None:
    make_job(msdb, "Often", "SELECT 1")
    msdb.run("EXEC sp_add_jobschedule @job_name = 'Often', @name = 'boot', @freq_type = 64")
    msdb.instance.stop()
    again = start(tmp_path / "prod")
    try:
        rows = history(Client(again), "Often")
        assert "at the start of SQL Server Agent" in rows[-1][2]
    finally:
        again.stop()


def test_jobs_are_made_in_a_transaction(msdb: Client) -> None:
    msdb.run("BEGIN TRANSACTION")
    msdb.run("DECLARE @id uniqueidentifier; EXEC sp_add_job @job_name = 'Gone', @job_id = @id OUTPUT;"
             " IF @id IS NULL THROW 50000, 'no id', 1; EXEC sp_add_jobstep @job_id = @id, @step_name = 'x',"
             " @command = 'SELECT 1'")  # fmt: skip
    msdb.run("ROLLBACK")
    assert msdb.value("SELECT COUNT(*) FROM sysjobs") == msdb.value("SELECT COUNT(*) FROM sysjobsteps") == 0


def test_deleting_a_job_takes_everything_along(msdb: Client) -> None:
    make_job(msdb, "Old", "SELECT 1")
    every_second(msdb, "Old", enabled="0")
    msdb.run("EXEC sp_start_job 'Old'")
    history(msdb, "Old")
    msdb.run("EXEC sp_delete_job @job_name = 'Old'")
    for table in ("sysjobs", "sysjobsteps", "sysjobservers", "sysjobschedules", "sysjobhistory", "sysschedules"):
        assert msdb.value(f"SELECT COUNT(*) FROM {table}") == 0, table


def test_a_job_may_delete_itself(msdb: Client) -> None:
    make_job(msdb, "Once", "SELECT 1", delete_level="1")
    msdb.run("EXEC sp_start_job 'Once'")
    deadline = time.monotonic() + 30
    while msdb.value("SELECT COUNT(*) FROM sysjobs") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert msdb.value("SELECT COUNT(*) FROM sysjobs") == 0


def test_shared_schedules(msdb: Client) -> None:
    make_job(msdb, "A", "SELECT 1")
    msdb.run("EXEC sp_add_schedule @schedule_name = 'Weekly', @freq_type = 8, @freq_interval = 1,"
             " @freq_recurrence_factor = 1, @active_start_time = 30000")  # fmt: skip
    msdb.run("EXEC sp_attach_schedule @job_name = 'A', @schedule_name = 'Weekly'")
    assert msdb.refused("EXEC sp_delete_schedule @schedule_name = 'Weekly'") == [14372]
    msdb.run("EXEC sp_update_schedule @name = 'Weekly', @new_name = 'Sundays', @active_start_time = 40000")
    assert msdb.rows("EXEC sp_help_schedule @schedule_name = 'Sundays'")[0][14] == 40000
    msdb.run("EXEC sp_detach_schedule @job_name = 'A', @schedule_name = 'Sundays', @delete_unused_schedule = 1")
    assert msdb.value("SELECT COUNT(*) FROM sysschedules") == 0


REFUSALS = [
    ("EXEC sp_add_job @job_name = 'Known'", [14261]),
    ("EXEC sp_add_job @job_name = 'x', @enabled = 2", [14266]),
    ("EXEC sp_add_job @job_name = 'x', @owner_login_name = 'nobody'", [14234]),
    ("EXEC sp_add_job @job_name = 'x', @category_name = 'nothing'", [14234]),
    ("EXEC sp_add_job", [201]),
    ("EXEC sp_update_job @job_name = 'Nowhere', @enabled = 1", [14262]),
    ("EXEC sp_update_job @enabled = 1", [14294]),
    ("EXEC sp_delete_job @job_name = 'Nowhere'", [14262]),
    ("EXEC sp_add_jobstep @job_name = 'Known', @step_name = 'step 1'", [14261]),
    ("EXEC sp_add_jobstep @job_name = 'Known', @step_name = 'x', @subsystem = 'CmdExec'", [40510]),
    ("EXEC sp_add_jobstep @job_name = 'Known', @step_name = 'x', @subsystem = 'Nothing'", [14234]),
    ("EXEC sp_update_jobstep @job_name = 'Known', @step_id = 7", [14262]),
    ("EXEC sp_delete_jobstep @job_name = 'Known', @step_id = 7", [14262]),
    ("EXEC sp_add_jobserver @job_name = 'Known'", [14269]),
    ("EXEC sp_add_jobserver @job_name = 'Known', @server_name = 'ELSEWHERE'", [14262]),
    ("EXEC sp_add_schedule @schedule_name = 's', @freq_type = 5", [14266]),
    ("EXEC sp_add_schedule @schedule_name = 's', @freq_type = 4", [14278]),
    ("EXEC sp_add_schedule @schedule_name = 's', @active_start_date = 20240230", [14266]),
    ("EXEC sp_add_schedule @schedule_name = 's', @active_start_time = 250000", [14266]),
    ("EXEC sp_add_schedule @schedule_name = 's', @active_start_date = 20240301, @active_end_date = 20240201", [14288]),
    ("EXEC sp_attach_schedule @job_name = 'Known', @schedule_name = 'Nowhere'", [14262]),
    ("EXEC sp_start_job 'Nowhere'", [14262]),
    ("EXEC sp_start_job @job_name = 'Known', @step_name = 'x'", [14262]),
    ("EXEC sp_start_job 'Untargeted'", [14256]),
    ("USE master; EXEC sp_start_job 'Known'", [2812]),
    ("USE master; EXEC sp_delete_backuphistory '2030-01-01'", [2812]),
]  # fmt: skip


def test_what_is_refused(msdb: Client) -> None:
    make_job(msdb, "Known", "SELECT 1")
    msdb.run("EXEC sp_add_job 'Untargeted'")
    assert [(batch, msdb.refused(f"USE msdb; {batch}")) for batch, _ in REFUSALS] == REFUSALS


def test_only_an_administrator_has_jobs(hospital: Client, login: Any) -> None:
    nurse = login("nurse")
    assert nurse.refused("EXEC msdb.dbo.sp_add_job @job_name = 'x'") == [229]
    assert nurse.refused("EXEC msdb.dbo.sp_start_job 'x'") == [229]


def test_express_has_no_agent(msdb: Client, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    make_job(msdb, "Known", "SELECT 1")
    express = instance.facts()
    object.__setattr__(express, "edition", "Express Edition (64-bit)")
    monkeypatch.setattr(instance, "facts", lambda *_: express)
    refused = msdb.ask("EXEC sp_start_job 'Known'").errors[0]
    assert (refused.number, refused.text) == (
        22022, "SQLServerAgent is not currently running so it cannot be notified of this action.",
    )  # fmt: skip


def test_the_agent_is_a_service(client: Client) -> None:
    names = client.rows("SELECT servicename FROM sys.dm_server_services")
    assert names == [("SQL Server (MSSQLSERVER)",), ("SQL Server Agent (MSSQLSERVER)",)]


def test_the_server_starts_though_its_agent_cannot(msdb: Client, tmp_path: Path) -> None:
    make_job(msdb, "Often", "SELECT 1")
    every_second(msdb, "Often")
    msdb.run("DROP TABLE dbo.sysschedules")
    msdb.instance.stop()
    again = start(tmp_path / "prod")
    try:
        deadline = time.monotonic() + 30
        told = "EXEC sp_readerrorlog @p3 = N'sysschedules'"
        while not Client(again).rows(told) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert Client(again).rows(told)[0][1] == "SQLAgent"
    finally:
        again.stop()
