# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Releases and editions: what a newer server wrote an older one refuses, and what Express is without."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyodbc
import pytest

from simulator.engine.instance import Instance, Settings
from simulator.engine.product import parse_version
from simulator.site_databases import connect
from simulator.tds.server import serve

PASSWORD = "Sufficiently-Long-1"


@contextlib.contextmanager
def served(folder: Path, version: str, edition: str = "Developer") -> Iterator[Callable[[str], pyodbc.Connection]]:
    """Opens connections to a server of its own, by the database that they enter."""
    settings = Settings(folder, "OLD", PASSWORD, version=parse_version(version), edition=edition, closing_pause=0)
    instance = Instance.start(settings)
    try:
        with serve(instance) as listener:
            at = {"address": "127.0.0.1", "port": listener.port}
            yield lambda database: connect(at, "sa", PASSWORD, database)
    finally:
        instance.stop()


def run(connection: pyodbc.Connection, statement: str) -> None:
    cursor = connection.execute(statement)
    while cursor.nextset():
        pass


def test_a_newer_backup_is_refused(tmp_path: Path) -> None:
    with served(tmp_path / "new", "16.0.4185") as enter:
        run(enter("master"), f"CREATE DATABASE Ward; BACKUP DATABASE Ward TO DISK = '{tmp_path}/new.bak'")
    refused = pytest.raises(pyodbc.Error, match=r"running version 16\.00\.4185.*running version 15\.00\.4385.*\(3169\)")
    with served(tmp_path / "middle", "15.0.4385") as enter, refused:
        run(enter("master"), f"RESTORE DATABASE Ward FROM DISK = '{tmp_path}/new.bak'")


def test_express_says_so_and_compresses_nothing(tmp_path: Path) -> None:
    with served(tmp_path / "express", "14.0.3480", "Express") as enter:
        connection = enter("master")
        (edition, engine, version) = connection.execute(
            "SELECT CAST(SERVERPROPERTY('Edition') AS nvarchar(60)), CAST(SERVERPROPERTY('EngineEdition') AS int),"
            " @@VERSION"
        ).fetchone()
        assert (edition, engine) == ("Express Edition (64-bit)", 4)
        assert version.startswith("Microsoft SQL Server 2017 (RTM) - 14.0.3480")
        assert "Express Edition" in version
        with pytest.raises(pyodbc.Error, match=r"\(1844\)"):
            run(connection, "BACKUP DATABASE model TO DISK = 'model.bak' WITH COMPRESSION")
        with pytest.raises(pyodbc.Error, match=r"\(15048\)"):
            run(connection, "CREATE DATABASE Kasir; ALTER DATABASE Kasir SET COMPATIBILITY_LEVEL = 150")


@pytest.mark.parametrize("text", ["2019", "15.0", "11.0.7001", "15.0.x"])
def test_a_version_that_is_not_known_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="no version that is known here"):
        parse_version(text)


def test_single_user_throws_the_others_out_and_rolls_them_back(tmp_path: Path) -> None:
    with served(tmp_path / "one", "15.0.4385") as enter:
        connection = enter("master")
        run(connection, "CREATE DATABASE Ward")
        run(connection, "CREATE TABLE Ward.dbo.Beds (Id int NOT NULL)")
        other = enter("Ward")
        other.autocommit = False
        other.execute("INSERT INTO Beds VALUES (1)")
        run(connection, "ALTER DATABASE Ward SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
        with pytest.raises(pyodbc.Error):
            other.execute("INSERT INTO Beds VALUES (2)")
        assert connection.execute("SELECT count(*) FROM Ward.dbo.Beds").fetchone()[0] == 0
        run(connection, "USE Ward")  # whoever is in it first has it
        with pytest.raises(pyodbc.Error):
            enter("Ward")
        run(connection, "ALTER DATABASE Ward SET MULTI_USER")
        assert enter("Ward").execute("SELECT count(*) FROM Beds").fetchone()[0] == 0
