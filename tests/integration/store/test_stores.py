# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A folder as store, a second store, and what a run of many files tells."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import store as stores
from ansible_collections.ics.deadpool.plugins.module_utils.clients.folder_store import FolderStore
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_run import Line, ship
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    InvalidInput,
    NoSpace,
    RecoveryError,
    StoreUnreachable,
    TransferCut,
    TransferFailed,
)
from ansible_collections.ics.deadpool.plugins.modules import ftp_transfer

from . import moving
from .broken_store import Manners, broken_store
from .conftest import Store, free_port

CONTENT = os.urandom(1_500_001)
STORE = {key: value.get("default") for key, value in stores.ARGUMENT_SPEC.items()}


def transfer(check_mode: bool = False, **options: Any) -> dict[str, Any]:
    spec = {key: value.get("default") for key, value in ftp_transfer.ARGUMENT_SPEC.items()}
    return ftp_transfer.transfer({**spec, **options}, check_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "share"
    made.mkdir()
    return made


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    path = tmp_path / "a.bak"
    path.write_bytes(CONTENT)
    return path


def one(backup: Path) -> list[dict[str, str]]:
    return [{"source": str(backup), "destination": "/SQL1/a.bak"}]


def test_a_folder_is_a_store(folder: Path, backup: Path, tmp_path: Path) -> None:
    assert transfer(direction="store", folder=str(folder), files=one(backup), check_mode=True)["changed"]
    assert not list(folder.iterdir())
    stored = transfer(direction="store", folder=str(folder), files=one(backup), verify=True)
    assert stored["transfers"][0]["verified"] and stored["bytes"] == len(CONTENT)
    assert not transfer(direction="store", folder=str(folder), files=one(backup))["changed"]
    assert sorted(path.name for path in (folder / "SQL1").iterdir()) == ["a.bak", "a.bak.sha256"]
    there = str(tmp_path / "there")
    transfer(direction="fetch", folder=str(folder), paths=["/SQL1/a.bak"], destination_directory=there)
    assert (tmp_path / "there/SQL1/a.bak").read_bytes() == CONTENT


def test_a_share_that_is_not_mounted_is_no_store(tmp_path: Path, backup: Path) -> None:
    with pytest.raises(StoreUnreachable, match="there is no such folder") as caught:
        transfer(direction="store", folder=str(tmp_path / "unmounted"), files=one(backup))
    assert "Mount the share" in caught.value.hint and not (tmp_path / "unmounted").exists()


def test_a_folder_replaces_nothing_and_is_not_left(folder: Path, backup: Path, tmp_path: Path) -> None:
    store = FolderStore(str(folder))
    (folder / "a").write_bytes(b"old")
    (folder / "a.part").write_bytes(b"new")
    with pytest.raises(TransferFailed, match="stands under the name"):
        store.rename("/a.part", "/a")
    assert (folder / "a").read_bytes() == b"old"
    (folder / "out").symlink_to(tmp_path)
    with pytest.raises(InvalidInput, match="leads out of the folder"):
        moving.store_file(store, str(backup), "/out/x.bak")
    with pytest.raises(InvalidInput):
        moving.store_file(store, str(backup), "/../x.bak")


def test_a_folder_without_room_is_refused_before_the_first_byte(
    folder: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FolderStore, "free_space", lambda *_: 1000)
    with pytest.raises(NoSpace, match="1500001 bytes are to be shipped, 1000 are free"):
        transfer(direction="store", folder=str(folder), files=one(backup))
    assert not list(folder.iterdir())


def test_every_store_receives_the_files_whatever_the_other_does(store: Store, folder: Path, backup: Path) -> None:
    other = {**STORE, "folder": str(folder), "directory": "/site"}
    dead = {**store.params("writer"), "port": free_port(), "folder": None}
    result = transfer(direction="store", **dead, retries=0, files=one(backup), other_stores=[other])
    assert result["failed"] and "no FTP server answers" in result["msg"] and "HINT" in result["msg"]
    assert result["stores"][0]["bytes"] == len(CONTENT) and result["changed"]
    assert (folder / "SQL1/a.bak").read_bytes() == CONTENT
    good = {**store.params("writer"), "folder": None}
    result = transfer(direction="store", **good, files=one(backup), other_stores=[other])
    assert not result.get("failed") and not result["stores"][0]["changed"]
    assert (store.folder / "SQL1/a.bak").read_bytes() == CONTENT
    result = transfer(
        direction="store", **good, files=one(backup), other_stores=[{**dead, "directory": None}], retries=0
    )
    assert result["failed"] and result["stores"][0]["failed"] and not result["changed"]


def test_a_limit_is_kept_by_all_connections_together(folder: Path, tmp_path: Path) -> None:
    files = []
    for number in range(4):
        (tmp_path / f"{number}.bak").write_bytes(os.urandom(250_000))
        files.append({"source": str(tmp_path / f"{number}.bak"), "destination": f"/{number}.bak"})
    started = time.monotonic()
    transfer(direction="store", folder=str(folder), files=files, bandwidth_limit=2.0)
    assert time.monotonic() - started > 0.3


def test_progress_is_told(folder: Path, backup: Path, tmp_path: Path) -> None:
    told = tmp_path / "progress"
    transfer(direction="store", folder=str(folder), files=one(backup), progress_file=str(told))
    last = json.loads(told.read_text().splitlines()[-1])
    assert (last["files"], last["ended"], last["bytes"]) == (1, 1, len(CONTENT))


class _Cutting(FolderStore):
    """Breaks off as often as it is told."""

    cuts: list[str]

    def store(self, path: str, read: Callable[[int], bytes], append: bool = False) -> int:
        if self.cuts:
            raise TransferCut(self.cuts.pop(), hint="again")
        return super().store(path, read, append)


def test_attempts_are_bounded_and_say_why(folder: Path, tmp_path: Path) -> None:
    pairs = []
    for number in range(6):
        (tmp_path / f"{number}").write_bytes(b"x")
        pairs.append((str(tmp_path / f"{number}"), f"/{number}"))
    cuts = ["second cut", "first cut"]
    kind = type("_Some", (_Cutting,), {"cuts": cuts})
    done, failed = ship(Line(lambda: kind(str(folder)), pause=0.01), pairs, Manner())
    assert not failed and done[0].retries == ("first cut", "second cut") and done[1].retries == ()
    always = type("_All", (_Cutting,), {"cuts": ["cut"] * 1000})
    (tmp_path / "other").mkdir()
    done, failed = ship(Line(lambda: always(str(tmp_path / "other")), retries=2, pause=0.01), pairs, Manner())
    assert not done and len(failed) == 6
    assert "attempt 3; before it: cut; cut" in failed[pairs[0][0]].msg
    assert len(always.cuts) == 1000 - 3 * 3, "three files in a row are enough"


def test_a_refusal_is_not_tried_again(folder: Path, backup: Path) -> None:
    manners = Manners()
    with broken_store(folder, manners) as params:
        result = transfer(direction="store", **params, folder=None, files=one(backup))
    assert result["failed"] and "550" in result["msg"]
    assert len([verb for verb in manners.verbs if verb.startswith("STOR")]) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"direction": "fetch", "paths": ["/a"], "other_stores": [{**STORE, "folder": "/x"}]},
        {"direction": "fetch", "paths": ["/a"], "verify": True},
        {"direction": "store", "files": [], "other_stores": [{**STORE, "directory": None}]},
        {"direction": "store", "files": [], "other_stores": [{**STORE, "host": "a", "folder": "/x"}]},
    ],
)
def test_options_that_do_nothing_are_refused(folder: Path, options: dict[str, Any]) -> None:
    with pytest.raises(RecoveryError) as caught:
        transfer(**{"folder": str(folder), **options})
    assert caught.value.hint
