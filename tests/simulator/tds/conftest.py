# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyodbc
import pytest

from simulator.tds.certificate import write_self_signed
from simulator.tds.server import TdsServer, serve
from tests.simulator.tds.clients import open_pyodbc
from tests.simulator.tds.scripted import ScriptedServer

pyodbc.pooling = False

Connect = Callable[..., pyodbc.Connection]


@pytest.fixture
def engine() -> ScriptedServer:
    return ScriptedServer()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_self_signed(tmp_path_factory.mktemp("certificate"), "127.0.0.1")


@pytest.fixture
def listening(engine: ScriptedServer, certificate: tuple[Path, Path]) -> Iterator[TdsServer]:
    with serve(engine, "127.0.0.1", certificate=certificate[0], key=certificate[1]) as server:
        yield server


@pytest.fixture
def connect(listening: TdsServer) -> Iterator[Connect]:
    """Opens pyodbc connections; those that a test leaves open are closed after it."""
    opened: list[pyodbc.Connection] = []

    def open_connection(**overrides: Any) -> pyodbc.Connection:
        opened.append(open_pyodbc(listening.port, **overrides))
        return opened[-1]

    yield open_connection
    for connection in opened:
        try:
            connection.close()
        except pyodbc.Error:
            pass
