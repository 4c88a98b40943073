# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Extents go round the data files and come back, also when nobody stopped the database."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.engine import spread
from simulator.engine.boot import MoreFile
from simulator.engine.database import Database
from tests.simulator.engine.storage.ward import JAKARTA, TurnedClock


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_page_has_one_home(count: int) -> None:
    homes = [spread.home(page_id, count) for page_id in range(2000)]
    assert len(set(homes)) == 2000 and homes[0] == (0, 0)
    assert [spread.page_of(index, number, count) for index, number in homes] == list(range(2000))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    more = [MoreFile(3, "B", str(tmp_path / "b.ndf"), str(tmp_path / "b.ndf"))]
    made = Database.create("A", 5, tmp_path / "a.mdf", tmp_path / "a.ldf", clock=TurnedClock(), more=more)
    write(made, "CREATE TABLE visit (id INTEGER PRIMARY KEY, note TEXT)")
    return made


def write(database: Database, *statements: str) -> None:
    connection = database.connect()
    with database.transaction(connection):
        for statement in statements:
            connection.execute(statement)
    connection.close()


def rows(database: Database) -> list[tuple[int, str]]:
    connection = database.connect()
    try:
        return connection.execute("SELECT id, note FROM visit ORDER BY id").fetchall()
    finally:
        connection.close()


def opened(folder: Path) -> Database:
    return Database.open(
        folder / "a.mdf", folder / "a.ldf", clock=TurnedClock(), database_id=5, utc_offset=JAKARTA, name="A"
    )


def killed_in(folder: Path, moment: Callable[[], None]) -> None:
    """The files as they were at a moment, after all that came later."""
    saved = folder.parent / "saved"
    shutil.copytree(folder, saved)
    moment()
    for path in folder.iterdir():
        path.unlink()
    for path in saved.iterdir():
        shutil.copy(path, folder / path.name)
    shutil.rmtree(saved)


def test_killed_while_it_runs(database: Database, tmp_path: Path) -> None:
    for number in range(60):
        write(database, "INSERT INTO visit (note) VALUES (hex(randomblob(4000)))")
        if number == 40:
            database.checkpoint()
    expected, pages = rows(database), database.require_open().pages
    killed_in(tmp_path, database.close)
    for _ in range(2):
        again = opened(tmp_path)
        assert rows(again) == expected and again.check() == []
        assert again.require_open().pages == pages
        again.close()


def test_killed_while_it_stops(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(60):
        write(database, "INSERT INTO visit (note) VALUES (hex(randomblob(4000)))")
    expected = rows(database)
    states: list[int] = []

    def save(boot: object, path: Path) -> None:
        """Everything is copied, and on record; nothing is forgotten in the first file yet."""
        real(boot, path)  # type: ignore[arg-type]
        if getattr(boot, "scattered", False) and not states:
            states.append(1)
            raise OSError("killed")

    from simulator.engine import database_core

    real = database_core.save_boot
    monkeypatch.setattr(database_core, "save_boot", save)
    database.close()
    monkeypatch.undo()
    assert states
    again = opened(tmp_path)
    assert rows(again) == expected and again.check() == []
    again.close()
    last = opened(tmp_path)
    assert rows(last) == expected
    last.close()
