# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who gets in, how encrypted, and what the others are told."""

from __future__ import annotations

import threading
from pathlib import Path

import pymssql
import pyodbc
import pytds
import pytest

from simulator.engine.events import LoginRequest, SqlType
from simulator.tds.server import Encryption, TdsServer, serve
from tests.simulator.tds.clients import (
    OPENERS,
    error_numbers,
    eventually,
    open_pyodbc,
    open_pytds,
)
from tests.simulator.tds.conftest import Connect
from tests.simulator.tds.raw_client import PLAIN_PRELOGIN, RawClient, error_number, login7, packet, says
from tests.simulator.tds.scripted import LOGIN, PASSWORD, ScriptedServer, select

Certificate = tuple[Path, Path]


# What the server is set to, what the client asks for, whether the session is encrypted; None: no connection.
ENCRYPTION: list[tuple[Encryption, str, bool | None]] = [
    ("on", "off", False),
    ("on", "request", False),
    ("on", "require", True),
    ("required", "off", None),
    ("required", "request", True),
    ("required", "require", True),
    ("off", "off", False),
    ("off", "request", False),
    ("off", "require", None),
]


@pytest.mark.parametrize("modes", ENCRYPTION)
@pytest.mark.parametrize("library", ["pyodbc", "pymssql"])
def test_encryption_with_freetds(
    engine: ScriptedServer, certificate: Certificate, library: str, modes: tuple[Encryption, str, bool | None]
) -> None:
    server, client, encrypted = modes
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))
    option = "Encryption" if library == "pyodbc" else "encryption"
    with serve(engine, certificate=certificate[0], key=certificate[1], encryption=server) as listening:
        if encrypted is None:
            with pytest.raises((pyodbc.Error, pymssql.Error)):
                OPENERS[library](listening.port, **{option: client})
            assert not engine.saw("login")
            return
        connection = OPENERS[library](listening.port, **{option: client})
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        assert [tuple(row) for row in cursor.fetchall()] == [(1,)]
        connection.close()
    assert _login(engine).encrypted is encrypted


@pytest.mark.parametrize(
    ("server", "login_only", "encrypted"), [("on", True, False), ("on", False, True), ("required", False, True)]
)
def test_encryption_with_pytds(
    engine: ScriptedServer, certificate: Certificate, server: Encryption, login_only: bool, encrypted: bool
) -> None:
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))
    with (
        serve(engine, certificate=certificate[0], key=certificate[1], encryption=server) as listening,
        open_pytds(
            listening.port, cafile=str(certificate[0]), validate_host=False, enc_login_only=login_only
        ) as connection,
        connection.cursor() as cursor,
    ):
        assert cursor.execute_scalar("SELECT 1") == 1
    assert _login(engine).encrypted is encrypted


def _login(engine: ScriptedServer) -> LoginRequest:
    request = engine.saw("login")[0][1]
    assert isinstance(request, LoginRequest)
    return request


def test_server_makes_a_certificate_of_its_own(engine: ScriptedServer) -> None:
    with serve(engine) as listening:
        open_pyodbc(listening.port).close()
    assert _login(engine).encrypted


def test_engine_learns_who_is_there(engine: ScriptedServer, connect: Connect) -> None:
    connect(APP="MyHospital.Pharmacy", WSID="APP1", Database="Registration")
    request = _login(engine)
    assert (request.login, request.password) == (LOGIN, PASSWORD)
    assert (request.program, request.host, request.database) == ("MyHospital.Pharmacy", "APP1", "Registration")
    assert request.client_address == "127.0.0.1"
    assert request.client_pid > 0


@pytest.mark.parametrize("library", OPENERS)
def test_wrong_password_is_18456(engine: ScriptedServer, listening: TdsServer, library: str) -> None:
    option = "PWD" if library == "pyodbc" else "password"
    with pytest.raises((pyodbc.Error, pymssql.Error, pytds.Error)) as refused:
        OPENERS[library](listening.port, **{option: "wrong"})
    assert 18456 in error_numbers(refused.value)
    assert eventually(lambda: listening.connection_count == 0)


def test_unknown_database_is_4060_then_18456(listening: TdsServer) -> None:
    with pytest.raises(pyodbc.Error, match="18456"):
        open_pyodbc(listening.port, Database="Morgue")
    with RawClient(listening.port) as client:
        client.send(packet(0x12, PLAIN_PRELOGIN))
        client.message()
        client.send(login7(database="Morgue"))
        answer = client.message()
        assert error_number(answer) == 4060
        assert says(answer, "Login failed")
        assert client.message() == b""


@pytest.mark.parametrize("version", ["7.2", "7.3", "7.4"])
def test_versions_from_7_2_are_welcome(engine: ScriptedServer, connect: Connect, version: str) -> None:
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))
    assert connect(TDS_Version=version).execute("SELECT 1").fetchval() == 1


@pytest.mark.parametrize("version", ["7.0", "7.1", "4.2"])
def test_older_clients_are_refused(engine: ScriptedServer, listening: TdsServer, version: str) -> None:
    with pytest.raises(pyodbc.Error) as refused:
        open_pyodbc(listening.port, TDS_Version=version, Encryption="off")
    if version != "4.2":
        assert "older than TDS 7.2" in str(refused.value)
    assert not engine.saw("login")


@pytest.mark.parametrize("size", [512, 1024, 8192, 32767])
def test_packet_sizes(engine: ScriptedServer, listening: TdsServer, size: int) -> None:
    text = "x" * 100_000
    engine.answer("SELECT long", *select("long", SqlType("nvarchar", -1), text))
    with open_pytds(listening.port, blocksize=size) as connection, connection.cursor() as cursor:
        assert cursor.execute_scalar("SELECT long") == text


def test_integrated_security_is_18452(listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.send(packet(0x12, PLAIN_PRELOGIN))
        client.message()
        client.send(login7(flags2=0x80))
        assert error_number(client.message()) == 18452


def test_login_without_encryption_where_it_is_required(engine: ScriptedServer) -> None:
    """Older than PRELOGIN, or just rude: the password must not even be looked at."""
    with serve(engine, encryption="required") as listening, RawClient(listening.port) as client:
        client.send(login7())
        assert error_number(client.message()) == 17835
        assert client.message() == b""
    assert not engine.saw("login")


def test_too_many_connections_are_told_so(engine: ScriptedServer) -> None:
    with serve(engine, max_connections=2) as listening:
        kept = [open_pyodbc(listening.port) for _ in range(2)]
        with pytest.raises(pyodbc.Error, match="17809"):
            open_pyodbc(listening.port)
        kept.pop().close()
        assert eventually(lambda: listening.connection_count == 1)
        open_pyodbc(listening.port).close()
        kept.pop().close()


def test_silent_guest_is_shown_out(engine: ScriptedServer) -> None:
    with serve(engine, login_seconds=0.2) as listening, RawClient(listening.port) as client:
        client.send(packet(0x12, PLAIN_PRELOGIN)[:5])
        assert client.message() == b""
        assert eventually(lambda: listening.connection_count == 0)


def test_fifty_clients_at_once(engine: ScriptedServer, listening: TdsServer) -> None:
    engine.answer("SELECT 1", *select("one", SqlType("int"), *range(100)))
    results: list[int] = []

    def work() -> None:
        connection = open_pyodbc(listening.port)
        for _ in range(10):
            results.append(len(connection.execute("SELECT 1").fetchall()))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [100] * 500


def test_stop_closes_everything(engine: ScriptedServer) -> None:
    listening = serve(engine)
    connection = open_pyodbc(listening.port)
    listening.stop()
    assert listening.connection_count == 0
    assert engine.sessions[0].closed.is_set()
    with pytest.raises(pyodbc.Error):
        connection.execute("SELECT 1")
    with pytest.raises(pyodbc.Error):
        open_pyodbc(listening.port)
    own = f"tds-{listening.port}-"
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(own)]
