# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A transfer that ends at any of its steps, by a fault or because its process is killed: a folder, an FTP server and a
second store keep the same promise. The file is whole under its name or not there, and the next run finishes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import store as stores
from ansible_collections.ics.deadpool.plugins.module_utils.clients import transfer_task
from ansible_collections.ics.deadpool.plugins.module_utils.clients.folder_store import FolderStore
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner, Store
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_run import Line, fetch_files, ship
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError, TransferCut
from ansible_collections.ics.deadpool.plugins.modules import ftp_transfer

from .broken_store import Manners, broken_store

CONTENT = os.urandom(1_200_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
Open = Callable[[], Store]
STEPS = 12


class Broken:
    """A store whose step number ``at`` is not done, or half done; ``end`` says how that ends."""

    def __init__(self, store: Store, at: int, end: Callable[[], None]) -> None:
        self._store, self._left, self._end = store, at, end

    @property
    def where(self) -> str:
        return self._store.where

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name in ("drop", "__exit__"):
            return real

        def step(*args: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left == 0 and name == "store":
                real(args[0], self._half(args[1]), **options)
            if self._left == 0:
                self._end()
            return real(*args, **options)

        return step

    def _half(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        def half(length: int) -> bytes:
            self._end()
            return read(length)

        first = iter([True])
        return lambda length: read(length // 2) if next(first, False) else half(length)

    def __exit__(self, *error: object) -> None:
        self._store.__exit__(*error)


def cut() -> None:
    raise TransferCut("cut", hint="again")


def killed() -> None:
    os._exit(9)


def in_a_child(work: Callable[[], None]) -> None:
    """A process that may be killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def with_fault(work: Callable[[], None]) -> None:
    try:
        work()
    except RecoveryError:
        return


ENDS = {"cut": (cut, with_fault), "killed": (killed, in_a_child)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    made.mkdir()
    return made


@pytest.fixture(params=["folder", "ftp"])
def opened(request: pytest.FixtureRequest, folder: Path) -> Iterator[Open]:
    if request.param == "folder":
        yield lambda: FolderStore(str(folder))
        return
    with broken_store(folder, Manners(), rights="elradfmw") as params:
        yield partial(Ftp, params)


def whole_or_not_there(path: Path) -> None:
    assert not path.exists() or path.read_bytes() == CONTENT


def whole(folder: Path, name: str) -> None:
    assert (folder / name).read_bytes() == CONTENT
    assert (folder / f"{name}.sha256").read_text() == f"{DIGEST}  {name}\n"
    assert not (folder / f"{name}.part").exists() and not (folder / f"{name}.sha256.part").exists()


@pytest.mark.parametrize("end", ENDS)
def test_storing_ends_at_each_step(opened: Open, folder: Path, tmp_path: Path, end: str) -> None:
    ends, run = ENDS[end]
    source = tmp_path / "a.bak"
    source.write_bytes(CONTENT)
    missing = 0
    for step in range(1, STEPS):
        name = f"SQL1/{step}.bak"
        pairs = [(str(source), f"/{name}")]
        broken = Line(lambda step=step: Broken(opened(), step, ends), retries=0)  # type: ignore[misc]
        run(lambda broken=broken, pairs=pairs: ship(broken, pairs, Manner()))  # type: ignore[misc]
        whole_or_not_there(folder / name)
        if (folder / name).exists():
            assert (folder / f"{name}.sha256").exists(), "a file with a name never lacks its digest"
        missing += not (folder / name).exists()
        failed = ship(Line(opened), pairs, Manner())[1]
        assert not failed
        whole(folder / "SQL1", f"{step}.bak")
    assert missing >= 6, "steps before the name"


@pytest.mark.parametrize("end", ENDS)
def test_fetching_ends_at_each_step(opened: Open, folder: Path, tmp_path: Path, end: str) -> None:
    ends, run = ENDS[end]
    (folder / "a.bak").write_bytes(CONTENT)
    (folder / "a.bak.sha256").write_text(f"{DIGEST}  a.bak\n")
    for step in range(1, 6):
        target = tmp_path / f"there/{step}.bak"
        pairs = [("/a.bak", str(target))]
        broken = Line(lambda step=step: Broken(opened(), step, ends), retries=0)  # type: ignore[misc]
        run(lambda broken=broken, pairs=pairs: fetch_files(broken, pairs, Manner()))  # type: ignore[misc]
        whole_or_not_there(target)
        fetch_files(Line(opened), pairs, Manner())
        assert target.read_bytes() == CONTENT and not target.with_name(f"{target.name}.part").exists()


def test_a_second_store_ends_at_each_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, source = (tmp_path / name for name in ("first", "second", "source"))
    for each in (first, second, source):
        each.mkdir()
    spec = {key: value.get("default") for key, value in ftp_transfer.ARGUMENT_SPEC.items()}
    other = {**{key: value.get("default") for key, value in stores.ARGUMENT_SPEC.items()}, "folder": str(second)}
    at = failures = 0

    def open_store(params: dict[str, Any]) -> Any:
        store = FolderStore(params["folder"])
        return Broken(store, at, cut) if params["folder"] == str(second) else store

    monkeypatch.setattr(transfer_task, "open_store", open_store)
    for at in range(1, STEPS):
        name = f"{at}.bak"
        (source / name).write_bytes(CONTENT)
        files = [{"source": str(source / name), "destination": f"/{name}"}]
        options = {**spec, "folder": str(first), "files": files, "other_stores": [{**other, "directory": None}]}
        result = ftp_transfer.transfer({**options, "direction": "store", "retries": 0}, False)
        whole(first, name)
        whole_or_not_there(second / name)
        assert bool(result.get("failed")) == bool(result["stores"][0]["failed"])
        failures += bool(result.get("failed"))
        monkeypatch.setattr(transfer_task, "open_store", lambda params: FolderStore(params["folder"]))
        result = ftp_transfer.transfer({**options, "direction": "store"}, False)
        assert not result.get("failed") and not result["transfers"][0]["changed"]
        whole(second, name)
        monkeypatch.setattr(transfer_task, "open_store", open_store)
    assert failures >= 6
