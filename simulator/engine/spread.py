# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A database in several data files: extents of eight pages go round the files in turn.

SQLite knows one file only. While a database runs, its first file holds everything and each checkpoint copies what
belongs to the others; a clean stop leaves every extent in its own file alone. A file that is lost takes the database
with it: it does not start without all of them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.engine.boot import Boot, MoreFile
from simulator.engine.data_file import DataFile
from simulator.engine.pages import FILE_ID, PAGE, page_checksum, page_id_of

EXTENT_PAGES = 8
EXTENT = EXTENT_PAGES * PAGE
_NUMBER, _CHECKSUM = 32, 60  # in the page's header


def home(page_id: int, count: int) -> tuple[int, int]:
    """(which of ``count`` files, page number in it)."""
    extent, page = divmod(page_id, EXTENT_PAGES)
    return extent % count, extent // count * EXTENT_PAGES + page


def page_of(index: int, number: int, count: int) -> int:
    extent, page = divmod(number, EXTENT_PAGES)
    return (extent * count + index) * EXTENT_PAGES + page


def renumbered(page: bytes | memoryview, file_id: int, number: int) -> bytes:
    """A page (header in front) under another name: as media carry it, or as the first file does."""
    renamed = bytearray(page)
    struct.pack_into("<IH", renamed, _NUMBER, number, file_id)
    struct.pack_into("<I", renamed, _CHECKSUM, page_checksum(bytes(renamed)))
    return bytes(renamed)


def file_ids(boot: Boot) -> list[int]:
    return [FILE_ID, *(one.file_id for one in boot.more_files)]


def outgoing(pages: Iterable[bytes], file_id: int, count: int) -> Iterator[bytes]:
    """Pages of a backup name the file they live in."""
    for page in pages:
        yield renumbered(page, file_id, home(page_id_of(page), count)[1])


def incoming(pages: Iterable[memoryview], ids: list[int]) -> list[memoryview]:
    """And a restore puts them all into the first file."""
    found = []
    for page in pages:
        file_id = int.from_bytes(page[36:38], "little")
        index = ids.index(file_id) if file_id in ids else 0
        page_id = page_of(index, page_id_of(bytes(page[:36])), len(ids))
        found.append(memoryview(renumbered(page, FILE_ID, page_id)))
    return found


def create(files: Iterable[MoreFile]) -> None:
    for one in files:
        with Path(one.path).open("wb") as file:
            file.truncate(EXTENT)


def lost(boot: Boot, first: Path) -> str | None:
    """The physical name of the first data file that is not there."""
    files = [(boot.data_file, first), *((one.physical_name, Path(one.path)) for one in boot.more_files)]
    return next((name for name, path in files if not path.is_file()), None)


def require(boot: Boot) -> None:
    for one in boot.more_files:
        if not Path(one.path).is_file():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), one.path)


def mirror(boot: Boot, data: DataFile, page_ids: Iterable[int]) -> None:
    """After a checkpoint. A file that was taken away meanwhile is missed at the next start."""
    if not boot.more_files:
        return
    count = len(boot.more_files) + 1
    with contextlib.suppress(OSError), _opened(boot) as others:
        for page_id in page_ids:
            index, number = home(page_id, count)
            if index and page_id < data.pages:
                os.pwrite(others[index - 1], data.stored(page_id), number * PAGE)


def gather(boot: Boot, first: Path, save: Callable[[], None]) -> None:
    """Before a start: everything into the first file again. OSError when a file is missing or too short."""
    require(boot)
    if not boot.scattered:
        return
    size = first.stat().st_size
    with _opened(boot) as others, first.open("r+b") as file:
        for extent, place in _elsewhere(first, len(others) + 1):
            fd, offset = others[place[0] - 1], place[1]
            data = os.pread(fd, EXTENT, offset)
            if len(data) < EXTENT:
                raise OSError(errno.ENODATA, "a data file is shorter than it was", boot.more_files[place[0] - 1].path)
            os.pwrite(file.fileno(), data[: size - extent * EXTENT], extent * EXTENT)
    boot.scattered = False
    save()


def copy_out(boot: Boot, first: Path) -> None:
    """Every extent into the file it lives in; the first file keeps them all."""
    if not boot.more_files:
        return
    with _opened(boot) as others, first.open("rb") as file:
        for extent, (index, offset) in _elsewhere(first, len(others) + 1):
            data = os.pread(file.fileno(), EXTENT, extent * EXTENT).ljust(EXTENT, b"\0")
            os.pwrite(others[index - 1], data, offset)


def scatter(boot: Boot, first: Path, save: Callable[[], None]) -> None:
    """After a clean stop: the first file forgets what lives elsewhere."""
    if not boot.more_files or boot.scattered:
        return
    copy_out(boot, first)
    boot.scattered = True
    save()
    size = first.stat().st_size
    with first.open("r+b") as file:
        for extent, _ in _elsewhere(first, len(boot.more_files) + 1):
            os.pwrite(file.fileno(), bytes(min(EXTENT, size - extent * EXTENT)), extent * EXTENT)


def _elsewhere(first: Path, count: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Extents that live in another file than the first: (extent, (which file, offset in it))."""
    for extent in range(-(-first.stat().st_size // EXTENT)):
        if extent % count:
            yield extent, (extent % count, extent // count * EXTENT)


@contextmanager
def _opened(boot: Boot) -> Iterator[list[int]]:
    found: list[int] = []
    try:
        for one in boot.more_files:
            found.append(os.open(one.path, os.O_RDWR))
        yield found
    finally:
        for fd in found:
            os.close(fd)
