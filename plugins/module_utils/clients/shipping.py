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


@dataclass(frozen=True)
class Candidate:
    """A file of the backup directory; ``held_back`` says why it is not to be shipped, None where it is."""

    path: str
    relative: str
    held_back: str | None


def backups_to_ship(directory: str) -> list[Candidate]:
    """Every file below a directory but digests and parts, in the order in which they were last written."""
    top = Path(directory)
    if not top.is_dir():
        raise InvalidInput(
            f"{directory}: there is no such directory on this host",
            hint="Name the directory that mssql_backup writes to, as this host sees it.",
        )
    files = [path for path in top.rglob("*") if path.is_file() and path.suffix not in (".part", ".sha256")]
    files.sort(key=lambda path: (path.stat().st_mtime_ns, str(path)))
    return [Candidate(str(path), path.relative_to(top).as_posix(), _held_back(path)) for path in files]


def _held_back(path: Path) -> str | None:
    """A backup that is still being written has no closing configuration yet."""
    try:
        with path.open("rb") as file:

            def read(offset: int, length: int) -> bytes:
                return os.pread(file.fileno(), length, offset)

            backup = read_backup_file(read, path.stat().st_size, str(path))
    except RecoveryError as error:
        return error.msg
    except OSError as error:
        return f"{path}: cannot be read: {error.strerror}"
    return None if backup.complete else f"{path}: not complete: it is still being written, or its backup broke off"
