# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logins and jobs as a server has them, and what belongs to a login."""

from __future__ import annotations

from ..recovery import tsql
from ..recovery.errors import StatementFailed
from ..recovery.in_step import same_name
from ..recovery.job_sync import Job, jobs_of
from ..recovery.login_sync import Login, logins_of
from .mssql import Row, Server


def must_control(server: Server, *, sysadmin: bool) -> str:
    """The name of our own login; a refusal where its rights would let it see half of everything."""
    row = server.query(tsql.may_control_server())[0]
    if sysadmin and not row["sysadmin"]:
        raise StatementFailed(
            f"{server.where}: {row['login']} is no member of sysadmin; jobs of SQL Server Agent need that.",
            hint="Give mssql_admin_login the server role sysadmin, or leave the jobs out.",
        )
    if not row["control_server"]:
        raise StatementFailed(
            f"{server.where}: {row['login']} may not read hashed passwords; it lacks CONTROL SERVER.",
            hint="GRANT CONTROL SERVER to mssql_admin_login on both servers.",
        )
    return str(row["login"])


def read_logins(server: Server) -> list[Login]:
    rows = server.query(tsql.logins_whole())
    return logins_of(rows, server.query(tsql.login_roles()), server.query(tsql.login_permissions()))


def read_jobs(server: Server) -> list[Job]:
    return jobs_of(
        server.query(tsql.job_definitions()), server.query(tsql.job_steps()), server.query(tsql.job_schedules())
    )


def users_by_sid(server: Server, databases: list[Row]) -> dict[str, list[str]]:
    """For each SID the databases that it is a user of, of those that can be looked into."""
    found: dict[str, list[str]] = {}
    for row in databases:
        if row["state_desc"] == "ONLINE" and row["name"] != "tempdb":
            for user in server.query(tsql.database_users(row["name"]), about=row["name"]):
                found.setdefault(user["sid"], []).append(row["name"])
    return found


def belongings(server: Server, logins: list[Login]) -> dict[str, list[str]]:
    """What each of these logins has on this server: whoever renames it should know."""
    if not logins:
        return {}
    databases = server.query(tsql.databases())
    jobs, sessions, users = server.query(tsql.jobs()), server.query(tsql.sessions()), users_by_sid(server, databases)
    found: dict[str, list[str]] = {}
    for login in logins:
        own = [f"owns the database {row['name']}" for row in databases if same_name(row["owner"] or "", login.name)]
        own += [f"owns the job {row['name']}" for row in jobs if same_name(row["owner"] or "", login.name)]
        own += [f"is a user of {name}" for name in users.get(login.sid, ())]
        if any(same_name(row["login_name"], login.name) for row in sessions):
            own.append("is connected at this moment")
        found[login.name] = own
    return found
