# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients that the project does not install, where somebody has them.

DEADPOOL_MSODBCSQL: the library of Microsoft's ODBC driver (whoever uses it has accepted its licence).
DEADPOOL_MSSQL_PYTHON: a Python interpreter that has mssql-python. DEADPOOL_TEDIOUS: a folder in which tedious is
installed.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyodbc
import pytest

from simulator.engine.events import Column, Columns, Done, Event, Message, Parameter, Row, SqlType
from simulator.tds.server import TdsServer
from tests.simulator.tds.clients import program_from
from tests.simulator.tds.scripted import LOGIN, PASSWORD, ScriptedServer, ScriptedSession, select

FOREIGN = Path(__file__).with_name("foreign")
Certificate = tuple[Path, Path]


def _echo(_session: ScriptedSession, parameters: tuple[Parameter, ...]) -> list[Event]:
    return [
        Columns(tuple(Column(parameter.name, parameter.type) for parameter in parameters)),
        Row(tuple(parameter.value for parameter in parameters)),
        Done(1, is_select=True),
    ]


def _wait(session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
    session.cancelled.wait(30)
    yield Done()


def _backup(session: ScriptedSession, _parameters: tuple[Parameter, ...]) -> Iterator[Event]:
    for percent in (10, 50, 90):
        yield Message(3211, 10, 1, f"{percent} percent processed.")
        yield Done()
        if session.cancelled.wait(0.2):
            return
    yield Message(3014, 10, 1, "BACKUP DATABASE successfully processed 100 pages.")
    yield Done()


@pytest.fixture(autouse=True)
def _scripts(engine: ScriptedServer) -> None:
    engine.scripts |= {"SELECT @P1": _echo, "SELECT @a": _echo, "WAITFOR": _wait, "BACKUP DATABASE": _backup}
    engine.answer("INSERT t", Done(1))
    engine.answer("SELECT 1", *select("one", SqlType("int"), 1))
    engine.answer("SELECT all", *select("n", SqlType("int"), *range(20_000)))
    engine.answer(
        "RESTORE LOG",
        Message(4305, 16, 1, "The log in this backup set is too recent."),
        Message(3013, 16, 1, "RESTORE LOG is terminating abnormally."),
        Done(error=True),
    )


def _microsoft_string(port: int, encrypt: str, certificate: Path) -> str:
    """Other than FreeTDS, Microsoft's driver wants a closing brace doubled."""
    trust = f"ServerCertificate={certificate}" if encrypt == "strict" else "TrustServerCertificate=yes"
    password = PASSWORD.replace("}", "}}")
    return f"SERVER=127.0.0.1,{port};UID={LOGIN};PWD={{{password}}};Encrypt={encrypt};{trust};"


def _transactions(engine: ScriptedServer) -> list[object]:
    return [entry[0] for entry in engine.journal if entry[0] in ("commit", "rollback")]


@pytest.mark.parametrize("encrypt", ["no", "yes", "strict"])
def test_msodbcsql(engine: ScriptedServer, listening: TdsServer, certificate: Certificate, encrypt: str) -> None:
    library = program_from("DEADPOOL_MSODBCSQL")
    if library is None:
        pytest.skip("DEADPOOL_MSODBCSQL does not name Microsoft's ODBC driver")
    target = f"DRIVER={library};" + _microsoft_string(listening.port, encrypt, certificate[0])
    connection = pyodbc.connect(target, autocommit=True, timeout=10)
    for value in (1, 2**40, True, "日本 😀", "ж" * 5000, b"x" * 9000, None):
        assert connection.execute("SELECT ?", value).fetchval() == value
    with pytest.raises(pyodbc.Error, match="4305"):
        connection.execute("RESTORE LOG")
    assert len(connection.execute("SELECT all").fetchall()) == 20_000
    cursor = connection.execute("BACKUP DATABASE")
    count = 1
    while cursor.nextset():
        count += 1
    assert count == 4
    _cancel_and_time_out(connection)
    connection.autocommit = False
    connection.execute("INSERT t")
    connection.commit()
    connection.execute("INSERT t")
    connection.rollback()
    connection.close()
    assert _transactions(engine)[:2] == ["commit", "rollback"]


def _cancel_and_time_out(connection: pyodbc.Connection) -> None:
    cursor = connection.cursor()
    threading.Timer(0.2, cursor.cancel).start()
    with pytest.raises(pyodbc.Error, match="HY008"):
        cursor.execute("WAITFOR")
    connection.timeout = 1
    started = time.monotonic()
    with pytest.raises(pyodbc.Error, match="HYT00"):
        connection.execute("WAITFOR")
    assert time.monotonic() - started < 5
    assert connection.execute("SELECT 1").fetchval() == 1


def _report_of(command: list[str], folder: Path | None = None) -> dict[str, Any]:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, check=False)
    assert ended.returncode == 0, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


@pytest.mark.parametrize("encrypt", ["no", "yes", "strict"])
def test_mssql_python(engine: ScriptedServer, listening: TdsServer, certificate: Certificate, encrypt: str) -> None:
    python = program_from("DEADPOOL_MSSQL_PYTHON")
    if python is None:
        pytest.skip("DEADPOOL_MSSQL_PYTHON does not name a Python that has mssql-python")
    target = _microsoft_string(listening.port, encrypt, certificate[0])
    report = _report_of([str(python), str(FOREIGN / "mssql_python_client.py"), target])
    assert report["changed"] == []
    assert report["rows"] == 20_000
    assert "too recent" in report["error"]
    assert len(report["messages"]) == 4
    # It pools: closing a connection only rolls it back, and the next one resets it.
    transactions = _transactions(engine)
    assert transactions[transactions.index("commit") + 1] == "rollback"
    assert engine.saw("reset")


@pytest.mark.parametrize("encrypt", ["false", "true", "strict"])
def test_tedious(engine: ScriptedServer, listening: TdsServer, certificate: Certificate, encrypt: str) -> None:
    folder = program_from("DEADPOOL_TEDIOUS")
    if folder is None:
        pytest.skip("DEADPOOL_TEDIOUS does not name a folder in which tedious is installed")
    script = str(FOREIGN / "tedious_client.js")
    report = _report_of(["node", script, str(listening.port), encrypt, LOGIN, PASSWORD, str(certificate[0])], folder)
    assert report["changed"] == []
    assert report["errors"] == [4305, 3013]
    assert report["rows"] == 20_000
    assert [number for number in report["messages"] if number in (3211, 3014)] == [3211, 3211, 3211, 3014]
    assert report["cancelled"] == "ECANCEL"
    assert _transactions(engine) == ["commit", "rollback"]
    assert engine.saw("reset")
