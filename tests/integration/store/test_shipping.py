# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is shipped of a backup directory, and what is said of the rest."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.shipping import backups_to_ship
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.modules import ftp_transfer

from tests.unit.plugins.module_utils.recovery.backup_files.medium import BackupSet, medium, page

from .conftest import Store

BACKUP = medium(BackupSet(pages=[page(1, number) for number in range(16)], log=b"log!" * 512))
NOBODY = 65534


@pytest.fixture
def top() -> Iterator[Path]:
    """A backup directory below /tmp itself: an account without rights must be able to enter it."""
    made = Path(tempfile.mkdtemp(prefix="deadpool-ship-"))
    made.chmod(0o755)
    (made / "backup").mkdir()
    yield made / "backup"
    shutil.rmtree(made)


@contextmanager
def without_rights() -> Iterator[None]:
    """root may read everything, so it becomes nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def ship(store: Store, top: Path, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    spec = {key: value.get("default") for key, value in ftp_transfer.ARGUMENT_SPEC.items()}
    params = {**spec, **store.params("writer"), "direction": "store", "source_directory": str(top), **options}
    return ftp_transfer.transfer(params, check_mode)


def put(path: Path, written: int, content: bytes = BACKUP) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (written, written))
    return path


def test_oldest_first_whatever_the_folder(top: Path) -> None:
    put(top / "a/young.bak", 3000)
    put(top / "b/old.bak", 1000)
    put(top / "middle.bak", 2000)
    put(top / "middle.bak.sha256", 1)
    assert [one.relative for one in backups_to_ship(str(top))] == ["b/old.bak", "middle.bak", "a/young.bak"]


def test_a_folder_that_cannot_be_listed_is_an_error(top: Path) -> None:
    put(top / "a/x.bak", 1000)
    (top / "a").chmod(0)
    try:
        with without_rights(), pytest.raises(RecoveryError, match=r"/a: this folder cannot be listed") as caught:
            backups_to_ship(str(top))
    finally:
        (top / "a").chmod(0o755)
    assert caught.value.hint


def test_a_file_that_cannot_be_read_fails_and_the_others_are_shipped(store: Store, top: Path) -> None:
    put(top / "closed.bak", 1000).chmod(0)
    put(top / "open.bak", 2000)
    put(top / "notes.bak", 3000, b"not a backup")
    authority = shutil.copy(store.ca, top.parent)
    with without_rights():
        result = ship(store, top, ca_path=authority)
    assert result["failed"] and "closed.bak: cannot be read: Permission denied" in result["msg"]
    assert "HINT: " in result["msg"] and "notes.bak" not in result["msg"]
    assert [Path(one["destination"]).name for one in result["transfers"]] == ["open.bak"]
    assert [Path(one["path"]).name for one in result["held_back"]] == ["notes.bak"]


def test_a_required_file_that_is_held_back_fails_the_run(store: Store, top: Path) -> None:
    whole, cut = put(top / "whole.bak", 1000), put(top / "cut.bak", 2000, BACKUP[: len(BACKUP) // 2])
    assert not ship(store, top).get("failed"), "nobody asked for it"
    assert not ship(store, top, required_files=[str(whole)]).get("failed"), "it is on the store already"
    result = ship(store, top, required_files=[str(whole), str(cut)])
    assert result["failed"] and "cut.bak: it must be on the store and is not" in result["msg"]
    assert "not complete" in result["msg"] and "whole.bak" not in result["msg"]


def test_a_required_file_that_lies_elsewhere_fails_the_run(store: Store, top: Path) -> None:
    result = ship(store, top, required_files=[str(top / "never_taken.bak")])
    assert result["failed"] and "it is not among the files to send" in result["msg"]
    assert not ship(store, top, check_mode=True, required_files=[str(top / "never_taken.bak")]).get("failed")


def test_required_files_are_for_storing(store: Store, top: Path) -> None:
    with pytest.raises(InvalidInput, match="does not go with direction: fetch"):
        ship(store, top, direction="fetch", source_directory=None, paths=["/a"], required_files=["/a"])
