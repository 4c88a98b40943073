# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the accounts of a site on a server, in its databases and in msdb."""

from __future__ import annotations

from typing import Any

from ..recovery import tsql
from ..recovery.accounts import PART, Account, Place, login_changes, login_of, user_changes
from ..recovery.errors import InvalidInput, StatementFailed
from ..recovery.in_step import among
from ..recovery.login_sync import SQL_LOGIN, Login
from .mssql import Server
from .mssql_accounts import must_control, read_logins
from .mssql_changing import Work


class Making:
    """One account after the other; one that cannot be made right stops no other, and is a failure in the end."""

    def __init__(self, server: Server, params: dict[str, Any]) -> None:
        self.server, self.params = server, params
        self.accounts = [Account.of(row) for row in params["accounts"]]
        own = must_control(server, sysadmin=False)
        if among(own, [one.name for one in self.accounts]):
            raise InvalidInput(
                f"{server.where}: {own} cannot be made by itself.", hint="Log in with another account to make it."
            )
        self.work = Work(server)
        self.logins = read_logins(server)
        self.place = Place(server.where, params["sids"], server.dry)

    def run(self) -> None:
        databases = [
            row["name"]
            for row in self.server.query(tsql.databases())
            if row["state_desc"] == "ONLINE" and not row["is_read_only"] and not row["is_in_standby"]
        ]
        for account in self.accounts:
            login = login_of(account, self.logins)
            changes, remarks = login_changes(account, login, self._fits(account, login), self.place)
            self.work.carry_out(changes)
            self.work.remarks += remarks
            if not any(one.part == "sid" for one in remarks) and (login is None or login.type_desc == SQL_LOGIN):
                self._users(account, databases)

    def _fits(self, account: Account, login: Login | None) -> bool:
        if login is None:
            return False
        rows = self.server.query(tsql.password_matches(), account.password, login.name)
        return bool(rows and rows[0]["matches"])

    def _users(self, account: Account, databases: list[str]) -> None:
        login = login_of(account, read_logins(self.server))
        wanted = [(name, account.roles) for name in databases if among(name, self.params["databases"])]
        for name, roles in [*wanted, ("msdb", account.msdb_roles)]:
            if not roles:
                continue
            rows = self.server.query(tsql.users_with_roles(name), about=name)
            changes, remarks = user_changes(account, roles, login.sid if login else None, name, rows)
            self.work.carry_out(changes, database=name)
            self.work.remarks += remarks

    def told(self) -> dict[str, Any]:
        names = [one.name for one in self.accounts]
        sids = {one.name: one.sid for one in read_logins(self.server) if among(one.name, names)}
        wrong = [one for one in self.work.remarks if one.part == "sid"]
        self.work.failures += [StatementFailed(f"{one.item}: {one.msg}", hint=one.hint) for one in wrong]
        return {**self.work.told(PART), "sids": sids}
