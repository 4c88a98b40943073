# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup history: each whole file is read once, by however many writers, and a lost history comes back."""

from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.history import History, StoredFile
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import BackupFile
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    DamagedBackup,
    InvalidInput,
    NotABackup,
    StoreUnreachable,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.media_label import MediaLabel

LABEL = MediaLabel(None, None, 1, 1, "", 1, False, None, None, 4608, None, 1, False)
BIG_LSN = 4294967295429496729565535


def backup(file: StoredFile, *, complete: bool = True) -> BackupFile:
    moment = datetime.fromisoformat("2026-11-22T02:00:00+07:00")
    one = BackupSet(
        file.path, "Sales", "SQL1", "log", "guid", BIG_LSN, BIG_LSN, 0, 0, moment, moment, complete=complete
    )
    return BackupFile(file.path, file.size, LABEL, (one,), complete, () if complete else ("its end is missing.",))


class Store:
    """Files that count how often they are read."""

    def __init__(self, *paths: str) -> None:
        self.files = [StoredFile(path, 1000, "20261122190000") for path in paths]
        self.reads: list[str] = []

    def read(self, file: StoredFile) -> BackupFile:
        self.reads.append(file.path)
        if file.path.endswith(".txt"):
            raise NotABackup(f"{file.path}: text", hint="Move it.")
        return backup(file, complete=not file.path.endswith("cut"))


def test_each_file_is_read_once(tmp_path: Path) -> None:
    store = Store("/a", "/b")
    with History(str(tmp_path / "history")) as history:
        first = history.refresh("ftp", store.files, store.read)
        second = history.refresh("ftp", store.files, store.read)
    assert store.reads == ["/a", "/b"]
    assert first.backup_sets == second.backup_sets and second.backup_sets[0].first_lsn == BIG_LSN
    assert (first.read, first.known, second.read, second.known) == (2, 0, 0, 2)


@pytest.mark.parametrize("change", [{"size": 2000}, {"modified": "20261122190500"}])
def test_a_file_that_changed_is_read_again(tmp_path: Path, change: dict) -> None:
    store = Store("/a", "/b")
    with History(str(tmp_path / "history")) as history:
        history.refresh("ftp", store.files, store.read)
        store.files[1] = replace(store.files[1], **change)
        history.refresh("ftp", store.files, store.read)
    assert store.reads == ["/a", "/b", "/b"]


def test_files_that_are_not_whole_are_looked_at_every_time(tmp_path: Path) -> None:
    store = Store("/cut", "/notes.txt", "/a")
    with History(str(tmp_path / "history")) as history:
        for _unused in range(2):
            found = history.refresh("ftp", store.files, store.read)
    assert store.reads == ["/cut", "/notes.txt", "/a", "/cut", "/notes.txt"]
    assert [each["path"] for each in found.unreadable] == ["/cut", "/notes.txt"]
    assert [each.complete for each in found.backup_sets] == [False, True]


def test_files_that_are_gone_are_forgotten_within_what_was_listed(tmp_path: Path) -> None:
    store = Store("/x/1", "/x/2", "/y/1")
    with History(str(tmp_path / "history")) as history:
        history.refresh("ftp", store.files, store.read)
        found = history.refresh("ftp", store.files[:1], store.read, below="/x/")
        assert found.forgotten == 1
        assert [each.path for each in history.backup_sets("ftp")] == ["/x/1", "/y/1"]


def test_stores_do_not_mix(tmp_path: Path) -> None:
    store = Store("/a")
    with History(str(tmp_path / "history")) as history:
        history.refresh("one", store.files, store.read)
        history.refresh("two", store.files, store.read)
        history.refresh("one", [], store.read, below="/")
        assert history.backup_sets("one") == [] and len(history.backup_sets("two")) == 1


def test_a_rebuild_reads_what_is_known(tmp_path: Path) -> None:
    store = Store("/a", "/b")
    with History(str(tmp_path / "history")) as history:
        first = history.refresh("ftp", store.files, store.read)
        again = history.refresh("ftp", store.files, store.read, rebuild=True)
        assert (again.read, again.known, again.backup_sets) == (2, 0, first.backup_sets)
    assert store.reads == ["/a", "/b", "/a", "/b"]


def test_a_rebuild_forgets_what_is_not_whole_any_more(tmp_path: Path) -> None:
    store = Store("/a", "/b")

    def rotten(file: StoredFile) -> BackupFile:
        if file.path == "/a":
            raise DamagedBackup("/a: its label is damaged.", hint="Take it from its source again.")
        return store.read(file)

    with History(str(tmp_path / "history")) as history:
        history.refresh("ftp", store.files, store.read)
        history.refresh("ftp", store.files, rotten, rebuild=True)
        assert [each.path for each in history.backup_sets("ftp")] == ["/b"]


def test_a_rebuild_that_breaks_off_loses_nothing(tmp_path: Path) -> None:
    """The history is wanted most when the store goes away."""
    store = Store("/a", "/b")

    def failing(file: StoredFile) -> BackupFile:
        raise StoreUnreachable("backup.lan: gone", hint="Look at the cable.")

    with History(str(tmp_path / "history")) as history:
        history.refresh("ftp", store.files, store.read)
        with pytest.raises(StoreUnreachable):
            history.refresh("ftp", store.files, failing, rebuild=True)
        assert [each.path for each in history.backup_sets("ftp")] == ["/a", "/b"]


def test_a_row_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    store = Store("/a")
    path = tmp_path / "history"
    with History(str(path)) as history:
        history.refresh("ftp", store.files, store.read)
        for broken in ("not JSON", "[1]", '[{"path": "/a"}]', "{}"):
            with sqlite3.connect(path) as database:
                database.execute("UPDATE backup_file SET sets = ?", (broken,))
            assert history.backup_sets("ftp") == []
            assert len(history.refresh("ftp", store.files, store.read).backup_sets) == 1


def test_what_was_read_is_kept_when_the_store_goes_away(tmp_path: Path) -> None:
    store = Store("/a", "/b", "/c")

    def failing(file: StoredFile) -> BackupFile:
        if file.path == "/c":
            raise StoreUnreachable("backup.lan: gone", hint="Look at the cable.")
        return store.read(file)

    with History(str(tmp_path / "history")) as history:
        with pytest.raises(StoreUnreachable):
            history.refresh("ftp", store.files, failing)
        history.refresh("ftp", store.files, store.read)
    assert store.reads == ["/a", "/b", "/c"]


def test_a_lost_history_is_made_anew(tmp_path: Path) -> None:
    store = Store("/a", "/b")
    path = tmp_path / "history"
    with History(str(path)) as history:
        before = history.refresh("ftp", store.files, store.read)
    path.unlink()
    with History(str(path)) as history:
        assert history.refresh("ftp", store.files, store.read).backup_sets == before.backup_sets


def test_a_file_that_is_no_history_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("this is not SQLite, and long enough to be told from an empty file" * 20)
    with pytest.raises(InvalidInput, match="cannot be used") as caught:
        History(str(path))
    assert "delete it" in caught.value.hint


def test_rows_of_another_version_are_read_again(tmp_path: Path) -> None:
    store = Store("/a")
    path = tmp_path / "history"
    with History(str(path)) as history:
        history.refresh("ftp", store.files, store.read)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE backup_file SET version = 0, sets = 'not JSON'")
    with History(str(path)) as history:
        assert len(history.refresh("ftp", store.files, store.read).backup_sets) == 1
    assert store.reads == ["/a", "/a"]


def write(path: str, names: list[str], rounds: int) -> None:
    store = Store(*names)
    with History(path) as history:
        for number in range(rounds):
            store.files = [replace(file, modified=str(number)) for file in store.files]
            history.refresh("ftp", store.files, store.read, below=names[0][:3])


def test_two_writers_at_once(tmp_path: Path) -> None:
    path = str(tmp_path / "history")
    shares = [[f"/{writer}/{number}" for number in range(150)] for writer in "xyz"]
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write, args=(path, share, 8)) for share in shares]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    with History(path) as history:
        assert len(history.backup_sets("ftp")) == 450
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT DISTINCT modified FROM backup_file").fetchall() == [("7",)]
