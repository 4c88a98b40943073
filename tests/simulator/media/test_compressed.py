# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The container of compressed media: what is in it, how it lies in the file, and how that compares with real files."""

from __future__ import annotations

import os
import random
import struct
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.engine.events import SqlError
from simulator.engine.facts import Device
from simulator.engine.restore import header_rows, label_row, verify
from simulator.media import container, xpress
from simulator.media.blocks import Damaged
from simulator.media.reader import MediaFile
from tests.simulator.engine.storage.ward import Ward, numbers

FIXTURES = Path(os.environ.get("DEADPOOL_FIXTURES", Path(__file__).parents[4] / "shared" / "fixtures"))
ARCHIVE = FIXTURES / "backups" / "real-backups.tar.xz"
REAL = ("pub/field/281c00.bak", "pub/field/5df864.bak")


def refused(action: Callable[[], object]) -> list[int]:
    with pytest.raises(SqlError) as problem:
        action()
    return numbers(problem)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    yield made
    made.close()


def samples() -> list[bytes]:
    drawn = random.Random(5)
    mixed = [
        b"".join(
            drawn.choice([bytes(drawn.randrange(1, 600)), drawn.randbytes(drawn.randrange(1, 50)), b"ab" * 9])
            for _ in range(drawn.randrange(1, 60))
        )
        for _ in range(60)
    ]
    skewed = b"".join(bytes([byte]) * min(40_000, 2**byte) for byte in range(16))
    return [b"a" * 512, bytes(65536), drawn.randbytes(32768), bytes(range(256)), skewed, *mixed]


@pytest.mark.parametrize("data", samples(), ids=lambda data: str(len(data)))
def test_what_is_packed_comes_back(data: bytes) -> None:
    assert xpress.unpack(xpress.pack(data), len(data)) == data


def test_a_packed_chunk_that_is_cut_is_damaged() -> None:
    packed = xpress.pack(bytes(range(256)) * 16)
    with pytest.raises(Damaged):
        xpress.unpack(packed[:600], 4096)
    with pytest.raises(Damaged, match="impossible"):
        xpress.unpack(bytes(256) + packed[256:], 4096)


def records(data: bytes, block_size: int) -> list[tuple[int, int, int]]:
    """(kind, place, bytes it holds) by the rules alone; a filemark is kind 0."""
    found, at = [], container.FIRST
    while at < len(data):
        if data[at : at + 4] == b"SFMB":
            found.append((0, at, block_size))
            at += block_size
            continue
        kind, sectors, length = struct.unpack_from("<BBH", data, at)
        found.append((kind, at, sectors * 512))
        if kind == container.TABLE:
            at += 24 + struct.unpack_from("<I", data, at + 32)[0]
        else:
            at += length + (28 if kind == container.CHUNK else 24)
    return found


def closing_table(data: bytes, mark: int) -> tuple[int, list[tuple[int, int]]]:
    """(checksum, places) of the table before a filemark, found from its trailer."""
    major, minor, count, distance, checksum = struct.unpack_from("<HHIII", data, mark - 16)
    assert (major, minor) == (1, 1)
    at = mark - distance
    assert data[at : at + 16] == data[mark - 16 : mark] and data[at - 24] == container.TABLE
    places = [struct.unpack_from("<QQ", data, at + 16 + 16 * number) for number in range(count)]
    assert checksum == container.checksum(data[at + 16 : at + 16 + 16 * count])
    return checksum, [(int(tape), int(place)) for tape, place in places]


@pytest.mark.parametrize("block_size", [512, 4096])
def test_layout(ward: Ward, block_size: int) -> None:
    ward.admit(100)
    for kind in ("full", "log"):
        ward.backup(kind, "all.bak", compression=True, block_size=block_size)
    data = (ward.folder / "all.bak").read_bytes()
    assert data[:16] == b"MSSQLBAK" + struct.pack("<II", 2, 3)
    found = records(data, block_size)
    marks = [place for kind, place, _ in found if kind == 0]
    assert len(marks) == 5 and all(mark % block_size == 0 for mark in marks)
    assert marks[-1] + block_size == len(data)
    before = [found[found.index((0, mark, block_size)) - 1][0] for mark in marks]
    assert before == [container.PADDING, container.TABLE, container.PADDING, container.TABLE, container.PADDING]
    tape = 0
    starts = {}
    for kind, place, size in found:
        if kind in (0, container.CHUNK):
            starts[tape] = place
            tape += size
    for mark in (marks[1], marks[3]):
        _, places = closing_table(data, mark)
        assert places and all(starts[at] == place for at, place in places)
        assert struct.unpack_from("<I", data, mark + 4)[0] == 0x80040000
    used = struct.unpack_from("<I", data, marks[-1] + 56)[0]
    assert list(struct.unpack_from(f"<{used}Q", data, marks[-1] + 72)) == marks[-2::-1]


def test_the_same_tape_as_without(ward: Ward, tmp_path: Path) -> None:
    """Reading a compressed medium gives what stands in a plain one, byte for byte, but for identities and times."""
    for name, compression in (("plain.bak", False), ("packed.bak", True)):
        ward.backup("full", name, compression=compression, copy_only=True)
    with MediaFile(tmp_path / "plain.bak") as plain, MediaFile(tmp_path / "packed.bak") as packed:
        assert packed.size == plain.size and packed.container and not plain.container
        (one,), (other,) = plain.sets, packed.sets
        assert [(s.kind, s.offset, s.length) for s in one.streams] == [
            (s.kind, s.offset, s.length) for s in other.streams
        ]


def test_sizes(ward: Ward) -> None:
    ward.admit(200)
    ward.backup("full", "plain.bak", compression=False, copy_only=True)
    ward.backup("full", "packed.bak", compression=True)
    plain, packed = (header_rows([ward.device(name)])[0] for name in ("plain.bak", "packed.bak"))
    assert (plain["Compressed"], packed["Compressed"]) == (0, 1)
    assert plain["CompressedBackupSize"] == plain["BackupSize"] == packed["BackupSize"]
    size = packed["CompressedBackupSize"]
    assert isinstance(size, int) and isinstance(packed["BackupSize"], int) and size < packed["BackupSize"]
    assert 0 <= (ward.folder / "packed.bak").stat().st_size - size < 4096
    assert (
        label_row([ward.device("packed.bak")])["IsCompressed"]
        and not label_row([ward.device("plain.bak")])["IsCompressed"]
    )


def test_restored(ward: Ward) -> None:
    ward.admit(30)
    expected = ward.rows()
    ward.backup("full", "one.bak", "two.bak", compression=True, checksum=True)
    ward.admit(3)
    ward.backup("differential", "diff.bak", compression=True)
    ward.admit(3)
    ward.backup("log", "log.trn", compression=True)
    ward.restore("Copy", "one.bak", "two.bak", recovery=True)
    assert ward.rows("Copy") == expected
    ward.restore("Other", "one.bak", "two.bak")
    ward.restore("Other", "diff.bak")
    ward.restore_log("Other", "log.trn", recovery=True)
    assert ward.rows("Other") == ward.rows()


def test_every_flipped_byte_of_a_chunk_is_found(ward: Ward) -> None:
    ward.admit(50)
    ward.backup("full", "full.bak", compression=True)
    device = ward.device("full.bak")
    verify([device], 1, ward.facts)
    raw = (ward.folder / "full.bak").read_bytes()
    chunks = [place for kind, place, _ in records(raw, 512) if kind == container.CHUNK]
    for number, place in enumerate(chunks):
        broken = bytearray(raw)
        broken[place + 28 + number * 7] ^= 1 << number % 8
        (ward.folder / "full.bak").write_bytes(broken)
        assert refused(lambda: verify([device], 1, ward.facts))[-1] == 3013


def test_a_medium_stays_as_it_was_formatted(ward: Ward) -> None:
    ward.backup("full", "plain.bak")
    ward.backup("full", "packed.bak", compression=True)
    assert refused(lambda: ward.backup("full", "plain.bak", compression=True)) == [3098, 3013]
    assert refused(lambda: ward.backup("full", "plain.bak", compression=True, init=True)) == [3098, 3013]
    assert refused(lambda: ward.backup("full", "packed.bak", compression=False)) == [3098, 3013]
    ward.backup("log", "packed.bak")
    ward.backup("log", "plain.bak", compression_default=True)
    headers = {name: header_rows([ward.device(name)]) for name in ("plain.bak", "packed.bak")}
    assert [row["Compressed"] for row in headers["plain.bak"]] == [0, 0]
    assert [row["Compressed"] for row in headers["packed.bak"]] == [1, 1]
    ward.backup("full", "plain.bak", compression=True, format=True)
    assert header_rows([ward.device("plain.bak")])[0]["Compressed"] == 1


def test_an_append_that_fails_leaves_the_medium(ward: Ward) -> None:
    ward.backup("full", "full.bak", compression=True)
    before = (ward.folder / "full.bak").read_bytes()
    ward.admit(20)
    room = iter([5000])
    ward.facts = replace(ward.facts, capacity=lambda _path: next(room, 0))
    assert refused(lambda: ward.backup("full", "full.bak", compression=True)) == [3202, 3013]
    assert (ward.folder / "full.bak").read_bytes() == before
    verify([ward.device("full.bak")], 1, ward.facts)


def test_broken_media_end_in_errors_of_the_server(ward: Ward) -> None:
    """Cut, flipped or overwritten at random: a damaged medium is called so, and nothing else breaks."""
    ward.backup("full", "full.bak", compression=True, checksum=True)
    raw = (ward.folder / "full.bak").read_bytes()
    drawn, device = random.Random(7), ward.device("broken.bak")
    numbers_seen: set[int] = set()
    for turn in range(45):
        broken = bytearray(raw)
        at = drawn.randrange(len(raw))
        if turn % 3 == 0:
            del broken[at:]
        elif turn % 3 == 1:
            broken[at : at + 200] = drawn.randbytes(drawn.randrange(1, 400))
        else:
            broken[at] ^= 1 << drawn.randrange(8)
        (ward.folder / "broken.bak").write_bytes(broken)
        try:
            header_rows([device])
            verify([device], 1, ward.facts)
        except SqlError as problem:
            numbers_seen.add(problem.messages[0].number)
    assert numbers_seen >= {3203, 3241}


# ------------------------------------------------------------------------------------------------ real files


@pytest.mark.skipif(not ARCHIVE.exists(), reason=f"real backup files are not at {ARCHIVE}")
@pytest.mark.parametrize("name", REAL)
def test_ours_lie_as_real_ones_do(ward: Ward, name: str) -> None:
    """Their data is zeroed; head and tail are whole, and follow the same rules as what is written here."""
    with tarfile.open(ARCHIVE) as archive:
        member = archive.extractfile(name)
        assert member
        theirs = member.read()
    block_size = 512 if theirs[0x400:0x404] == b"SFMB" else 4096
    ward.backup("full", "ours.bak", compression=True, block_size=block_size)
    ours = (ward.folder / "ours.bak").read_bytes()
    assert ours[:32] == theirs[:32]
    for data in (ours, theirs):
        kind, sectors, length = struct.unpack_from("<BBH", data, container.FIRST)
        payload = data[container.FIRST + 28 : container.FIRST + 28 + length]
        assert (kind, sectors * 512) == (container.CHUNK, max(1024, block_size))
        assert struct.unpack_from("<I", data, container.FIRST + 24)[0] == container.checksum(payload)
        label = xpress.unpack(payload, sectors * 512)
        assert label.startswith(b"TAPE") and struct.unpack_from("<H", label, 64)[0] * 512 == block_size
        marks = [at for at in range(0, len(data), block_size) if data[at : at + 4] == b"SFMB"]
        assert len(marks) == 3 and marks[0] == max(1024, block_size)
        assert [struct.unpack_from("<I", data, mark + 4)[0] for mark in marks] == [0x80000000, 0x80040000, 0x80000000]
        _, places = closing_table(data, marks[1])
        kind, sectors, length = struct.unpack_from("<BBH", data, places[-1][1])
        assert kind == container.CHUNK
        closing = xpress.unpack(data[places[-1][1] + 28 :][:length], sectors * 512)
        at = closing.index(b"MSLS")
        size = struct.unpack_from("<Q", closing, closing.index(b"SCIN", at) + 344)[0]
        assert size == places[-1][1] - block_size + 2048  # CompressedBackupSize


def test_a_device_that_is_nowhere(ward: Ward) -> None:
    result = ward.backup("full", "NUL", compression=True)
    assert result.header["Compressed"] == 1 and result.devices == (Device("NUL", None),)
