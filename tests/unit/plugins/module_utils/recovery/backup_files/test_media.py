# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every kind of medium: block sizes, containers, appended sets, stripes, passwords, clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DamagedBackup

from .in_memory import complete, read, verify
from .medium import FINISH, START, BackupSet, medium, page
from .packer import packed

PAGES = [page(1, number, b"row" * number) for number in range(16)]
FULL = BackupSet(pages=PAGES, log=b"log!" * 512)
LOG = BackupSet(kind=b"L", log=b"more" * 512)
BLOCK_SIZES = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]


@pytest.mark.parametrize("block_size", BLOCK_SIZES)
@pytest.mark.parametrize("compress", [False, True])
def test_block_sizes_in_both_containers(block_size: int, compress: bool) -> None:
    plain = medium(FULL, LOG, LOG, block_size=block_size)
    found = read(packed(plain, block_size) if compress else plain)
    assert found.complete, found.notes
    assert (found.label.block_size, found.label.is_compressed) == (block_size, compress)
    assert [(each.position, each.backup_type, each.compressed) for each in found.sets] == [
        (1, "full", compress),
        (2, "log", compress),
        (3, "log", compress),
    ]
    assert found.sets[0].files[0].backup_size_in_bytes == 16 * 8192


@pytest.mark.parametrize("block_size", [512, 4096])
@pytest.mark.parametrize("compress", [False, True])
def test_one_set_costs_two_reads_and_fifty_kilobytes(block_size: int, compress: bool) -> None:
    pages = [page(1, number, number.to_bytes(2, "big") * 3000) for number in range(800)]
    plain = medium(BackupSet(pages=pages, log=b"log!" * 4096), block_size=block_size)
    found = read(packed(plain, block_size) if compress else plain)
    assert found.complete and found.reads <= 2 and found.bytes_read <= 50 * 1024


def test_large_blocks_cost_few_reads_and_little() -> None:
    pages = [page(1, number) for number in range(400)]
    found = read(medium(BackupSet(pages=pages), block_size=65536))
    assert found.complete and found.reads <= 6 and found.bytes_read <= 300 * 1024


def test_more_sets_than_a_filemark_lists() -> None:
    data = medium(FULL, *[LOG] * 99)
    found = read(data)
    assert found.complete and [each.position for each in found.sets] == list(range(1, 101))
    assert found.reads <= len(found.sets) + 5
    assert verify(data).damages == ()


def test_sets_before_the_break_are_kept() -> None:
    whole = medium(FULL, LOG, LOG)
    for length in range(len(medium(FULL, LOG)) + 1024, len(whole) - 1, 509):
        found = read(whole[:length])
        assert not found.complete
        assert [each.complete for each in found.sets][:2] == [True, True]
        assert all(not each.complete for each in found.sets[2:]) or length > len(whole) - 3000


def test_a_medium_cut_behind_its_first_set_looks_like_one_with_one_set() -> None:
    """The one cut that the format cannot show."""
    first = medium(FULL)
    assert medium(FULL, LOG).startswith(first) and complete(first)


def test_stripes() -> None:
    found = [read(medium(FULL, families=(number, 3))) for number in (1, 2, 3)]
    assert [each.sets[0].family_sequence_number for each in found] == [1, 2, 3]
    assert (
        len({(each.label.media_set_id, each.sets[0].backup_set_guid, each.sets[0].family_count) for each in found}) == 1
    )


def test_password() -> None:
    found = read(medium(FULL, password=b"\x12\x34" * 8))
    assert found.label.is_password_protected and found.sets[0].is_password_protected


@pytest.mark.parametrize(("quarters", "hours"), [(28, 7), (-12, -3), (22, 5.5), (0, 0), (56, 14)])
def test_clocks(quarters: int, hours: float) -> None:
    found = read(medium(BackupSet(zone=quarters))).sets[0]
    assert found.time_zone_known and found.backup_start_date.utcoffset() == timedelta(hours=hours)
    assert found.backup_finish_date is not None and found.backup_finish_date.replace(tzinfo=None) == FINISH


def test_an_unknown_clock_is_not_invented() -> None:
    found = read(medium(BackupSet(zone=127))).sets[0]
    assert not found.time_zone_known and found.backup_start_date == START


def test_an_impossible_clock_is_damage() -> None:
    with pytest.raises(DamagedBackup, match="quarter hours from UTC"):
        read(medium(BackupSet(zone=100)))


def test_the_closing_configuration_is_the_true_one() -> None:
    data = bytearray(medium(FULL))
    # As SQL Server 2019 does: the LSNs of the opening configuration are older.
    first = data.index(b"SCIN")
    data[first + 36] ^= 0xFF
    found = read(bytes(data)).sets[0]
    assert found.complete and found.first_lsn == 37000000111200001
    assert found.preliminary_lsns is not None and found.preliminary_lsns[0] != found.first_lsn


def test_configurations_that_disagree_about_the_database() -> None:
    data = bytearray(medium(FULL))
    name = data.rindex("Sales".encode("utf-16-le") + "SQL1".encode("utf-16-le"))
    data[name] ^= 1
    found = read(bytes(data))
    assert not found.complete and not found.sets[0].complete and "database_name" in found.notes[0]


def test_snapshots_carry_a_remark() -> None:
    found = read(medium(BackupSet(flags=512 | 2)))
    assert found.complete and "snapshot" in found.remarks[0]


def test_damage_is_told_by_its_byte_in_the_file() -> None:
    data = bytearray(medium(FULL, LOG))
    second = data.rindex(b"VOLB")
    data[second + 22] ^= 1
    found = read(bytes(data))
    assert f"at byte {second}: the header checksum of block VOLB is wrong" in found.notes[0]
    assert [each.position for each in found.sets] == [1] and found.sets[0].complete
