# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups as jobs of SQL Server Agent: a job for each kind, with one step and the schedules that it needs.

A step asks its server for its name, so that the same job works on the server that takes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import tsql
from .backup_location import file_words, refuse_same_folders
from .errors import InvalidInput
from .in_step import Change
from .job_sync import Job

PART = "jobs"
KINDS = ("full", "differential", "log")
#: What the names of our jobs begin with; one of such a name that is not wanted any more is removed.
PREFIX = "deadpool backup "
_DESCRIPTION = "Made by ics.deadpool.mssql_backup_jobs from the site's schedule. Change the inventory, not this job."
_CATEGORY = "Database Maintenance"
_COMPARED = ("step_name", "subsystem", "command", "database_name", "on_success_action", "on_fail_action")


@dataclass(frozen=True)
class BackupJob:
    """What is to be there: ``command`` is its step's T-SQL, ``schedules`` rows of sysschedules without their names."""

    kind: str
    command: str
    schedules: tuple[Mapping[str, int], ...]

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.kind}"

    @property
    def step(self) -> dict[str, Any]:
        return {
            "step_id": 1,
            "step_name": f"Back up, {self.kind}",
            "subsystem": "TSQL",
            "command": self.command,
            "database_name": "master",
            "on_success_action": 1,
            "on_fail_action": 2,
        }

    def named_schedules(self) -> list[dict[str, Any]]:
        return [{"name": f"{self.name} {number}", **row} for number, row in enumerate(self.schedules, 1)]


def step_command(kind: str, databases: Sequence[str], directory: str, compression: bool | None) -> str:
    refuse_same_folders(list(databases))
    words = {database: file_words(directory, database, kind) for database in databases}
    slash, _name, type_word, extension = next(iter(words.values()))
    command = tsql.scheduled_backup(
        directory, slash, type_word, extension, [(one, words[one][1]) for one in databases], compression=compression
    )
    if "$(" in command:
        raise InvalidInput(
            "a database or folder has '$(' in its name, which SQL Server Agent reads as a token of its own.",
            hint="Leave schedule_with at systemd.",
        )
    return command


def job_changes(wanted: Sequence[BackupJob], present: Iterable[Job], owner: str) -> list[Change]:
    """A job that is being made or changed is disabled until it is whole."""
    there = {job.name.casefold(): job for job in present if job.name.casefold().startswith(PREFIX)}
    changes: list[Change] = []
    for job in wanted:
        found = there.pop(job.name.casefold(), None)
        if found is None:
            changes += _made(job, owner)
        elif not _same(job, found):
            changes += _made_again(job, found, owner)
        elif not found.enabled:
            changes.append(_change(job.name, "enable it", _updated(job.name, enabled=1)))
    for name in (job.name for job in there.values()):
        text = tsql.call("msdb.dbo.sp_delete_job", job_name=name, delete_unused_schedule=1)
        changes.append(_change(name, "remove it, it is no longer due", text))
    return changes


def _same(job: BackupJob, found: Job) -> bool:
    steps = [{key: row[key] for key in _COMPARED} for row in found.steps]
    schedules = [{key: row[key] for key in ("name", *wanted)} for wanted, row in zip(job.schedules, found.schedules)]
    return (
        steps == [{key: job.step[key] for key in _COMPARED}]
        and len(found.schedules) == len(job.schedules)
        and schedules == sorted(job.named_schedules(), key=lambda row: str(row["name"]))
        and found.row["description"] == _DESCRIPTION
    )


def _made(job: BackupJob, owner: str) -> list[Change]:
    add = tsql.call("msdb.dbo.sp_add_job", job_name=job.name, enabled=0, category_name=_CATEGORY, **_attributes(owner))
    here = tsql.call("msdb.dbo.sp_add_jobserver", job_name=job.name)
    return [
        _change(job.name, "add it", add),
        *_inside(job),
        _change(job.name, "have it run here", here),
        _change(job.name, "enable it", _updated(job.name, enabled=1)),
    ]


def _made_again(job: BackupJob, found: Job, owner: str) -> list[Change]:
    steps = tsql.call("msdb.dbo.sp_delete_jobstep", job_name=job.name, step_id=0)
    changes = [
        _change(job.name, "disable it for a moment", _updated(job.name, enabled=0)),
        _change(job.name, "give it its step anew", steps),
    ]
    for row in found.schedules:
        text = tsql.call(
            "msdb.dbo.sp_detach_schedule",
            job_name=job.name,
            schedule_id=int(row["schedule_id"]),
            delete_unused_schedule=1,
        )
        changes.append(_change(job.name, f"take its schedule {row['name']} away", text))
    whole = tsql.call("msdb.dbo.sp_update_job", job_name=job.name, enabled=1, **_attributes(owner))
    return [*changes, *_inside(job), _change(job.name, "enable it again", whole)]


def _inside(job: BackupJob) -> list[Change]:
    step = tsql.call("msdb.dbo.sp_add_jobstep", job_name=job.name, **job.step)
    return [
        _change(job.name, "its step", step),
        *(
            _change(
                job.name,
                f"its schedule {row['name']}",
                tsql.call("msdb.dbo.sp_add_jobschedule", job_name=job.name, **row),
            )
            for row in job.named_schedules()
        ),
    ]


def _attributes(owner: str) -> dict[str, Any]:
    return {
        "description": _DESCRIPTION,
        "start_step_id": 1,
        "owner_login_name": owner,
        "notify_level_eventlog": 2,  # where it failed
    }


def _updated(name: str, *, enabled: int) -> str:
    return tsql.call("msdb.dbo.sp_update_job", job_name=name, enabled=enabled)


def _change(name: str, what: str, statement: str) -> Change:
    return Change(PART, name, what, statement)
