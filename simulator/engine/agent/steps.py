# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_add_jobstep and the procedures that change and delete steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.agent.jobs import job_of, one_of, require_right
from simulator.engine.agent.tables import JobTables, Row, writing
from simulator.engine.events import Done, Event
from simulator.engine.messages import error

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]
QUIT_WITH_SUCCESS, QUIT_WITH_FAILURE, NEXT_STEP, GO_TO_STEP = 1, 2, 3, 4
_ACTIONS = (QUIT_WITH_SUCCESS, QUIT_WITH_FAILURE, NEXT_STEP, GO_TO_STEP)
_NOT_LEARNT = frozenset({
    "ACTIVESCRIPTING", "CMDEXEC", "SNAPSHOT", "LOGREADER", "DISTRIBUTION", "MERGE", "QUEUEREADER", "ANALYSISQUERY",
    "ANALYSISCOMMAND", "SSIS", "POWERSHELL",
})  # fmt: skip
_COLUMNS = (
    "step_name", "command", "additional_parameters", "on_success_step_id", "on_fail_step_id", "server",
    "database_name", "database_user_name", "retry_attempts", "retry_interval", "output_file_name", "flags",
)  # fmt: skip


def add_step(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_add_jobstep")
    subsystem = _subsystem(values)
    with writing(execution) as tables:
        job = job_of(tables, values)
        present = tables.rows("sysjobsteps", job_id=job["job_id"])
        _free_name(present, str(values["step_name"]))
        number = int(values.get("step_id") or len(present) + 1)
        if not 1 <= number <= len(present) + 1:
            raise error(14266, "@step_id", f"1..{len(present) + 1}")
        _renumber(tables, [row for row in present if row["step_id"] >= number], 1)
        given = {column: values[column] for column in _COLUMNS if values.get(column) is not None}
        tables.insert("sysjobsteps", {
            "flags": 0, "cmdexec_success_code": 0, "on_success_step_id": 0, "on_fail_step_id": 0, "retry_attempts": 0,
            "retry_interval": 0, "os_run_priority": 0, "database_name": "master", "last_run_outcome": 0,
            "last_run_duration": 0, "last_run_retries": 0, "last_run_date": 0, "last_run_time": 0, **given,
            "job_id": job["job_id"], "step_id": number, "subsystem": subsystem,
            "on_success_action": one_of(values, "on_success_action", _ACTIONS, QUIT_WITH_SUCCESS),
            "on_fail_action": one_of(values, "on_fail_action", _ACTIONS, QUIT_WITH_FAILURE),
        })  # fmt: skip
        _touch(execution, tables, job)
    yield Done(None)


def update_step(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_update_jobstep")
    with writing(execution) as tables:
        job = job_of(tables, values)
        step = _step(tables, job, values)
        changed = {column: values[column] for column in _COLUMNS if values.get(column) is not None}
        for option in ("on_success_action", "on_fail_action"):
            if values.get(option) is not None:
                changed[option] = one_of(values, option, _ACTIONS, 1)
        if values.get("subsystem") is not None:
            changed["subsystem"] = _subsystem(values)
        if changed.get("step_name", step["step_name"]) != step["step_name"]:
            _free_name(tables.rows("sysjobsteps", job_id=job["job_id"]), str(changed["step_name"]))
        if changed:
            tables.update("sysjobsteps", changed, job_id=job["job_id"], step_id=step["step_id"])
        _touch(execution, tables, job)
    yield Done(None)


def delete_step(execution: Execution, values: Values) -> Iterator[Event]:
    """Step 0 is all of them."""
    require_right(execution, "sp_delete_jobstep")
    with writing(execution) as tables:
        job = job_of(tables, values)
        if int(values["step_id"]) == 0:
            tables.delete("sysjobsteps", job_id=job["job_id"])
        else:
            number = _step(tables, job, values)["step_id"]
            tables.delete("sysjobsteps", job_id=job["job_id"], step_id=number)
            rest = tables.rows("sysjobsteps", job_id=job["job_id"])
            _renumber(tables, [row for row in rest if row["step_id"] > number], -1)
        _touch(execution, tables, job)
    yield Done(None)


def _step(tables: JobTables, job: Row, values: Values) -> Row:
    found = tables.row("sysjobsteps", job_id=job["job_id"], step_id=int(values["step_id"]))
    if found is None:
        raise error(14262, "@step_id", values["step_id"])
    return found


def _renumber(tables: JobTables, rows: list[Row], by: int) -> None:
    """From the far end, so that no number is taken twice."""
    for row in sorted(rows, key=lambda one: -by * int(one["step_id"])):
        key = {"job_id": row["job_id"], "step_id": row["step_id"]}
        tables.update("sysjobsteps", {"step_id": row["step_id"] + by}, **key)


def _free_name(present: list[Row], name: str) -> None:
    if name.lower() in (row["step_name"].lower() for row in present):
        raise error(14261, "@step_name", name)


def _subsystem(values: Values) -> str:
    name = str(values.get("subsystem") or "TSQL").upper()
    if name in _NOT_LEARNT:
        raise error(40510, f"The subsystem {name} of SQL Server Agent")
    if name != "TSQL":
        raise error(14234, "@subsystem", "sp_enum_sqlagent_subsystems")
    return name


def _touch(execution: Execution, tables: JobTables, job: Row) -> None:
    now = execution.session.instance.local_now()
    changed = {"date_modified": now, "version_number": job["version_number"] + 1}
    tables.update("sysjobs", changed, job_id=job["job_id"])
