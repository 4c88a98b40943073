# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A folder as store: a local disk, or a share that is mounted there. It answers as ``ftp.Ftp`` does."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Callable

from ..recovery.errors import InvalidInput, NoSpace, Refused, StoreUnreachable, TransferCut, TransferFailed
from .store_names import safe_path

_BLOCK = 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FOR_GOOD = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ENOENT)
#: File systems without hard links (FAT, some shares).
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class FolderStore:
    """Paths begin with ``/``, which is the folder. It must be there: a share that is not mounted looks like an empty
    folder that can be made, and what is written there is on no store."""

    def __init__(self, folder: str) -> None:
        self.where = f"store {folder}"
        if not os.path.isdir(folder):
            raise StoreUnreachable(
                f"{self.where}: there is no such folder on this host",
                hint="Mount the share or make the folder; it is not made here, lest backups land beside the store.",
            )
        self._root = Path(folder).resolve()

    def __enter__(self) -> FolderStore:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.drop()

    def drop(self) -> None:
        """There is no connection."""

    def _path(self, path: str) -> Path:
        place = self._root / safe_path(path).lstrip("/")
        if self._root not in (place.resolve(), *place.resolve().parents):
            raise InvalidInput(
                f"{self.where}: {path}: a link leads out of the folder", hint="Remove the link from the store."
            )
        return place

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            words = f"{self.where}: {what}: {error.strerror or error}"
            if error.errno in _FULL:
                raise NoSpace(words, hint="Free the store's disk, then run again.") from error
            kind = Refused if error.errno in _FOR_GOOD else TransferCut
            raise kind(words, hint="Check the store's folder, its mount and its rights, then run again.") from error

    def size(self, path: str) -> int | None:
        with self._failing(f"cannot ask for the size of {path}"):
            try:
                place = self._path(path)
                return place.stat().st_size if not place.is_dir() else None
            except (FileNotFoundError, NotADirectoryError):
                return None

    def sizes(self, paths: Iterable[str]) -> list[int | None]:
        return [self.size(path) for path in paths]

    def free_space(self, directory: str) -> int | None:
        with self._failing("cannot ask for its free space"):
            return shutil.disk_usage(self._root).free

    def make_directories(self, directory: str) -> None:
        with self._failing(f"cannot create {directory}"):
            place = self._path(directory)
            new = [one for one in (place, *place.parents) if not one.exists()]
            place.mkdir(parents=True, exist_ok=True)
            for one in new:
                sync_folder(one.parent)

    def read(self, path: str, offset: int, length: int) -> bytes:
        with self._failing(f"cannot read {path} at {offset}"), self._path(path).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def retrieve(self, path: str, write: Callable[[memoryview], Any], offset: int = 0) -> int:
        total = 0
        with self._failing(f"{path} could not be read to its end"), self._path(path).open("rb") as file:
            file.seek(offset)
            while block := file.read(_BLOCK):
                write(memoryview(block))
                total += len(block)
        return total

    def store(self, path: str, read: Callable[[int], bytes], append: bool = False) -> int:
        total = 0
        with self._failing(f"{path} could not be written"), self._path(path).open("ab" if append else "wb") as file:
            while block := read(_BLOCK):
                file.write(block)
                total += len(block)
            file.flush()
            os.fsync(file.fileno())
        return total

    def rename(self, old: str, new: str, then: Iterable[str] = ()) -> list[int | None]:
        """A file that stands under the name is never replaced: a hard link fails where there is one."""
        source, target = self._path(old), self._path(new)
        with self._failing(f"cannot rename {old} to {new}"):
            try:
                os.link(source, target)
                source.unlink()
            except FileExistsError:
                raise self._stands_there(new) from None
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                if target.exists():
                    raise self._stands_there(new) from error
                source.rename(target)
            sync_folder(target.parent)
        return self.sizes(then)

    def _stands_there(self, new: str) -> TransferFailed:
        return TransferFailed(
            f"{self.where}: a file stands under the name {new} already", hint="Nothing is overwritten; look at it."
        )

    def delete(self, path: str) -> None:
        with self._failing(f"cannot delete {path}"):
            self._path(path).unlink()


def sync_folder(folder: Path) -> None:
    """The new name survives a power cut. Shares that cannot do it keep names in their own way."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
