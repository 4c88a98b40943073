# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module on real folders: what is no whole backup is reported and hides nothing; a named file must be one."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import history
from ansible_collections.ics.deadpool.plugins.module_utils.clients.local_files import reading
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    InvalidInput,
    NotABackup,
    StoreUnreachable,
)
from ansible_collections.ics.deadpool.plugins.modules.backup_file_info import backup_info

from ..module_utils.recovery.backup_files.medium import BackupSet, medium, page

FULL = medium(BackupSet(pages=[page(1, number) for number in range(8)], log=b"log!" * 512, checksums=True))
LOG = medium(BackupSet(kind=b"L", log=b"more" * 512))


def info(path: Path, **options: Any) -> dict[str, Any]:
    defaults = {"recursive": True, "since": None, "verify": False, "deep": False}
    defaults |= {"history_file": None, "rebuild": False}
    return backup_info({"path": str(path), **defaults, **options}, False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "SQL1/Sales/FULL").mkdir(parents=True)
    (tmp_path / "SQL1/Sales/LOG").mkdir()
    (tmp_path / "SQL1/Sales/FULL/full.bak").write_bytes(FULL)
    (tmp_path / "SQL1/Sales/LOG/log.trn").write_bytes(LOG)
    return tmp_path


def test_a_folder(folder: Path) -> None:
    found = info(folder)
    assert [(Path(each["path"]).name, each["backup_type"]) for each in found["history"]] == [
        ("full.bak", "full"),
        ("log.trn", "log"),
    ]
    assert (found["files"], found["unreadable"]) == (2, [])
    assert found["media"][0]["label"]["family_count"] == 1 and found["media"][0]["size"] == len(FULL)
    assert "verifications" not in found


def test_a_folder_without_what_lies_below(folder: Path) -> None:
    assert info(folder, recursive=False)["files"] == 0


def test_one_file(folder: Path) -> None:
    assert info(folder / "SQL1/Sales/LOG/log.trn")["history"][0]["backup_type"] == "log"


def test_verify(folder: Path) -> None:
    bad = bytearray(FULL)
    bad[FULL.index(page(1, 3)) + 100] ^= 1
    (folder / "bad.bak").write_bytes(bad)
    found = info(folder, verify=True)
    verdicts = {Path(each["path"]).name: each["verdict"] for each in found["verifications"]}
    assert verdicts == {"full.bak": "sound", "log.trn": "cannot be told", "bad.bak": "damaged"}
    assert found["damaged"] == [str(folder / "bad.bak")]


def test_files_that_are_no_whole_backups_hide_nothing(folder: Path) -> None:
    (folder / "notes.bak").write_text("todo: buy disks")
    (folder / "empty.bak").touch()
    (folder / "cut.bak").write_bytes(FULL[:-1])
    (folder / "full.bak.part").write_bytes(FULL[:100])
    (folder / "full.bak.sha256").write_text("00")
    os.mkfifo(folder / "pipe.bak")
    (folder / "folder.bak").mkdir()
    (folder / "gone.bak").symlink_to(folder / "nowhere")
    found = info(folder)
    reasons = {Path(each["path"]).name: each["reason"] for each in found["unreadable"]}
    assert set(reasons) == {"notes.bak", "empty.bak", "cut.bak", "pipe.bak", "gone.bak"}
    assert "text" in reasons["notes.bak"] and "empty" in reasons["empty.bak"]
    assert "it is being written" in reasons["cut.bak"] and "not a regular file" in reasons["pipe.bak"]
    assert len([each for each in found["history"] if each["complete"]]) == 2
    assert all(each["hint"] for each in found["unreadable"])


def test_an_old_cut_file_is_not_called_fresh(folder: Path) -> None:
    (folder / "cut.bak").write_bytes(FULL[:-1])
    os.utime(folder / "cut.bak", (time.time() - 7200,) * 2)
    assert "being written" not in info(folder)["unreadable"][0]["reason"]


def test_since(folder: Path) -> None:
    os.utime(folder / "SQL1/Sales/FULL/full.bak", (1_700_000_000,) * 2)
    assert [each["backup_type"] for each in info(folder, since="2023-12-01T00:00:00+07:00")["history"]] == ["log"]
    assert info(folder, since="2023-11-01")["files"] == 2
    with pytest.raises(InvalidInput, match="is no time"):
        info(folder, since="yesterday")


def test_a_named_file_must_be_a_backup(folder: Path) -> None:
    (folder / "notes.bak").write_text("todo: buy disks")
    with pytest.raises(NotABackup, match="is text"):
        info(folder / "notes.bak")


def test_options_that_would_do_nothing_are_refused(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="deep: this option does nothing without verify"):
        info(folder, deep=True)
    with pytest.raises(InvalidInput, match="rebuild: this option does nothing without history_file"):
        info(folder, rebuild=True)


def test_a_named_file_is_kept_in_the_history_too(folder: Path) -> None:
    known = {"history_file": str(folder.parent / "history.sqlite")}
    path = folder / "SQL1/Sales/LOG/log.trn"
    assert [len(info(path, **known)["media"]) for _unused in range(2)] == [1, 0]
    (folder / "notes.bak").write_text("todo: buy disks")
    with pytest.raises(NotABackup, match="is text"):
        info(folder / "notes.bak", **known)


@pytest.mark.parametrize(
    ("path", "sentence"), [("/nowhere/at all", "no such file"), ("https://store/Sales.bak", "this is a URL")]
)
def test_paths_that_lead_nowhere(path: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        info(Path(path) if ":" not in path else path)  # type: ignore[arg-type]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(folder: Path) -> None:
    (folder / "SQL1/Sales/FULL/full.bak").chmod(0)
    (folder / "SQL1/Sales/LOG").chmod(0)
    found = info(folder)
    assert len(found["unreadable"]) == 2 and all("may not read it" in each["reason"] for each in found["unreadable"])
    with pytest.raises(StoreUnreachable):
        info(folder / "SQL1/Sales/FULL/full.bak")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that gives input/output errors: Linux only")
def test_a_disk_that_gives_errors_is_told_from_damage() -> None:
    wanted = pytest.raises(StoreUnreachable, match=r"cannot be read: Input/output error")
    with wanted as caught, reading("/proc/self/mem") as read:
        read(0, 10)
    assert "Look at the disk" in caught.value.hint


def test_a_history_is_read_once_and_rebuilt(folder: Path) -> None:
    database = str(folder.parent / "history.sqlite")
    first = info(folder, history_file=database)
    second = info(folder, history_file=database)
    assert (len(first["media"]), len(second["media"])) == (2, 0)
    assert first["history"] == second["history"] and len(first["history"]) == 2
    assert len(info(folder, history_file=database, rebuild=True)["media"]) == 2
    (folder / "SQL1/Sales/LOG/log.trn").unlink()
    assert len(info(folder, history_file=database, since="2030-01-01")["history"]) == 0
    assert len(info(folder, history_file=database)["history"]) == 1
    # A partial look forgot nothing: the full backup is still known.
    assert info(folder, history_file=database)["media"] == []


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache") / "history.sqlite"


def no_sqlite(path: Path) -> None:
    path.write_text("this is not SQLite, and long enough to be told from an empty file" * 20)


def spoilt_inside(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x5a" * (len(data) - 4096)  # its head and its table's definition are sound, the rows are not
    path.write_bytes(data)


def no_file(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [no_sqlite, spoilt_inside, no_file])
def test_a_broken_history_stops_no_recovery(cache: Path, folder: Path, spoil: Callable[[Path], None]) -> None:
    sound = info(folder, history_file=str(cache))
    assert "warnings" not in sound
    spoil(cache)
    found = info(folder, history_file=str(cache))
    assert (found["history"], found["media"]) == (sound["history"], sound["media"])
    assert "cannot be used" in found["warnings"][0] and "All 2 files are read instead" in found["warnings"][0]


def test_a_locked_history_stops_no_recovery(cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_WAIT", 0.1)
    with closing(sqlite3.connect(cache, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        found = info(folder, history_file=str(cache))
    assert len(found["history"]) == len(found["media"]) == 2 and "locked" in found["warnings"][0]


def test_a_history_does_not_hide_what_cannot_be_read(folder: Path) -> None:
    (folder / "notes.bak").write_text("todo: buy disks")
    (folder / "cut.bak").write_bytes(FULL[:-1])
    for _unused in range(2):
        found = info(folder, history_file=str(folder.parent / "history.sqlite"), verify=True)
        assert {Path(each["path"]).name for each in found["unreadable"]} == {"notes.bak", "cut.bak"}
        assert found["damaged"] == [str(folder / "cut.bak")] and len(found["verifications"]) == 3
