# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store that breaks off, refuses or lists in its own way is taken for: never for less than it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Entry, Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, NoSpace, TransferFailed
from ansible_collections.ics.deadpool.plugins.modules import ftp_backup_info

from tests.unit.plugins.module_utils.recovery.backup_files.medium import BackupSet, medium, page

from . import moving as files
from .broken_store import Manners, broken_store

BACKUP = medium(BackupSet(pages=[page(1, number) for number in range(16)], log=b"log!" * 512))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    made.mkdir()
    return made


def info(params: dict[str, Any]) -> dict[str, Any]:
    options = dict.fromkeys(ftp_backup_info.ARGUMENT_SPEC)
    return ftp_backup_info.backup_info({**options, **params, "directory": "/"}, False)


def test_a_read_that_the_server_breaks_off_is_no_short_read(folder: Path) -> None:
    (folder / "a.bak").write_bytes(bytes(300_000))
    with broken_store(folder, Manners(breaks_at=100_000)) as params, Ftp(params) as ftp:
        with pytest.raises(TransferFailed, match=r"cannot read /a\.bak at 0: 426"):
            ftp.read("/a.bak", 0, 300_000)
        assert ftp.read("/a.bak", 0, 50_000) == bytes(50_000), "what was wanted arrived: our own cut is no fault"


def test_a_read_at_the_end_of_the_file_may_be_short(folder: Path) -> None:
    (folder / "a.bak").write_bytes(b"abc")
    with broken_store(folder, Manners()) as params, Ftp(params) as ftp:
        assert ftp.read("/a.bak", 1, 4096) == b"bc"


def test_a_file_that_may_not_be_read_does_not_hide_the_others(folder: Path) -> None:
    for name in ("a.bak", "b.bak", "c.bak", "line\nend.bak"):
        (folder / name).write_bytes(BACKUP)
    (folder / "d.bak").write_bytes(BACKUP[: len(BACKUP) // 2])
    with broken_store(folder, Manners(refused=("b.bak",))) as params:
        found = info(params)
    assert [one["path"] for one in found["history"] if one["complete"]] == ["/a.bak", "/c.bak"]
    unreadable = {one["path"]: one["reason"] for one in found["unreadable"]}
    assert set(unreadable) == {"/b.bak", "/d.bak", "/line\nend.bak"}
    assert "550" in unreadable["/b.bak"] and "no good end" in unreadable["/d.bak"]


def test_a_name_that_is_refused_does_not_hide_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.bak").write_bytes(BACKUP)
    real = Ftp.walk

    def walk(ftp: Ftp, directory: str) -> Any:
        """Servers are free to list what they like."""
        yield Entry("/x\ry.bak", False, 10)
        yield from real(ftp, directory)

    monkeypatch.setattr(Ftp, "walk", walk)
    with broken_store(folder, Manners()) as params:
        found = info(params)
    assert [one["path"] for one in found["history"]] == ["/a.bak"]
    assert "line end" in found["unreadable"][0]["reason"]


@pytest.mark.parametrize("manners", [Manners(hangs_up_on=("b.bak",)), Manners(breaks_at=2_000)])
def test_a_connection_that_breaks_ends_the_look(folder: Path, manners: Manners) -> None:
    (folder / "b.bak").write_bytes(BACKUP)
    with broken_store(folder, manners) as params, pytest.raises(TransferFailed, match=r"b\.bak"):
        info(params)


def test_a_server_without_mlsd_is_listed_in_full(folder: Path) -> None:
    (folder / "SQL1").mkdir()
    (folder / "SQL1" / "a b.bak").write_bytes(bytes(4321))
    (folder / "SQL1" / "hidden.bak").write_bytes(bytes(10))
    lines = ("total 12", "lrwxrwxrwx 1 root root 5 Nov 24 03:15 link -> a.bak")
    manners = Manners(mlsd=False, lines=lines, sizes_hidden=("hidden.bak",))
    with broken_store(folder, manners) as params, Ftp(params) as ftp:
        assert [(one.path, one.size) for one in ftp.walk("/")] == [("/SQL1/a b.bak", 4321), ("/SQL1/hidden.bak", -1)]
    with broken_store(folder, manners) as params:
        assert [one["path"] for one in info(params)["unreadable"]] == ["/SQL1/a b.bak", "/SQL1/hidden.bak"]


@pytest.mark.parametrize("line", ["a.bak", "crw-rw-rw- 1 root root 1, 3 Nov 24 03:15 null"])
def test_a_line_of_a_listing_that_is_not_understood_is_an_error(folder: Path, line: str) -> None:
    manners = Manners(mlsd=False, lines=(line,))
    with broken_store(folder, manners) as params, Ftp(params) as ftp:
        with pytest.raises(TransferFailed, match="is not understood") as caught:
            ftp.listing("/")
        assert "MLSD" in caught.value.hint


def test_a_full_disk_of_this_host_is_not_the_stores_fault(folder: Path, tmp_path: Path) -> None:
    (folder / "a.bak").write_bytes(bytes(300_000))
    part = tmp_path / "a.bak.part"
    part.symlink_to("/dev/full")
    with broken_store(folder, Manners()) as params, Ftp(params) as ftp:
        with pytest.raises(NoSpace, match=r"a\.bak\.part: cannot be written: No space left") as caught:
            files.fetch_file(ftp, "/a.bak", str(tmp_path / "a.bak"))
        assert "Free the disk" in caught.value.hint
    assert not part.is_symlink()


def test_a_fetch_that_breaks_off_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "a.bak").write_bytes(bytes(300_000))
    with broken_store(folder, Manners(breaks_at=100_000)) as params, Ftp(params) as ftp:
        with pytest.raises(TransferFailed, match="could not be read to its end"):
            files.fetch_file(ftp, "/a.bak", str(tmp_path / "a.bak"))
        assert ftp.size("/a.bak") == 300_000, "the connection goes on"
    assert not list(tmp_path.glob("a.bak*"))


def test_names_with_a_line_end_are_refused_before_they_are_sent(folder: Path) -> None:
    manners = Manners()
    with broken_store(folder, manners) as params, Ftp(params) as ftp, pytest.raises(InvalidInput):
        ftp.read("/a\r\nDELE /b", 0, 1)
    assert not [verb for verb in manners.verbs if "DELE" in verb]
