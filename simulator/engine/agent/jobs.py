# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_add_job and the procedures that change, delete and target a job."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.agent.tables import JobTables, Row, reading, writing
from simulator.engine.events import Done, Event, SqlType
from simulator.engine.messages import error

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]
_LEVELS = (0, 1, 2, 3)
CATEGORIES = {"[Uncategorized (Local)]": 0, "Database Maintenance": 3, "Data Collector": 8, "Full-Text": 4}


def require_right(execution: Execution, procedure: str) -> None:
    """The roles of the Agent are not learnt: only members of sysadmin may."""
    if not execution.session.rights.is_sysadmin:
        raise error(229, "EXECUTE", procedure, "msdb", "dbo")


def one_of(values: Values, option: str, allowed: tuple[int, ...], default: int) -> int:
    given = values.get(option)
    found = default if given is None else int(given)
    if found not in allowed:
        raise error(14266, f"@{option}", ", ".join(str(one) for one in allowed))
    return found


def job_of(tables: JobTables, values: Values) -> Row:
    """By @job_id or @job_name, one of them."""
    name, number = values.get("job_name"), values.get("job_id")
    if (name is None) == (number is None):
        raise error(14294, "@job_id", "@job_name")
    wanted = str(name if number is None else number).lower()
    column = "name" if number is None else "job_id"
    found = [row for row in tables.rows("sysjobs") if str(row[column]).lower() == wanted]
    if not found:
        raise error(14262, "@job_name" if number is None else "@job_id", name if number is None else number)
    return found[0]


def _free_name(tables: JobTables, name: str) -> None:
    if name.lower() in (row["name"].lower() for row in tables.rows("sysjobs")):
        raise error(14261, "@job_name", name)


def owner_sid(execution: Execution, values: Values) -> bytes:
    name = values.get("owner_login_name")
    login = execution.session.login if name is None else execution.session.instance.login_named(str(name))
    if login is None:
        raise error(14234, "@owner_login_name", "sp_helplogins [excluding Windows NT groups]")
    return bytes.fromhex(login.sid)


def _category(values: Values) -> int:
    name = values.get("category_name")
    if name is None:
        return int(values.get("category_id") or 0)
    if name not in CATEGORIES:
        raise error(14234, "@category_name", "sp_help_category")
    return CATEGORIES[name]


def add_job(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_add_job")
    name, now = str(values["job_name"]), execution.session.instance.local_now()
    with writing(execution) as tables:
        _free_name(tables, name)
        row = {
            "job_id": uuid.uuid4(), "originating_server_id": 0, "name": name,
            "enabled": one_of(values, "enabled", (0, 1), 1),
            "description": values.get("description") or "No description available.",
            "start_step_id": int(values.get("start_step_id") or 1), "category_id": _category(values),
            "owner_sid": owner_sid(execution, values), "notify_email_operator_id": 0, "notify_netsend_operator_id": 0,
            "notify_page_operator_id": 0, "date_created": now, "date_modified": now, "version_number": 1,
            "notify_level_eventlog": one_of(values, "notify_level_eventlog", _LEVELS, 2),
            "delete_level": one_of(values, "delete_level", _LEVELS, 0),
            **{f"notify_level_{way}": one_of(values, f"notify_level_{way}", _LEVELS, 0)
               for way in ("email", "netsend", "page")},
        }  # fmt: skip
        tables.insert("sysjobs", row)
    give_back(execution, values, "job_id", SqlType("uniqueidentifier"), str(row["job_id"]).upper())
    yield Done(None)


def give_back(execution: Execution, values: Values, option: str, sql_type: SqlType, value: Any) -> None:
    """An OUTPUT parameter, when it was asked for."""
    if f"{option} output" in values:
        execution.assign_value(values[f"{option} output"], sql_type, value)


def update_job(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_update_job")
    with writing(execution) as tables:
        job = job_of(tables, values)
        changed: Row = {"date_modified": execution.session.instance.local_now()}
        changed["version_number"] = job["version_number"] + 1
        if values.get("new_name") is not None and str(values["new_name"]).lower() != job["name"].lower():
            _free_name(tables, str(values["new_name"]))
            changed["name"] = str(values["new_name"])
        if values.get("owner_login_name") is not None:
            changed["owner_sid"] = owner_sid(execution, values)
        if values.get("category_name") is not None:
            changed["category_id"] = _category(values)
        for option, allowed in (("enabled", (0, 1)), ("delete_level", _LEVELS), ("notify_level_eventlog", _LEVELS)):
            if values.get(option) is not None:
                changed[option] = one_of(values, option, allowed, 0)
        for option in ("description", "start_step_id"):
            if values.get(option) is not None:
                changed[option] = values[option]
        tables.update("sysjobs", changed, job_id=job["job_id"])
    execution.session.instance.agent.look()
    yield Done(None)


def delete_job(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_delete_job")
    with writing(execution) as tables:
        job = job_of(tables, values)
        history = one_of(values, "delete_history", (0, 1), 1)
        schedules = one_of(values, "delete_unused_schedule", (0, 1), 1)
        remove_job(tables, job["job_id"], history=bool(history), schedules=bool(schedules))
    execution.session.instance.agent.look()
    yield Done(None)


def remove_job(tables: JobTables, job_id: Any, *, history: bool = True, schedules: bool = True) -> None:
    attached = [row["schedule_id"] for row in tables.rows("sysjobschedules", job_id=job_id)]
    names = ["sysjobs", "sysjobsteps", "sysjobschedules", "sysjobservers", "sysjobactivity"]
    for name in [*names, *(["sysjobhistory"] if history else [])]:
        tables.delete(name, job_id=job_id)
    for number in attached if schedules else []:
        if not tables.rows("sysjobschedules", schedule_id=number):
            tables.delete("sysschedules", schedule_id=number)


def add_server(execution: Execution, values: Values) -> Iterator[Event]:
    """(LOCAL), or the name of this instance: there are no target servers."""
    require_right(execution, "sp_add_jobserver")
    server = _local_server(execution, values)
    with writing(execution) as tables:
        job = job_of(tables, values)
        if tables.rows("sysjobservers", job_id=job["job_id"]):
            raise error(14269, job["name"], server)
        tables.insert("sysjobservers", {
            "job_id": job["job_id"], "server_id": 0, "last_run_outcome": 5, "last_run_date": 0, "last_run_time": 0,
            "last_run_duration": 0,
        })  # fmt: skip
    execution.session.instance.agent.look()
    yield Done(None)


def delete_server(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_delete_jobserver")
    _local_server(execution, values)
    with writing(execution) as tables:
        tables.delete("sysjobservers", job_id=job_of(tables, values)["job_id"])
    yield Done(None)


def _local_server(execution: Execution, values: Values) -> str:
    name = execution.session.instance.name
    given = str(values.get("server_name") or "(LOCAL)")
    if given.upper() not in {"(LOCAL)", name.upper()}:
        raise error(14262, "@server_name", given)
    return name


def help_rows(execution: Execution, values: Values) -> list[Row]:
    """The jobs that a listing was asked for."""
    tables = reading(execution)
    asked = values.get("job_name") is not None or values.get("job_id") is not None
    return [job_of(tables, values)] if asked else sorted(tables.rows("sysjobs"), key=lambda row: str(row["name"]))
