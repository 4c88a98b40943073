# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The layout of written media, walked with nothing but the rules: blocks, streams, paddings, filemarks, set map."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from simulator.media.blocks import MediaError
from simulator.media.configuration import Configuration, FileEntry, FileGroup
from simulator.media.label import Label, SetHeader
from simulator.media.reader import MediaFile
from simulator.media.writer import Family, SetWriter

PAGE = 8192
WHEN = datetime(2024, 3, 1, 2, 0, 5)


@dataclass
class Walked:
    """What a walk over the raw bytes met, in order: (type, offset) of blocks and (type, offset, length) of streams."""

    blocks: list[tuple[str, int]] = field(default_factory=list)
    streams: list[tuple[str, int, int]] = field(default_factory=list)
    end: int = 0


def xor16(data: bytes) -> int:
    result = 0
    for (word,) in struct.iter_unpack("<H", data):
        result ^= word
    return result


def walk(data: bytes) -> Walked:
    """Every header checksum is checked on the way; every block begins where the previous one's padding ends."""
    walked = Walked()
    block_size = struct.unpack_from("<H", data, 64)[0] * 512
    base = at = 0
    while at < len(data):
        kind = data[at : at + 4].decode("ascii")
        assert xor16(data[at : at + 50]) == struct.unpack_from("<H", data, at + 50)[0], (kind, at)
        assert data[at + 10] == 14
        walked.blocks.append((kind, at))
        if kind == "SFMB":
            assert at % block_size == 0
            at += block_size
            continue
        if kind == "SSET":
            base = at
            assert walked.blocks[-2][0] == "SFMB"
        if kind in ("SSET", "VOLB", "MSCI", "MSDA", "MSTL", "MSLS"):
            assert struct.unpack_from("<Q", data, at + 20)[0] == (at - base) // 1024
            assert (at - base) % 1024 == 0
        at = walk_streams(data, at + struct.unpack_from("<H", data, at + 8)[0], walked)
    walked.end = at
    return walked


def walk_streams(data: bytes, at: int, walked: Walked) -> int:
    while True:
        assert xor16(data[at : at + 20]) == struct.unpack_from("<H", data, at + 20)[0], at
        kind = data[at : at + 4].decode("ascii")
        (length,) = struct.unpack_from("<Q", data, at + 8)
        walked.streams.append((kind, at, length))
        at = (at + 22 + length + 3) & ~3
        if kind == "SPAD":
            return at


def configuration(kind: str = "D", **values: object) -> Configuration:
    files = (
        FileEntry(1, 1, "Ward", "D:\\Data\\Ward.mdf", 40 * PAGE, file_group_id=1),
        FileEntry(2, 2, "Ward_log", "D:\\Log\\Ward_log.ldf", 1 << 20),
    )
    plain = Configuration(kind, "Ward", "HIS01", first_lsn=34000000001600001, last_lsn=34000000001900001)
    return replace(plain, start_date=WHEN, groups=(FileGroup(1, "PRIMARY"),), files=files, **values)  # type: ignore[arg-type]


def page(number: int) -> bytes:
    return struct.pack("<BB30xI", 1, 1, number).ljust(PAGE, bytes([number % 251]))


def label(block_size: int, families: int, number: int) -> Label:
    return Label("11111111-2222-3333-4444-555555555555", 77 + number, WHEN, block_size, families, 1, number)


def write_set(
    paths: list[Path], *, block_size: int = 512, pages: int = 20, log: int = 3, checksums: bool = True
) -> int:
    """Appends one set to the files; returns its position."""
    families, files = [], []
    for number, path in enumerate(paths, 1):
        file = path.open("ab")
        family = Family(file, label(block_size, len(paths), number))
        if path.stat().st_size:
            with MediaFile(path) as media:
                family = Family(file, media.label, media.end, media.filemarks, media.entries)
        families.append(family)
        files.append(file)
    position = len(families[0].entries) + 1
    header = SetHeader(
        position, f"99999999-0000-0000-0000-{position:012}", 4, WHEN, 15, 0, 28, "nightly", "", "sa", "HIS01"
    )
    writer = SetWriter(families, header, checksums=checksums)
    writer.begin(configuration())
    writer.pages(1, pages, (page(number) for number in range(pages)))
    writer.log(2, 0, log * 512, (bytes([number + 1]) * 512 for number in range(log)))
    writer.finish(configuration(finish_date=WHEN, backup_size=writer.size()))
    for file in files:
        file.close()
    return position


@pytest.mark.parametrize("block_size", [512, 4096, 65536])
def test_a_walk_ends_exactly_at_the_end(tmp_path: Path, block_size: int) -> None:
    path = tmp_path / "one.bak"
    write_set([path], block_size=block_size)
    data = path.read_bytes()
    walked = walk(data)
    assert walked.end == len(data)
    assert len(data) % block_size == 0
    kinds = [kind for kind, _ in walked.blocks]
    assert kinds == [
        "TAPE",
        "SFMB",
        "SSET",
        "VOLB",
        "MSCI",
        "MSDA",
        "MSTL",
        "MSTL",
        "MSLS",
        "SFMB",
        "ESET",
        "ESET",
        "SFMB",
    ]
    assert walked.blocks[-1][1] == len(data) - block_size


def test_appended_sets(tmp_path: Path) -> None:
    path = tmp_path / "three.bak"
    for _ in range(3):
        write_set([path])
    data = path.read_bytes()
    walked = walk(data)
    assert walked.end == len(data)
    starts = [at for kind, at in walked.blocks if kind == "SSET"]
    assert [struct.unpack_from("<H", data, at + 62)[0] for at in starts] == [1, 2, 3]
    assert [struct.unpack_from("<Q", data, at + 80)[0] for at in starts] == starts
    marks = [at for kind, at in walked.blocks if kind == "SFMB"]
    for number, mark in enumerate(marks):
        capacity, used, offset = struct.unpack_from("<III", data, mark + 52)
        assert (capacity, used, offset) == (55, number, 72)
        assert list(struct.unpack_from(f"<{used}Q", data, mark + 72)) == marks[:number][::-1]
    (_, at, _) = [stream for stream in walked.streams if stream[0] == "TSMP"][-1]
    assert struct.unpack_from("<IH", data, at + 22) == (78, 3)
    entry = at + 22 + 8
    for number, start in enumerate(starts, 1):
        length, _, _, _, offset = struct.unpack_from("<HHIIQ", data, entry)
        assert (offset, struct.unpack_from("<H", data, entry + 30)[0]) == (start, number)
        (volumes,) = struct.unpack_from("<H", data, entry + 60)
        entry += length
        for _ in range(volumes):
            entry += struct.unpack_from("<H", data, entry)[0]


def test_backup_size_is_counted_as_in_real_files(tmp_path: Path) -> None:
    """The first set from the start of the medium without a filemark, later ones from their own start."""
    path = tmp_path / "two.bak"
    write_set([path])
    write_set([path], pages=3)
    walked = walk(path.read_bytes())
    closing = [at for kind, at in walked.blocks if kind == "MSLS"]
    second = [at for kind, at in walked.blocks if kind == "SSET"][1]
    with MediaFile(path) as media:
        sizes = [one.final.backup_size for one in media.sets if one.final]
    assert sizes == [closing[0] - 512, closing[1] - second]


def test_pages_begin_at_sectors_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "pages.bak"
    write_set([path], block_size=4096, pages=300)
    with MediaFile(path) as media:
        stream = media.sets[0].streams[0]
        assert stream.offset % 4096 == 0
        assert b"".join(media.data(stream)) == b"".join(page(number) for number in range(300))
        log = media.sets[0].streams[1]
        assert b"".join(media.data(log)) == b"\1" * 512 + b"\2" * 512 + b"\3" * 512


@pytest.mark.parametrize("pages", [1, 7, 8, 20, 65])
def test_stripes_share_the_pages(tmp_path: Path, pages: int) -> None:
    paths = [tmp_path / f"{number}.bak" for number in (1, 2, 3)]
    write_set(paths, pages=pages)
    found = []
    for number, path in enumerate(paths, 1):
        data = path.read_bytes()
        assert walk(data).end == len(data)
        with MediaFile(path) as media:
            assert media.label.family_sequence_number == number
            assert media.label.family_count == 3
            for stream in media.sets[0].streams:
                if stream.kind == "MQDA":
                    whole = b"".join(media.data(stream))
                    found += [whole[at : at + PAGE] for at in range(0, len(whole), PAGE)]
                else:
                    assert number == 1
    assert sorted(found, key=lambda one: one[32:36]) == sorted(
        (page(n) for n in range(pages)), key=lambda one: one[32:36]
    )


def test_no_checksums_no_csum(tmp_path: Path) -> None:
    path = tmp_path / "plain.bak"
    write_set([path], checksums=False)
    assert "CSUM" not in {kind for kind, _, _ in walk(path.read_bytes()).streams}


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "cut.bak"
    write_set([path], pages=4)
    write_set([path], pages=2)
    data = path.read_bytes()
    with MediaFile(path) as media:
        first_set_ends = media.filemarks[2] + 512
    for size in [*range(0, len(data), 1531), len(data) - 1]:
        path.write_bytes(data[:size])
        try:
            with MediaFile(path) as media:
                whole = media.intact and len(media.sets) == 2
        except MediaError:
            continue
        assert not whole or size == first_set_ends, size
