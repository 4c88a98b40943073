# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moves whole files to and from the backup store. A file under its final name is complete, on both sides: bytes go to
``NAME.part``, are counted and hashed on the way, and only then get their name; ``NAME.sha256`` stands beside it in the
form that ``sha256sum -c`` reads.
"""

from __future__ import annotations

import errno
import ftplib
import hashlib
import os
import posixpath
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

from ..recovery.errors import InvalidInput, NoSpace, RecoveryError, TransferFailed
from .ftp import Ftp

#: Kept free on a disk that files are fetched to: a full system disk helps nobody.
RESERVE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Transfer:
    """What happened to one file. ``bytes`` is its length, ``changed`` False where it was there already.
    ``sha256_checked`` tells whether the digest on the store is known to be that of the bytes, in this run."""

    source: str
    destination: str
    bytes: int
    sha256: str | None
    changed: bool
    seconds: float = 0.0
    sha256_checked: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def store_file(ftp: Ftp, source: str, destination: str, check_mode: bool = False) -> Transfer:
    """Uploads one file. A file of the same length under the final name is left alone; another length is an error:
    a backup is never replaced on the store."""
    path = _local_file(source)
    size = path.stat().st_size
    there = ftp.size(destination)
    if there == size:
        return Transfer(source, destination, size, None, changed=False)
    if there is not None:
        raise TransferFailed(
            f"{destination}: the store has a file of {there} bytes under this name, {source} has {size}",
            hint="Backups are never overwritten: rename one of the two after looking at both.",
        )
    if check_mode:
        return Transfer(source, destination, size, None, changed=True)
    started = time.monotonic()
    ftp.make_directories(posixpath.dirname(destination))
    sha256 = _upload(ftp, path, destination + ".part", size)
    checked = _upload_digest(ftp, destination, sha256)
    ftp.rename(destination + ".part", destination)
    if ftp.size(destination) != size:
        raise TransferFailed(
            f"{destination}: after the upload the store does not show its {size} bytes",
            hint="Look at the file on the store before trusting it.",
        )
    return Transfer(source, destination, size, sha256, True, time.monotonic() - started, checked)


def _local_file(source: str) -> Path:
    path = Path(source)
    if not path.is_file():
        raise InvalidInput(f"{source}: there is no such file on this host", hint="Check the path; nothing was sent.")
    return path


def _upload(ftp: Ftp, path: Path, part: str, size: int) -> str:
    digest = hashlib.sha256()
    before = path.stat()
    with path.open("rb") as file:

        def read(length: int) -> bytes:
            block = file.read(length)
            digest.update(block)
            return block

        sent = ftp.store(part, read)
    after = path.stat()
    if sent != size or (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise TransferFailed(
            f"{path}: it changed while it was sent ({size} bytes before, {sent} sent)",
            hint="Wait until its backup has finished, then run again; on the store it is only a .part.",
        )
    arrived = ftp.size(part)
    if arrived != size:
        raise TransferFailed(
            f"{part}: {size} bytes were sent, the store has {arrived}", hint="Run again; the .part is written anew."
        )
    return digest.hexdigest()


def _upload_digest(ftp: Ftp, destination: str, sha256: str) -> bool:
    """The digest gets its name before the file does, so that a file with a name never lacks it.

    One that is there already was left by an upload that broke off between the two renames. Where this account may read
    it, it must be the same; returns True. A write-only account sees no more than its length: True is not returned then,
    the digest is kept unread, and the first fetch compares it with the bytes.
    """
    name = destination + ".sha256"
    line = f"{sha256}  {posixpath.basename(destination)}\n".encode()
    there = ftp.size(name)
    if there is None:
        ftp.store(name + ".part", BytesIO(line).read)
        ftp.rename(name + ".part", name)
        return True
    kept = _read_if_allowed(ftp, name, len(line)) if there == len(line) else b""
    if kept is not None and kept != line:
        raise TransferFailed(
            f"{name}: it was left by an earlier upload and is not the digest of {destination} ({sha256[:16]}…)",
            hint=f"Look at {name} on the store and remove it, then run again; the backup itself is only a .part.",
        )
    return kept is not None


def _read_if_allowed(ftp: Ftp, path: str, length: int) -> bytes | None:
    try:
        return ftp.read(path, 0, length)
    except TransferFailed as error:
        if isinstance(error.__cause__, ftplib.error_perm):
            return None
        raise


def fetch_file(ftp: Ftp, source: str, destination: str, check_mode: bool = False) -> Transfer:
    """Downloads one file and compares it with the digest beside it. What is there already is hashed, not believed, and
    fetched again where the store has no digest to compare it with."""
    size = ftp.size(source)
    if size is None:
        raise TransferFailed(
            f"{source}: the store has no such file",
            hint="Read the backup history again (ftp_backup_info) and plan anew: the plan rests on a missing file.",
        )
    expected = _digest_on_store(ftp, source)
    path = Path(destination)
    if expected is not None and path.is_file() and path.stat().st_size == size and _sha256(path) == expected:
        return Transfer(source, destination, size, expected, changed=False, sha256_checked=True)
    if check_mode:
        return Transfer(source, destination, size, expected, changed=True)
    started = time.monotonic()
    sha256 = _download(ftp, source, path, size)
    if expected is not None and sha256 != expected:
        path.with_name(path.name + ".part").unlink()
        raise TransferFailed(
            f"{source}: its bytes give sha256 {sha256[:16]}…, the file beside it says {expected[:16]}…",
            hint="The file is damaged on the store. Plan again with this file named as unusable.",
        )
    os.replace(path.with_name(path.name + ".part"), path)
    return Transfer(source, destination, size, sha256, True, time.monotonic() - started, expected is not None)


def _download(ftp: Ftp, source: str, path: Path, size: int) -> str:
    """Hashes on the way; where anything fails, no ``.part`` stays to take up the disk."""
    digest = hashlib.sha256()
    part = path.with_name(path.name + ".part")
    try:
        with _writing(part):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = part.open("wb", buffering=0)
        with file:

            def write(block: bytes) -> None:
                digest.update(block)
                with _writing(part):
                    _write_all(file, block)

            got = ftp.retrieve(source, write)
            with _writing(part):
                os.fsync(file.fileno())
        if got != size:
            raise TransferFailed(
                f"{source}: {got} of {size} bytes arrived",
                hint="Run the same command again; nothing stands under its name.",
            )
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    return digest.hexdigest()


def _write_all(file: RawIOBase, block: bytes) -> None:
    """An unbuffered write may take less than it was given."""
    rest = memoryview(block)
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


def _digest_on_store(ftp: Ftp, path: str) -> str | None:
    if ftp.size(path + ".sha256") is None:
        return None
    words = ftp.read(path + ".sha256", 0, 4096).split()
    if not words or len(words[0]) != 64:
        raise TransferFailed(
            f"{path}.sha256: it holds no sha256 digest", hint="Look at it on the store; it is not ours or damaged."
        )
    return words[0].decode("ascii", "replace").lower()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            digest.update(block)
    return digest.hexdigest()


def check_space(directory: str, needed: int) -> None:
    """Refuses before the first byte where a disk cannot take ``needed`` more bytes."""
    free = shutil.disk_usage(_existing(Path(directory))).free
    if needed + RESERVE > free:
        raise NoSpace(
            f"{directory}: {needed} bytes are to be fetched to its disk, {free} are free (and {RESERVE} are kept free)",
            hint="Free the disk or name another directory; nothing was fetched.",
        )


def _existing(place: Path) -> Path:
    """A directory that is there: this one, or the nearest of its parents."""
    while not place.exists() and place != place.parent:
        place = place.parent
    return place


def fetch_files(ftp: Ftp, files: Iterable[tuple[str, str]], check_mode: bool = False) -> list[Transfer]:
    """Fetches (source, destination) pairs in order, after a look at the free space of each disk they go to."""
    pairs = list(files)
    needed: dict[int, tuple[str, int]] = {}
    for source, destination in pairs:
        path, size = Path(destination), ftp.size(source) or 0
        if path.is_file() and path.stat().st_size == size:
            continue
        disk = _existing(path.parent).stat().st_dev
        directory, amount = needed.get(disk, (str(path.parent), 0))
        needed[disk] = (directory, amount + size)
    for directory, amount in needed.values():
        check_space(directory, amount)
    return [fetch_file(ftp, source, destination, check_mode) for source, destination in pairs]


def ship(
    ftp: Ftp, files: Iterable[tuple[str, str]], check_mode: bool = False
) -> tuple[list[Transfer], dict[str, RecoveryError]]:
    """Uploads (source, destination) pairs in order; one that fails does not keep the others from the store."""
    done: list[Transfer] = []
    failed: dict[str, RecoveryError] = {}
    for source, destination in files:
        try:
            done.append(store_file(ftp, source, destination, check_mode))
        except RecoveryError as error:
            failed[source] = error
    return done, failed
