# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client against a server that speaks TDS and says what a script tells it to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import tsql
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    ServerUnreachable,
    StatementFailed,
)

from simulator.engine.events import Column, Columns, Done, Event, Message, Row, SqlType
from simulator.tds.server import TdsServer
from tests.simulator.tds.scripted import ScriptedServer, ScriptedSession

from .conftest import scripted_login

BACKUP = tsql.backup_log("Sales", ["/b/1.trn"])


@pytest.fixture
def server(listening: TdsServer) -> Iterator[Server]:
    with Server(scripted_login(listening.port)) as connected:
        yield connected


def failed(*messages: Message) -> list[Event]:
    return [*messages, Done(error=True)]


def said(number: int, text: str) -> list[Event]:
    """BACKUP and RESTORE end every message with a DONE of its own."""
    return [Message(number, 10 if number in (3211, 3014, 4035) else 16, 1, text), Done()]


def test_every_result_is_drained(engine: ScriptedServer, server: Server) -> None:
    percents = [event for n in (10, 50, 100) for event in said(3211, f"{n} percent processed.")]
    engine.answer(BACKUP, *percents, *said(3014, "BACKUP LOG successfully processed 2 pages."), Done())
    heard: list[int | None] = []
    messages = server.execute(BACKUP, about="Sales", on_message=lambda message: heard.append(message.percent))
    assert engine.saw("finished")[-1] == ("finished", BACKUP)
    assert not engine.saw("broken off")
    assert heard == [10, 50, 100, None]
    assert [message.number for message in messages] == [3211, 3211, 3211, 3014]
    assert server.statements == [BACKUP]


def test_messages_arrive_while_the_statement_runs(engine: ScriptedServer, server: Server) -> None:
    gate, heard = threading.Event(), threading.Event()

    def script(_session: ScriptedSession, _parameters: object) -> Iterator[Event]:
        yield from said(3211, "10 percent processed.")
        yield from said(3211, "20 percent processed.")
        assert gate.wait(10)
        yield Done()

    engine.scripts[BACKUP] = script
    thread = threading.Thread(
        target=server.execute, args=(BACKUP,), kwargs={"about": "S", "on_message": lambda _m: heard.set()}
    )
    thread.start()
    try:
        assert heard.wait(30)
        assert thread.is_alive()
    finally:
        gate.set()
        thread.join(10)
    assert not thread.is_alive()


def test_an_error_in_the_last_result_is_an_error(engine: ScriptedServer, server: Server) -> None:
    engine.answer(
        BACKUP,
        *said(3211, "10 percent processed."),
        *failed(Message(3202, 16, 1, 'Write on "/b/1.trn" failed: 112(There is not enough space on the disk.)')),
        *failed(Message(3013, 16, 1, "BACKUP LOG is terminating abnormally.")),
    )
    with pytest.raises(StatementFailed) as caught:
        server.execute(BACKUP, about="Sales")
    assert caught.value.number == 3202
    assert caught.value.msg.startswith('Sales: Msg 3202: Write on "/b/1.trn" failed: 112(There is not enough space')
    assert "disk" in caught.value.hint


def test_the_servers_text_is_passed_on_whole(engine: ScriptedServer, server: Server) -> None:
    text = "Cannot open backup device '/b/[x] (1)'. Operating system error 2(No such file or directory)."
    engine.answer(BACKUP, *failed(Message(3201, 16, 1, text), Message(3013, 16, 1, "BACKUP LOG is terminating.")))
    with pytest.raises(StatementFailed) as caught:
        server.execute(BACKUP, about="Sales")
    assert caught.value.number == 3201
    assert caught.value.msg == f"Sales: Msg 3201: {text}"


def test_after_an_error_the_session_goes_on(engine: ScriptedServer, server: Server) -> None:
    engine.answer(BACKUP, *failed(Message(4214, 16, 1, "there is no current database backup.")))
    engine.answer("SELECT @@SPID AS session_id", *_int("session_id", 77))
    with pytest.raises(StatementFailed):
        server.execute(BACKUP, about="Sales")
    assert server.session_id == 77


def test_the_driver_breaks_a_batch_off_after_an_error(engine: ScriptedServer, server: Server) -> None:
    """Why taking a database over asks for @@ERROR: a RESTORE that went on would be broken off in its middle."""
    after_the_error = []

    def script(session: ScriptedSession, _parameters: object) -> Iterator[Event]:
        yield from failed(Message(5069, 16, 1, "ALTER DATABASE statement failed."))
        after_the_error.append(session.cancelled.wait(5))
        yield Done()

    batch = tsql.take_over("Sales", "RESTORE DATABASE [Sales] WITH RECOVERY")
    engine.scripts[batch] = script
    with pytest.raises(StatementFailed):
        server.execute(batch, about="Sales")
    server.close()
    time.sleep(0.2)
    assert after_the_error == [True]
    assert ";\nIF @@ERROR = 0\n" in batch


def _int(name: str, value: int) -> list[Event]:
    return [Columns((Column(name, SqlType("int")),)), Row((value,)), Done(1, is_select=True)]


def test_values_are_ours(engine: ScriptedServer, server: Server) -> None:
    from uuid import UUID

    columns = (
        Column("last_lsn", SqlType("numeric", precision=25)),
        Column("family_guid", SqlType("uniqueidentifier")),
        Column("sid", SqlType("varbinary", 85)),
        Column("name", SqlType("nvarchar", 128)),
        Column("is_copy_only", SqlType("bit")),
    )
    lsn = 9_999_999_999_999_999_999_999_999
    guid = UUID("8C7D6F0E-2A53-4A3E-9A50-94F3A3B0A3D1")
    row = Row((Decimal(lsn), guid, b"\x01\xfe", "Rumah Sakit ☃", True))
    engine.answer("SELECT everything", Columns(columns), row, Done(1, is_select=True))
    assert server.query("SELECT everything") == [
        {
            "last_lsn": lsn,
            "family_guid": "8c7d6f0e-2a53-4a3e-9a50-94f3a3b0a3d1",
            "sid": "0x01FE",
            "name": "Rumah Sakit ☃",
            "is_copy_only": True,
        }
    ]


def test_a_statement_can_be_cancelled_from_another_thread(engine: ScriptedServer, server: Server) -> None:
    started = threading.Event()

    def script(session: ScriptedSession, _parameters: object) -> Iterator[Event]:
        yield from said(3211, "10 percent processed.")
        yield from said(3211, "20 percent processed.")
        started.set()
        assert session.cancelled.wait(10)

    engine.scripts[BACKUP] = script
    errors: list[Exception] = []

    def work() -> None:
        try:
            server.execute(BACKUP, about="Sales")
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(30)
    time.sleep(0.2)
    server.cancel()
    thread.join(10)
    assert not thread.is_alive()
    assert len(errors) == 1


def test_a_lost_connection_is_told_from_a_refusal(engine: ScriptedServer, listening: TdsServer, server: Server) -> None:
    started = threading.Event()

    def script(session: ScriptedSession, _parameters: object) -> Iterator[Event]:
        yield from said(3211, "10 percent processed.")
        started.set()
        session.cancelled.wait(30)

    engine.scripts[BACKUP] = script

    def cut() -> None:
        started.wait(30)
        time.sleep(0.2)
        listening.drop_connections()

    threading.Thread(target=cut).start()
    with pytest.raises(ServerUnreachable, match=r"Sales: the connection to 127\.0\.0\.1:\d+ broke"):
        server.execute(BACKUP, about="Sales")
