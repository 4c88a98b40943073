# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two simulated SQL Servers as processes, and the modules' own functions to act on them."""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyodbc
import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_request import answer
from ansible_collections.ics.deadpool.plugins.modules import (
    mssql_accounts,
    mssql_backup,
    mssql_backup_jobs,
    mssql_certificate,
    mssql_drill_drop,
    mssql_fence,
    mssql_handover,
    mssql_info,
    mssql_instance,
    mssql_login_sync,
    mssql_restore,
    mssql_verify,
)

from simulator.tds.server import TdsServer, serve
from tests.simulator.tds.scripted import LOGIN, ScriptedServer
from tests.simulator.tds.scripted import PASSWORD as SCRIPTED_PASSWORD

PROJECT = Path(__file__).resolve().parents[3]
PASSWORD = "Sa}1;" + "{x"
pyodbc.pooling = False
MODULES = {
    "accounts": mssql_accounts,
    "certificate": mssql_certificate,
    "backup_jobs": mssql_backup_jobs,
    "info": mssql_info,
    "instance": mssql_instance,
    "backup": mssql_backup,
    "restore": mssql_restore,
    "verify": mssql_verify,
    "drill_drop": mssql_drill_drop,
    "login_sync": mssql_login_sync,
    "fence": mssql_fence,
    "handover": mssql_handover,
}
_names = itertools.count(1)


@dataclass
class Instance:
    """One SQL Server process."""

    name: str
    folder: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    options: list[str] = field(default_factory=list)

    def start(self) -> None:
        secret = self.folder / "sa"
        self.folder.mkdir(parents=True, exist_ok=True)
        secret.write_text(PASSWORD, "utf-8")
        command = [sys.executable, "-m", "simulator.sqlserver", "--state", str(self.folder), "--name", self.name]
        command += ["--port", str(self.port), "--sa-password-file", str(secret), *self.options]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"{self.name} did not start"
        self.port = json.loads(line)["port"]

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    @property
    def login(self) -> dict[str, Any]:
        return {
            "login_host": "127.0.0.1",
            "login_port": self.port,
            "login_user": "sa",
            "login_password": PASSWORD,
            "encrypt": True,
            "odbc_driver": "FreeTDS",
            "connect_timeout": 10,
        }

    def connect(self, database: str = "master", program: str = "test") -> pyodbc.Connection:
        text = (
            f"DRIVER=FreeTDS;SERVER=127.0.0.1;PORT={self.port};UID=sa;PWD={{{PASSWORD}}};DATABASE={{{database}}};"
            f"TDS_Version=7.4;Encryption=require;APP={program};"
        )
        return pyodbc.connect(text, autocommit=True, timeout=10)

    def sql(self, statement: str, *values: Any, database: str = "master") -> list[Any]:
        """Runs a batch to its end; the rows of its first result set."""
        connection = self.connect(database)
        try:
            cursor = connection.cursor()
            cursor.execute(statement, *values)
            rows = cursor.fetchall() if cursor.description else []
            while cursor.nextset():
                pass
            return rows
        finally:
            connection.close()

    def state_of(self, database: str) -> str:
        rows = self.sql("SELECT state_desc FROM sys.databases WHERE name = ?", database)
        return str(rows[0][0]) if rows else "absent"

    def run(self, module: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """One of our modules, with the defaults that Ansible would fill in."""
        spec = MODULES[module].ARGUMENT_SPEC
        params = {key: value.get("default") for key, value in spec.items()}
        unknown = set(options) - set(spec)
        assert not unknown, unknown
        return MODULES[module].run({**params, **self.login, **options}, check_mode)


def _instance(name: str, folder: Path) -> Iterator[Instance]:
    instance = Instance(name, folder)
    instance.start()
    yield instance
    instance.stop()


# One pair of servers for each file: what a file does to a server's settings is nobody else's.
@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    yield from _instance("SQL1", tmp_path_factory.mktemp("production"))


@pytest.fixture(scope="module")
def failover(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    yield from _instance("SQL2", tmp_path_factory.mktemp("failover"))


@dataclass
class Sales:
    """A database in FULL recovery with one table, whose backups lie in a folder of its own."""

    server: Instance
    name: str
    folder: Path

    def write(self, *texts: str) -> None:
        for text in texts:
            self.server.sql(
                "INSERT INTO dbo.Sale (Text, WrittenAt) VALUES (?, SYSUTCDATETIME())", text, database=self.name
            )

    def texts(self, server: Instance | None = None) -> list[str]:
        rows = (server or self.server).sql("SELECT Text FROM dbo.Sale ORDER BY Id", database=self.name)
        return [row[0] for row in rows]

    def back_up(self, kind: str, **options: Any) -> dict[str, Any]:
        result = self.server.run(
            "backup", databases=[self.name], backup_type=kind, directory=str(self.folder), **options
        )
        assert not result.get("failed"), result
        return dict(result["backups"][0])

    def history(self) -> list[dict[str, Any]]:
        """Read from the bytes, with paths as on a store."""
        rows: list[dict[str, Any]] = []
        for path in sorted(self.folder.rglob("*.bak")) + sorted(self.folder.rglob("*.trn")):
            content = path.read_bytes()

            def read(offset: int, length: int, content: bytes = content) -> bytes:
                return content[offset : offset + length]

            found = read_backup_file(read, len(content), "/" + str(path.relative_to(self.folder)))
            rows += [one.to_dict() for one in found.sets]
        return rows

    def plan(self, target: Instance, **options: Any) -> dict[str, Any]:
        info = target.run("info", gather_subset=["databases"])
        directory = str(target.folder / "data")
        params = {
            "history": self.history(),
            "databases": [self.name],
            "states": info["database_states"],
            "data_directory": directory,
            "time_zone": "Asia/Jakarta",
            **options,
        }
        plans = answer(params, datetime.now(timezone.utc))["plans"]
        return dict(json.loads(json.dumps(plans[0])))


MakeSales = Callable[..., Sales]


@pytest.fixture
def make_sales(production: Instance, tmp_path: Path) -> Iterator[MakeSales]:
    """Makes databases whose names are hard to quote."""
    made: list[Sales] = []

    def make(server: Instance = production, name: str = "", recovery_model: str = "FULL") -> Sales:
        name = name or f"Sale's] {next(_names)} ☃"
        quoted = "[" + name.replace("]", "]]") + "]"
        server.sql(f"CREATE DATABASE {quoted}")
        server.sql(f"ALTER DATABASE {quoted} SET RECOVERY {recovery_model}")
        server.sql(
            "CREATE TABLE dbo.Sale (Id int IDENTITY(1, 1) PRIMARY KEY, Text nvarchar(100) NOT NULL,"
            " WrittenAt datetime2(3) NOT NULL)",
            database=name,
        )
        folder = tmp_path / f"store{len(made)}"
        folder.mkdir()
        made.append(Sales(server, name, folder))
        return made[-1]

    yield make
    for sales in made:
        shutil.rmtree(sales.folder, ignore_errors=True)


@pytest.fixture
def sales(make_sales: MakeSales) -> Sales:
    """A full backup, and a log with one row."""
    made = make_sales()
    made.back_up("full")
    made.write("one")
    made.back_up("log")
    return made


@pytest.fixture
def engine() -> ScriptedServer:
    """A server that speaks TDS and says what a script tells it to."""
    return ScriptedServer()


@pytest.fixture
def listening(engine: ScriptedServer) -> Iterator[TdsServer]:
    with serve(engine) as server:
        yield server


def scripted_login(port: int, **others: Any) -> dict[str, Any]:
    return {
        "login_host": "127.0.0.1",
        "login_port": port,
        "login_user": LOGIN,
        "login_password": SCRIPTED_PASSWORD,
        "encrypt": True,
        "odbc_driver": "FreeTDS",
        "connect_timeout": 5,
        **others,
    }
