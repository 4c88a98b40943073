# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a server for proof: of its databases, and of who works with them."""

from __future__ import annotations

import time
from datetime import datetime, timezone, tzinfo
from typing import Any

from ..recovery import tsql
from ..recovery.errors import InvalidInput, RecoveryError
from ..recovery.restore_step import RestorePlan, given_plan
from ..recovery.verdict import Verdict, last_transaction, online, reached
from .mssql import Row, Server
from .mssql_orphans import orphans
from .mssql_sessions import expected, forbidden
from .mssql_state import aware, database_state, named, state_name


class Verification:
    """Collects verdicts; ``facts`` holds what was seen on the way."""

    def __init__(self, server: Server, params: dict[str, Any]) -> None:
        self.server = server
        self.params = params
        self.verdicts: list[Verdict] = []
        self.facts: dict[str, Any] = {"last_transactions": {}, "orphaned_users": [], "sessions": []}
        _now, self.zone = server.clock()

    def run(self) -> None:
        plans = {plan.database: plan for plan in map(given_plan, self.params["plans"])}
        for database in dict.fromkeys([*plans, *self.params["databases"]]):
            self._database(database, plans.get(database))
        for canary in self.params["canaries"]:
            self._canary(canary, plans.get(canary["database"]))
        self._programs()

    def _database(self, database: str, plan: RestorePlan | None) -> None:
        row = named(self.server.query(tsql.databases()), database)
        if row is None:
            self.verdicts.append(Verdict("online", database, False, "there is no such database", "Restore it first."))
            return
        self.verdicts += online(database, state_name(row), row["user_access_desc"], bool(row["is_read_only"]))
        if plan is not None:
            history = self.server.query(tsql.restore_history(), row["name"])
            self.verdicts.append(reached(plan, database_state(self.server, row["name"]), history))
        if row["state_desc"] == "ONLINE":
            self._inside(row)

    def _inside(self, row: Row) -> None:
        name = row["name"]
        verdicts, found = orphans(self.server, name, repair=self.params["repair_orphaned_users"])
        self.verdicts += verdicts
        self.facts["orphaned_users"] += found
        if self.params["checkdb"]:
            self.verdicts.append(self._checkdb(name))

    def _checkdb(self, database: str) -> Verdict:
        begun = time.monotonic()
        text = tsql.checkdb(database, physical_only=self.params["physical_only"])
        try:
            self.server.execute(text, about=database)
        except RecoveryError as error:
            hint = "Restore from older backups, and find out since when the source is damaged."
            return Verdict("checkdb", database, False, error.msg, hint)
        if self.server.dry:
            return Verdict("checkdb", database, False, "not run in check mode", "Run without check mode.")
        return Verdict("checkdb", database, True, f"no errors, in {time.monotonic() - begun:.1f} s")

    def _canary(self, canary: dict[str, Any], plan: RestorePlan | None) -> None:
        database, table = canary["database"], f"{canary['schema']}.{canary['table']}"
        text = tsql.canary(database, canary["schema"], canary["table"], canary["time_column"])
        try:
            row = self.server.query(text, about=database)[0]
            latest = _instant(row["latest"], timezone.utc if canary["utc"] else self.zone, f"{table}")
        except RecoveryError as error:
            self.verdicts.append(Verdict("last_transaction", database, False, error.msg, error.hint))
            return
        self.facts["last_transactions"][database] = latest.isoformat() if latest else None
        # With another target the plan only says what it reaches at least: the last log may hold more.
        to_a_time = plan is not None and plan.target.get("kind") == "time"
        until = plan.reaches if plan is not None and to_a_time and canary["nothing_later"] else None
        self.verdicts.append(last_transaction(database, table, latest, row["row_count"], until))

    def _programs(self) -> None:
        if self.params["expect_programs"]:
            verdicts, seen = expected(
                self.server, self.params["expect_programs"], self.zone, self.params["wait_seconds"]
            )
            self.verdicts += verdicts
            self.facts["sessions"] += seen
        if self.params["forbid_programs"]:
            self.verdicts += forbidden(self.server, self.params["forbid_programs"], self.zone)


def _instant(value: Any, zone: tzinfo, about: str) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = about
    if value is not None and not isinstance(value, datetime):
        raise InvalidInput(f"{about}: the time column holds no date and time.", hint="Name a datetime column.")
    return aware(value, zone)
