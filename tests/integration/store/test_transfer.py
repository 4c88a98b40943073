# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files to the store and back: whole under their name, or not there under their name."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import store as stores
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    InvalidInput,
    NoSpace,
    RecoveryError,
    StoreUnreachable,
    TransferFailed,
)

from . import moving as files
from .broken_store import Manners, broken_store
from .conftest import Store, free_port

pytestmark = pytest.mark.slow

PATH = "/SQL1/Sales/LOG/SQL1_Sales_LOG_20261124_031500.trn"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    path = tmp_path / "a b.trn"
    path.write_bytes(os.urandom(700_000) + b".")
    return path


def store_it(store: Store, backup: Path, path: str = PATH, **options: Any) -> stores.Transfer:
    with Ftp(store.params("writer")) as ftp:
        return files.store_file(ftp, str(backup), path, **options)


def test_a_stored_file_is_whole_and_has_its_digest(store: Store, backup: Path) -> None:
    done = store_it(store, backup)
    there = store.folder / PATH.lstrip("/")
    assert there.read_bytes() == backup.read_bytes()
    digest = hashlib.sha256(backup.read_bytes()).hexdigest()
    assert done.sha256 == digest and done.changed and done.bytes == 700_001
    assert there.with_name(there.name + ".sha256").read_text() == f"{digest}  {there.name}\n"
    assert not list(store.folder.rglob("*.part"))


def test_storing_again_changes_nothing(store: Store, backup: Path) -> None:
    store_it(store, backup)
    assert not store_it(store, backup).changed


def test_check_mode_stores_nothing(store: Store, backup: Path) -> None:
    assert store_it(store, backup, check_mode=True).changed
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


def test_another_file_under_the_name_is_never_replaced(store: Store, backup: Path) -> None:
    store_it(store, backup)
    backup.write_bytes(b"another")
    with pytest.raises(TransferFailed, match="has a file of 700001 bytes"):
        store_it(store, backup)
    assert (store.folder / PATH.lstrip("/")).stat().st_size == 700_001


def test_a_full_store_leaves_no_file_under_its_name(store: Store, backup: Path) -> None:
    store.faults.write_text(json.dumps({"quota_bytes": 100_000}))
    with pytest.raises(TransferFailed, match=r"552|allocation"):
        store_it(store, backup)
    assert not (store.folder / PATH.lstrip("/")).exists()
    store.faults.write_text("{}")
    assert store_it(store, backup).changed


def test_fetched_bytes_are_those_that_were_stored(store: Store, backup: Path, tmp_path: Path) -> None:
    store_it(store, backup)
    target = tmp_path / "fetched" / "x.trn"
    with Ftp(store.params("reader")) as ftp:
        first = files.fetch_file(ftp, PATH, str(target))
        second = files.fetch_file(ftp, PATH, str(target))
    assert target.read_bytes() == backup.read_bytes()
    assert first.changed and not second.changed


def test_a_file_that_does_not_match_its_digest_is_refused(store: Store, backup: Path, tmp_path: Path) -> None:
    store_it(store, backup)
    there = store.folder / PATH.lstrip("/")
    there.write_bytes(there.read_bytes()[:-1] + b"!")
    with Ftp(store.params("reader")) as ftp, pytest.raises(TransferFailed, match="sha256"):
        files.fetch_file(ftp, PATH, str(tmp_path / "x.trn"))
    assert not list(tmp_path.glob("x.trn*"))


def test_an_altered_local_copy_is_fetched_anew(store: Store, backup: Path, tmp_path: Path) -> None:
    store_it(store, backup)
    target = tmp_path / "x.trn"
    with Ftp(store.params("reader")) as ftp:
        files.fetch_file(ftp, PATH, str(target))
        target.write_bytes(target.read_bytes()[:-1] + b"!")
        assert files.fetch_file(ftp, PATH, str(target)).changed
    assert target.read_bytes() == backup.read_bytes()


def test_a_missing_file_is_named(store: Store, tmp_path: Path) -> None:
    with Ftp(store.params("reader")) as ftp, pytest.raises(TransferFailed, match="no such file"):
        files.fetch_file(ftp, "/nowhere.bak", str(tmp_path / "x"))


def test_no_free_disk_stops_before_the_first_byte(
    store: Store, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_it(store, backup)
    monkeypatch.setattr(stores, "RESERVE", 1 << 60)
    with Ftp(store.params("reader")) as ftp, pytest.raises(NoSpace, match="nothing was fetched"):
        files.fetch_files(ftp, [(PATH, str(tmp_path / "fetched/x"))])
    assert not (tmp_path / "fetched").exists()


def test_ranged_reads_and_listing(store: Store, backup: Path) -> None:
    store_it(store, backup)
    content = backup.read_bytes()
    with Ftp(store.params("reader")) as ftp:
        assert ftp.read(PATH, 0, 4096) == content[:4096]
        assert ftp.read(PATH, 699_000, 4096) == content[699_000:]
        assert ftp.read(PATH, 5, 10) == content[5:15]
        assert next((entry.path, entry.size) for entry in ftp.walk("/")) == (PATH, 700_001)
        assert ftp.read(PATH, 5, 10) == content[5:15], "a listing leaves the connection in ASCII mode"
        with pytest.raises(TransferFailed, match="cannot list /nowhere"):
            ftp.listing("/nowhere")


@pytest.mark.parametrize("path", ["/a/../b", "/a\r\nDELE /b", "/a\0b"])
def test_names_that_leave_the_folder_or_the_line_are_refused(store: Store, backup: Path, path: str) -> None:
    with pytest.raises(InvalidInput, match=r"line end or '\.\.'"):
        store_it(store, backup, path)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"password": "wrong"}, "login as reader was refused"),
        ({"port": free_port()}, "no FTP server answers"),
        ({"ca_path": None}, "certificate is not trusted"),
        ({"ca_path": "/nowhere.pem"}, "cannot be read as a CA"),
        ({"tls": "implicit"}, "no TLS could be agreed"),
        ({"tls": "none"}, "it answered 550|login as reader was refused|it answered 5"),
    ],
)
def test_a_store_that_cannot_be_used_is_explained(store: Store, changes: dict[str, Any], words: str) -> None:
    with pytest.raises((StoreUnreachable, InvalidInput), match=words) as caught:
        Ftp(store.params("reader", **changes))
    assert "\nHINT: " in str(caught.value)
    assert store.passwords["reader"] not in str(caught.value)


def test_the_reader_cannot_write_and_the_writer_cannot_read(store: Store, backup: Path, tmp_path: Path) -> None:
    store_it(store, backup)
    with Ftp(store.params("reader")) as ftp, pytest.raises(RecoveryError):
        files.store_file(ftp, str(backup), "/other.bak")
    with Ftp(store.params("writer")) as ftp, pytest.raises(RecoveryError):
        files.fetch_file(ftp, PATH, str(tmp_path / "x"))
    assert not list(tmp_path.glob("x*"))


def test_folders_on_one_disk_share_its_free_space(
    store: Store, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_it(store, backup)
    store_it(store, backup, "/other.trn")
    disk = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=stores.RESERVE + 1_000_000))
    first, second = tmp_path / "a" / "x", tmp_path / "b" / "x"
    with Ftp(store.params("reader")) as ftp:
        with pytest.raises(NoSpace, match="1400002 bytes are to be fetched"):
            files.fetch_files(ftp, [(PATH, str(first)), ("/other.trn", str(second))])
        second.parent.mkdir()
        second.write_bytes(b"of another size")
        with pytest.raises(NoSpace, match="1400002 bytes are to be fetched"):
            files.fetch_files(ftp, [(PATH, str(first)), ("/other.trn", str(second))])
        second.write_bytes(backup.read_bytes())
        assert len(files.fetch_files(ftp, [(PATH, str(first)), ("/other.trn", str(second))])) == 2


def test_a_file_without_a_digest_is_fetched_again(store: Store, backup: Path, tmp_path: Path) -> None:
    store_it(store, backup)
    (store.folder / f"{PATH}.sha256".lstrip("/")).unlink()
    target = tmp_path / "x.trn"
    target.write_bytes(bytes(700_001))
    with Ftp(store.params("reader")) as ftp:
        done = files.fetch_file(ftp, PATH, str(target))
    assert target.read_bytes() == backup.read_bytes()
    assert done.changed and not done.sha256_checked


def test_a_transfer_says_whether_the_digest_was_checked(store: Store, backup: Path, tmp_path: Path) -> None:
    assert store_it(store, backup).sha256_checked
    assert not store_it(store, backup).sha256_checked
    with Ftp(store.params("reader")) as ftp:
        assert files.fetch_file(ftp, PATH, str(tmp_path / "x.trn")).sha256_checked
        assert files.fetch_file(ftp, PATH, str(tmp_path / "x.trn")).to_dict()["sha256_checked"]


def left_digest(store: Store, text: str) -> Path:
    path = store.folder / f"{PATH}.sha256".lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_an_upload_that_broke_off_between_the_renames_is_finished(store: Store, backup: Path) -> None:
    digest = hashlib.sha256(backup.read_bytes()).hexdigest()
    left_digest(store, f"{digest}  {Path(PATH).name}\n")
    done = store_it(store, backup)
    assert (store.folder / PATH.lstrip("/")).read_bytes() == backup.read_bytes()
    assert done.changed and not done.sha256_checked, "a write-only account has not seen what it says"


def test_a_left_over_that_is_no_digest_stops_the_upload(store: Store, backup: Path) -> None:
    left_digest(store, "cut")
    with pytest.raises(TransferFailed, match=r"\.trn\.sha256: it was left by an earlier upload") as caught:
        store_it(store, backup)
    assert f"Look at {PATH}.sha256 on the store and remove it" in caught.value.hint
    assert not (store.folder / PATH.lstrip("/")).exists()


@pytest.mark.parametrize("same", [True, False])
def test_an_account_that_may_read_compares_the_digest_left_over(store: Store, backup: Path, same: bool) -> None:
    digest = hashlib.sha256(backup.read_bytes()).hexdigest() if same else "0" * 64
    left_digest(store, f"{digest}  {Path(PATH).name}\n")
    with broken_store(store.folder, Manners(), rights="elrawfm") as params, Ftp(params) as ftp:
        if same:
            assert files.store_file(ftp, str(backup), PATH).sha256_checked
        else:
            with pytest.raises(TransferFailed, match="is not the digest of"):
                files.store_file(ftp, str(backup), PATH)
    assert (store.folder / PATH.lstrip("/")).exists() is same
