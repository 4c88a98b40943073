# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Damaged media, damaged pages, full disks, interrupted restores: never a success that is none."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from simulator.engine import database_core
from simulator.engine.events import SqlError
from simulator.engine.facts import BackupOptions
from simulator.engine.log_file import LogFile
from simulator.engine.redo import Redo
from simulator.engine.restore import header_rows, verify
from simulator.media.reader import MediaFile
from tests.simulator.engine.storage.ward import Ward, numbers


class Interrupted(Exception):
    """What a cancelled statement raises out of the progress callback."""


def flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x10]))


def stream_offset(path: Path, kind: str) -> tuple[int, int]:
    with MediaFile(path) as media:
        stream = next(one for one in media.sets[0].streams if one.kind == kind)
        return stream.offset, stream.length


@pytest.fixture
def filled(ward: Ward) -> Ward:
    ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 300)
    ward.backup("full", "full.bak", checksum=True)
    ward.admit(20)
    ward.backup("log", "log.trn", checksum=True)
    return ward


def test_flipped_page_in_a_backup(filled: Ward) -> None:
    path = filled.folder / "full.bak"
    offset, _ = stream_offset(path, "MQDA")
    flip(path, offset + 3 * 8192 + 4000)
    with pytest.raises(SqlError) as problem:
        verify([filled.device("full.bak")], 1, filled.facts)
    assert numbers(problem) == [3189, 3013]
    with pytest.raises(SqlError) as problem:
        filled.restore("copy", "full.bak")
    assert numbers(problem) == [3183, 3013]
    assert "page (1:3)" in problem.value.messages[0].text
    assert filled.restored["copy"].info.state == "RESTORING"
    with pytest.raises(SqlError) as problem:
        filled.recover("copy")
    assert numbers(problem) == [4331, 3013]


def test_flipped_log_in_a_backup(filled: Ward) -> None:
    path = filled.folder / "log.trn"
    offset, length = stream_offset(path, "MQTL")
    flip(path, offset + length // 2)
    filled.restore("copy", "full.bak")
    for action in (
        lambda: verify([filled.device("log.trn")], 1, filled.facts),
        lambda: filled.restore_log("copy", "log.trn"),
        lambda: filled.restore_log("copy", "log.trn", no_checksum=True),
    ):
        with pytest.raises(SqlError) as problem:
            action()
        assert numbers(problem) == [3189, 3013]


def test_any_flip_is_noticed_or_harmless(filled: Ward) -> None:
    """VERIFYONLY of a backup with checksums, and the restore after it, over many places of the file."""
    path = filled.folder / "full.bak"
    good, rows, chance = path.read_bytes(), filled.rows()[:300], Random(7)
    for number in range(60):
        path.write_bytes(good)
        flip(path, chance.randrange(len(good)))
        try:
            verify([filled.device("full.bak")], 1, filled.facts)
            filled.restore(f"copy{number}", "full.bak", recovery=True)
        except SqlError:
            continue
        assert filled.rows(f"copy{number}") == rows
        assert filled.restored[f"copy{number}"].check() == []


def test_any_cut_is_noticed(filled: Ward) -> None:
    for name in ("full.bak", "log.trn"):
        path = filled.folder / name
        size, chance = path.stat().st_size, Random(11)
        for length in sorted((chance.randrange(size) for _ in range(40)), reverse=True):
            os.truncate(path, length)
            with pytest.raises(SqlError) as problem:
                verify([filled.device(name)], 1, filled.facts)
            assert numbers(problem)[0] in (3203, 3241, 3254)
            assert numbers(problem)[-1] == 3013


def test_cut_backup_is_shown_as_incomplete(filled: Ward) -> None:
    path = filled.folder / "full.bak"
    os.truncate(path, path.stat().st_size // 2)
    (row,) = header_rows([filled.device("full.bak")])
    assert row["BackupName"] == "*** INCOMPLETE ***"
    with pytest.raises(SqlError) as problem:
        filled.restore("copy", "full.bak")
    assert numbers(problem) == [3203, 3013]
    assert "copy" not in filled.restored
    with pytest.raises(SqlError) as problem:
        filled.backup("full", "full.bak")
    assert numbers(problem) == [3266, 3013]


def test_flipped_page_of_the_database(filled: Ward) -> None:
    flip(filled.source.data_file, 5 * 8192 + 100)
    assert any("(1:5)" in line for line in filled.source.check())
    with pytest.raises(SqlError) as problem:
        filled.backup("full", "damaged.bak", checksum=True)
    assert numbers(problem) == [3043, 3013]
    assert not (filled.folder / "damaged.bak").exists()
    result = filled.backup("full", "damaged.bak", checksum=True, continue_after_error=True)
    assert result.header["IsDamaged"]
    assert [message.number for message in result.messages] == [3042]
    with pytest.raises(SqlError) as problem:
        filled.restore("copy", "damaged.bak")
    assert numbers(problem) == [3182, 3013]


def test_damage_is_carried_along_without_checksums(filled: Ward) -> None:
    """As on a real server: nobody looks, until CHECKDB does."""
    flip(filled.source.data_file, 5 * 8192 + 8000)
    filled.backup("full", "blind.bak")
    filled.restore("copy", "blind.bak", recovery=True)
    assert any("(1:5)" in line for line in filled.restored["copy"].check())


@pytest.mark.parametrize("room", [0, 5000, 100_000])
def test_disk_full_leaves_no_file(filled: Ward, room: int) -> None:
    filled.facts = replace(filled.facts, capacity=lambda _path: room)
    before = filled.source.info.differential_base_guid
    with pytest.raises(SqlError) as problem:
        filled.backup("full", "new.bak")
    assert numbers(problem) == [3202, 3013]
    assert "112(" in problem.value.messages[0].text
    assert not (filled.folder / "new.bak").exists()
    assert filled.source.info.differential_base_guid == before
    filled.admit()


def test_disk_full_while_appending_keeps_the_older_sets(filled: Ward) -> None:
    whole = (filled.folder / "full.bak").read_bytes()
    filled.facts = replace(filled.facts, capacity=lambda _path: 50_000)
    with pytest.raises(SqlError):
        filled.backup("full", "full.bak")
    assert (filled.folder / "full.bak").read_bytes() == whole


def test_full_disk_loses_no_log(filled: Ward) -> None:
    """The log is cut only after the backup that holds it is whole."""
    filled.admit(5)
    filled.facts = replace(filled.facts, capacity=lambda _path: 100)
    with pytest.raises(SqlError):
        filled.backup("log", "lost.trn")
    filled.facts = replace(filled.facts, capacity=lambda _path: None)
    filled.backup("log", "log2.trn")
    filled.restore("copy", "full.bak")
    filled.restore_log("copy", "log.trn")
    filled.restore_log("copy", "log2.trn", recovery=True)
    assert filled.rows("copy") == filled.rows()


@pytest.mark.parametrize("kind", ["full", "log"])
def test_backup_that_cannot_be_noted_has_not_happened(filled: Ward, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """No room for the boot record: the file goes, and the next log backup reaches back as far."""
    filled.admit(3)
    before = filled.source.info

    def no_room(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(database_core, "save_boot", no_room)
        with pytest.raises(SqlError) as problem:
            filled.backup(kind, "lost.bak")
    assert numbers(problem) == [3202, 3013]
    assert not (filled.folder / "lost.bak").exists()
    assert filled.source.info.last_log_backup_lsn == before.last_log_backup_lsn
    assert filled.source.info.differential_base_guid == before.differential_base_guid
    filled.backup("log", "log2.trn")
    filled.restore("copy", "full.bak")
    filled.restore_log("copy", "log.trn")
    filled.restore_log("copy", "log2.trn", recovery=True)
    assert filled.rows("copy") == filled.rows()


def test_commit_that_cannot_be_logged_is_logged_later(filled: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(LogFile, "append", no_room)
        with pytest.raises(SqlError) as problem:
            filled.admit()
    assert numbers(problem) == [9002]
    filled.source.checkpoint()
    filled.admit(2)
    filled.backup("log", "log2.trn", checksum=True)
    filled.restore("copy", "full.bak")
    filled.restore_log("copy", "log.trn")
    filled.restore_log("copy", "log2.trn", recovery=True)
    assert filled.rows("copy") == filled.rows()
    assert filled.source.check() == []


def test_no_room_for_the_log(filled: Ward) -> None:
    filled.source.capacity = lambda _path: 1000
    with pytest.raises(SqlError) as problem:
        filled.admit()
    assert numbers(problem) == [9002]
    filled.source.capacity = lambda _path: None
    filled.admit()


def test_cancelled_backup_leaves_nothing(filled: Ward) -> None:
    def cancel(_percent: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        filled.source.backup("full", [filled.device("x.bak")], BackupOptions(), filled.facts, on_progress=cancel)
    assert not (filled.folder / "x.bak").exists()
    filled.backup("full", "x.bak")


def interrupt_restore(ward: Ward, monkeypatch: pytest.MonkeyPatch, name: str, file: str) -> None:
    def break_off(*_args: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(Redo, "flush", break_off)
        with pytest.raises(Interrupted):
            (ward.restore if file.endswith("bak") else ward.restore_log)(name, file)
    ward.reopen(name)


def test_interrupted_full_restore_can_be_done_again(filled: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_restore(filled, monkeypatch, "copy", "full.bak")
    assert filled.restored["copy"].info.state == "RESTORING"
    with pytest.raises(SqlError) as problem:
        filled.restore_log("copy", "log.trn")
    assert numbers(problem) == [4319, 3013]
    filled.restore("copy", "full.bak")
    filled.restore_log("copy", "log.trn", recovery=True)
    assert filled.rows("copy") == filled.rows()


def test_interrupted_log_restore_can_be_done_again(filled: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.admit(3)
    filled.backup("log", "log2.trn")
    filled.restore("copy", "full.bak")
    interrupt_restore(filled, monkeypatch, "copy", "log.trn")
    for action in (lambda: filled.restore_log("copy", "log2.trn"), lambda: filled.recover("copy")):
        with pytest.raises(SqlError) as problem:
            action()
        assert numbers(problem)[0] in (4319, 4331)
    filled.restore_log("copy", "log.trn")
    filled.restore_log("copy", "log2.trn", recovery=True)
    assert filled.rows("copy") == filled.rows()
    assert filled.restored["copy"].check() == []
