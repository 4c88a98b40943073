# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A session with a SQL Server over ODBC.

BACKUP and RESTORE answer with several results, and errors may come in the last: every result is drained before a
statement counts as finished, and even then it is the server's own tables that are believed, not this client.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any, Callable

from ..recovery import tsql
from ..recovery.errors import RecoveryError, ServerUnreachable
from .mssql_login import PROGRAM, connection_string, refused
from .mssql_messages import ServerMessage, lost, messages_of, notice, statement_failed

__all__ = ["PROGRAM", "Server", "ServerMessage"]

Row = dict[str, Any]
Listener = Callable[[ServerMessage], None]
# More results than any statement of ours gives: an end for a driver that never says that there are no more.
_MOST_RESULTS = 100_000

#: The database is in use (3101), single-user and somebody else is it (924, 5064), or a lock on it could not be had:
#: somebody was faster, and trying again helps.
IN_USE = (3101, 924, 1807, 5061, 5064, 5070)


class Server:
    """One session, in autocommit: BACKUP and RESTORE are refused inside of a transaction (3021).

    ``statements`` grows with all that was executed, and with ``record_queries`` with all that was asked too. With
    ``dry`` statements that change something are only written down: that is check mode.
    """

    def __init__(
        self, params: dict[str, Any], *, database: str = "master", dry: bool = False, record_queries: bool = False
    ) -> None:
        self.where = f"{params['login_host']}:{params['login_port']}"
        self.dry = dry
        self._record_queries = record_queries
        self.statements: list[str] = []
        self._running: Any = None
        self._odbc = _driver()
        self._connection = self._open(params, database)

    def _open(self, params: dict[str, Any], database: str) -> Any:
        text = connection_string(params, database)
        try:
            return self._odbc.connect(text, autocommit=True, timeout=params["connect_timeout"])
        except self._odbc.Error as error:
            words = str(error.args[-1])
            if "(18456)" in words and database != "master":
                # FreeTDS keeps the second error of a login only; the first, 4060, would name the database
                self._open(params, "master").close()
                words = f"[42000] [SQL Server]Cannot open database '{database}' (4060)"
            raise refused(params, database, words) from None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        try:
            self._connection.close()
        except self._odbc.Error:
            pass  # it is gone already

    @property
    def session_id(self) -> int:
        """@@SPID, by which management views name this session."""
        return int(self.query(tsql.session_id())[0]["session_id"])

    def cancel(self) -> None:
        """From another thread: asks the server to give up what this session runs."""
        cursor = self._running
        if cursor is not None:
            try:
                cursor.cancel()
            except self._odbc.Error:
                pass  # it ended in between

    def query(self, statement: str, *parameters: Any, about: str = "") -> list[Row]:
        """The rows of the first result set, as dictionaries; LSNs are integers, GUIDs lower-case, SIDs 0x text."""
        if self._record_queries and statement not in self.statements:
            self.statements.append(statement)
        rows, _messages = self._run(statement, parameters, about or self.where, None)
        return rows

    def execute(self, statement: str, *, about: str, on_message: Listener | None = None) -> list[ServerMessage]:
        """Runs a statement to its very end and returns what the server said; StatementFailed when it refused."""
        self.statements.append(statement)
        if self.dry:
            return []
        _rows, messages = self._run(statement, (), about, on_message)
        return messages

    def execute_in(self, database: str, statement: str, *, about: str) -> None:
        """Inside of ``database``, and back again: a session that stays in a database stands in a restore's way."""
        self.execute(tsql.use(database), about=about)
        try:
            self.execute(statement, about=about)
        finally:
            self.execute(tsql.use("master"), about=about)

    def clock(self) -> tuple[datetime, timezone]:
        """The server's local time, aware, and its zone as the offset of this moment."""
        row = self.query(tsql.clock())[0]
        zone = timezone(timedelta(minutes=row["utc_offset_minutes"]))
        return row["local_time"].replace(tzinfo=zone), zone

    @cached_property
    def zone(self) -> timezone:
        """Of the server's clock, as it was when this session first asked."""
        return self.clock()[1]

    @cached_property
    def major_version(self) -> int:
        """15 for SQL Server 2019: a backup of a newer one cannot be restored."""
        return int(str(self.query(tsql.server_properties())[0]["ProductVersion"]).split(".", 1)[0])

    def _run(
        self, statement: str, parameters: tuple[Any, ...], about: str, listener: Listener | None
    ) -> tuple[list[Row], list[ServerMessage]]:
        rows: list[Row] = []
        said: list[ServerMessage] = []
        errors: list[ServerMessage] = []
        cursor = self._running = self._connection.cursor()
        for step in self._results(cursor, statement, parameters):
            if isinstance(step, Exception):
                self._raise_if_lost(step, about)
                errors += [message for message in messages_of(step) if message not in errors]
                continue
            for message in notice(step.messages):
                said.append(message)
                if listener:
                    listener(message)
            if step.description and not rows:
                rows = _rows(step)
        self._running = None
        cursor.close()
        if errors:
            raise statement_failed(about, errors)
        return rows, said

    def _results(self, cursor: Any, statement: str, parameters: tuple[Any, ...]) -> Iterator[Any]:
        """The cursor, once per result, and the errors between them. After an error the rest is drained too."""
        last = ""
        try:
            cursor.execute(statement, *parameters)
            yield cursor
        except self._odbc.Error as error:
            last = str(error)
            yield error
        for _unused in range(_MOST_RESULTS):
            try:
                if not cursor.nextset():
                    return
                yield cursor
            except self._odbc.Error as error:
                if str(error) == last:
                    return  # the driver repeats itself: there is no more
                last = str(error)
                yield error

    def _raise_if_lost(self, error: Exception, about: str) -> None:
        """An error without a number of SQL Server's may be anything: then the server is asked for a sign of life."""
        if lost(error) or (not messages_of(error)[0].number and not self._alive()):
            raise ServerUnreachable(
                f"{about}: the connection to {self.where} broke while a statement ran: {error.args[-1]}",
                hint="Nobody knows how far it came. See that the server is up, then run again: the server's own "
                "state is asked first.",
            )

    def _alive(self) -> bool:
        try:
            self._connection.cursor().execute(tsql.session_id()).fetchone()
        except self._odbc.Error:
            return False
        return True


def _driver() -> Any:
    try:
        import pyodbc
    except ImportError as error:
        if error.name == "pyodbc":
            raise  # the shell says which Python lacks it
        hint = "Install the driver manager where Ansible runs (Debian: unixodbc, and tdsodbc for the driver FreeTDS)."
        raise RecoveryError(f"pyodbc cannot be loaded: {error}", hint=hint) from None
    pyodbc.pooling = False  # a pooled session outlives close() and may stand in a restore's way
    return pyodbc


def _rows(cursor: Any) -> list[Row]:
    names = [column[0] for column in cursor.description]
    return [{name: _value(name, value) for name, value in zip(names, row)} for row in cursor.fetchall()]


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)  # numeric(25,0) and (20,0): LSNs and sizes
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex().upper()
    if isinstance(value, str) and name.lower().endswith(("guid", "uuid", "forkid", "setid", "job_id")):
        return value.lower()
    return value
