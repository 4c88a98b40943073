# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One session's hold on one database: a connection, its functions, the catalogue as last read, and a transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.engine import catalog as catalogs
from simulator.engine.catalog import Catalog, Table
from simulator.engine.database import Database, WaitCancelled
from simulator.engine.messages import error
from simulator.engine.query.model import quote
from simulator.engine.query.runtime import Failures, register

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession


class Cancelled(Exception):
    """The client sent an attention, or the session was killed."""


class Handle:
    """``database`` is None for tempdb, which is each session's own."""

    def __init__(self, session: EngineSession, name: str, database: Database | None) -> None:
        self.session = session
        self.name = name
        self.database = database
        self.connection = (
            database.connect()
            if database
            else sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        )
        self.failures = Failures()
        self.writing = False
        self.identities: dict[str, tuple[int, int, int]] = {}  # stored name -> object_id, last, increment
        self._catalog: Catalog | None = None
        self._guarded: set[str] = set()
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self.connection.execute("PRAGMA foreign_keys = ON")
        register(self.connection, self.failures)
        session.register_functions(self)
        if database is None:
            catalogs.create(self.connection, session.login.sid, session.instance.local_now())

    @property
    def catalog(self) -> Catalog:
        version = catalogs.version(self.connection)
        if self._catalog is None or self._catalog.version != version:
            self._catalog = catalogs.load(self.connection)
        return self._catalog

    def catalog_to_change(self) -> Catalog:
        """A copy of its own: a rolled back change must not stay in memory."""
        self._catalog = None
        return catalogs.load(self.connection)

    def save_catalog(self, changed: Catalog) -> None:
        catalogs.save(self.connection, changed)
        self._catalog = None

    # -------------------------------------------------------------------------------------------- transactions

    def begin(self, stop: Callable[[], bool]) -> None:
        """Waits for the database's writer; SQLite has one at a time."""
        if self.writing:
            return
        if self.database is None:
            self.connection.execute("BEGIN IMMEDIATE")
        else:
            self._wait(self.database, stop)
        self.writing = True
        for name in self.session.transaction.savepoints_for():
            self.connection.execute(f'SAVEPOINT "{name}"')

    def roll_back_to(self, index: int) -> None:
        self.connection.execute(f'ROLLBACK TO "save{index}"')
        self._catalog = None

    def _wait(self, database: Database, stop: Callable[[], bool]) -> None:
        if database.info.is_in_standby or database.info.is_read_only:
            raise error(3906, self.name)
        timeout = self.session.lock_timeout
        deadline = None if timeout < 0 else time.monotonic() + timeout / 1000
        self.session.instance.waits[self.session.spid] = self.name
        reason: list[int] = []

        def give_up() -> bool:
            if deadline is not None and time.monotonic() >= deadline:
                reason.append(1222)
            elif self.session.instance.deadlocked(self.session.spid):
                reason.append(1205)
            return bool(reason) or stop()

        try:
            database.begin(self.connection, give_up)
        except WaitCancelled:
            if not reason:
                raise Cancelled from None
            raise error(1222) if reason[0] == 1222 else error(1205, self.session.spid, "lock") from None
        finally:
            self.session.instance.waits.pop(self.session.spid, None)

    def commit(self, mark: str = "", description: str = "") -> None:
        if not self.writing:
            return
        self.writing = False
        if self.database is None:
            self.connection.execute("COMMIT")
        else:
            self.database.commit(self.connection, mark, description)

    def rollback(self) -> None:
        if not self.writing:
            return
        self.writing = False
        self._catalog = None
        if self.database is None:
            self.connection.execute("ROLLBACK")
        else:
            self.database.rollback(self.connection)

    def close(self) -> None:
        try:
            self.rollback()
        finally:
            self.connection.close()

    # -------------------------------------------------------------------------------------------- checks

    def guard_checks(self, table: Table, translate: Callable[[str], str]) -> None:
        """CHECK constraints as triggers of this connection: their functions are not known to other connections."""
        if not table.checks:
            return
        key = f"{table.object_id}:{self.catalog.version}"
        if key in self._guarded:
            return
        self._guarded.add(key)
        for check in table.checks:
            for event in ("INSERT", "UPDATE"):
                name = quote(f"check {event} {check.object_id}")
                self.connection.execute(f"DROP TRIGGER IF EXISTS temp.{name}")
                self.connection.execute(
                    f"CREATE TEMP TRIGGER {name} BEFORE {event} ON main.{quote(table.stored_name)} "
                    f"WHEN NOT ({translate(check.text)}) "
                    f"BEGIN SELECT RAISE(ABORT, 'CHECK {check.object_id}'); END"
                )
