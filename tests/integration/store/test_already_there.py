# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A file that stands on the store under the same name and with the same length is not taken for the one that is to be
shipped: a backup that was written anew under its old name would never reach the store, and all would look well."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import already_there
from ansible_collections.ics.deadpool.plugins.module_utils.clients import store as stores
from ansible_collections.ics.deadpool.plugins.modules import ftp_transfer

from tests.unit.plugins.module_utils.recovery.backup_files.medium import BackupSet, medium, page

from .conftest import Store

PAGES = [page(1, number) for number in range(16)]
FIRST, SECOND = (medium(BackupSet(pages=PAGES, log=log * 512)) for log in (b"log!", b"gol!"))
assert len(FIRST) == len(SECOND)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    made = tmp_path / "backup"
    made.mkdir()
    (made / "Sales.bak").write_bytes(FIRST)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "share"
    made.mkdir()
    return made


def ship(top: Path, check_mode: bool = False, **store: Any) -> dict[str, Any]:
    spec = {key: value.get("default") for key, value in ftp_transfer.ARGUMENT_SPEC.items()}
    return ftp_transfer.transfer({**spec, "direction": "store", "source_directory": str(top), **store}, check_mode)


def write_anew(path: Path) -> None:
    path.write_bytes(SECOND)
    os.utime(path, ns=(path.stat().st_mtime_ns + 10**9,) * 2)


def forget(top: Path) -> None:
    (top / ".shipped").unlink()


def no_reading(_path: Path) -> str:
    raise AssertionError("a file that did not change was read")


@pytest.mark.parametrize("remembered", [True, False])
def test_a_backup_written_anew_under_its_name_is_refused(top: Path, folder: Path, remembered: bool) -> None:
    assert not ship(top, folder=str(folder)).get("failed")
    write_anew(top / "Sales.bak")
    (top / "Later.bak").write_bytes(FIRST)
    if not remembered:
        forget(top)
    result = ship(top, folder=str(folder), required_files=[str(top / "Sales.bak")])
    assert result["failed"] and "another file of the same length under this name" in result["msg"]
    assert hashlib.sha256(FIRST).hexdigest()[:16] in result["msg"] and "HINT: Nothing was sent" in result["msg"]
    assert (folder / "Sales.bak").read_bytes() == FIRST and (top / "Sales.bak").read_bytes() == SECOND
    assert (folder / "Later.bak").exists(), "it keeps no other file from the store"
    assert ship(top, check_mode=True, folder=str(folder))["failed"]


def test_the_same_file_is_read_once(top: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(top, folder=str(folder))
    forget(top)
    found = ship(top, folder=str(folder))
    assert not found["changed"] and found["transfers"][0]["sha256_checked"] and not found["warnings"]
    monkeypatch.setattr(already_there, "sha256_of", no_reading)
    again = ship(top, folder=str(folder))
    assert not again.get("failed") and again["transfers"][0]["sha256"] == hashlib.sha256(FIRST).hexdigest()
    os.utime(top / "Sales.bak")
    with pytest.raises(AssertionError, match="was read"):
        ship(top, folder=str(folder))


def test_what_was_just_shipped_is_not_read_again(top: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(already_there, "sha256_of", no_reading)
    assert ship(top, folder=str(folder))["changed"]
    assert not ship(top, folder=str(folder))["changed"]
    assert (top / ".shipped").stat().st_mode & 0o777 == 0o600


def test_an_account_that_may_not_read_finds_what_was_written_anew(store: Store, top: Path) -> None:
    ship(top, **store.params("writer"))
    write_anew(top / "Sales.bak")
    result = ship(top, **store.params("writer"))
    assert result["failed"] and "since it was shipped" in result["msg"]
    assert (store.folder / "Sales.bak").read_bytes() == FIRST


def test_what_cannot_be_compared_is_told_and_then_watched(store: Store, top: Path) -> None:
    ship(top, **store.params("writer"))
    forget(top)
    unknown = ship(top, **store.params("writer"))
    assert not unknown.get("failed") and unknown["not_compared"] == [str(top / "Sales.bak")]
    assert "1 files stood on the store" in unknown["warnings"][0]
    write_anew(top / "Sales.bak")
    assert "its sha256 is not known…" in ship(top, **store.params("writer"))["msg"]


def test_a_file_without_digest_is_told(top: Path, folder: Path) -> None:
    (folder / "Sales.bak").write_bytes(SECOND)
    assert ship(top, folder=str(folder))["not_compared"] == [str(top / "Sales.bak")]


def test_a_digest_that_is_none_is_no_proof(top: Path, folder: Path) -> None:
    (folder / "Sales.bak").write_bytes(FIRST)
    (folder / "Sales.bak.sha256").write_text("cut")
    assert "it holds no sha256 digest" in ship(top, folder=str(folder))["msg"]


def test_each_store_is_remembered_by_itself(top: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    other = {key: value.get("default") for key, value in stores.ARGUMENT_SPEC.items()}
    other |= {"folder": str(tmp_path / "second"), "directory": "/far"}
    ship(top, folder=str(folder))
    (tmp_path / "second/far").mkdir()
    (tmp_path / "second/far/Sales.bak").write_bytes(SECOND)
    (tmp_path / "second/far/Sales.bak.sha256").write_text(hashlib.sha256(SECOND).hexdigest() + "  Sales.bak\n")
    result = ship(top, folder=str(folder), other_stores=[other])
    assert result["failed"] and not result["transfers"][0]["changed"]
    assert "/far/Sales.bak: store" in result["stores"][0]["failed"][0]


def test_a_record_that_cannot_be_kept_is_told_and_a_damaged_one_costs_a_comparison(top: Path, folder: Path) -> None:
    ship(top, folder=str(folder))
    (top / ".shipped").write_text('["torn')
    assert ship(top, folder=str(folder))["transfers"][0]["sha256_checked"]
    forget(top)
    (top / ".shipped").mkdir()
    assert ".shipped: it cannot be written" in ship(top, folder=str(folder))["warnings"][0]


def test_files_that_are_gone_are_forgotten(top: Path, folder: Path) -> None:
    ship(top, folder=str(folder))
    (top / "Sales.bak").unlink()
    (top / "Later.bak").write_bytes(FIRST)
    ship(top, folder=str(folder))
    assert "Sales" not in (top / ".shipped").read_text() and "Later" in (top / ".shipped").read_text()
