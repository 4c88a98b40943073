# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carries out the plan of one database on one session, step by step, each confirmed by the server itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..recovery import tsql
from ..recovery.database_state import DatabaseState
from ..recovery.decision import require_decision
from ..recovery.errors import NotProven, RecoveryError, ServerUnreachable, StatementFailed
from ..recovery.execution import (
    Remaining,
    begins_a_sequence,
    reached,
    remaining,
    statement,
    was_passed,
    what_next,
    without_recovery,
)
from ..recovery.restore_step import RestorePlan, RestoreStep
from .arrivals import Arrivals
from .in_use import insist
from .mssql import Server
from .mssql_messages import ServerMessage
from .mssql_state import database_state, named
from .restore_media import must_be_readable
from .restore_progress import Running

_KINDS = {"restore_log": "RESTORE LOG", "recover": "WITH RECOVERY", "stand_by": "WITH STANDBY"}


@dataclass(frozen=True)
class RestoreOptions:
    source_directory: str | None = None
    replace: bool = False
    confirmed: tuple[str, ...] = ()
    reseed: bool = False
    recover: bool = True
    standby_directory: str | None = None
    arrivals: Arrivals = field(default_factory=Arrivals)


class Restore:
    """One plan on one server. :meth:`check` looks and refuses; :meth:`run` acts."""

    def __init__(self, server: Server, plan: RestorePlan, raw: dict[str, Any], options: RestoreOptions) -> None:
        self.server = server
        self.plan = plan if options.recover else without_recovery(plan, options.standby_directory)
        self._raw = raw
        self._options = options
        self.steps: list[dict[str, Any]] = []
        self.waited = 0.0
        self._total = len(self.plan.steps)

    def check(self) -> Remaining:
        """What is left, asked of the server now; raises where it would overwrite what nobody decided to lose."""
        state = database_state(self.server, self.plan.database)
        if not self._options.recover and not self.plan.steps and state.can_go_on:
            return Remaining(())  # it stands where the plan leads, and stays as it is
        left = remaining(self.plan, state, self._sequence())
        if left.overwrites and not (self._options.reseed and state.can_go_on):
            where = self.server.where
            require_decision(self._raw, state.state, self._options.replace, self._options.confirmed, where)
        return left

    def run(self, running: Running) -> dict[str, Any]:
        """Carries out what is left. Raises a RecoveryError that says in which state the database is now."""
        state, left = database_state(self.server, self.plan.database), self.check()
        done = left.done
        if left.overwrites:
            self._await(left.steps)  # what is there is given up for a chain that is whole
        for number, step in enumerate(left.steps, left.done + 1):
            self._await([step])
            running.begin(number, step)
            begun = time.monotonic()
            try:
                state = self._step(step, number, state, running)
            except RecoveryError as error:
                raise self._failure(error, step, number, done) from error
            done = number
            running.end(time.monotonic() - begun)
        return self._result(left, state)

    def _await(self, steps: Sequence[RestoreStep]) -> None:
        """Until the files have been fetched; the server must find in them what the plan wants."""
        arrivals, begun = self._options.arrivals, time.monotonic()
        if self.server.dry:
            return
        arrivals.wait_for(self.plan.database, [path for step in steps for path in step.files])
        self.waited += time.monotonic() - begun
        if arrivals.still_come:
            must_be_readable(self.server, steps, self._options.source_directory)

    def _step(self, step: RestoreStep, number: int, before: DatabaseState, running: Running) -> DatabaseState:
        started, begun = datetime.now(timezone.utc), time.monotonic()
        text = statement(step, self._options.source_directory, replace=before.exists)
        passed = False
        try:
            self._execute(step, text, before, running)
        except StatementFailed as error:
            now = database_state(self.server, step.database)
            earlier = self.plan.steps[number - 2] if number > 1 else None
            if not was_passed(step, earlier, error.number, now):
                raise
            passed = True
        after = self._settled(step) if not self.server.dry else before
        doubt = None if passed or self.server.dry else reached(step, before, after)
        if doubt:
            raise NotProven(
                f"{step.database}: {step.action} ended without an error, but the server says: {doubt}.",
                hint="Do not use this database as it is. Read the server's error log.",
            )
        self.steps.append(
            {
                **_described(step, number),
                "started": started.isoformat(timespec="milliseconds"),
                "seconds": round(time.monotonic() - begun, 3),
                "passed_over": passed,
                "state": after.state,
                "redo_start_lsn": after.redo_start_lsn,
                "statement": text,
            }
        )
        return after

    def _execute(self, step: RestoreStep, text: str, before: DatabaseState, running: Running) -> None:
        """The first statement over a database that can be read throws the others out in the same batch."""
        about = step.database

        def listen(message: ServerMessage) -> None:
            running.percent(message.percent)

        if begins_a_sequence(step) and before.state in ("ONLINE", "STANDBY"):
            text = tsql.take_over(step.database, text)
        elif before.state == "STANDBY":
            text = tsql.close_and(step.database, text)
        try:
            insist(self.server, text, about, listen)
        except StatementFailed:
            self._reopen(step.database)
            raise

    def _settled(self, step: RestoreStep) -> DatabaseState:
        """The state after a step; a recovered database must be everybody's again."""
        if step.action in ("recover", "stand_by"):
            self._give_back(step.database)
        return database_state(self.server, step.database)

    def _give_back(self, database: str) -> None:
        """A database that was backed up in SINGLE_USER would keep all applications but one out."""
        row = named(self.server.query(tsql.databases()), database)
        if row and row["state_desc"] == "ONLINE" and row["user_access_desc"] != "MULTI_USER":
            insist(self.server, tsql.set_multi_user(database), database)

    def _reopen(self, database: str) -> None:
        """The restore did not begin: what we took away goes back to work as it was."""
        row = named(self.server.query(tsql.databases()), database)
        if row and row["state_desc"] == "OFFLINE":
            insist(self.server, tsql.set_online(database), database)
        elif row and row["is_in_standby"]:
            self._give_back(database)

    def _sequence(self) -> list[str]:
        """The backup sets restored since the last full backup, oldest first."""
        guids: list[str] = []
        for row in self.server.query(tsql.restore_history(), self.plan.database):  # newest first
            guids.insert(0, row["backup_set_uuid"])
            if row["restore_type"] == "D":
                return guids
        return []

    def _failure(self, error: RecoveryError, step: RestoreStep, number: int, done: int) -> RecoveryError:
        kind = _KINDS.get(step.action, "RESTORE DATABASE")
        files = f" from {', '.join(step.files)}" if step.files else ""
        fact = f"{error.msg} (step {number} of {self._total}, {kind}{files})"
        if isinstance(error, ServerUnreachable):
            return ServerUnreachable(fact, hint=error.hint)
        try:
            state = database_state(self.server, step.database)
            hint = f"{error.hint} {what_next(state, done, self._total)}"
        except RecoveryError as second:
            hint = f"{error.hint} The state of the database is unknown: {second.msg}"
        if isinstance(error, StatementFailed):
            return StatementFailed(fact, hint=hint, number=error.number)
        return type(error)(fact, hint=hint)

    def _result(self, left: Remaining, state: DatabaseState) -> dict[str, Any]:
        return {
            "database": self.plan.database,
            "changed": bool(left.steps),
            "already_there": not left.steps,
            "steps_done_before": left.done,
            "steps": self.steps,
            "state": state.state if left.steps or self.server.dry or not self._options.recover else "ONLINE",
            "reaches": self.plan.reaches.isoformat(),
            "reaches_lsn": self.plan.reaches_lsn,
            "data_loss_seconds": self.plan.data_loss_seconds,
            "behind_minutes": _minutes_since(self.plan.reaches),
        }


def _minutes_since(moment: datetime) -> float:
    at = moment if moment.tzinfo else moment.astimezone()
    return round(max(0.0, (datetime.now(timezone.utc) - at).total_seconds()) / 60, 1)


def _described(step: RestoreStep, number: int) -> dict[str, Any]:
    return {
        "step": number,
        "action": step.action,
        "backup_type": step.backup_type,
        "backup_set_guid": step.backup_set_guid,
        "files": list(step.files),
        "first_lsn": step.first_lsn,
        "last_lsn": step.last_lsn,
        "stop_at": step.stop_at,
        "size": step.size,
    }
