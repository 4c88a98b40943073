# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Autocommit off, as each client does it."""

from __future__ import annotations

import pyodbc
import pytest

from simulator.engine.events import Done, SqlType
from simulator.tds.server import TdsServer
from tests.simulator.tds.clients import OPENERS, eventually, open_pytds
from tests.simulator.tds.conftest import Connect
from tests.simulator.tds.raw_client import NO_TRANSACTION, RawClient, batch, error_number, last_done, packet
from tests.simulator.tds.scripted import ScriptedServer, select


@pytest.fixture(autouse=True)
def _scripts(engine: ScriptedServer) -> None:
    engine.answer("INSERT t", Done(1))
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))


def _story(engine: ScriptedServer) -> list[str]:
    """What happened to transactions, with the inserts between."""
    told = ("begin", "commit", "rollback")
    return [
        str(entry[0]) if entry[0] in told else "insert"
        for entry in engine.journal
        if entry[0] in told or entry[:2] == ("execute", "INSERT t")
    ]


@pytest.mark.parametrize("library", OPENERS)
def test_commit_and_roll_back(engine: ScriptedServer, listening: TdsServer, library: str) -> None:
    connection = OPENERS[library](listening.port, autocommit=False)
    connection.cursor().execute("INSERT t")
    connection.commit()
    connection.cursor().execute("INSERT t")
    connection.rollback()
    connection.cursor().execute("INSERT t")
    connection.close()
    assert eventually(engine.sessions[0].closed.is_set)
    story = _story(engine)
    # All of them begin the next transaction at once; only ODBC rolls back what is left open at the end.
    assert story[:8] == ["begin", "insert", "commit", "begin", "insert", "rollback", "begin", "insert"]
    assert story[8:] == (["rollback", "begin"] if library == "pyodbc" else [])


def test_every_request_belongs_to_the_transaction(engine: ScriptedServer, connect: Connect) -> None:
    """The client repeats the descriptor that ENVCHANGE gave it, or it is refused with 3989."""
    connection = connect(autocommit=False)
    for _ in range(5):
        assert connection.execute("SELECT 1").fetchval() == 1
        connection.commit()
    connection.autocommit = True
    assert connection.execute("SELECT 1").fetchval() == 1


def test_batch_that_begins_a_transaction(engine: ScriptedServer, connect: Connect) -> None:
    connection = connect()
    connection.execute("BEGIN TRANSACTION")
    assert engine.sessions[0].transaction_descriptor
    assert connection.execute("SELECT 1").fetchval() == 1
    connection.execute("COMMIT TRANSACTION")
    assert not engine.sessions[0].transaction_descriptor
    assert connection.execute("SELECT 1").fetchval() == 1


def test_commit_without_a_transaction_is_told(engine: ScriptedServer, connect: Connect) -> None:
    with pytest.raises(pyodbc.Error, match="3902"):
        connect().execute("COMMIT TRANSACTION")


def test_request_outside_of_its_transaction_is_refused(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch("BEGIN TRANSACTION"))
        client.message()
        client.send(batch("SELECT 1"))
        assert error_number(client.message()) == 3989
    assert [entry[1] for entry in engine.saw("execute")] == ["BEGIN TRANSACTION"]


def test_isolation_level_of_a_transaction(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(packet(14, NO_TRANSACTION + b"\x05\x00\x04\x00"))
        assert last_done(client.message()) == (0xFD, 0)
    assert engine.saw("execute")[0][1] == "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
    assert engine.saw("begin")


def test_reset_of_a_connection(engine: ScriptedServer, listening: TdsServer) -> None:
    """What a pool sends before it hands the connection on: the login's database, and no transaction."""
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(batch("USE Registration"))
        client.message()
        client.send(batch("SELECT 1", status=0x01 | 0x08))
        answer = client.message()
        assert answer.startswith(bytes.fromhex("e3 0300 12 00 00"))
        assert "master".encode("utf-16-le") in answer
        assert last_done(answer) == (0xFD, 0x10)
    assert engine.saw("reset")
    assert engine.sessions[0].database == "master"


def test_pooled_connection_of_pytds(engine: ScriptedServer, listening: TdsServer) -> None:
    for _ in range(2):
        with open_pytds(listening.port, pooling=True) as connection, connection.cursor() as cursor:
            assert cursor.execute_scalar("SELECT 1") == 1
    assert len(engine.sessions) == 1
    assert engine.saw("reset")


@pytest.mark.parametrize("kind", [0, 1, 6, 99])
def test_distributed_transactions_are_refused(engine: ScriptedServer, listening: TdsServer, kind: int) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(packet(14, NO_TRANSACTION + kind.to_bytes(2, "little") + bytes(8)))
        answer = client.message()
        assert error_number(answer) == 50000
        assert client.message() == b""
