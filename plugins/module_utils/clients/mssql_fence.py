# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps everybody but ourselves from writing to the databases of a server that is left."""

from __future__ import annotations

import time
from typing import Any

from ..recovery import tsql
from ..recovery.errors import StatementFailed
from ..recovery.in_step import among
from ..recovery.login_sync import Login
from ..recovery.verdict import Verdict
from .mssql import Row, Server
from .mssql_accounts import must_control, read_logins, users_by_sid
from .mssql_state import named

#: Maintenance of the server itself, which writes to no database of the hospital.
_HARMLESS_JOBS = ("syspolicy_purge_history",)
_NO_SUCH_SESSION = 6106
#: Seconds that a session that was ended may need to roll back and go.
_PATIENCE = 10


class Fence:
    """Logins are disabled, their sessions ended, jobs disabled and stopped. Everything is asked anew afterwards."""

    def __init__(self, server: Server, params: dict[str, Any]) -> None:
        self.server, self.params = server, params
        self.own = must_control(server, sysadmin=params["jobs"])
        self.disabled_logins: list[str] = []
        self.disabled_jobs: list[str] = []
        self.ended_sessions: list[str] = []

    def run(self) -> None:
        if self.params["jobs"]:
            self._jobs()
        logins = self._those_who_may_enter()
        for login in logins:
            if not login.is_disabled:
                self.server.execute(tsql.enable_login(login.name, enabled=False), about=login.name)
                self.disabled_logins.append(login.name)
        self._end_sessions([login.name for login in logins])

    def _jobs(self) -> None:
        spare = (*_HARMLESS_JOBS, *self.params["spare_jobs"])
        for row in self.server.query(tsql.jobs()):
            if row["enabled"] and not among(row["name"], spare):
                self.server.execute(tsql.disable_job(row["name"]), about=row["name"])
                self.disabled_jobs.append(row["name"])
        for row in self.server.query(tsql.running_jobs()):
            if not among(row["name"], spare):
                self.server.execute(tsql.call("msdb.dbo.sp_stop_job", job_name=row["name"]), about=row["name"])

    def _those_who_may_enter(self) -> list[Login]:
        """Logins that are users of the databases, or that are named; never sa, SQL Server's own, or spared ones."""
        users = users_by_sid(self.server, self._open())
        spare = (*self.params["spare_logins"], self.own)
        return [
            login
            for login in read_logins(self.server)
            if (login.sid in users or among(login.name, self.params["logins"]))
            and not login.is_own
            and not among(login.name, spare)
        ]

    def _open(self) -> list[Row]:
        rows = self.server.query(tsql.databases())
        found = [named(rows, name) for name in self.params["databases"]]
        return [row for row in found if row is not None and row["state_desc"] == "ONLINE"]

    def _end_sessions(self, names: list[str]) -> None:
        """Disabling a login ends none of its sessions."""
        for row in self._sessions(names):
            try:
                self.server.execute(tsql.end_session(int(row["session_id"])), about=row["login_name"])
            except StatementFailed as error:
                if error.number != _NO_SUCH_SESSION:
                    raise
            self.ended_sessions.append(_who(row))

    def _sessions(self, names: list[str]) -> list[Row]:
        """Of these logins, and of the programs that are to be kept out whoever they log in as."""
        rows = self.server.query(tsql.sessions())
        programs = self.params["programs"]
        return [
            row
            for row in rows
            if among(row["login_name"] or "", names) or (row["program_name"] and among(row["program_name"], programs))
        ]

    def verdicts(self) -> list[Verdict]:
        """What the server itself shows now, one verdict for each database."""
        logins = self._those_who_may_enter()
        names = [login.name for login in logins]
        deadline = time.monotonic() + _PATIENCE
        while self._sessions(names) and time.monotonic() < deadline:
            time.sleep(0.1)
        still = {login.name for login in logins if not login.is_disabled}
        still |= {_who(row) for row in self._sessions(names)}
        open_names = [row["name"] for row in self._open()]
        return [_verdict(name, name in open_names, sorted(still)) for name in self._asked()]

    def _asked(self) -> list[str]:
        rows = self.server.query(tsql.databases())
        return [row["name"] for row in (named(rows, name) for name in self.params["databases"]) if row is not None]


def _verdict(database: str, is_open: bool, who: list[str]) -> Verdict:
    hint = "Stop that SQL Server, or have fence_commands do it; then run again."
    if not is_open:
        return Verdict("fenced", database, True, "it is not open")
    if who:
        return Verdict("fenced", database, False, f"it is open, and {', '.join(who)} can write to it", hint)
    return Verdict("fenced", database, True, "it is open, and every login that could write to it is disabled")


def _who(row: Row) -> str:
    return f"{row['login_name']} ({row['program_name'] or 'unnamed program'})"
