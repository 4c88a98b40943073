# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An engine that knows a script by heart: what it is asked it writes down, what it does not know it refuses."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import cast

from simulator.engine.events import (
    Column,
    Columns,
    DatabaseChanged,
    Done,
    Event,
    LoginRequest,
    Message,
    Parameter,
    ReturnStatus,
    Row,
    SqlError,
    SqlType,
    TransactionBegan,
    TransactionEnded,
)

Script = Callable[["ScriptedSession", tuple[Parameter, ...]], Iterable[Event]]

LOGIN, PASSWORD = "recovery", "p}a;ss wörd'§"
LOGIN_FAILED = Message(18456, 14, 1, f"Login failed for user '{LOGIN}'.")


def select(column: str, sql_type: SqlType, *values: object) -> list[Event]:
    """A result set with one column."""
    rows = [Row((value,)) for value in values]
    return [Columns((Column(column, sql_type),)), *rows, Done(len(values), is_select=True)]


class ScriptedServer:
    name = "PRODUCTION"
    version = (15, 0, 4385)

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.procedures: dict[str, Script] = {"sp_datatype_info_100": _datatype_info}
        self.journal: list[tuple[object, ...]] = []
        self.sessions: list[ScriptedSession] = []
        self._spids = itertools.count(51)
        self._descriptors = itertools.count(0x1100000001)

    def answer(self, batch: str, *events: Event) -> None:
        self.scripts[batch] = lambda _session, _parameters: events

    def login(self, request: LoginRequest) -> ScriptedSession:
        self.journal.append(("login", request))
        if (request.login, request.password) != (LOGIN, PASSWORD):
            raise SqlError(LOGIN_FAILED)
        if request.database not in ("", "master", "Registration"):
            raise SqlError(
                Message(4060, 11, 1, f'Cannot open database "{request.database}" requested by the login.'),
                LOGIN_FAILED,
            )
        session = ScriptedSession(self, next(self._spids), request)
        self.sessions.append(session)
        return session

    def next_descriptor(self) -> int:
        return next(self._descriptors)

    def saw(self, kind: str) -> list[tuple[object, ...]]:
        return [entry for entry in self.journal if entry[0] == kind]

    def parameters_of(self, batch: str) -> list[tuple[Parameter, ...]]:
        """Those of each execution of the batch."""
        return [cast(tuple[Parameter, ...], entry[2]) for entry in self.saw("execute") if entry[1] == batch]


class ScriptedSession:
    def __init__(self, server: ScriptedServer, spid: int, request: LoginRequest) -> None:
        self.spid = spid
        self.database = request.database or "master"
        self.request = request
        self.cancelled = threading.Event()
        self.closed = threading.Event()
        self.transaction_descriptor = 0
        self.killed = False
        self._server = server
        self._home = self.database

    def execute(self, batch: str, parameters: tuple[Parameter, ...] = ()) -> Iterator[Event]:
        if self.killed:
            yield Message(596, 21, 1, "Cannot continue the execution because the session is in the kill state.")
            return
        self.cancelled.clear()
        batch = batch.strip()
        self._server.journal.append(("execute", batch, parameters))
        script = self._server.scripts.get(batch) or _language(batch)
        if script is None:
            yield Message(102, 15, 1, f"Incorrect syntax near '{batch[:60]}'.")
            yield Done(error=True)
            return
        try:
            yield from script(self, parameters)
        except GeneratorExit:
            self._server.journal.append(("broken off", batch))
            raise
        self._server.journal.append(("finished", batch))

    def call(self, procedure: str, parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        self.cancelled.clear()
        self._server.journal.append(("call", procedure, parameters))
        script = self._server.procedures.get(procedure.lower().rsplit(".", 1)[-1])
        if script is None:
            yield Message(2812, 16, 62, f"Could not find stored procedure '{procedure}'.")
            return
        yield from script(self, parameters)

    def begin(self, name: str = "") -> Iterator[Event]:
        self._server.journal.append(("begin", name))
        self.transaction_descriptor = self._server.next_descriptor()
        yield TransactionBegan(self.transaction_descriptor)
        yield Done()

    def commit(self) -> Iterator[Event]:
        yield from self._end(committed=True)

    def rollback(self) -> Iterator[Event]:
        yield from self._end(committed=False)

    def _end(self, *, committed: bool) -> Iterator[Event]:
        self._server.journal.append(("commit" if committed else "rollback",))
        if not self.transaction_descriptor:
            yield Message(3902, 16, 1, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.")
            yield Done(error=True)
            return
        ended, self.transaction_descriptor = self.transaction_descriptor, 0
        yield TransactionEnded(ended, committed)
        yield Done()

    def use(self, database: str) -> Iterator[Event]:
        yield DatabaseChanged(self.database, database)
        self.database = database
        yield Message(5701, 10, 1, f"Changed database context to '{database}'.")
        yield Done()

    def reset(self) -> None:
        self._server.journal.append(("reset",))
        self.database = self._home
        self.transaction_descriptor = 0

    def cancel(self) -> None:
        self._server.journal.append(("cancel",))
        self.cancelled.set()

    def close(self) -> None:
        self._server.journal.append(("close",))
        self.closed.set()


def _language(batch: str) -> Script | None:
    """The little T-SQL that clients say on their own account."""
    words = batch.upper().rstrip("; \n")
    if use := re.fullmatch(r"USE \[?(\w+)\]?;?", batch, re.IGNORECASE):
        return lambda session, _: session.use(use[1])
    if words in ("BEGIN TRANSACTION", "BEGIN TRAN"):
        return lambda session, _: session.begin()
    if words in ("COMMIT TRANSACTION", "COMMIT TRAN", "IF @@TRANCOUNT > 0 COMMIT TRANSACTION"):
        return lambda session, _: session.commit()
    if words in ("ROLLBACK TRANSACTION", "ROLLBACK TRAN"):
        return lambda session, _: session.rollback()
    if words.startswith("SET "):
        return lambda _session, _parameters: [Done()]
    if info := re.fullmatch(r"(?:EXEC )?SP_DATATYPE_INFO(_100|_90)?\s+(?:@DATA_TYPE\s*=\s*)?(-?\d+).*", words):
        parameter = Parameter("@data_type", SqlType("int"), int(info[2]))
        return lambda session, _: [*_datatype_info(session, (parameter,)), ReturnStatus(0)]
    return None


_INFO_COLUMNS = (
    ("TYPE_NAME", SqlType("nvarchar", 128)),
    ("DATA_TYPE", SqlType("smallint")),
    ("PRECISION", SqlType("int")),
    ("LITERAL_PREFIX", SqlType("varchar", 32)),
    ("LITERAL_SUFFIX", SqlType("varchar", 32)),
    ("CREATE_PARAMS", SqlType("varchar", 32)),
    ("NULLABLE", SqlType("smallint")),
    ("CASE_SENSITIVE", SqlType("smallint")),
    ("SEARCHABLE", SqlType("smallint")),
    ("UNSIGNED_ATTRIBUTE", SqlType("smallint")),
    ("MONEY", SqlType("smallint")),
    ("AUTO_INCREMENT", SqlType("smallint")),
    ("LOCAL_TYPE_NAME", SqlType("nvarchar", 128)),
    ("MINIMUM_SCALE", SqlType("smallint")),
    ("MAXIMUM_SCALE", SqlType("smallint")),
    ("SQL_DATA_TYPE", SqlType("smallint")),
    ("SQL_DATETIME_SUB", SqlType("smallint")),
    ("NUM_PREC_RADIX", SqlType("int")),
    ("INTERVAL_PRECISION", SqlType("smallint")),
    ("USERTYPE", SqlType("smallint")),
)
# What ODBC asks for: timestamp (93) and the character types; the first columns of sp_datatype_info's rows.
_INFO_ROWS = {
    93: ("datetime2", 93, 27, "'", "'", "scale", 1, 0, 3, None, 0, None, "datetime2", 0, 7, 9, 3, None, None, 0),
    12: ("varchar", 12, 8000, "'", "'", "max length", 1, 0, 3, None, 0, None, "varchar", None, None, 12) + (None,) * 4,
    -9: ("nvarchar", -9, 4000, "N'", "'", "max length", 1, 0, 3, None, 0, None, "nvarchar", None, None, -9)
    + (None,) * 4,
    -3: ("varbinary", -3, 8000, "0x", None, "max length", 1, 0, 2, None, 0, None, "varbinary", None, None, -3)
    + (None,) * 4,
}


def _datatype_info(_session: ScriptedSession, parameters: tuple[Parameter, ...]) -> Iterator[Event]:
    rows = [row for code, row in _INFO_ROWS.items() if parameters and code == parameters[0].value]
    yield Columns(tuple(Column(name, sql_type) for name, sql_type in _INFO_COLUMNS))
    yield from (Row(row) for row in rows)
    yield Done(len(rows), is_select=True)
