# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One running site for this folder, with a database of its own to break."""

from __future__ import annotations

import ftplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyodbc
import pytest

from simulator.faults.injection import Faults
from simulator.processes import PROJECT
from simulator.site import Site
from simulator.site_databases import connect

DATABASE = "Ward"
_ROWS = 600


class Broken:
    """The site, what is wrong with it, and the clients that feel it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.faults = Faults(site)
        self.server = site.facts["servers"]["production"]
        self.backups = Path(self.server["backup"])
        self.store = site.facts["store"]

    @contextmanager
    def sql(self, database: str = "master", login: str = "sa", role: str = "production") -> Iterator[pyodbc.Connection]:
        passwords = self.site.passwords
        password = passwords["sa"][role] if login == "sa" else passwords["logins"][login]
        connection = connect(self.site.facts["servers"][role], login, password, database)
        try:
            yield connection
        finally:
            connection.close()

    def run(self, statement: str, database: str = "master", login: str = "sa") -> list[Any]:
        """To its very end; what the server refuses is raised."""
        with self.sql(database, login) as connection:
            cursor, rows = connection.execute(statement), []
            while True:
                rows += cursor.fetchall() if cursor.description else []
                if not cursor.nextset():
                    return rows

    def refusal(self, statement: str, database: str = "master", login: str = "sa") -> str:
        """What the driver says of the error that a statement ends with."""
        with pytest.raises(pyodbc.Error) as caught:
            self.run(statement, database, login)
        return str(caught.value)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``python -m simulator fault ...``, as people type it."""
        return subprocess.run(
            [sys.executable, "-m", "simulator", "fault", *words, "--state", str(self.site.state)],
            cwd=PROJECT,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    @contextmanager
    def ftp(self, kind: str = "writer") -> Iterator[ftplib.FTP_TLS]:
        account = self.site.passwords["store"][kind]
        with ftplib.FTP_TLS(context=ssl.create_default_context(cafile=self.site.facts["ca"]), timeout=30) as ftp:
            ftp.connect(self.store["address"], self.store["port"])
            ftp.login(account["login"], account["password"])
            ftp.prot_p()
            yield ftp

    def fill(self) -> None:
        self.run(f"CREATE DATABASE {DATABASE}")
        self.run("CREATE TABLE Patients (Id int NOT NULL PRIMARY KEY, Note nvarchar(400) NOT NULL)", DATABASE)
        self.run("CREATE TABLE Beds (Id int NOT NULL)", DATABASE)
        self.run("INSERT INTO Beds VALUES (1), (2)", DATABASE)
        for first in range(0, _ROWS, 200):
            rows = ", ".join(f"({number}, N'{'n' * 200}')" for number in range(first, first + 200))
            self.run(f"INSERT INTO Patients VALUES {rows}", DATABASE)
        self.run(f"BACKUP DATABASE {DATABASE} TO DISK = 'base.bak' WITH CHECKSUM, INIT")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    site = Site(tmp_path_factory.mktemp("faults") / "site", say=lambda _: None)
    try:
        site.start()
        for module in site.modules[1:]:
            site.stop_one(module)
        found = Broken(site)
        found.fill()
        yield found
    finally:
        site.stop()


@pytest.fixture
def broken(running: Broken) -> Iterator[Broken]:
    """Whatever a test leaves wrong is put right behind it."""
    yield running
    running.faults.clear()
