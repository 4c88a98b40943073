# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_start_job, sp_stop_job and the procedures that list jobs and their history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine import views
from simulator.engine.agent.jobs import CATEGORIES, help_rows, job_of, require_right
from simulator.engine.agent.scheduler import refused
from simulator.engine.agent.tables import Row, reading, writing
from simulator.engine.events import Done, Event, SqlType
from simulator.engine.messages import error, message
from simulator.engine.query import types
from simulator.engine.statements.result_table import table

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]
_NOT_RUNNING = "SQLServerAgent is not currently running so it cannot be notified of this action."
_IDLE, _EXECUTING = 4, 1


def start_job(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_start_job")
    session, agent = execution.session, execution.session.instance.agent
    tables = reading(execution)
    job = job_of(tables, values)
    if not tables.rows("sysjobservers", job_id=job["job_id"]):
        raise error(14256, job["name"], job["job_id"])
    first = 0
    if values.get("step_name") is not None:
        step = tables.row("sysjobsteps", job_id=job["job_id"], step_name=values["step_name"])
        if step is None:
            raise error(14262, "@step_name", values["step_name"])
        first = step["step_id"]
    if not agent.exists:
        raise refused(_NOT_RUNNING)
    agent.begin(job, f"User {session.login.name}", first)
    yield message(14243, job["name"])
    yield Done(None)


def stop_job(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_stop_job")
    agent = execution.session.instance.agent
    job = job_of(reading(execution), values)
    if not agent.exists:
        raise refused(_NOT_RUNNING)
    agent.end(job, f"User {execution.session.login.name}")
    yield Done(None)


def help_job(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_help_job")
    running = execution.session.instance.agent.runs
    names = {number: name for name, number in CATEGORIES.items()}
    rows = []
    for job in help_rows(execution, values):
        run = running.get(job["job_id"])
        state = _EXECUTING if run is not None and not run.ended.is_set() else _IDLE
        server = reading(execution).row("sysjobservers", job_id=job["job_id"]) or {}
        owner = execution.session.instance.login_of(bytes(job["owner_sid"]).hex().upper())
        rows.append((
            job["job_id"], "(local)", job["name"], job["enabled"], job["description"], job["start_step_id"],
            names.get(job["category_id"]), owner.name if owner else None, server.get("last_run_date", 0),
            server.get("last_run_time", 0), server.get("last_run_outcome", 5), state,
        ))  # fmt: skip
    yield from table(_JOB, rows)


_NAME = types.nvarchar(128)
_JOB = [
    ("job_id", SqlType("uniqueidentifier")), ("originating_server", _NAME), ("name", _NAME),
    ("enabled", SqlType("tinyint")), ("description", types.nvarchar(512)), ("start_step_id", types.INT),
    ("category", _NAME), ("owner", _NAME), ("last_run_date", types.INT), ("last_run_time", types.INT),
    ("last_run_outcome", types.INT), ("current_execution_status", types.INT),
]  # fmt: skip


def help_steps(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_help_jobstep")
    tables = reading(execution)
    rows = tables.rows("sysjobsteps", job_id=job_of(tables, values)["job_id"])
    yield from _whole("sysjobsteps", sorted(rows, key=lambda row: int(row["step_id"])))


def help_schedules(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_help_schedule")
    name, number = values.get("schedule_name"), values.get("schedule_id")
    rows = reading(execution).rows("sysschedules")
    yield from _whole(
        "sysschedules", [r for r in rows if name in (None, r["name"]) and number in (None, r["schedule_id"])]
    )


def help_history(execution: Execution, values: Values) -> Iterator[Event]:
    """The newest first."""
    require_right(execution, "sp_help_jobhistory")
    wanted = {row["job_id"] for row in help_rows(execution, values)}
    rows = [row for row in reading(execution).rows("sysjobhistory") if row["job_id"] in wanted]
    for option in ("step_id", "run_status"):
        rows = [row for row in rows if values.get(option) in (None, row[option])]
    yield from _whole("sysjobhistory", sorted(rows, key=lambda row: -int(row["instance_id"])))


def purge_history(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_purge_jobhistory")
    wanted = [row["job_id"] for row in help_rows(execution, values)]
    with writing(execution) as tables:
        for job in wanted:
            tables.delete("sysjobhistory", job_id=job)
    yield Done(None)


def _whole(name: str, rows: list[Row]) -> Iterator[Event]:
    """A table as it is kept."""
    fields = views.fields(f"msdb.dbo.{name}")
    yield from table(
        [(field.name, field.type) for field in fields], [tuple(row[field.name] for field in fields) for row in rows]
    )
