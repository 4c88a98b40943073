# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verdicts: sound where a checksum covers every byte, damaged with the place, otherwise why it cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.verification import (
    CANNOT_BE_TOLD,
    DAMAGED,
    SOUND,
    DatabaseFileVerdict,
    Verification,
)

from .in_memory import read, verify
from .medium import PAGE, BackupSet, medium, page
from .packer import packed

TWO_FILES = [page(1, number, b"one") for number in range(16)] + [page(3, number, b"three") for number in range(8)]
SUMMED = BackupSet(pages=TWO_FILES, log=b"log!" * 1024, checksums=True, data_files=(1, 3))
PLAIN = replace(SUMMED, checksums=False)
LOG = BackupSet(kind=b"L", log=b"more" * 1024, checksums=True)


def flipped(data: bytes, at: int, bit: int = 0) -> bytes:
    raw = bytearray(data)
    raw[at] ^= 1 << bit
    return bytes(raw)


def files(found: Verification, position: int = 1) -> dict[str, DatabaseFileVerdict]:
    return {each.logical_name: each for each in found.sets[position - 1].files}


def verdicts(found: Verification) -> dict[str, str]:
    return {name: each.verdict for name, each in files(found).items()}


@pytest.mark.parametrize("block_size", [512, 4096, 65536])
def test_with_checksum_all_is_sound(block_size: int) -> None:
    found = verify(medium(SUMMED, LOG, block_size=block_size))
    assert (found.verdict, found.reason, found.damages, found.notes) == (SOUND, None, (), ())
    assert verdicts(found) == {"Sales_1": SOUND, "Sales_3": SOUND, "Sales_log": SOUND}
    assert [files(found)[name].pages_sound for name in ("Sales_1", "Sales_3")] == [16, 8]
    assert (found.counts.stream_checksums, found.counts.filemarks, found.counts.pages) == (3, 5, 24)


def test_without_checksum_pages_prove_themselves_and_the_log_cannot() -> None:
    found = verify(medium(PLAIN))
    assert verdicts(found) == {"Sales_1": SOUND, "Sales_3": SOUND, "Sales_log": CANNOT_BE_TOLD}
    assert found.verdict == CANNOT_BE_TOLD and found.reason is not None and "without CHECKSUM" in found.reason
    assert found.hint is not None and "test restore" in found.hint


def test_a_page_without_checksum_leaves_doubt_about_its_file_only() -> None:
    pages = [*TWO_FILES[:16], page(3, 0, checksum=False), *TWO_FILES[17:]]
    found = verify(medium(replace(PLAIN, pages=pages, log=b"")))
    assert verdicts(found) == {"Sales_1": SOUND, "Sales_3": CANNOT_BE_TOLD, "Sales_log": SOUND}
    assert files(found)["Sales_3"].reason == "1 of 8 pages carry no checksum, and the backup was taken without CHECKSUM"


def test_a_damaged_page_is_named_with_its_file_and_byte() -> None:
    data = medium(PLAIN)
    at = data.index(TWO_FILES[18]) + 4000
    found = verify(flipped(data, at))
    place = at - 4000
    assert (found.verdict, found.damaged_at) == (DAMAGED, place)
    assert found.reason == "the checksum of page 3:2 is wrong"
    assert verdicts(found) == {"Sales_1": SOUND, "Sales_3": DAMAGED, "Sales_log": CANNOT_BE_TOLD}
    assert (files(found)["Sales_3"].pages_sound, files(found)["Sales_3"].pages_damaged) == (7, 1)


@pytest.mark.parametrize("field", [0, 1, 4, 5, 32, 36, 37, 60])
def test_a_damaged_page_header_never_leaves_its_file_sound(field: int) -> None:
    """Byte 36 names the file: the page would belong to another, or to none."""
    data = medium(PLAIN)
    for bit in range(8):
        found = verify(flipped(data, data.index(TWO_FILES[18]) + field, bit))
        assert verdicts(found)["Sales_3"] != SOUND, bit
        assert verdicts(found)["Sales_1"] == SOUND, bit


def test_a_damaged_stream_that_no_page_explains() -> None:
    """A page that was damaged before the backup has a wrong checksum; here only the backup's own checksum is wrong."""
    data = medium(replace(SUMMED, pages=[page(1, 0), page(1, 1, checksum=False)], data_files=(1,)))
    found = verify(flipped(data, data.index(page(1, 1, checksum=False)) + 5000))
    assert verdicts(found) == {"Sales_1": DAMAGED, "Sales_log": SOUND}
    assert "checksum that the backup carries" in str(found.reason)


def test_of_several_data_files_the_one_that_is_hit_may_be_unknown() -> None:
    pages = [*TWO_FILES[:16], page(3, 0, checksum=False), *TWO_FILES[17:]]
    data = medium(replace(SUMMED, pages=pages))
    found = verify(flipped(data, data.index(pages[16]) + 5000))
    assert found.verdict == DAMAGED
    assert verdicts(found) == {"Sales_1": CANNOT_BE_TOLD, "Sales_3": CANNOT_BE_TOLD, "Sales_log": SOUND}


def test_damage_that_was_in_the_database_before_the_backup() -> None:
    bad = TWO_FILES[5][:3000] + b"rot" + TWO_FILES[5][3003:]
    found = verify(medium(replace(SUMMED, pages=[*TWO_FILES[:5], bad, *TWO_FILES[6:]])))
    assert found.counts.stream_checksums == 2
    assert verdicts(found) == {"Sales_1": DAMAGED, "Sales_3": SOUND, "Sales_log": SOUND}


def test_log_damage() -> None:
    data = medium(SUMMED, LOG)
    found = verify(flipped(data, data.index(b"more" * 1024) + 77))
    assert [each.verdict for each in found.sets] == [SOUND, DAMAGED]
    assert files(found, 2)["Sales_log"].verdict == DAMAGED


def test_pages_that_fit_no_checksum_may_be_encrypted() -> None:
    pages = [each[:200] + b"cipher" + each[206:] for each in TWO_FILES[:16]]
    found = verify(medium(replace(PLAIN, pages=pages, log=b"", data_files=(1,))))
    assert found.verdict == CANNOT_BE_TOLD and "TDE" in str(found.reason)
    # A backup's own checksum covers encrypted pages as well as others.
    assert verify(medium(replace(SUMMED, pages=pages, data_files=(1,)))).verdict == SOUND


@pytest.mark.parametrize("block", [b"SSET", b"VOLB", b"MSCI", b"MSDA", b"MSTL", b"MSLS", b"ESET", b"SFMB"])
def test_a_flipped_bit_in_a_block_header(block: bytes) -> None:
    data = medium(SUMMED)
    found = verify(flipped(data, data.index(block) + 22, 3))
    assert found.verdict == DAMAGED and found.damaged_at is not None
    assert abs(found.damaged_at - data.index(block)) < 2048


def test_what_lies_behind_lost_blocks_is_not_called_sound() -> None:
    data = medium(SUMMED)
    found = verify(flipped(data, data.index(b"MQDA") + 9, 6))
    assert found.verdict == DAMAGED and SOUND not in verdicts(found).values()


@pytest.mark.parametrize("removed", [1024, PAGE])
def test_bytes_that_are_missing_in_the_middle(removed: int) -> None:
    data = medium(SUMMED)
    at = data.index(TWO_FILES[4])
    assert verify(data[:at] + data[at + removed :]).verdict == DAMAGED


def test_a_whole_backup_set_that_is_missing_in_the_middle() -> None:
    data = medium(SUMMED, LOG, LOG)
    start, end = len(medium(SUMMED)), len(medium(SUMMED, LOG))
    assert verify(data[:start] + data[end:]).verdict == DAMAGED


def test_pages_that_the_configuration_counts_but_the_stream_lacks() -> None:
    found = verify(medium(replace(PLAIN, missing_pages=8)))
    assert found.verdict == DAMAGED and found.reason == "Sales_1 should have 24 pages in this backup and has 16"


@pytest.mark.parametrize("compress", [False, True])
def test_every_cut_is_damage(compress: bool) -> None:
    data = packed(medium(SUMMED), 512) if compress else medium(SUMMED)
    for length in [*range(1024, len(data), 4999), len(data) - 512, len(data) - 1]:
        found = verify(data[:length])
        assert found.verdict == DAMAGED, length
        assert (
            all(each.verdict != SOUND or each.type != "D" for one in found.sets for each in one.files)
            or length > 200000
        )


@pytest.mark.parametrize("extra", [b"\0", b"\0" * 512, b"\xff" * 4096])
@pytest.mark.parametrize("compress", [False, True])
def test_what_is_appended_is_damage(extra: bytes, compress: bool) -> None:
    data = packed(medium(SUMMED), 512) if compress else medium(SUMMED)
    assert verify(data + extra).verdict == DAMAGED


def test_padding_that_is_not_zero_is_noted_only() -> None:
    data = medium(SUMMED)
    found = verify(flipped(data, data.index(b"SPAD") + 30))
    assert found.verdict == SOUND and found.notes and "padding" in found.notes[0][1]


def test_configurations_that_differ_where_nothing_may_change() -> None:
    data = medium(SUMMED)
    found = verify(flipped(data, data.rindex(b"SCIN") + 220))
    assert found.notes and found.notes[0][0] == data.rindex(b"SCIN") + 220


class TestCompressed:
    """Chunks carry checksums of their own: every byte of the data is covered, WITH CHECKSUM or without."""

    ROWS = [page(1, number, number.to_bytes(2, "big") * 3000) for number in range(24)]
    DATA = packed(medium(replace(PLAIN, pages=[*ROWS, *TWO_FILES[16:]]), LOG), 512)

    def test_sound(self) -> None:
        found = verify(self.DATA)
        assert (found.verdict, found.damages) == (SOUND, ()) and found.counts.chunks > 5 and found.counts.pages == 0

    def test_deep_looks_at_pages(self) -> None:
        found = verify(self.DATA, deep=True)
        assert found.verdict == SOUND and found.counts.pages == 32

    def test_deep_finds_what_was_damaged_before_the_backup(self) -> None:
        bad = TWO_FILES[5][:3000] + b"rot" + TWO_FILES[5][3003:]
        data = packed(medium(replace(PLAIN, pages=[*TWO_FILES[:5], bad, *TWO_FILES[6:]])), 512)
        assert verify(data).verdict == SOUND
        assert verdicts(verify(data, deep=True))["Sales_1"] == DAMAGED

    def test_every_flip_in_a_chunk_is_seen(self) -> None:
        first = self.DATA.index(b"SFMB") + 512
        end = self.DATA.index(b"SFMB", first)
        for at in range(first + 28, end - 600, 211):
            assert verify(flipped(self.DATA, at)).verdict == DAMAGED, at

    def test_the_other_set_stays_sound(self) -> None:
        first = self.DATA.index(b"SFMB") + 512
        found = verify(flipped(self.DATA, first + 2000))
        assert [each.verdict for each in found.sets] == [DAMAGED, SOUND]
        assert read(self.DATA).complete
