# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the site's backups jobs of SQL Server Agent on a server, or takes them away."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..recovery import tsql
from ..recovery.agent_schedule import agent_rows, shift_to
from ..recovery.backup_jobs import KINDS, BackupJob, job_changes, step_command
from ..recovery.backup_location import backup_path
from ..recovery.errors import InvalidInput
from ..recovery.in_step import Remark
from ..recovery.instance import agent_remarks
from ..recovery.plan_request import site_zone
from ..recovery.schedule import Timing, timings
from .mssql import Server
from .mssql_accounts import must_control, read_jobs, read_logins
from .mssql_changing import Work

_SA = "0x01"


def scheduled(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """The module's work."""
    must_control(server, sysadmin=True)
    zone = site_zone(params["time_zone"])
    timed = [one for one in timings(params["runs"], params["time_zone"], zone) if one.kind in KINDS]
    properties = server.query(tsql.server_properties())[0]
    if timed and str(properties["Edition"]).lower().startswith("express"):
        raise InvalidInput(
            f"{server.where}: {properties['Edition']} has no SQL Server Agent.", hint="Leave schedule_with at systemd."
        )
    work = Work(server)
    jobs = _jobs(server, params, timed, work)
    owner = next((login.name for login in read_logins(server) if login.sid == _SA), "sa")
    work.carry_out(job_changes(jobs, read_jobs(server), owner))
    if timed:
        work.remarks += agent_remarks(server.query(tsql.services()), properties)
    return {
        **work.told("agent", "clock"),
        "jobs": [{"name": one.name, "schedules": len(one.schedules)} for one in jobs],
    }


def _jobs(server: Server, params: dict[str, Any], timed: list[Timing], work: Work) -> list[BackupJob]:
    now = datetime.now(timezone.utc)
    local, zone = server.clock()
    offset = zone.utcoffset(None)
    name = str(server.query(tsql.server_properties())[0]["ServerName"])
    rows: dict[str, list[dict[str, int]]] = {}
    warnings = []
    for one in timed:
        one.refuse_a_gap(now)
        shift, warning = shift_to(one, now, int(offset.total_seconds() // 60))
        warnings.append(warning)
        rows.setdefault(one.kind, []).extend(agent_rows(one.at, shift))
    for text in dict.fromkeys(filter(None, warnings)):
        work.remarks.append(Remark("clock", name, text, "See docs/schedule.md, SQL Server Agent."))
    if rows and not params["databases"]:
        raise InvalidInput("databases: none is named.", hint="Name those that are to be backed up.")
    for kind in rows:
        for database in params["databases"]:
            backup_path(params["directory"], name, database, kind, local)  # refuses what is too long
    return [
        BackupJob(kind, step_command(kind, params["databases"], params["directory"], params["compression"]), tuple(own))
        for kind, own in rows.items()
    ]
