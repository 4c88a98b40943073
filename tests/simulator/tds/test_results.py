# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Result sets, messages, errors: what arrives, in which order, and when."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pymssql
import pyodbc
import pytds
import pytest

from simulator.engine.events import Column, Columns, Done, Event, Message, Parameter, Row, SqlType
from simulator.tds.server import TdsServer
from tests.simulator.tds.clients import OPENERS, error_numbers, eventually, open_pytds
from tests.simulator.tds.conftest import Connect
from tests.simulator.tds.scripted import ScriptedServer, ScriptedSession, select

ERRORS = (
    Message(4305, 16, 1, "The log in this backup set begins at LSN 36000000030400001, which is too recent."),
    Message(3013, 16, 1, "RESTORE LOG is terminating abnormally."),
)


@pytest.mark.parametrize("library", OPENERS)
def test_several_results_in_one_batch(engine: ScriptedServer, listening: TdsServer, library: str) -> None:
    engine.answer(
        "three",
        *select("number", SqlType("int"), 1, 2),
        Done(3),
        *select("word", SqlType("nvarchar", 10), "empat"),
    )
    cursor = OPENERS[library](listening.port).cursor()
    cursor.execute("three")
    results, counts = [_rows(cursor)], [cursor.rowcount]
    while cursor.nextset():
        results.append(_rows(cursor))
        counts.append(cursor.rowcount)
    # A count without rows is a result of its own for ODBC and python-tds; pymssql passes over it.
    assert [rows for rows in results if rows] == [[1, 2], ["empat"]]
    assert 3 in counts or library == "pymssql"


def _rows(cursor: Any) -> list[Any]:
    return [row[0] for row in cursor.fetchall()] if cursor.description else []


def test_counts_and_no_counts(engine: ScriptedServer, connect: Connect) -> None:
    engine.answer("UPDATE t", Done(7))
    engine.answer("CREATE TABLE t", Done())
    connection = connect()
    assert connection.execute("UPDATE t").rowcount == 7
    assert connection.execute("CREATE TABLE t").rowcount <= 0


@pytest.mark.parametrize("library", OPENERS)
def test_errors_carry_their_numbers(engine: ScriptedServer, listening: TdsServer, library: str) -> None:
    engine.answer("RESTORE LOG", *ERRORS, Done(error=True))
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))
    cursor = OPENERS[library](listening.port).cursor()
    with pytest.raises((pyodbc.Error, pymssql.Error, pytds.Error)) as failed:
        cursor.execute("RESTORE LOG")
    # python-tds shows the last number, the others the first.
    assert error_numbers(failed.value) & {4305, 3013}
    assert "too recent" in str(failed.value)
    cursor.execute("SELECT 1")
    assert cursor.fetchall()[0][0] == 1


def test_error_after_rows_surfaces_when_the_rows_are_read(engine: ScriptedServer, connect: Connect) -> None:
    engine.answer("late", *select("n", SqlType("int"), 1, 2), Done(1), *ERRORS, Done(error=True))
    cursor = connect().execute("late")
    assert len(cursor.fetchall()) == 2
    with pytest.raises(pyodbc.Error, match="4305"):
        while cursor.nextset():
            pass


def test_error_line_and_procedure(engine: ScriptedServer, listening: TdsServer) -> None:
    engine.answer("EXEC p", Message(50000, 16, 3, "own error", procedure="p", line=17), Done(error=True))
    with open_pytds(listening.port) as connection, connection.cursor() as cursor:
        with pytest.raises(pytds.Error) as failed:
            cursor.execute("EXEC p")
        shown = failed.value
    assert (shown.number, shown.severity, shown.state) == (50000, 16, 3)
    assert (shown.procname, shown.line, shown.srvname) == ("p", 17, "PRODUCTION")


@pytest.mark.parametrize("library", OPENERS)
def test_informational_messages_are_no_errors(engine: ScriptedServer, listening: TdsServer, library: str) -> None:
    """Severity 10 goes over the wire as 0: pymssql takes what is alone in a batch and 6 or more for an error."""
    engine.answer("USE Ward", Message(5701, 10, 1, "Changed database context to 'Ward'."), Done())
    OPENERS[library](listening.port).cursor().execute("USE Ward")


@pytest.mark.parametrize("library", OPENERS)
def test_twenty_thousand_rows(engine: ScriptedServer, listening: TdsServer, library: str) -> None:
    columns = Columns((Column("id", SqlType("int")), Column("name", SqlType("nvarchar", 50))))

    def rows(_session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        yield columns
        for number in range(20_000):
            yield Row((number, f"pasien {number}" if number % 3 else None))
        yield Done(20_000, is_select=True)

    engine.scripts["SELECT all"] = rows
    cursor = OPENERS[library](listening.port).cursor()
    started = time.monotonic()
    cursor.execute("SELECT all")
    read = cursor.fetchall()
    assert time.monotonic() - started < 10
    assert len(read) == 20_000
    assert all(tuple(row) == (n, f"pasien {n}" if n % 3 else None) for n, row in enumerate(read))


@pytest.mark.parametrize("library", OPENERS)
def test_statement_of_sixty_kilobytes(engine: ScriptedServer, listening: TdsServer, library: str) -> None:
    statement = "SELECT 1 -- " + "ü日" * 30_000
    engine.answer(statement, *select("one", SqlType("int"), 1))
    cursor = OPENERS[library](listening.port).cursor()
    cursor.execute(statement)
    assert cursor.fetchall()[0][0] == 1


def test_engine_that_breaks_is_reported_and_the_connection_ends(engine: ScriptedServer, connect: Connect) -> None:
    def broken(_session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        yield Message(0, 10, 1, "so far so good")
        raise ZeroDivisionError("by zero")

    engine.scripts["break"] = broken
    cursor = connect().cursor()
    with pytest.raises(pyodbc.Error, match=r"ZeroDivisionError.*by zero"):
        cursor.execute("break")
        while cursor.nextset():
            pass
    assert eventually(engine.sessions[0].closed.is_set)


class Restore:
    """A statement that reports its progress and waits for the test between its messages."""

    TEXT = "RESTORE DATABASE Registration"

    def __init__(self, engine: ScriptedServer) -> None:
        self.go_on = threading.Semaphore(0)
        self.ended_as = ""
        engine.scripts[self.TEXT] = self._run

    def _run(self, session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        try:
            for percent in (10, 50, 90):
                yield Message(3211, 10, 1, f"{percent} percent processed.")
                yield Done()
                if not self._may_go_on(session):
                    return
            yield Message(3014, 10, 1, "RESTORE DATABASE successfully processed 100 pages.")
            yield Done()
            self.ended_as = "complete"
        except GeneratorExit:
            self.ended_as = "broken off"
            raise

    def _may_go_on(self, session: ScriptedSession) -> bool:
        """Gives up after five seconds: a test that nobody answers must fail, not hang."""
        for _ in range(500):
            if self.go_on.acquire(timeout=0.01):
                return True
            if session.cancelled.is_set():
                break
        self.ended_as = "cancelled"
        return False


def test_messages_arrive_while_the_statement_runs(engine: ScriptedServer, connect: Connect) -> None:
    """Each execute or nextset returns with one message, long before the statement ends."""
    restore = Restore(engine)
    cursor = connect().cursor()
    cursor.execute(restore.TEXT)
    seen = [_text(cursor)]
    assert restore.ended_as == ""
    for _ in range(3):
        restore.go_on.release()
        assert cursor.nextset()
        seen.append(_text(cursor))
    assert not cursor.nextset()
    assert [text.split(" percent")[0][-2:] for text in seen[:3]] == ["10", "50", "90"]
    assert "successfully processed" in seen[3]
    assert restore.ended_as == "complete"


def _text(cursor: pyodbc.Cursor) -> str:
    return " ".join(text for _state, text in cursor.messages)


def test_pytds_sees_messages_live(engine: ScriptedServer, listening: TdsServer) -> None:
    restore = Restore(engine)
    for _ in range(3):
        restore.go_on.release()
    with open_pytds(listening.port) as connection, connection.cursor() as cursor:
        cursor.execute(restore.TEXT)
        while cursor.nextset():
            pass
        texts = [str(message[1]) for message in cursor.messages]
    assert len(texts) == 4
    assert restore.ended_as == "complete"


def test_client_that_does_not_drain_breaks_the_statement_off(engine: ScriptedServer, connect: Connect) -> None:
    restore = Restore(engine)
    connection = connect()
    connection.execute(restore.TEXT)
    connection.close()
    assert eventually(lambda: restore.ended_as)
    assert restore.ended_as != "complete"
    assert engine.saw("cancel")
    assert eventually(engine.sessions[0].closed.is_set)


def test_closing_the_cursor_early_breaks_it_off_and_the_connection_lives(
    engine: ScriptedServer, connect: Connect
) -> None:
    restore = Restore(engine)
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))
    connection = connect()
    connection.execute(restore.TEXT).close()
    assert eventually(lambda: restore.ended_as)
    assert restore.ended_as != "complete"
    assert connection.execute("SELECT 1").fetchval() == 1


def test_print_then_select(engine: ScriptedServer, connect: Connect) -> None:
    """The DONE of a finished statement leaves before the message of the next one."""
    engine.answer(
        "mixed",
        Message(0, 0, 1, "before"),
        *select("n", SqlType("int"), 1),
        Message(0, 0, 1, "between"),
        *select("n", SqlType("int"), 2),
    )
    cursor = connect().execute("mixed")
    assert "before" in _text(cursor)
    assert cursor.fetchall()[0][0] == 1
    assert cursor.nextset()
    assert "between" in _text(cursor)
    assert cursor.fetchall()[0][0] == 2
    assert not cursor.nextset()


def test_database_change_is_known_to_the_client(engine: ScriptedServer, connect: Connect) -> None:
    connection = connect()
    connection.execute("USE Registration")
    assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == "Registration"
    assert engine.sessions[0].database == "Registration"
