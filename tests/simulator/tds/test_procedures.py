# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Remote procedure calls: the family that prepares statements, and the engine's own procedures."""

from __future__ import annotations

import struct

import pyodbc
import pytds
import pytest

from simulator.engine.events import Done, Message, ReturnStatus, ReturnValue, SqlType
from simulator.tds import declarations
from simulator.tds.refusals import ProtocolError
from simulator.tds.server import TdsServer
from tests.simulator.tds.clients import open_pytds
from tests.simulator.tds.conftest import Connect
from tests.simulator.tds.raw_client import NO_TRANSACTION, RawClient, error_number, last_done, packet
from tests.simulator.tds.scripted import ScriptedServer, select

EXECUTESQL, PREPARE, EXECUTE, PREPEXEC, UNPREPARE = 10, 11, 12, 13, 15


def _int(value: int | None, *, output: bool = False) -> bytes:
    data = b"\x00" if value is None else b"\x04" + struct.pack("<i", value)
    return bytes([0, output, 0x26, 4]) + data


def _text(value: str | None) -> bytes:
    data = b"\xff\xff" if value is None else struct.pack("<H", 2 * len(value)) + value.encode("utf-16-le")
    return b"\x00\x00\xe7" + struct.pack("<H", 8000) + bytes(5) + data


def _call(procedure: int | str, *parameters: bytes) -> bytes:
    if isinstance(procedure, int):
        name = struct.pack("<HH", 0xFFFF, procedure)
    else:
        name = struct.pack("<H", len(procedure)) + procedure.encode("utf-16-le")
    return name + bytes(2) + b"".join(parameters)


def _rpc(*calls: bytes) -> bytes:
    return packet(3, NO_TRANSACTION + b"\x80".join(calls))


@pytest.fixture(autouse=True)
def _scripts(engine: ScriptedServer) -> None:
    engine.answer("SELECT @a", *select("a", SqlType("int"), 1))


def test_prepare_execute_unprepare(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(_rpc(_call(PREPARE, _int(None, output=True), _text("@a int"), _text("SELECT @a"), _int(1))))
        answer = client.message()
        assert b"\xac\x00\x00" in answer
        handle = answer[-17:-13]
        assert handle == struct.pack("<i", 1)
        for value in (5, 6):
            client.send(_rpc(_call(EXECUTE, _int(1), _int(value))))
            assert last_done(client.message()) == (0xFE, 0)
        client.send(_rpc(_call(UNPREPARE, _int(1))))
        assert last_done(client.message()) == (0xFE, 0)
        client.send(_rpc(_call(EXECUTE, _int(1), _int(7))))
        answer = client.message()
        assert error_number(answer) == 8179
        assert last_done(answer) == (0xFE, 0x02)
    assert [parameters[0].value for parameters in engine.parameters_of("SELECT @a")] == [5, 6]


def test_prepexec_replaces_the_old_handle(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        for old in (None, 1):
            client.send(_rpc(_call(PREPEXEC, _int(old, output=True), _text("@a int"), _text("SELECT @a"), _int(3))))
            assert last_done(client.message()) == (0xFE, 0)
        client.send(_rpc(_call(EXECUTE, _int(1), _int(3))))
        assert error_number(client.message()) == 8179
        client.send(_rpc(_call(EXECUTE, _int(2), _int(3))))
        assert error_number(client.message()) == -1


def test_prepared_statements_do_not_survive_a_reset(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(_rpc(_call(PREPARE, _int(None, output=True), _text(None), _text("SELECT @a"))))
        client.message()
        reset = bytearray(_rpc(_call(EXECUTE, _int(1))))
        reset[1] |= 0x08
        client.send(bytes(reset))
        assert error_number(client.message()) == 8179


def test_several_calls_in_one_request(engine: ScriptedServer, listening: TdsServer) -> None:
    call = _call(EXECUTESQL, _text("SELECT @a"), _text("@a int"), _int(1))
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(_rpc(call, call, call))
        answer = client.message()
    assert len(engine.saw("execute")) == 3
    assert answer.count(b"\xfe\x01\x00") == 2, "each DONEPROC but the last says that more follows"
    assert last_done(answer) == (0xFE, 0)


@pytest.mark.parametrize("name", ["sp_executesql", "sys.sp_executesql", "[master].[sys].[sp_executesql]"])
def test_executesql_by_name(engine: ScriptedServer, listening: TdsServer, name: str) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(_rpc(_call(name, _text("SELECT @a"), _text("@a int"), _int(1))))
        assert last_done(client.message()) == (0xFE, 0)
    assert engine.saw("execute")[0][1] == "SELECT @a"


@pytest.mark.parametrize(
    ("parameters", "number"),
    [
        ((_text("SELECT @a"), _text("@a int")), 8178),
        ((_text("SELECT @a"), _text("@a int"), _int(1), _int(2)), 8144),
        ((_text("SELECT @a"), _text("@a hologram"), _int(1)), 102),
        ((_int(1),), 214),
        ((), 214),
    ],
)
def test_wrong_calls_of_executesql(
    engine: ScriptedServer, listening: TdsServer, parameters: tuple[bytes, ...], number: int
) -> None:
    with RawClient(listening.port) as client:
        client.log_in()
        client.send(_rpc(_call(EXECUTESQL, *parameters)))
        assert error_number(client.message()) == number
        client.send(_rpc(_call(EXECUTESQL, _text("SELECT @a"), _text("@a int"), _int(1))))
        assert last_done(client.message()) == (0xFE, 0), "the connection lives"
    assert len(engine.saw("execute")) == 1


def test_procedure_with_outputs_and_status(engine: ScriptedServer, listening: TdsServer) -> None:
    engine.procedures["measure"] = lambda _session, parameters: [
        *select("n", SqlType("int"), 1),
        ReturnValue(parameters[1].name, SqlType("nvarchar", 20), f"<{parameters[0].value}>"),
        ReturnStatus(4),
    ]
    with open_pytds(listening.port) as connection, connection.cursor() as cursor:
        cursor.callproc("measure", ("a", pytds.output(None, "nvarchar(20)")))
        assert cursor.fetchall() == [(1,)]
        assert cursor.get_proc_return_status() == 4
        assert list(cursor.get_proc_outputs()) == ["<a>"]


def test_unknown_procedure_is_2812(engine: ScriptedServer, listening: TdsServer) -> None:
    with (
        open_pytds(listening.port) as connection,
        connection.cursor() as cursor,
        pytest.raises(pytds.Error, match="Could not find stored procedure 'sp_nothing'"),
    ):
        cursor.callproc("sp_nothing", ())


def test_status_of_a_procedure_inside_a_batch(engine: ScriptedServer, connect: Connect) -> None:
    engine.answer("EXEC p; SELECT", Done(2), ReturnStatus(0), Done(), *select("n", SqlType("int"), 9))
    cursor = connect().execute("EXEC p; SELECT")
    while cursor.description is None:
        assert cursor.nextset()
    assert [row[0] for row in cursor.fetchall()] == [9]
    assert not cursor.nextset()


def test_error_inside_a_parameterised_statement(engine: ScriptedServer, connect: Connect) -> None:
    engine.answer("INSERT t VALUES (@P1)", Message(2627, 14, 1, "Violation of PRIMARY KEY."), Done(error=True))
    connection = connect()
    with pytest.raises(pyodbc.Error, match="2627"):
        connection.execute("INSERT t VALUES (?)", 1)
    with pytest.raises(pyodbc.Error, match="2627"):
        connection.execute("INSERT t VALUES (?)", 1)


def test_declarations() -> None:
    parsed = declarations.parse(
        "@P1 int, @name NVARCHAR(MAX) OUTPUT,@d decimal( 18 , 2 ),@t datetime2,@t3 datetime2(3), @c char, @f float(24)"
    )
    assert [(item.name, item.type, item.output) for item in parsed] == [
        ("@P1", SqlType("int"), False),
        ("@name", SqlType("nvarchar", -1), True),
        ("@d", SqlType("decimal", 0, 18, 2), False),
        ("@t", SqlType("datetime2", 0, 27, 7), False),
        ("@t3", SqlType("datetime2", 0, 23, 3), False),
        ("@c", SqlType("char", 1), False),
        ("@f", SqlType("float", 0, 24), False),
    ]


@pytest.mark.parametrize("text", ["int", "@a", "@a int @b int", "@a int)", "@a nvarchar(x)", "@a int; DROP TABLE t"])
def test_declarations_that_are_none(text: str) -> None:
    with pytest.raises(ProtocolError, match="102"):
        declarations.parse(text)
