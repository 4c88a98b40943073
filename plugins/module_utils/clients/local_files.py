# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup files on this host's disks: which there are, and reading them in pieces."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone

from ..recovery.errors import InvalidInput, NotABackup, RecoveryError, StoreUnreachable
from ..recovery.leftovers import DIGEST, PART
from ..recovery.window import Read

#: What stands beside backups: checksums of files, files that are being transferred under their temporary name, and what
#: a host remembers of those it shipped.
BESIDE = (DIGEST, PART, ".shipped")


@dataclass(frozen=True)
class LocalFile:
    """A file as the folder shows it."""

    path: str
    size: int
    modified: datetime


def find_files(
    path: str, *, recursive: bool = True, since: datetime | None = None
) -> tuple[list[LocalFile], list[tuple[str, RecoveryError]]]:
    """The file ``path``, or all files in the folder, ordered by path; and what could not be looked into.

    With ``since``, files that were last modified before it are left out. A path that is not there is an error.
    """
    if "://" in path:
        raise InvalidInput(
            f"{path}: this is a URL, not a file.",
            hint="Backups to URL lie in a cloud store: download the file first, then give its path.",
        )
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISDIR(mode):
        return [_local_file(path)], []
    errors: list[tuple[str, RecoveryError]] = []
    found: list[LocalFile] = []
    for name in sorted(_names(path, recursive, errors)):
        try:
            file = _local_file(name)
        except RecoveryError as error:
            errors.append((name, error))
            continue
        if since is None or file.modified >= since:
            found.append(file)
    return found, errors


def _names(folder: str, recursive: bool, errors: list[tuple[str, RecoveryError]]) -> Iterator[str]:
    def note(error: OSError) -> None:
        where = str(error.filename or folder)
        errors.append((where, unreadable(where, error)))

    for parent, folders, names in os.walk(folder, onerror=note):
        yield from (os.path.join(parent, name) for name in names if not name.endswith(BESIDE))
        if not recursive:
            folders.clear()


def _local_file(path: str) -> LocalFile:
    try:
        status = os.stat(path)
    except OSError as error:
        raise unreadable(path, error) from error
    # Opening a pipe would wait for ever.
    if not stat.S_ISREG(status.st_mode):
        raise NotABackup(f"{path}: this is not a regular file.", hint="Take it out of the backup folder.")
    return LocalFile(path, status.st_size, datetime.fromtimestamp(status.st_mtime, timezone.utc))


@contextmanager
def reading(path: str) -> Iterator[Read]:
    """A function that reads ``length`` bytes at ``offset`` of the file."""
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115 - opening may fail in words of its own
    except OSError as error:
        raise unreadable(path, error) from error

    def read(offset: int, length: int) -> bytes:
        try:
            file.seek(offset)
            data = file.read(length) or b""
            while len(data) < length:  # Linux hands over 2 GB at most, and signals interrupt
                more = file.read(length - len(data))
                if not more:
                    break
                data += more
        except OSError as error:
            raise unreadable(path, error) from error
        return data

    with file:
        yield read


def unreadable(path: str, error: OSError) -> RecoveryError:
    """The error in words, with what to do."""
    if isinstance(error, FileNotFoundError):
        return InvalidInput(f"{path}: there is no such file or folder.", hint="Look at the spelling, and at the host.")
    if isinstance(error, PermissionError):
        return StoreUnreachable(
            f"{path}: the account that Ansible uses may not read it.",
            hint="Give that account the right to read the backup folder, or use become.",
        )
    reason = error.strerror or str(error)
    return StoreUnreachable(
        f"{path}: it cannot be read: {reason}.",
        hint="Look at the disk and at the connection to it before relying on any file there.",
    )
