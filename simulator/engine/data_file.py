# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The data file, below SQLite: pages are read for backups, stamped after checkpoints, written by restores."""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from simulator.engine.misfortune import SOUND_DISK, DiskFaults
from simulator.engine.pages import BODY, HEADER, PAGE, lsn_fields, to_back, to_front, with_header

RUN = 128  # pages read or written at once: one megabyte
_RESERVED_BYTES = 20
_CONTENT_AREA = 105  # of the root page's b-tree header, which follows the 100 bytes of the file's


def create_data_file(path: Path) -> None:
    """An empty database whose pages leave room for SQL Server's page header."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("VACUUM")
    connection.close()
    with path.open("r+b") as file:
        page = bytearray(file.read(PAGE))
        page[_RESERVED_BYTES] = HEADER
        struct.pack_into(">H", page, _CONTENT_AREA, BODY)
        file.seek(0)
        file.write(with_trailer(bytes(page[:BODY]), 0, 0))


def with_trailer(body: bytes, page_id: int, lsn: int) -> bytes:
    """A page as the data file stores it."""
    return to_back([with_header(body, page_id, lsn_fields(lsn))])


class DataFile:
    """Keep it open as long as SQLite has the file open: closing any descriptor of it would drop SQLite's locks."""

    disk: DiskFaults = SOUND_DISK

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        flags = os.O_RDWR | (os.O_CREAT | os.O_TRUNC if create else 0)
        self._fd = os.open(path, flags, 0o644)

    def close(self) -> None:
        os.close(self._fd)

    @property
    def pages(self) -> int:
        return os.fstat(self._fd).st_size // PAGE

    def body(self, page_id: int) -> bytes:
        return os.pread(self._fd, BODY, page_id * PAGE)

    def stored(self, page_id: int) -> bytes:
        """A page as it lies in the file, header at its end."""
        return os.pread(self._fd, PAGE, page_id * PAGE)

    def read(self, first: int, count: int) -> list[bytes]:
        """Pages with their header in front; what lies beyond the end of the file is zero."""
        self.disk.reading(self.path, first * PAGE, count * PAGE)
        data = os.pread(self._fd, count * PAGE, first * PAGE)
        return to_front(memoryview(data.ljust(count * PAGE, b"\0")))

    def stamp(self, page_ids: Iterable[int], lsn: int) -> None:
        """Writes page id, LSN and checksum into the reserved bytes of pages that a checkpoint has just written."""
        last = self.pages
        for page_id in page_ids:
            if page_id < last:
                stored = with_trailer(self.body(page_id), page_id, lsn)
                os.pwrite(self._fd, stored[BODY:], page_id * PAGE + BODY)

    def write(self, pages: Mapping[int, bytes | memoryview]) -> None:
        """Pages with their header in front, by page id; neighbours are written together."""
        for first, run in runs(pages):
            os.pwrite(self._fd, to_back(pages[page_id] for page_id in run), first * PAGE)

    def resize(self, pages: int) -> None:
        os.ftruncate(self._fd, pages * PAGE)


def runs(page_ids: Iterable[int]) -> Iterator[tuple[int, range]]:
    """Neighbouring pages, at most RUN together: (first, range)."""
    start = end = -1
    for page_id in sorted(page_ids):
        if page_id == end and end - start < RUN:
            end += 1
            continue
        if end > start:
            yield start, range(start, end)
        start, end = page_id, page_id + 1
    if end > start:
        yield start, range(start, end)
