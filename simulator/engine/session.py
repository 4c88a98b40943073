# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A session: who is logged in, where, with what settings, and the transaction that it holds open."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.engine import catalog as catalogs
from simulator.engine.events import (
    DatabaseChanged,
    Event,
    LoginRequest,
    Message,
    Parameter,
    SqlError,
)
from simulator.engine.execution import Execution
from simulator.engine.handles import Handle
from simulator.engine.messages import error, message
from simulator.engine.rights import Rights
from simulator.engine.session_functions import register_functions
from simulator.engine.transactions import Transaction

if TYPE_CHECKING:
    from simulator.engine.instance import Instance
    from simulator.engine.logins import Login


@dataclass
class Request:
    """What sys.dm_exec_requests shows of a running statement."""

    started: datetime
    command: str = "SELECT"
    percent: float = 0.0
    database: str = ""


@dataclass
class Settings:
    """Of SET; back to these at RESETCONNECTION."""

    nocount: bool = False
    xact_abort: bool = False
    implicit_transactions: bool = False
    lock_timeout: int = -1
    language: str = "us_english"
    isolation: str = "READ COMMITTED"
    rowcount: int = 0
    identity_insert: str = ""
    other: dict[str, Any] = field(default_factory=dict)


class EngineSession:
    """The protocol's Session. One thread at a time, but ``cancel`` and ``kill`` come from others."""

    def __init__(self, instance: Instance, spid: int, login: Login, request: LoginRequest) -> None:
        self.instance = instance
        self.spid = spid
        self.login = login
        self.request = request
        self.database = "master"
        self.first_database = "master"
        self.settings = Settings()
        self.rights = Rights(self)
        self.login_time = self.last_request_start = self.last_request_end = instance.local_now()
        self.running: Request | None = None
        self.rowcount = 0
        self.error_number = 0
        self.last_identity: int | None = None
        self.scope_identity: int | None = None
        self.caught: Message | None = None
        self.now = instance.local_now()
        self.killed = False
        self.stopped = threading.Event()
        self.busy = threading.RLock()
        self.transaction = Transaction(self)
        self._handles: dict[str, Handle] = {}
        self._closed = False

    # -------------------------------------------------------------------------------------------- the protocol's side

    @property
    def transaction_descriptor(self) -> int:
        return self.transaction.descriptor

    def execute(self, batch: str, parameters: tuple[Parameter, ...] = ()) -> Iterator[Event]:
        return self._run(lambda execution: execution.batch(batch, parameters))

    def call(self, procedure: str, parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        return self._run(lambda execution: execution.remote_call(procedure, parameters))

    def _run(self, work: Callable[[Execution], Iterator[Event]]) -> Iterator[Event]:
        if self.killed:
            yield message(596)
            return
        self.stopped.clear()
        self.last_request_start = self.instance.local_now()
        self.running = Request(self.last_request_start, database=self.database)
        try:
            yield from work(Execution(self))
        finally:
            self.running = None
            self.last_request_end = self.instance.local_now()
            if self.killed:
                self._release_all()
        if self.killed:
            yield message(596)

    def begin(self, name: str = "") -> Iterator[Event]:
        yield from self.transaction.begin()

    def commit(self) -> Iterator[Event]:
        yield from self.transaction.commit(everything=True)

    def rollback(self) -> Iterator[Event]:
        yield from self.transaction.rollback()

    def reset(self) -> None:
        list(self.transaction.abandon())
        self.settings = Settings()
        self.drop_handle("tempdb")
        self.database = self.first_database

    def cancel(self) -> None:
        self.stopped.set()
        for handle in list(self._handles.values()):
            try:
                handle.connection.interrupt()
            except sqlite3.ProgrammingError:
                continue

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.cancel()
            self._release_all()
            self._leave()

    def kill(self) -> None:
        """From another session: what runs stops and is rolled back, and nothing more will run."""
        self.killed = True
        self.cancel()
        if self.running is None:
            self._release_all()
        else:
            self.instance.wait_for_end(self)
        self._leave()

    def _release_all(self) -> None:
        list(self.transaction.abandon())
        for name in list(self._handles):
            self.drop_handle(name, force=True)

    def _leave(self) -> None:
        with self.instance.lock:
            if self.instance.sessions.get(self.spid) is self:
                del self.instance.sessions[self.spid]
            owners = self.instance.access_owner
            for name in [name for name, spid in owners.items() if spid == self.spid]:
                del owners[name]

    # -------------------------------------------------------------------------------------------- databases

    def enter_first(self, database: str) -> None:
        self.enter(database)
        self.first_database = self.database

    def enter(self, name: str) -> DatabaseChanged:
        """USE, with every reason why not."""
        if name.lower() == "tempdb":
            found = "tempdb"
        else:
            entry = self.instance.entry(name)
            if entry is None:
                raise error(911, name)
            self.rights.require_access(entry.name)
            found = entry.name
        with self.instance.lock:  # nobody may take the database away in between
            if found != "tempdb":
                self.instance.require_usable(found)
                self.instance.claim_access(found, self)
            old, self.database = self.database, found
        return DatabaseChanged(old, found)

    def handle(self, name: str | None = None) -> Handle:
        name = name or self.database
        key = name.lower()
        if key not in self._handles:
            database = None
            if key != "tempdb":
                database = self.instance.database(name)
                if database is None:
                    raise error(911, name)
                self.rights.require_access(name)
                self.instance.claim_access(name, self)
            self._handles[key] = Handle(self, database.name if database else "tempdb", database)
        return self._handles[key]

    def open_handle(self, name: str) -> Handle | None:
        return self._handles.get(name.lower())

    def handles(self) -> list[Handle]:
        return list(self._handles.values())

    def drop_handle(self, name: str, force: bool = False) -> None:
        handle = self._handles.get(name.lower())
        if handle is not None and (force or not handle.writing):
            del self._handles[name.lower()]
            try:
                handle.close()
            except (sqlite3.Error, SqlError):
                pass

    def databases_in_use(self) -> set[str]:
        writing = {handle.name.lower() for handle in self.handles() if handle.writing}
        return writing | {self.database.lower()}

    def writes_to(self, name: str) -> bool:
        handle = self._handles.get(name.lower())
        return handle is not None and handle.writing

    # -------------------------------------------------------------------------------------------- for statements

    def keep_identities(self, handle: Handle) -> None:
        """The identity values that a statement took become the tables' own, and this session's last."""
        for object_id, last, _ in handle.identities.values():
            catalogs.save_identity(handle.connection, object_id, last)
            self.last_identity = self.scope_identity = last
        handle.identities.clear()

    @property
    def lock_timeout(self) -> int:
        return self.settings.lock_timeout

    def is_stopped(self) -> bool:
        return self.stopped.is_set() or self.killed

    def register_functions(self, handle: Handle) -> None:
        register_functions(self, handle)
