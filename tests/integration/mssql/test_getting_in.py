# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client getting in: what a login says, and why one fails, against a server that speaks TDS."""

from __future__ import annotations

import socket
import threading
from contextlib import nullcontext

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    InvalidInput,
    NoAnswer,
    ServerUnreachable,
)

from simulator.engine.events import LoginRequest
from simulator.tds.server import TdsServer, serve
from tests.simulator.tds.scripted import PASSWORD, ScriptedServer

from .conftest import scripted_login


def test_our_sessions_bear_our_name(engine: ScriptedServer, listening: TdsServer) -> None:
    Server(scripted_login(listening.port)).close()
    request = engine.saw("login")[0][1]
    assert isinstance(request, LoginRequest)
    assert request.program == "ics.deadpool"


@pytest.mark.parametrize(
    "password", ["p}a;ss wörd'§", "{", "}", "a;b", "a}b;c", "{a}", "'\"", "=", " a ", "☃", "a{b}", "}}"]
)
def test_any_password_arrives_as_it_is(engine: ScriptedServer, listening: TdsServer, password: str) -> None:
    with pytest.raises(ServerUnreachable, match="18456") if password != PASSWORD else nullcontext():
        Server(scripted_login(listening.port, login_password=password))
    request = engine.saw("login")[-1][1]
    assert isinstance(request, LoginRequest)
    assert request.password == password


def test_a_password_that_freetds_cannot_carry_is_refused(listening: TdsServer) -> None:
    with pytest.raises(InvalidInput, match="login_password: FreeTDS cannot be given"):
        Server(scripted_login(listening.port, login_password="a};b"))


def test_a_wrong_password_says_so(listening: TdsServer) -> None:
    with pytest.raises(ServerUnreachable, match=r"login 'recovery': Msg 18456: Login failed for user") as caught:
        Server(scripted_login(listening.port, login_password="wrong"))
    assert "login_password" in caught.value.hint
    assert "wrong" not in str(caught.value)


def test_an_unknown_database_says_so(listening: TdsServer) -> None:
    with pytest.raises(ServerUnreachable, match="database 'Nowhere': Msg 4060"):
        Server(scripted_login(listening.port), database="Nowhere")


def test_a_closed_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ServerUnreachable, match=f"127.0.0.1:{port}: nothing listens on port {port}") as caught:
        Server(scripted_login(port))
    assert "login_port" in caught.value.hint


def test_a_silent_server_is_not_dead() -> None:
    """It holds its databases and may go on at any moment, so nobody may take it for one that is down."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(ServerUnreachable, match="it takes connections and has no answer within 1 s") as caught,
    ):
        Server(scripted_login(listener.getsockname()[1], connect_timeout=1))
    assert not isinstance(caught.value, NoAnswer) and "stop that SQL Server" in caught.value.hint


def test_something_else_on_the_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def answer() -> None:
            listener.settimeout(0.2)
            while not over.is_set():
                try:
                    client, _address = listener.accept()
                except TimeoutError:
                    continue
                with client:
                    client.recv(100)
                    client.sendall(b"220 FTP ready\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            with pytest.raises(ServerUnreachable, match="it is no SQL Server"):
                Server(scripted_login(listener.getsockname()[1]))
        finally:
            over.set()
            thread.join(5)


def test_a_server_without_encryption_says_so(engine: ScriptedServer) -> None:
    with serve(engine, encryption="off") as listening:
        with pytest.raises(ServerUnreachable, match="does not support encryption"):
            Server(scripted_login(listening.port))
        Server(scripted_login(listening.port, encrypt=False)).close()


def test_a_missing_driver_says_so() -> None:
    with pytest.raises(ServerUnreachable, match="the ODBC driver 'No Such Driver' is not there") as caught:
        Server(scripted_login(1, odbc_driver="No Such Driver"))
    assert "tdsodbc" in caught.value.hint
