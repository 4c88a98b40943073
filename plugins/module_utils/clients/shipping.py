# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which files of a server's backup directory are to be shipped. Shipping is separate from taking: whatever lies there
and is a whole backup goes to the store, oldest first, whoever took it and whatever happened before."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..recovery.backup_file import read_backup_file
from ..recovery.errors import InvalidInput, RecoveryError
from .local_files import BESIDE


@dataclass(frozen=True)
class Candidate:
    """A file of the backup directory. ``held_back`` says why it is not to be shipped, None where it is; ``failed`` is
    set where nobody can say, because it cannot be read."""

    path: str
    relative: str
    held_back: str | None
    failed: RecoveryError | None = None


def backups_to_ship(directory: str) -> list[Candidate]:
    """Every file below a directory but digests and parts, in the order in which they were last written. A folder that
    cannot be listed is an error: backups may lie in it."""
    top = Path(directory)
    if not top.is_dir():
        raise InvalidInput(
            f"{directory}: there is no such directory on this host",
            hint="Name the directory that mssql_backup writes to, as this host sees it.",
        )
    walked = (Path(folder, name) for folder, _unused, names in os.walk(top, onerror=_not_listed) for name in names)
    files = [path for path in walked if not path.name.endswith(BESIDE) and _may_be_a_file(path)]
    files.sort(key=lambda path: (_written(path), str(path)))
    return [_candidate(path, path.relative_to(top).as_posix()) for path in files]


def _not_listed(error: OSError) -> None:
    raise RecoveryError(
        f"{error.filename}: this folder cannot be listed: {error.strerror}",
        hint="Let the account of this module read the whole backup directory; nothing was sent.",
    ) from error


def _may_be_a_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return True  # reading it says why not


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _candidate(path: Path, relative: str) -> Candidate:
    try:
        return Candidate(str(path), relative, _held_back(path))
    except OSError as error:
        failure = RecoveryError(
            f"{path}: cannot be read: {error.strerror}",
            hint="Let the account of this module read the backups, then run again: this one is not on the store.",
        )
        return Candidate(str(path), relative, None, failure)


def _held_back(path: Path) -> str | None:
    """A backup that is still being written has no closing configuration yet."""
    try:
        with path.open("rb") as file:

            def read(offset: int, length: int) -> bytes:
                return os.pread(file.fileno(), length, offset)

            backup = read_backup_file(read, path.stat().st_size, str(path))
    except RecoveryError as error:
        return error.msg
    return None if backup.complete else f"{path}: not complete: it is still being written, or its backup broke off"
