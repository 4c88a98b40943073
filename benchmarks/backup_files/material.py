# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup files to measure with, written as the simulated SQL Server writes them."""

from __future__ import annotations

import functools
import random
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ansible_collections.ics.deadpool.tests.unit.plugins.module_utils.recovery.backup_files import packer

from simulator.engine.pages import with_header
from simulator.media.configuration import Configuration, FileEntry, FileGroup
from simulator.media.label import Label, SetHeader
from simulator.media.writer import Family, SetWriter

PAGE = 8192
WHEN = datetime(2026, 11, 22, 2, 0, 0)
GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
_EXTENTS = 16  # different ones; then they repeat


def configuration(pages: int, log: int, kind: str) -> Configuration:
    data = FileEntry(file_id=1, kind=1, logical_name="Sales", physical_name="D:\\Data\\Sales.mdf", file_group_id=1,
                     size=pages * PAGE, backup_size=pages * PAGE)  # fmt: skip
    log_file = FileEntry(file_id=2, kind=2, logical_name="Sales_log", physical_name="E:\\Log\\Sales_log.ldf",
                         size=64 << 20, backup_size=log)  # fmt: skip
    return Configuration(kind=kind, database_name="Sales", server_name="SQL1", first_lsn=37 * 10**15 + 100001,
                         last_lsn=37 * 10**15 + 200001, creation_date=WHEN, start_date=WHEN, finish_date=WHEN,
                         family_guid=GUID, fork_id=GUID, backup_size=pages * PAGE, major=15,
                         groups=(FileGroup(1, "PRIMARY"),), files=(data, log_file))  # fmt: skip


def pages(count: int) -> Iterator[bytes]:
    """Pages with right checksums: a megabyte of different ones, over and over."""
    chance = random.Random(1)
    # About a third is left when they are compressed, as of real databases.
    bodies = [chance.randbytes(2600) * 3 + bytes(296) for _ in range(8 * _EXTENTS)]
    extents = [with_header(body, number, (37, 100, 1)) for number, body in enumerate(bodies)]
    megabyte = b"".join(extents)
    for _ in range(count // len(extents)):
        yield megabyte
    rest = count % len(extents)
    if rest:
        yield b"".join(extents[:rest])


def write(path: Path, *, count: int, log: int, checksums: bool) -> None:
    """One backup set on one file."""
    kind = "D" if count else "L"
    with path.open("wb") as sink:
        family = Family(sink, Label(media_set_id=GUID, media_family_id=1, media_date=WHEN))
        header = SetHeader(1, GUID, 4, WHEN, 15, 0, time_zone=28, user_name="sa", machine_name="SQL1")
        writer = SetWriter([family], header, checksums=checksums)
        writer.begin(configuration(count, log, kind))
        if count:
            writer.pages(1, count, pages(count))
        writer.log(2, 0, log, iter([b"log!" * (log // 4)]) if log else iter(()))
        writer.finish(configuration(count, log, kind))


def write_compressed(path: Path, plain: Path) -> None:
    """The same medium in chunks; chunks that repeat are packed once."""
    pack = packer.compressed
    packer.compressed = functools.lru_cache(maxsize=64)(pack)
    try:
        path.write_bytes(packer.packed(plain.read_bytes(), 512))
    finally:
        packer.compressed = pack


def many(folder: Path, count: int) -> None:
    """``count`` files: one in a hundred is a full backup of 1 MB, the others are logs of 64 KB."""
    folder.mkdir()
    write(folder / "full.bak", count=128, log=4096, checksums=True)
    write(folder / "log.trn", count=0, log=65536, checksums=True)
    for number in range(count - 2):
        model = "full.bak" if number % 100 == 0 else "log.trn"
        shutil.copyfile(folder / model, folder / f"{number:05}{model[-4:]}")
