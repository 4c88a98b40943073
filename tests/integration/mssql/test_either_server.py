# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way from backup to proof on one server, simulated or real: no test here knows which of the two it talks to.

A real one is named by DEADPOOL_SQL_SERVER (HOST or HOST:PORT) with DEADPOOL_SQL_LOGIN, a sysadmin (sa),
DEADPOOL_SQL_PASSWORD_FILE, and DEADPOOL_SQL_FOLDER, which it and this machine see under the same path. Only databases
whose names begin with deadpool_test are made, and dropped.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyodbc
import pytest

from .conftest import Instance, Sales

REAL = "DEADPOOL_SQL_SERVER"


class RealServer(Instance):
    """Somebody else's process: nothing here starts or stops it."""

    def start(self) -> None:
        self.host, _, port = os.environ[REAL].partition(":")
        self.port = int(port or 1433)
        self.user = os.environ.get("DEADPOOL_SQL_LOGIN", "sa")
        self.password = Path(os.environ["DEADPOOL_SQL_PASSWORD_FILE"]).read_text("utf-8").strip()

    @property
    def login(self) -> dict[str, Any]:
        return {**super().login, "login_host": self.host, "login_user": self.user, "login_password": self.password}

    def connect(self, database: str = "master", program: str = "test") -> pyodbc.Connection:
        password = self.password.replace("}", "}}")
        text = (
            f"DRIVER=FreeTDS;SERVER={self.host};PORT={self.port};UID={self.user};PWD={{{password}}};"
            f"DATABASE={{{database}}};TDS_Version=7.4;Encryption=require;APP={program};"
        )
        return pyodbc.connect(text, autocommit=True, timeout=10)


@pytest.fixture(params=["simulated", "real"])
def server(request: pytest.FixtureRequest) -> Iterator[Instance]:
    if request.param == "simulated":
        yield request.getfixturevalue("production")
        return
    if REAL not in os.environ:
        pytest.skip(f"{REAL} names no real SQL Server")
    found = RealServer("real", Path(os.environ["DEADPOOL_SQL_FOLDER"]))
    found.start()
    yield found


@pytest.fixture
def sales(server: Instance, tmp_path: Path) -> Iterator[Sales]:
    name = f"deadpool_test {uuid.uuid4().hex[:8]}"
    shared = server.folder if isinstance(server, RealServer) else tmp_path
    folder = shared / name.replace(" ", "_")
    folder.mkdir()
    folder.chmod(0o777)  # the server's own account writes there
    server.sql(f"CREATE DATABASE [{name}]")
    server.sql(f"ALTER DATABASE [{name}] SET RECOVERY FULL")
    table = "Id int IDENTITY(1, 1) PRIMARY KEY, Text nvarchar(100) NOT NULL, WrittenAt datetime2(3) NOT NULL"
    server.sql(f"CREATE TABLE dbo.Sale ({table})", database=name)
    yield Sales(server, name, folder)
    server.sql(f"DROP DATABASE IF EXISTS [{name}]")


def lose(sales: Sales) -> None:
    sales.server.sql(f"ALTER DATABASE [{sales.name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
    sales.server.sql(f"DROP DATABASE [{sales.name}]")


def zone(server: Instance) -> str:
    """The server's own, in whole hours; POSIX counts them the other way round."""
    minutes = server.sql("SELECT DATEDIFF(minute, SYSUTCDATETIME(), SYSDATETIME())")[0][0]
    return f"Etc/GMT{-round(minutes / 60):+d}"


def recover(sales: Sales, **target: str) -> dict[str, Any]:
    (data,) = sales.server.sql("SELECT CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(260))")[0]
    plan = sales.plan(sales.server, data_directory=data.rstrip("/"), time_zone=zone(sales.server), **target)
    result = sales.server.run("restore", plans=[plan], source_directory=str(sales.folder))
    assert not result.get("failed"), result
    verified = sales.server.run("verify", plans=[plan], checkdb=True)
    assert not verified.get("failed"), verified["msg"]
    return plan


def test_a_lost_database_comes_back_from_its_files(sales: Sales) -> None:
    sales.write("in full")
    sales.back_up("full")
    sales.write("in differential")
    sales.back_up("differential")
    for text in ("in log 1", "in log 2"):
        sales.write(text)
        sales.back_up("log")
    sales.write("lost")
    lose(sales)
    recover(sales)
    assert sales.texts() == ["in full", "in differential", "in log 1", "in log 2"]


def test_a_point_in_time_is_reached(sales: Sales) -> None:
    sales.back_up("full")
    time.sleep(1.1)  # backup files know whole seconds
    sales.write("wanted")
    time.sleep(0.3)
    at = sales.server.sql("SELECT SYSUTCDATETIME()")[0][0]
    time.sleep(0.3)
    sales.write("unwanted")
    time.sleep(1.1)
    sales.back_up("log")
    lose(sales)
    recover(sales, target_time=at.isoformat(timespec="milliseconds") + "+00:00")
    assert sales.texts() == ["wanted"]


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("BACKUP LOG [{name}] TO DISK = N'{folder}/x.trn'", 4214),
        ("BACKUP DATABASE [{name}] TO DISK = N'{folder}/x.bak' WITH DIFFERENTIAL", 3035),
        ("BACKUP DATABASE [{name}] TO DISK = N'{folder}/x.bak' WITH INIT, NOINIT", 3031),
        ("RESTORE DATABASE [{name}] FROM DISK = N'{folder}/none.bak'", 3201),
        ("RESTORE HEADERONLY FROM DISK = N'{folder}/text.bak'", 3241),
        ("CREATE DATABASE [{name}]", 1801),
    ],
)
def test_refusals_have_their_numbers(sales: Sales, statement: str, number: int) -> None:
    (sales.folder / "text.bak").write_text("hello " * 1000)
    with pytest.raises(pyodbc.Error, match=rf"\({number}\)"):
        sales.server.sql(statement.format(name=sales.name, folder=sales.folder))
