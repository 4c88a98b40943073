# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup history of a store: each file read once, verified over one connection, and nothing hidden."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp_reading import on_store, store_files
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, TransferFailed
from ansible_collections.ics.deadpool.plugins.modules import ftp_backup_info

from tests.unit.plugins.module_utils.recovery.backup_files.medium import BackupSet, medium, page
from tests.unit.plugins.module_utils.recovery.backup_files.packer import packed

from .broken_store import Manners, broken_store
from .conftest import Store

FULL = medium(BackupSet(pages=[page(1, number) for number in range(2000)], log=b"log!" * 512, checksums=True))
LOG = medium(BackupSet(kind=b"L", log=b"more" * 512))
BAD = bytearray(FULL)
BAD[FULL.index(page(1, 1500)) + 100] ^= 1


@pytest.fixture
def folder(store: Store) -> Path:
    below = store.folder / "SQL1/Sales"
    below.mkdir(parents=True)
    (below / "full.bak").write_bytes(FULL)
    (below / "log.trn").write_bytes(LOG)
    return below


@pytest.fixture
def retrieved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The path of every RETR."""
    paths: list[str] = []
    real = Ftp.begin_read

    def begin_read(ftp: Ftp, path: str, offset: int) -> Any:
        paths.append(path)
        return real(ftp, path, offset)

    monkeypatch.setattr(Ftp, "begin_read", begin_read)
    return paths


def info(params: dict[str, Any], *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    defaults = {**dict.fromkeys(ftp_backup_info.ARGUMENT_SPEC), "directory": "/"}
    return ftp_backup_info.backup_info({**defaults, **params, **options}, check_mode)


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [Path(each["path"]).name for each in entries]


def test_the_second_look_reads_nothing(store: Store, folder: Path, tmp_path: Path, retrieved: list[str]) -> None:
    known = {"history_file": str(tmp_path / "history.sqlite")}
    first = info(store.params("reader"), **known)
    assert names(first["history"]) == ["full.bak", "log.trn"] and len(retrieved) == 3
    retrieved.clear()
    second = info(store.params("reader"), **known)
    assert (second["history"], retrieved, second["media"]) == (first["history"], [], [])
    os.utime(folder / "log.trn", (1_700_000_000,) * 2)
    assert info(store.params("reader"), **known)["history"] == first["history"]
    assert set(retrieved) == {"/SQL1/Sales/log.trn"}
    retrieved.clear()
    assert info(store.params("reader"), **known, rebuild=True)["history"] == first["history"]
    assert len(retrieved) == 3  # the small one in one read


def test_a_file_that_is_gone_is_not_in_the_history(store: Store, folder: Path, tmp_path: Path) -> None:
    known = {"history_file": str(tmp_path / "history.sqlite")}
    info(store.params("reader"), **known)
    (folder / "full.bak").unlink()
    assert names(info(store.params("reader"), **known)["history"]) == ["log.trn"]


def test_check_mode_leaves_the_cache_alone(store: Store, folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "history.sqlite"
    assert len(info(store.params("reader"), check_mode=True, history_file=str(cache))["history"]) == 2
    assert not cache.exists()


def test_without_mlsd_files_are_known_by_path_and_size(tmp_path: Path, retrieved: list[str]) -> None:
    below = tmp_path / "plain"
    below.mkdir()
    (below / "log.trn").write_bytes(LOG)
    known = {"history_file": str(tmp_path / "history.sqlite"), "since": "2100-01-01"}
    with broken_store(below, Manners(mlsd=False)) as params:
        first = info(params, **known)
        assert names(first["history"]) == ["log.trn"], "since leaves out no file whose time is unknown"
        retrieved.clear()
        assert info(params, **known)["history"] == first["history"] and not retrieved
        (below / "log.trn").write_bytes(FULL)
        assert info(params, **known)["history"][0]["backup_type"] == "full"


def test_verify_reports_damage_and_reads_each_file_in_one_go(
    store: Store, folder: Path, tmp_path: Path, retrieved: list[str]
) -> None:
    (folder / "bad.bak").write_bytes(BAD)
    known = {"history_file": str(tmp_path / "history.sqlite")}
    info(store.params("reader"), **known)
    retrieved.clear()
    found = info(store.params("reader"), verify=True, **known)
    verdicts = {Path(each["path"]).name: each["verdict"] for each in found["verifications"]}
    assert verdicts == {"full.bak": "sound", "log.trn": "cannot be told", "bad.bak": "damaged"}
    assert found["damaged"] == ["/SQL1/Sales/bad.bak"]
    # The head is read in the same go: what is held reaches back.
    assert sorted(retrieved) == ["/SQL1/Sales/bad.bak", "/SQL1/Sales/full.bak", "/SQL1/Sales/log.trn"]


def test_deep_unpacks_compressed_backups_over_one_connection(store: Store, folder: Path, retrieved: list[str]) -> None:
    pages = [page(1, number) for number in range(64)]
    (folder / "good.bak").write_bytes(packed(medium(BackupSet(pages=pages)), 512))
    pages[9] = pages[9][:200] + b"rot" + pages[9][203:]
    (folder / "rotten.bak").write_bytes(packed(medium(BackupSet(pages=pages)), 512))
    assert info(store.params("reader"), verify=True)["damaged"] == [], "only chunks are looked at"
    retrieved.clear()
    found = info(store.params("reader"), verify=True, deep=True)
    assert found["damaged"] == ["/SQL1/Sales/rotten.bak"]
    reasons = {Path(each["path"]).name: each["reason"] for each in found["verifications"]}
    assert (reasons["rotten.bak"], reasons["good.bak"]) == ("the checksum of page 1:9 is wrong", None)
    assert retrieved.count("/SQL1/Sales/good.bak") <= 3


def test_verify_of_some_databases_reads_no_others(store: Store, folder: Path) -> None:
    found = info(store.params("reader"), databases=["Other"], verify=True)
    assert (found["history"], found["verifications"], found["files"]) == ([], [], 2)


def test_files_that_are_no_whole_backups_hide_nothing(store: Store, folder: Path) -> None:
    (folder / "notes.bak").write_text("todo: buy disks")
    (folder / "cut.bak").write_bytes(FULL[:-1])
    found = info(store.params("reader"), verify=True)
    unreadable = {Path(each["path"]).name: each for each in found["unreadable"]}
    assert set(unreadable) == {"notes.bak", "cut.bak"} and all(each["hint"] for each in found["unreadable"])
    assert "no good end" in unreadable["cut.bak"]["notes"][0] and "notes" not in unreadable["notes.bak"]
    assert "it is being written" in unreadable["cut.bak"]["reason"]
    assert found["damaged"] == ["/SQL1/Sales/cut.bak"]


def test_since(store: Store, folder: Path) -> None:
    os.utime(folder / "full.bak", (1_700_000_000,) * 2)
    assert names(info(store.params("reader"), since="2023-12-01T00:00:00+07:00")["history"]) == ["log.trn"]
    with pytest.raises(InvalidInput, match="is no time"):
        info(store.params("reader"), since="yesterday")


def test_a_stream_may_jump(store: Store, folder: Path) -> None:
    with Ftp(store.params("reader")) as ftp:
        file = next(one for one in store_files(ftp, "/", None) if one.path.endswith("full.bak"))
        with on_store(ftp, "reader").stream(file) as read:
            for offset, length in ((0, 10), (5, 100), (9_000_000, 5_000_000), (8_999_000, 2000), (0, 7)):
                assert read(offset, length) == FULL[offset : offset + length]
            assert read(len(FULL) - 3, 10) == FULL[-3:]
        assert ftp.size(file.path) == len(FULL), "the connection goes on"


def test_a_connection_that_breaks_while_verifying_is_no_verdict(tmp_path: Path) -> None:
    below = tmp_path / "plain"
    below.mkdir()
    (below / "full.bak").write_bytes(FULL)
    with broken_store(below, Manners(breaks_at=1_000_000)) as params, Ftp(params) as ftp:
        file = store_files(ftp, "/", None)[0]
        with pytest.raises(TransferFailed, match="426"), on_store(ftp, "x").stream(file) as read:
            read(0, len(FULL))
