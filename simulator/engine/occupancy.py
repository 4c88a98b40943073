# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is in which database: exclusive access, single users, waiting and deadlock."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from simulator.engine.messages import error

if TYPE_CHECKING:
    from simulator.engine.database import Database
    from simulator.engine.session import EngineSession


class Occupancy:
    """The sessions of an instance, and what they keep from each other. ``lock`` guards the lists."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.sessions: dict[int, EngineSession] = {}
        self.waits: dict[int, str] = {}  # session -> database whose writer it waits for
        self.access_owner: dict[str, int] = {}  # single-user database -> session that has it
        self.exclusive: dict[str, int] = {}  # database -> session that restores it or takes it away

    def database(self, name: str) -> Database | None:
        raise NotImplementedError

    def sessions_in(self, name: str, besides: int = 0) -> list[EngineSession]:
        """Those that keep a database in use: it is their current one, or they write to it."""
        wanted = name.lower()
        with self.lock:
            return [s for s in self.sessions.values() if s.spid != besides and wanted in s.databases_in_use()]

    @contextmanager
    def alone_in(self, name: str, session: EngineSession) -> Iterator[bool]:
        """Keeps everybody else out for the length of the block; False when somebody is in already (3101)."""
        key = name.lower()
        with self.lock:
            free = (
                not self.sessions_in(name, besides=session.spid)
                and self.exclusive.get(key, session.spid) == session.spid
            )
            if free:
                self.exclusive[key] = session.spid
                session.drop_handle(name)
                self.release(name)
        try:
            yield free
        finally:
            if free:
                self.exclusive.pop(key, None)

    def release(self, name: str) -> None:
        """Closes the idle connections that sessions keep to a database they have left."""
        with self.lock:
            for session in self.sessions.values():
                session.drop_handle(name)

    def wait_for_end(self, session: EngineSession, seconds: float = 10.0) -> None:
        """Until a session that was told to stop has stopped; a client that does not read may hold it up."""
        deadline = time.monotonic() + seconds
        while session.running is not None and time.monotonic() < deadline:
            time.sleep(0.005)

    def claim_access(self, name: str, session: EngineSession) -> None:
        """SINGLE_USER and RESTRICTED_USER: who may come in."""
        database = self.database(name)
        if database is None:
            return
        if self.exclusive.get(name.lower(), session.spid) != session.spid:
            raise error(927, database.name)
        access = database.info.user_access
        if access == "RESTRICTED_USER" and not session.rights.owns(name):
            raise error(923, name)
        if access != "SINGLE_USER":
            return
        with self.lock:
            key = name.lower()
            owner = self.access_owner.get(key)
            present = self.sessions.get(owner) if owner is not None else None
            if present is not None and present is not session and key in present.databases_in_use():
                raise error(924, name)
            self.access_owner[key] = session.spid

    def blocker(self, spid: int) -> int:
        """The session that holds the writer that this one waits for; 0 when it waits for nobody."""
        database = self.waits.get(spid)
        if database is None:
            return 0
        return next((s.spid for s in list(self.sessions.values()) if s.spid != spid and s.writes_to(database)), 0)

    def deadlocked(self, spid: int) -> bool:
        """Whether the session waits for a writer that, in the end, waits for it."""
        waits = dict(self.waits)
        seen, current = {spid}, spid
        while current in waits:
            holder = self.blocker(current)
            if not holder:
                return False
            if holder in seen:
                return holder == spid and spid == max(seen)  # one victim: the youngest session
            seen.add(holder)
            current = holder
        return False
