# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Timeouts, cancels and clients that vanish while something runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pymssql
import pyodbc
import pytest

from simulator.engine.events import Column, Columns, Done, Event, Message, Parameter, Row, SqlType
from simulator.tds.server import TdsServer, serve
from tests.simulator.tds.clients import eventually, open_pymssql, open_pyodbc, open_pytds
from tests.simulator.tds.conftest import Connect
from tests.simulator.tds.raw_client import RawClient, batch, last_done, packet
from tests.simulator.tds.scripted import ScriptedServer, ScriptedSession, select

pytestmark = pytest.mark.slow

WAIT = "WAITFOR DELAY '00:01:00'"
ENDLESS = "SELECT endless"


def _wait(session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
    session.cancelled.wait(60)
    yield Done()


def _endless(_session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
    yield Columns((Column("text", SqlType("nvarchar", 4000)),))
    while True:
        yield Row(("x" * 4000,))


@pytest.fixture(autouse=True)
def _scripts(engine: ScriptedServer) -> None:
    engine.scripts[WAIT] = _wait
    engine.scripts[ENDLESS] = _endless
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))


def test_timeout_of_pyodbc(engine: ScriptedServer, connect: Connect) -> None:
    connection = connect()
    connection.timeout = 1
    started = time.monotonic()
    with pytest.raises(pyodbc.Error, match="HYT00"):
        connection.execute(WAIT)
    assert time.monotonic() - started < 20
    assert engine.saw("cancel")
    assert connection.execute("SELECT 1").fetchval() == 1


def test_cancel_of_pyodbc(engine: ScriptedServer, connect: Connect) -> None:
    connection = connect()
    cursor = connection.cursor()
    timer = threading.Timer(0.3, cursor.cancel)
    timer.start()
    with pytest.raises(pyodbc.Error, match="HY008"):
        cursor.execute(WAIT)
    timer.join()
    assert engine.saw("cancel")
    assert connection.execute("SELECT 1").fetchval() == 1


def test_timeout_of_pytds(engine: ScriptedServer, listening: TdsServer) -> None:
    connection = open_pytds(listening.port, timeout=1)
    with connection.cursor() as cursor, pytest.raises(TimeoutError):
        cursor.execute(WAIT)
    with connection.cursor() as cursor:
        assert cursor.execute_scalar("SELECT 1") == 1
    connection.close()


def test_timeout_of_pymssql(engine: ScriptedServer, listening: TdsServer) -> None:
    connection = open_pymssql(listening.port, timeout=1)
    with pytest.raises(pymssql.Error):
        connection.cursor().execute(WAIT)
    assert eventually(lambda: engine.saw("cancel"))
    connection.close()
    assert eventually(lambda: listening.connection_count == 0)


def test_half_read_result_is_given_up(engine: ScriptedServer, connect: Connect) -> None:
    """The server is blocked in sending when the attention comes: it must be read nevertheless."""
    connection = connect()
    cursor = connection.execute(ENDLESS)
    assert len(cursor.fetchmany(10)) == 10
    cursor.close()
    assert connection.execute("SELECT 1").fetchval() == 1
    assert ("broken off", ENDLESS) in engine.journal


def test_client_that_vanishes_ends_its_session(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch(WAIT))
        assert eventually(lambda: engine.saw("execute"))
    assert eventually(engine.sessions[0].closed.is_set)
    assert engine.saw("cancel")
    assert eventually(lambda: listening.connection_count == 0)


def test_client_that_vanishes_mid_result(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch(ENDLESS))
        client.packet()
    assert eventually(engine.sessions[0].closed.is_set)


def test_attention_gets_two_answers_while_a_request_runs(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch(WAIT))
        assert eventually(lambda: engine.saw("execute"))
        client.send(packet(6, b""))
        assert last_done(client.message()) == (0xFD, 0x02)
        assert last_done(client.message()) == (0xFD, 0x20)
        client.send(batch("SELECT 1"))
        assert last_done(client.message()) == (0xFD, 0x10)


def test_late_attention_is_acknowledged(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch("SELECT 1"))
        assert last_done(client.message()) == (0xFD, 0x10)
        client.send(packet(6, b""))
        assert last_done(client.message()) == (0xFD, 0x20)
        client.send(batch("SELECT 1"))
        assert last_done(client.message()) == (0xFD, 0x10)
    assert not engine.saw("cancel")


def test_attention_in_the_middle_of_a_request(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch("SELECT never finished", status=0))
        client.send(packet(6, b""))
        assert last_done(client.message()) == (0xFD, 0x20)
        client.send(batch("SELECT 1"))
        assert last_done(client.message()) == (0xFD, 0x10)
    assert [entry[1] for entry in engine.saw("execute")] == ["SELECT 1"]


def test_request_that_is_taken_back_is_not_run(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch("DROP DATABASE Registration", status=0x01 | 0x02))
        assert last_done(client.message()) == (0xFD, 0x02)
    assert not engine.saw("execute")


def test_killed_session_loses_its_connection(engine: ScriptedServer, listening: TdsServer) -> None:
    connection = open_pyodbc(listening.port)
    engine.sessions[0].killed = True
    assert eventually(engine.sessions[0].closed.is_set)
    with pytest.raises(pyodbc.Error):
        connection.execute("SELECT 1")


def test_killed_session_says_so_to_who_asks_at_once(engine: ScriptedServer, connect: Connect) -> None:
    """Also when its transaction was rolled back behind the client's back."""
    connection = connect(autocommit=False)
    session = engine.sessions[0]
    connection.execute("SELECT 1").fetchall()
    session.killed, session.transaction_descriptor = True, 0
    with pytest.raises(pyodbc.Error, match="596"):
        connection.execute("SELECT 1")
    assert eventually(session.closed.is_set)


def test_what_a_cancelled_statement_ended_is_told(engine: ScriptedServer, connect: Connect) -> None:
    """Under XACT_ABORT a cancel rolls back; a client that missed it would send a stale transaction (3989)."""

    def roll_back_when_cancelled(session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        session.cancelled.wait(30)
        yield Message(0, 10, 1, "cancelled")
        yield from session.rollback()

    engine.scripts["UPDATE t"] = roll_back_when_cancelled
    connection = connect()
    connection.execute("BEGIN TRANSACTION")
    connection.timeout = 1
    with pytest.raises(pyodbc.Error, match="HYT00"):
        connection.execute("UPDATE t")
    assert connection.execute("SELECT 1").fetchval() == 1


def test_stop_cancels_what_runs(engine: ScriptedServer) -> None:
    listening = serve(engine)
    failures: list[pyodbc.Error] = []

    def work() -> None:
        try:
            open_pyodbc(listening.port).execute(WAIT)
        except pyodbc.Error as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert eventually(lambda: ("execute", WAIT, ()) in engine.journal)
    started = time.monotonic()
    listening.stop()
    thread.join()
    assert time.monotonic() - started < 20
    assert failures
    assert engine.sessions[0].closed.is_set()


def test_dropped_connections_end_and_new_ones_are_welcome(engine: ScriptedServer, listening: TdsServer) -> None:
    connection = open_pyodbc(listening.port)
    listening.drop_connections()
    with pytest.raises(pyodbc.Error):
        connection.execute("SELECT 1")
    assert open_pyodbc(listening.port).execute("SELECT 1").fetchval() == 1
