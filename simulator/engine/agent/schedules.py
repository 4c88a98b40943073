# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_add_schedule and the procedures that attach schedules to jobs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from simulator.engine.agent import calendar
from simulator.engine.agent.jobs import give_back, job_of, one_of, owner_sid, require_right
from simulator.engine.agent.tables import JobTables, Row, writing
from simulator.engine.events import Done, Event, SqlType
from simulator.engine.messages import error
from simulator.engine.query import types

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]
_DEFAULTS = {
    "freq_type": 1, "freq_interval": 0, "freq_subday_type": 0, "freq_subday_interval": 0, "freq_relative_interval": 0,
    "freq_recurrence_factor": 0, "active_start_date": None, "active_end_date": 99991231, "active_start_time": 0,
    "active_end_time": 235959,
}  # fmt: skip
OPTIONS = ("enabled", *_DEFAULTS)
_RANGES = {
    calendar.DAILY: (1, 365000),
    calendar.WEEKLY: (1, 127),
    calendar.MONTHLY: (1, 31),
    calendar.RELATIVE: (1, 10),
}


def add_schedule(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_add_schedule")
    with writing(execution) as tables:
        row = _insert(execution, tables, values, str(values["schedule_name"]))
    _give_back(execution, values, row)
    yield Done(None)


def add_job_schedule(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_add_jobschedule")
    with writing(execution) as tables:
        job = job_of(tables, values)
        row = _insert(execution, tables, values, str(values["name"]))
        _attach(tables, job, row)
    _give_back(execution, values, row)
    execution.session.instance.agent.look()
    yield Done(None)


def _give_back(execution: Execution, values: Values, row: Row) -> None:
    give_back(execution, values, "schedule_id", types.INT, row["schedule_id"])
    give_back(execution, values, "schedule_uid", SqlType("uniqueidentifier"), str(row["schedule_uid"]).upper())


def _insert(execution: Execution, tables: JobTables, values: Values, name: str) -> Row:
    now = execution.session.instance.local_now()
    given = {option: values[option] for option in _DEFAULTS if values.get(option) is not None}
    row: Row = {**_DEFAULTS, "active_start_date": calendar.as_numbers(now)[0], **given}
    _require_valid(row)
    row |= {
        "schedule_id": tables.next_number("sysschedules", "schedule_id"), "schedule_uid": uuid.uuid4(),
        "originating_server_id": 0, "name": name, "owner_sid": owner_sid(execution, values),
        "enabled": one_of(values, "enabled", (0, 1), 1), "date_created": now, "date_modified": now, "version_number": 1,
    }  # fmt: skip
    tables.insert("sysschedules", row)
    return row


def _require_valid(row: Row) -> None:
    """The rules of sp_add_schedule's arguments."""
    kind = one_of(row, "freq_type", calendar.FREQUENCIES, 1)
    low, high = _RANGES.get(kind, (0, 2**31))
    if not low <= row["freq_interval"] <= high:
        raise error(14278, f"@freq_interval must be between {low} and {high} for this @freq_type")
    if kind in (calendar.WEEKLY, calendar.MONTHLY, calendar.RELATIVE) and row["freq_recurrence_factor"] < 1:
        raise error(14278, "@freq_recurrence_factor must be at least 1")
    if kind == calendar.RELATIVE:
        one_of(row, "freq_relative_interval", (1, 2, 4, 8, 16), 1)
    one_of(row, "freq_subday_type", (0, 1, 2, 4, 8), 0)
    if row["freq_subday_type"] in (2, 4, 8) and row["freq_subday_interval"] < 1:
        raise error(14278, "@freq_subday_interval must be at least 1")
    _require_moments(row)


def _require_moments(row: Row) -> None:
    for option in ("active_start_date", "active_end_date"):
        if calendar.day_of(row[option]) == date.max and row[option] != 99991231:
            raise error(14266, f"@{option}", "YYYYMMDD")
    for option in ("active_start_time", "active_end_time"):
        try:
            calendar.time_of(row[option])
        except ValueError:
            raise error(14266, f"@{option}", "000000..235959") from None
    if row["active_end_date"] < row["active_start_date"]:
        raise error(14288, "@active_end_date", "@active_start_date")


def _attach(tables: JobTables, job: Row, schedule: Row) -> None:
    key = {"schedule_id": schedule["schedule_id"], "job_id": job["job_id"]}
    if not tables.rows("sysjobschedules", **key):
        tables.insert("sysjobschedules", {**key, "next_run_date": 0, "next_run_time": 0})


def _schedule(tables: JobTables, values: Values, name_option: str = "schedule_name") -> Row:
    name, number = values.get(name_option), values.get("schedule_id")
    if (name is None) == (number is None):
        raise error(14294, "@schedule_id", f"@{name_option}")
    rows = tables.rows("sysschedules")
    if number is not None:
        found = [row for row in rows if row["schedule_id"] == int(number)]
    else:
        found = [row for row in rows if row["name"].lower() == str(name).lower()]
    if not found:
        raise error(14262, f"@{name_option}" if number is None else "@schedule_id", name if number is None else number)
    if len(found) > 1:
        raise error(14371, name, "@schedule_id", f"@{name_option}")
    return found[0]


def attach_schedule(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_attach_schedule")
    with writing(execution) as tables:
        _attach(tables, job_of(tables, values), _schedule(tables, values))
    execution.session.instance.agent.look()
    yield Done(None)


def detach_schedule(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_detach_schedule")
    with writing(execution) as tables:
        job, schedule = job_of(tables, values), _schedule(tables, values)
        key = {"schedule_id": schedule["schedule_id"], "job_id": job["job_id"]}
        if not tables.rows("sysjobschedules", **key):
            raise error(14374, schedule["name"], job["name"])
        tables.delete("sysjobschedules", **key)
        unused = not tables.rows("sysjobschedules", schedule_id=schedule["schedule_id"])
        if unused and one_of(values, "delete_unused_schedule", (0, 1), 0):
            tables.delete("sysschedules", schedule_id=schedule["schedule_id"])
    execution.session.instance.agent.look()
    yield Done(None)


def delete_schedule(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_delete_schedule")
    with writing(execution) as tables:
        number = _schedule(tables, values)["schedule_id"]
        if tables.rows("sysjobschedules", schedule_id=number) and not one_of(values, "force_delete", (0, 1), 0):
            raise error(14372)
        tables.delete("sysjobschedules", schedule_id=number)
        tables.delete("sysschedules", schedule_id=number)
    execution.session.instance.agent.look()
    yield Done(None)


def update_schedule(execution: Execution, values: Values) -> Iterator[Event]:
    require_right(execution, "sp_update_schedule")
    with writing(execution) as tables:
        row = _schedule(tables, values, "name")
        changed = {option: values[option] for option in OPTIONS if values.get(option) is not None}
        _require_valid({**row, **changed})
        if values.get("new_name") is not None:
            changed["name"] = str(values["new_name"])
        if values.get("owner_login_name") is not None:
            changed["owner_sid"] = owner_sid(execution, values)
        changed |= {
            "date_modified": execution.session.instance.local_now(),
            "version_number": row["version_number"] + 1,
        }
        tables.update("sysschedules", changed, schedule_id=row["schedule_id"])
    execution.session.instance.agent.look()
    yield Done(None)
