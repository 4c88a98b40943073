# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Disk and digest in a thread beside the connection: in order, bounded, and no error is lost."""

from __future__ import annotations

import threading
from contextlib import closing
from io import BytesIO
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.streams import WriteBehind, read_ahead

LENGTHS = [0, 1, 9, 10, 11, 20, 25, 100, 1003]


def running() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in ("read ahead", "write behind")]


@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_read_ahead_comes_in_order(length: int) -> None:
    content = bytes(index % 251 for index in range(length))
    assert b"".join(read_ahead(BytesIO(content).read, 10)) == content
    assert not running()


def test_a_reader_that_gives_little_at_a_time_is_read_to_its_end() -> None:
    pieces = [b"abc", b"d", b"efgh", b""]
    assert b"".join(read_ahead(lambda _length: pieces.pop(0), 10)) == b"abcdefgh"


def test_reading_ahead_is_bounded_and_ends_with_its_reader() -> None:
    asked: list[int] = []

    def read(length: int) -> bytes:
        asked.append(length)
        return bytes(length)

    with closing(read_ahead(read, 10)) as blocks:  # type: ignore[type-var]
        next(blocks)
        next(blocks)
    assert len(asked) <= 5 and not running()


def test_an_error_of_reading_is_raised_where_the_blocks_are_used() -> None:
    def read(length: int, left: list[int] = [3]) -> bytes:  # noqa: B006 - it counts
        left[0] -= 1
        if left[0] < 0:
            raise OSError(5, "Input/output error")
        return bytes(length)

    got: list[bytes] = []
    with pytest.raises(OSError, match="Input/output"):
        got.extend(read_ahead(read, 10))
    assert not running()


@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_written_behind_comes_in_order(length: int) -> None:
    content = BytesIO(bytes(index % 251 for index in range(length)))
    written = bytearray()
    with WriteBehind(written.extend, 10) as behind:
        while got := content.readinto(buffer := behind.buffer()):
            behind.give(buffer, got)
    assert bytes(written) == content.getvalue() and not running()


def test_nothing_is_written_after_an_error_and_it_is_raised() -> None:
    written: list[Any] = []

    def write(block: memoryview) -> None:
        written.append(bytes(block))
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"), WriteBehind(write, 4) as behind:
        for _block in range(50):
            behind.give(behind.buffer(), 4)
    assert len(written) == 2 and not running()


def test_the_last_block_may_be_the_one_that_fails() -> None:
    def write(block: memoryview) -> None:
        if len(block) < 4:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"), WriteBehind(write, 4) as behind:
        behind.give(behind.buffer(), 4)
        behind.give(behind.buffer(), 3)
    assert not running()
