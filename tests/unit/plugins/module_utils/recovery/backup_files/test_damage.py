# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real files that were cut, grew, or had bits flipped: no crash, no hang, no whole file where there is none."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .in_memory import complete, noticed, verify
from .medium import BackupSet, medium, page
from .packer import packed

FEW, MANY = 5, 200
FLIPS = 600
#: Of 2,000 flipped bits, at least this share is noticed. What is not lies where the format has no checksum: the log and
#: pages that carry none of a backup without CHECKSUM, and a few fields (docs/backup-files.md lists them).
NOTICED = {"with CHECKSUM": 0.97, "without CHECKSUM": 0.85, "compressed": 0.95}


def real_files(folder: Path, expected: list[dict[str, Any]]) -> list[tuple[str, bytes]]:
    return [(entry["file"], (folder / entry["file"]).read_bytes()) for entry in expected]


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_every_cut_is_incomplete(real_backups: Path, expected: list[dict[str, Any]], times: int) -> None:
    chance = random.Random(times)
    for name, data in real_files(real_backups, expected):
        for length in [chance.randrange(len(data)) for _unused in range(times)] + [len(data) - 1, len(data) - 512]:
            assert not complete(data[:length]), (name, length)


def test_every_cut_is_damage_for_verify(real_backups: Path, expected: list[dict[str, Any]]) -> None:
    chance = random.Random(7)
    for name, data in real_files(real_backups, expected):
        length = chance.randrange(64, len(data))
        assert verify(data[:length]).verdict == "damaged", (name, length)


def test_what_was_appended_is_seen(real_backups: Path, expected: list[dict[str, Any]]) -> None:
    for name, data in real_files(real_backups, expected):
        for extra in (b"\0", b"\r\n", bytes(512), data[-512:], data[:1024], data[-4096:]):
            assert not complete(data + extra), name
            assert verify(data + extra).verdict == "damaged", name


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_flipped_bits_do_no_harm(real_backups: Path, expected: list[dict[str, Any]], times: int) -> None:
    """Whatever is flipped: an answer or an error of the collection's own, in bounded time."""
    chance = random.Random(times)
    for name, data in real_files(real_backups, expected):
        raw = bytearray(data)
        for _unused in range(times):
            at, bit = chance.randrange(len(raw)), 1 << chance.randrange(8)
            raw[at] ^= bit
            begun = time.perf_counter()
            noticed(bytes(raw))
            assert time.perf_counter() - begun < 5, (name, at)
            raw[at] ^= bit


def media() -> dict[str, bytes]:
    """A full backup of 4 MB with some log, in each kind."""
    chance = random.Random(1)
    pages = [page(1, number, chance.randbytes(40) * 180) for number in range(512)]
    log = chance.randbytes(512) * 32
    plain = medium(BackupSet(pages=pages, log=log))
    return {
        "with CHECKSUM": medium(BackupSet(pages=pages, log=log, checksums=True)),
        "without CHECKSUM": plain,
        "compressed": packed(plain, 512),
    }


@pytest.mark.slow
def test_share_of_flips_that_are_noticed() -> None:
    chance = random.Random(2000)
    shares = Counter[str]()
    for kind, data in media().items():
        raw = bytearray(data)
        for _unused in range(FLIPS):
            at, bit = chance.randrange(len(raw)), 1 << chance.randrange(8)
            raw[at] ^= bit
            shares[kind] += noticed(bytes(raw))
            raw[at] ^= bit
    assert {kind: shares[kind] / FLIPS for kind in NOTICED if shares[kind] / FLIPS < NOTICED[kind]} == {}


def test_memory_does_not_grow_with_the_file() -> None:
    """200 MB, of which the file itself lies outside of what is measured."""
    data = medium(BackupSet(pages=[page(1, 1)] * 25600))
    tracemalloc.start()
    try:
        assert verify(data).verdict == "sound"
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
