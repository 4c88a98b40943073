# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What makes the SQL Server Agent of one server know the jobs of another, without running them there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import tsql
from .in_step import Change, Remark, among, same_name

PART = "jobs"
#: Every server has them of its own.
_OF_EVERY_SERVER = ("syspolicy_purge_history", "sp_delete_backuphistory")
#: What makes these run stands elsewhere than in the job.
_MADE_ELSEWHERE = ("repl-", "log shipping", "data collector", "database engine tuning")
_JOB = ("description", "start_step_id", "notify_level_eventlog", "delete_level")
_STEP = (
    "step_id",
    "step_name",
    "subsystem",
    "command",
    "additional_parameters",
    "cmdexec_success_code",
    "on_success_action",
    "on_success_step_id",
    "on_fail_action",
    "on_fail_step_id",
    "database_name",
    "database_user_name",
    "retry_attempts",
    "retry_interval",
    "output_file_name",
    "flags",
)
_SCHEDULE = (
    "enabled",
    "freq_type",
    "freq_interval",
    "freq_subday_type",
    "freq_subday_interval",
    "freq_relative_interval",
    "freq_recurrence_factor",
    "active_start_date",
    "active_end_date",
    "active_start_time",
    "active_end_time",
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """A job: its own row, and those of its steps and schedules."""

    row: Row
    steps: tuple[Row, ...]
    schedules: tuple[Row, ...]

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def enabled(self) -> bool:
        return bool(self.row["enabled"])

    def same_as(self, other: Job, logins: Sequence[str]) -> bool:
        """Whether or not they are enabled. An owner that the other server does not know cannot be the same."""
        owned = self.row["owner"] == other.row["owner"] or not _known(self.row["owner"], logins)
        return owned and _told(self) == _told(other)


@dataclass(frozen=True)
class Agent:
    """The server whose Agent is to follow."""

    name: str
    jobs: Sequence[Job]
    categories: Sequence[str]
    logins: Sequence[str]
    databases: Sequence[str]


def jobs_of(jobs: Iterable[Row], steps: Iterable[Row], schedules: Iterable[Row]) -> list[Job]:
    """From the rows of the three queries."""
    steps, schedules = list(steps), list(schedules)

    def belonging(rows: list[Row], job: Row) -> tuple[Row, ...]:
        return tuple(row for row in rows if row["job_id"] == job["job_id"])

    return [Job(row, belonging(steps, row), belonging(schedules, row)) for row in jobs]


def job_changes(source: Sequence[Job], target: Agent, spare: Sequence[str] = ()) -> tuple[list[Change], list[Remark]]:
    """New jobs are disabled; one that is enabled on the target is its own affair and is told of."""
    changes: list[Change] = []
    remarks: list[Remark] = []
    for job in source:
        if among(job.name, (*_OF_EVERY_SERVER, *spare)):
            continue
        present = next((one for one in target.jobs if same_name(one.name, job.name)), None)
        remark = _left_alone(job, present, target)
        if remark is not None:
            remarks.append(remark)
        elif present is None:
            changes += _made(job, target)
        elif not job.same_as(present, target.logins):
            changes += _made_again(job, present, target)
    return changes, remarks


def _left_alone(job: Job, present: Job | None, target: Agent) -> Remark | None:
    """Why a job is not brought in step, if it is not."""
    if str(job.row["category"] or "").lower().startswith(_MADE_ELSEWHERE):
        hint = f"Set up what made it ({job.row['category']}) on {target.name}."
        return Remark(PART, job.name, "it belongs to something that a job alone does not bring along.", hint)
    if present is not None and present.enabled:
        does = "runs on both servers" if job.enabled else f"runs on {target.name}"
        hint = f"Disable it on {target.name}, or name it in logins_spare_jobs if each server is to have its own."
        return Remark(PART, job.name, f"it {does}: it is enabled on {target.name} and was not touched.", hint)
    if present is not None and job.same_as(present, target.logins):
        return None
    if any(step["database_user_name"] for step in job.steps) or any(_foreign(step) for step in job.steps):
        hint = f"Make it on {target.name} by hand: what it runs, and as whom, is not in msdb alone."
        return Remark(PART, job.name, "it has steps outside of T-SQL, or that run as another user.", hint)
    absent = {step["database_name"] for step in job.steps if not _known(step["database_name"], target.databases)}
    if absent:
        hint = "It is made as soon as they are there."
        return Remark(PART, job.name, f"it works in {', '.join(sorted(absent))}, not yet on {target.name}.", hint)
    return None


def _foreign(step: Row) -> bool:
    return str(step["subsystem"]).upper() != "TSQL"


def _known(name: str | None, names: Sequence[str]) -> bool:
    return not name or among(name, names)


def _told(job: Job) -> Any:
    return (
        [job.row.get(key) for key in _JOB],
        [[_plain(step.get(key)) for key in _STEP] for step in job.steps],
        [[row["name"], *[row.get(key) for key in _SCHEDULE]] for row in job.schedules],
    )


def _plain(value: Any) -> Any:
    return None if value == "" else value


def _made(job: Job, target: Agent) -> list[Change]:
    add = tsql.call("msdb.dbo.sp_add_job", job_name=job.name, enabled=0, **_attributes(job, target))
    server = tsql.call("msdb.dbo.sp_add_jobserver", job_name=job.name)
    return [_change(job, "add it, disabled", add), *_inside(job), _change(job, "have it run here", server)]


def _made_again(job: Job, present: Job, target: Agent) -> list[Change]:
    changes = [_change(job, "bring it in step", tsql.call("msdb.dbo.sp_delete_jobstep", job_name=job.name, step_id=0))]
    for row in present.schedules:
        text = tsql.call(
            "msdb.dbo.sp_detach_schedule",
            job_name=job.name,
            schedule_id=int(row["schedule_id"]),
            delete_unused_schedule=1,
        )
        changes.append(_change(job, f"take its schedule {row['name']} away", text))
    changes += _inside(job)
    text = tsql.call("msdb.dbo.sp_update_job", job_name=job.name, **_attributes(job, target))
    return [*changes, _change(job, "give it its description and owner", text)]


def _inside(job: Job) -> list[Change]:
    steps = [_added(job, "msdb.dbo.sp_add_jobstep", {key: _plain(step[key]) for key in _STEP}) for step in job.steps]
    schedules = [
        _added(job, "msdb.dbo.sp_add_jobschedule", {"name": row["name"], **{key: row[key] for key in _SCHEDULE}})
        for row in job.schedules
    ]
    return steps + schedules


def _added(job: Job, procedure: str, values: Row) -> Change:
    what = f"its step {values['step_name']}" if "step_name" in values else f"its schedule {values['name']}"
    return _change(job, what, tsql.call(procedure, job_name=job.name, **values))


def _attributes(job: Job, target: Agent) -> dict[str, Any]:
    values = {key: job.row[key] for key in _JOB}
    if _known(job.row["category"], target.categories):
        values["category_name"] = job.row["category"]
    if job.row["owner"] and _known(job.row["owner"], target.logins):
        values["owner_login_name"] = job.row["owner"]
    return values


def _change(job: Job, what: str, statement: str) -> Change:
    return Change(PART, job.name, what, statement)
