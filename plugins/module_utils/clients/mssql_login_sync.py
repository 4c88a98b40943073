# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings a server in step with another in what backups of databases do not hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..recovery import tsql
from ..recovery.errors import RecoveryError
from ..recovery.in_step import Change, Remark, among, difference, shown
from ..recovery.job_sync import Agent, job_changes
from ..recovery.login_sync import Login, Receiver, login_changes, strangers
from ..recovery.settings_sync import certificate_remarks, linked_remarks, setting_changes
from .mssql import Server
from .mssql_accounts import belongings, must_control, read_jobs, read_logins

PARTS = ("logins", "jobs", "settings", "linked_servers", "certificates")
Found = tuple[list[Change], list[Remark]]


class Follower:
    """``source`` is only read; ``target`` is changed, part by part."""

    def __init__(self, source: Server, target: Server, params: dict[str, Any]) -> None:
        self.source, self.target, self.params = source, target, params
        needs_agent = "jobs" in params["parts"]
        must_control(source, sysadmin=False)
        self.own = must_control(target, sysadmin=needs_agent)
        self.name = str(target.query(tsql.server_properties())[0]["ServerName"])
        self.logins = read_logins(source)
        self.jobs = read_jobs(source) if needs_agent else []
        self.changes: list[Change] = []
        self.remarks: list[Remark] = []
        self.failures: list[RecoveryError] = []

    def run(self) -> None:
        for part in PARTS:
            if part in self.params["parts"]:
                changes, remarks = getattr(self, f"_{part}")()
                self.remarks += remarks
                self._carry_out(changes)

    def _carry_out(self, changes: list[Change]) -> None:
        """What fails for one login or job leaves that one as it is and stops none of the others."""
        failed: set[str] = set()
        for change in changes:
            if change.item in failed:
                continue
            try:
                self.target.execute(change.statement, about=f"{change.part}: {change.item}")
                self.changes.append(change)
            except RecoveryError as error:
                failed.add(change.item)
                self.failures.append(error)
                self.remarks.append(Remark(change.part, change.item, shown(error.msg), error.hint))

    def _logins(self) -> Found:
        present = read_logins(self.target)
        receiver = Receiver(
            self.name,
            present,
            [row["name"] for row in self.target.query(tsql.databases())],
            belongings(self.target, strangers(self.logins, present)),
        )
        machine = str(self.source.query(tsql.server_properties())[0]["MachineName"] or "")
        wanted = [self._unfenced(login) for login in self.logins]
        spare = [*self.params["spare_logins"], self.own]
        return login_changes(wanted, receiver, spare=spare, machine=machine, told=self.params["rename_logins"])

    def _unfenced(self, login: Login) -> Login:
        """A login that was disabled only so that nobody writes to the source any more is enabled here."""
        fenced = among(login.name, self.params["fenced_logins"])
        return replace(login, is_disabled=False) if fenced else login

    def _jobs(self) -> Found:
        target = Agent(
            self.name,
            read_jobs(self.target),
            [row["name"] for row in self.target.query(tsql.job_categories())],
            [login.name for login in [*read_logins(self.target), *self.logins]],
            [row["name"] for row in self.target.query(tsql.databases())],
        )
        return job_changes(self.jobs, target, self.params["spare_jobs"])

    def _settings(self) -> Found:
        return setting_changes(
            self.source.query(tsql.configurations()), self.target.query(tsql.configurations()), self.name
        )

    def _linked_servers(self) -> Found:
        there = self.target.query(tsql.linked_servers())
        return [], linked_remarks(self.source.query(tsql.linked_servers()), there, self.name)

    def _certificates(self) -> Found:
        there = self.target.query(tsql.certificates())
        return [], certificate_remarks(self.source.query(tsql.certificates()), there, self.name)

    def record(self) -> dict[str, Any]:
        """What a recovery has to know when the source is dead. It holds no password and no hash."""
        fenced = self.params["fenced_jobs"]
        return {
            "server": str(self.source.query(tsql.server_properties())[0]["ServerName"]),
            "at": self.source.clock()[0].isoformat(),
            "logins": [{"name": one.name, "sid": one.sid} for one in self.logins if not one.is_own],
            "owners": {row["name"]: row["owner"] for row in self.source.query(tsql.databases()) if row["owner"]},
            "jobs": [{"name": job.name, "enabled": job.enabled or among(job.name, fenced)} for job in self.jobs],
        }

    def told(self) -> dict[str, Any]:
        """As a module returns it."""
        return {
            "changed": bool(self.changes),
            "changes": [change.to_dict() for change in self.changes],
            "remarks": [remark.to_dict() for remark in self.remarks],
            "record": self.record(),
            "statements": [shown(text) for text in self.target.statements],
            "diff": difference(self.changes),
        }
