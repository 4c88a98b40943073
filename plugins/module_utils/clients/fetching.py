# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One file of the store to this host, whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from ..recovery.errors import NoSpace, Refused, TransferCut, TransferFailed
from ..recovery.leftovers import DIGEST, PART
from . import store as stores
from .digests import digest_on_store, sha256_of
from .folder_store import sync_folder
from .store import Manner, Store, Transfer
from .store_names import portable_path

_BLOCK = 1024 * 1024
#: So many bytes of a file are sent to the disk while the next ones still arrive.
_WRITE_BACK = 32 * 1024 * 1024


def fetch_file(store: Store, source: str, destination: str, manner: Manner) -> Transfer:
    """Downloads one file and compares it with the digest beside it. What is there already is hashed, not believed, and
    fetched again where the store has no digest to compare it with."""
    portable_path(source)
    portable_path(os.path.basename(destination))
    size, digest_size = store.sizes([source, source + DIGEST])
    if size is None:
        raise TransferFailed(
            f"{source}: the store has no such file",
            hint="Read the backup history again (ftp_backup_info) and plan anew: the plan rests on a missing file.",
        )
    expected = digest_on_store(store, source) if digest_size is not None else None
    path = Path(destination)
    if expected is not None and path.is_file() and path.stat().st_size == size and sha256_of(path) == expected:
        return Transfer(source, destination, size, expected, changed=False, sha256_checked=True)
    if manner.check_mode:
        return Transfer(source, destination, size, expected, changed=True)
    started = time.monotonic()
    sha256, resumed_at = _download(store, _Wanted(source, size, expected), path, manner)
    checked = expected is not None
    seconds = time.monotonic() - started
    return Transfer(source, destination, size, sha256, True, seconds, checked, checked, resumed_at)


@dataclass(frozen=True)
class _Wanted:
    """A file of the store, as long as the store says, with the digest beside it."""

    source: str
    size: int
    expected: str | None


def _download(store: Store, wanted: _Wanted, path: Path, manner: Manner) -> tuple[str, int]:
    """The digest, and where it was taken up: the digest judges whether a part was the beginning of this file."""
    expected = wanted.expected
    with _part_of(path, keep=expected is not None) as (part, file):
        held = file.seek(0, os.SEEK_END) if expected is not None else 0
        landing = _Landing(part, file, manner)
        if not (0 < held <= wanted.size and landing.take_up(store, wanted, held) == expected):
            held = 0
        sha256 = expected if held and expected else landing.take_up(store, wanted, 0)
        if expected is not None and sha256 != expected:
            raise Refused(
                f"{wanted.source}: its bytes give sha256 {sha256[:16]}…, the file beside it says {expected[:16]}…",
                hint="It is damaged on the store. Name it in restore_plan_unusable, with a reason, and run again.",
            )
        with _writing(part):
            os.fsync(file)
            os.replace(part, path)
    return sha256, held


@contextmanager
def _part_of(path: Path, keep: bool) -> Iterator[tuple[Path, FileIO]]:
    """Where the connection breaks, the part stays for the next attempt if there is a digest to judge it by. It is
    locked: two transfers into one part would each call the other's bytes theirs."""
    part = path.with_name(path.name + PART)
    with _writing(part):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = FileIO(os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640), "rb+")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TransferFailed(
                f"{part}: another transfer is writing it", hint="Wait until it has ended, then run again."
            ) from error
        try:
            yield part, file
        except BaseException as error:
            if not (keep and isinstance(error, (TransferCut, KeyboardInterrupt))):
                with suppress(OSError):
                    part.unlink()
            raise


@dataclass(frozen=True)
class _Landing:
    """The open part that bytes arrive in."""

    part: Path
    file: FileIO
    manner: Manner

    def take_up(self, store: Store, wanted: _Wanted, offset: int) -> str:
        """The bytes from ``offset`` into the part; the digest of all of them."""
        digest = self._held(offset)
        got = written_back = offset

        def write(block: memoryview) -> None:
            nonlocal got, written_back
            self.manner.pace(len(block))
            digest.update(block)
            with _writing(self.part):
                _write_all(self.file, block)
            got += len(block)
            if got - written_back >= _WRITE_BACK:
                self._begin_to_write_back(written_back, got)
                written_back = got
            self.manner.tell(wanted.source, got)

        if offset < wanted.size or wanted.size == 0:
            store.retrieve(wanted.source, write, offset)
        if got != wanted.size:
            raise TransferCut(
                f"{wanted.source}: {got} of {wanted.size} bytes arrived",
                hint="Run the same command again; nothing stands under its name.",
            )
        return digest.hexdigest()

    def _begin_to_write_back(self, start: int, end: int) -> None:
        """Linux begins to write these bytes to the disk and does not wait, so that fsync finds little left to do."""
        with suppress(OSError, AttributeError):  # not every Unix has it
            os.posix_fadvise(self.file.fileno(), start, end - start, os.POSIX_FADV_DONTNEED)

    def _held(self, offset: int) -> hashlib._Hash:
        digest = hashlib.sha256()
        self.file.seek(0)
        while self.file.tell() < offset and (block := self.file.read(min(_BLOCK, offset - self.file.tell()))):
            digest.update(block)
        if offset == 0 and os.fstat(self.file.fileno()).st_size:
            self.file.truncate(0)
        return digest


def _write_all(file: FileIO, block: memoryview) -> None:
    """An unbuffered write may take less than it was given."""
    rest = block
    while rest:
        rest = rest[file.write(rest) or 0 :]


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """A fault of this host's disk is told as one, not as a fault of the connection."""
    try:
        yield
    except OSError as error:
        kind = NoSpace if error.errno in (errno.ENOSPC, errno.EDQUOT) else TransferFailed
        raise kind(
            f"{path}: cannot be written: {error.strerror}", hint="Free the disk or correct its rights, then run again."
        ) from error


def keep_names(done: Iterable[Transfer]) -> None:
    """The names of fetched files survive a power cut. Once for each folder, after the last file: until then nobody is
    told that they are there."""
    for folder in {os.path.dirname(os.path.abspath(one.destination)) for one in done if one.changed}:
        sync_folder(Path(folder))


def check_space(store: Store, pairs: Iterable[tuple[str, str]]) -> None:
    """Refuses before the first byte where a disk cannot take what is to be fetched to it."""
    files = [(Path(destination), source) for source, destination in pairs]
    needed: dict[int, tuple[str, int]] = {}
    for (path, _source), size in zip(files, store.sizes([source for _path, source in files])):
        there = path.stat().st_size if path.is_file() else None
        if size is None or there == size:
            continue
        disk = _existing(path.parent).stat().st_dev
        directory, amount = needed.get(disk, (str(path.parent), 0))
        needed[disk] = (directory, amount + size)
    for directory, amount in needed.values():
        free = shutil.disk_usage(_existing(Path(directory))).free
        if amount + stores.RESERVE > free:
            raise NoSpace(
                f"{directory}: {amount} bytes are to be fetched to its disk, {free} are free "
                f"(and {stores.RESERVE} are kept free)",
                hint="Free the disk or name another directory; nothing was fetched.",
            )


def _existing(place: Path) -> Path:
    """A directory that is there: this one, or the nearest of its parents."""
    while not place.exists() and place != place.parent:
        place = place.parent
    return place
