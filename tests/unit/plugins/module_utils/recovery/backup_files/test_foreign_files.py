# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each file that is no backup is named by a sentence, with what to do."""

from __future__ import annotations

import random

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DamagedBackup, NotABackup

from .in_memory import PATH, read, verify
from .medium import BackupSet, medium, page
from .packer import packed, record

NOISE = random.Random(5).randbytes(3000)
FOREIGN = {
    "empty": (b"", "the file is empty"),
    "zeros": (bytes(9000), "begins with 9000 zero bytes"),
    "text": (b"Dear colleague,\r\nplease find\r\n", "is text and begins with 'Dear colleague,"),
    "HTML from a proxy": (b"<html><head>404", "is text and begins with '<html>"),
    "UTF-16 text": ("Laporan".encode("utf-16"), "is text and begins with 'Laporan'"),
    "ZIP": (b"PK\x03\x04" + NOISE, "ZIP archive"),
    "gzip": (b"\x1f\x8b\x08" + NOISE, "gzip archive"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c" + NOISE, "7-Zip archive"),
    "data file": (page(1, 0, kind=15), "database file (.mdf, .ndf or .ldf), not a backup"),
    "container version 1": (b"MSSQLBAK\x01\0\0\0\0\0\0\0" + NOISE, "container version 1 (SQL Server 2008 to 2012)"),
    "container version 3": (b"MSSQLBAK\x03\0\0\0\0\0\0\0" + NOISE, "container version 3, newer"),
    "noise": (b"\xfe" + NOISE, "is not a SQL Server backup; it begins with the bytes fe"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_foreign_files_are_named(what: str) -> None:
    data, sentence = FOREIGN[what]
    for work in (read, verify):
        with pytest.raises(NotABackup) as caught:
            work(data)
        assert caught.value.msg.startswith(f"{PATH}: ") and sentence in caught.value.msg
        assert caught.value.hint.endswith(".")


def of_software(name: str) -> bytes:
    """A medium that says that ``name`` wrote it."""
    return medium(BackupSet()).replace(*(each.ljust(20).encode("utf-16-le") for each in ("Microsoft SQL Server", name)))


def test_tapes_of_other_programs_are_named() -> None:
    for work in (read, verify):
        with pytest.raises(NotABackup, match="another program: 'Microsoft NTBackup', not SQL Server") as caught:
            work(of_software("Microsoft NTBackup").replace(b"RAID", b"SPAD"))
        assert "Restore it with what wrote it" in caught.value.hint


def test_a_flipped_bit_in_the_name_of_the_software_makes_no_other_program() -> None:
    assert read(of_software("Microsoft SPL Server")).complete


def encrypted_medium() -> bytes:
    """Chunks whose checksums are right and whose content is noise: what encryption must look like."""
    whole = packed(medium(BackupSet()), 512)
    start = whole.index(b"SFMB") + 512
    return whole[:start] + record(NOISE, 4096) + whole[start + 3028 :]


def test_encrypted_backups_are_named() -> None:
    for work in (read, verify):
        with pytest.raises(NotABackup, match=r"encrypted \(WITH ENCRYPTION\)") as caught:
            work(encrypted_medium())
        assert "certificate" in caught.value.hint


def test_an_encrypted_backup_whose_first_chunk_is_damaged_is_damaged() -> None:
    raw = bytearray(encrypted_medium())
    raw[0x1E0 + 100] ^= 1
    found = verify(bytes(raw))
    assert (found.verdict, found.damaged_at) == ("damaged", 0x1E0)
    with pytest.raises(DamagedBackup, match="checksum of a compressed chunk"):
        read(bytes(raw))


def test_chunks_of_an_unknown_kind_are_not_called_damaged_when_their_checksum_is_right() -> None:
    whole = packed(medium(BackupSet()), 512)
    start = whole.index(b"SFMB") + 512
    for work in (read, verify):
        with pytest.raises(NotABackup, match="encrypted"):
            work(whole[:start] + record(NOISE, 4096, kind=0x23) + whole[start + 3028 :])


def test_a_chunk_behind_good_ones_that_cannot_be_unpacked_is_damage() -> None:
    """Of an encrypted medium none could be."""
    whole = packed(medium(BackupSet()), 512)
    end_of_set = whole.rindex(b"SFMB", 0, whole.rindex(b"SFMB")) + 512
    assert verify(whole[:end_of_set] + record(NOISE, 4096) + whole[end_of_set:]).verdict == "damaged"


def test_a_damaged_chunk_is_damage_not_encryption() -> None:
    whole = bytearray(packed(medium(BackupSet()), 512))
    whole[whole.index(b"SFMB") + 512 + 100] ^= 1
    with pytest.raises(DamagedBackup, match="checksum of a compressed chunk"):
        read(bytes(whole))


def test_a_file_that_is_being_written() -> None:
    """SQL Server reserved the room; the head is there, then come zeros."""
    whole = medium(BackupSet(pages=[page(1, number) for number in range(64)]))
    found = read(whole[:20000] + bytes(len(whole) - 20000))
    assert not found.complete and not found.sets[0].complete
    assert found.hint is not None and "still being written" in found.hint
