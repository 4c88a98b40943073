# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What changes hands with the hospital's work: owners of databases, logins that may enter, jobs that run."""

from __future__ import annotations

from typing import Any

from ..recovery import tsql
from ..recovery.errors import RecoveryError
from ..recovery.in_step import Change, Remark, difference, same_name
from .mssql import Row, Server
from .mssql_accounts import must_control
from .mssql_state import named


class Handover:
    """Every wish that is fulfilled already changes nothing; one that cannot be fulfilled is told and stops no other."""

    def __init__(self, server: Server, params: dict[str, Any]) -> None:
        self.server, self.params = server, params
        must_control(server, sysadmin=bool(params["enable_jobs"] or params["disable_jobs"]))
        self.logins = server.query(tsql.logins())
        self.changes: list[Change] = []
        self.remarks: list[Remark] = []

    def run(self) -> None:
        for name in self.params["enable_logins"]:
            self._enable_login(name)
        databases = self.server.query(tsql.databases())
        for name, owner in self.params["owners"].items():
            self._own(named(databases, name), name, owner)
        self._jobs()

    def _enable_login(self, name: str) -> None:
        login = named(self.logins, name)
        if login is None:
            hint = "Make it with its SID and password: CREATE LOGIN."
            self._remark("logins", name, "there is no such login to enable", hint)
        elif login["is_disabled"]:
            self._do("logins", name, "enable it", tsql.enable_login(login["name"], enabled=True))

    def _own(self, row: Row | None, name: str, owner: str) -> None:
        """After RESTORE a database belongs to whoever restored it; what relies on its owner fails until then."""
        if row is None or row["state_desc"] != "ONLINE" or same_name(row["owner"] or "", owner):
            return
        if named(self.logins, owner) is None:
            hint = f"Make the login {owner} with its SID, then ALTER AUTHORIZATION ON DATABASE::{name} TO it."
            self._remark("owners", name, f"its owner {owner} is no login of this server", hint)
            return
        self._do("owners", name, f"give it back to {owner}", tsql.set_database_owner(row["name"], owner))

    def _jobs(self) -> None:
        for option, enabled in (("disable_jobs", 0), ("enable_jobs", 1)):
            jobs = self.server.query(tsql.jobs()) if self.params[option] else []
            for name in self.params[option]:
                self._job(named(jobs, name), name, enabled)

    def _job(self, job: Row | None, name: str, enabled: int) -> None:
        if job is None:
            if enabled:
                hint = "Make it by hand; it was not copied while the other server lived."
                self._remark("jobs", name, "there is no such job here", hint)
        elif bool(job["enabled"]) != bool(enabled):
            text = tsql.call("msdb.dbo.sp_update_job", job_name=job["name"], enabled=enabled)
            self._do("jobs", name, "enable it" if enabled else "disable it", text)

    def _do(self, part: str, item: str, what: str, statement: str) -> None:
        try:
            self.server.execute(statement, about=item)
            self.changes.append(Change(part, item, what, statement))
        except RecoveryError as error:
            self._remark(part, item, error.msg, error.hint)

    def _remark(self, part: str, item: str, msg: str, hint: str) -> None:
        self.remarks.append(Remark(part, item, msg, hint))

    def told(self) -> dict[str, Any]:
        """As a module returns it."""
        return {
            "changed": bool(self.changes),
            "changes": [change.to_dict() for change in self.changes],
            "remarks": [remark.to_dict() for remark in self.remarks],
            "statements": self.server.statements,
            "diff": difference(self.changes),
        }
