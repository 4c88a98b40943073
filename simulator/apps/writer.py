# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The working part of a module: two sessions on its server, rows every moment, and a journal that says which of them
the server acknowledged."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timezone
from typing import Any

import pyodbc

from simulator.apps.connection import Connection
from simulator.apps.health import Health
from simulator.apps.journal import Entry, Journal
from simulator.apps.modules import Module, Values, as_json

#: Seconds that a module waits for its server before it says that it is down.
PATIENCE = 5
RETRY_AFTER = 0.4
# With pooling the driver manager would keep sessions open on a server that the module has left.
pyodbc.pooling = False


class Sessions:
    """The counter's session writes single rows as they come (autocommit); the ledger's writes in transactions."""

    def __init__(self, connection: Connection, workstation: str, module: Module) -> None:
        self.counter = _connect(connection, workstation, autocommit=True)
        self.ledger = _connect(connection, workstation, autocommit=False)
        self.server: str = self.counter.execute("SELECT @@SERVERNAME").fetchone()[0]
        self.recent: list[int] = [row[0] for row in self.counter.execute(module.newest()).fetchall()][::-1]

    def close(self) -> None:
        for session in (self.counter, self.ledger):
            try:
                session.close()
            except pyodbc.Error:
                pass


def _connect(connection: Connection, workstation: str, autocommit: bool) -> pyodbc.Connection:
    parts = {
        "DRIVER": "FreeTDS",
        "SERVER": connection.host,
        "PORT": str(connection.port),
        "DATABASE": connection.database,
        "UID": connection.login,
        "PWD": "{" + connection.password + "}",
        "APP": connection.program,
        "WSID": workstation,
        "TDS_Version": "7.4",
        "Encryption": "require" if connection.encrypt else "off",
    }
    string = "".join(f"{key}={value};" for key, value in parts.items())
    session = pyodbc.connect(string, autocommit=autocommit, timeout=PATIENCE)
    session.timeout = PATIENCE
    return session


class Writer:
    """Writes until it is told to stop. ``speed``: rows per second."""

    def __init__(
        self,
        module: Module,
        connection: Connection,
        journal: Journal,
        health: Health,
        *,
        workstation: str,
        speed: float,
    ) -> None:
        self._module, self._connection, self._journal, self._health = module, connection, journal, health
        self._workstation = workstation
        self._speed = speed
        self._random = random.Random()
        self._stop = threading.Event()

    def stop(self) -> None:
        """The running transaction is finished first."""
        self._stop.set()

    def run(self) -> None:
        while not self._stop.is_set():
            sessions = None
            try:
                sessions = Sessions(self._connection, self._workstation, self._module)
                self._work(sessions)
            except pyodbc.Error as error:
                self._health.down(_first_line(error))
                self._stop.wait(RETRY_AFTER)
            finally:
                if sessions:
                    sessions.close()
        self._health.down("the module was stopped")

    def _work(self, sessions: Sessions) -> None:
        self._health.up(sessions.server)
        while not self._stop.is_set():
            rows = 1 if self._random.random() < 0.6 else self._random.randrange(2, 6)
            self._transaction(sessions, rows)
            self._stop.wait(rows / self._speed * self._random.uniform(0.5, 1.5))

    def _transaction(self, sessions: Sessions, rows: int) -> None:
        """One row by autocommit, or several rows and the change of earlier ones in a transaction."""
        number = self._journal.transaction = self._journal.transaction + 1
        now = _now()
        changes = [self._insert(number, now) for _ in range(rows)]
        if rows > 1:
            older = self._random.sample(sessions.recent, min(2, len(sessions.recent)))
            changes += [self._update(sequence, number, now) for sequence in older]
        told = [{**change, "values": _told(change["values"])} for change in changes]
        self._journal.write("attempt", number, sessions.server, changes=told)
        if rows == 1:
            self._execute(sessions.counter, changes[0])
        else:
            self._execute_all(sessions, number, changes)
            # Whether a commit whose answer never came was carried out is not ours to know: the attempt stays in doubt.
            sessions.ledger.commit()
        entry = self._journal.write("committed", number, sessions.server, changes=told)
        self._remember(sessions, changes, entry)

    def _execute_all(self, sessions: Sessions, number: int, changes: list[Entry]) -> None:
        try:
            for change in changes:
                self._execute(sessions.ledger, change)
        except pyodbc.Error as error:
            self._journal.write("abandoned", number, sessions.server, error=_first_line(error))
            raise

    def _execute(self, session: pyodbc.Connection, change: Entry) -> None:
        values: Values = change["values"]
        if change["op"] == "insert":
            statement, parameters = self._module.insert(values), [*values.values()]
        else:
            statement, parameters = self._module.update(values), [*values.values(), change["sequence"]]
        cursor = session.execute(statement, *parameters)
        if cursor.rowcount != 1:
            raise pyodbc.DataError("HY000", f"{cursor.rowcount} rows instead of one: {statement}")

    def _insert(self, transaction: int, now: datetime) -> Entry:
        sequence = self._journal.sequence = self._journal.sequence + 1
        values = self._module.row(self._random, sequence, transaction, now)
        return {"op": "insert", "sequence": sequence, "values": values}

    def _update(self, sequence: int, transaction: int, now: datetime) -> Entry:
        values = {"TransactionNumber": transaction, "Status": self._module.next_status, "ChangedAt": now}
        return {"op": "update", "sequence": sequence, "values": values}

    def _remember(self, sessions: Sessions, changes: list[Entry], entry: Entry) -> None:
        written = [change["sequence"] for change in changes if change["op"] == "insert"]
        sessions.recent = [*sessions.recent, *written][-20:]
        self._health.committed(written[-1], entry["time"])


def _told(values: Values) -> dict[str, Any]:
    return {name: as_json(value) for name, value in values.items()}


def _now() -> datetime:
    """The module's clock in UTC, as precise as datetime2(3)."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _first_line(error: pyodbc.Error) -> str:
    return str(error.args[-1] if error.args else error).splitlines()[0]
