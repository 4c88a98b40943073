# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host knows of the backups that it shipped, in a file beside them: so that a file which was written anew under
its old name is found, and gigabytes are not read at every run to find none."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ..recovery.errors import RecoveryError
from .whole_file import write_whole

#: Its name in the backup directory.
NAME = ".shipped"


@dataclass(frozen=True)
class Shipped:
    """A local file as it was when it was shipped, or first seen on the store: ``sha256`` is None where nobody could say
    whether it is the same one."""

    source: str
    written: int
    bytes: int
    sha256: str | None

    @classmethod
    def as_it_is(cls, path: Path, sha256: str | None) -> Shipped:
        status = path.stat()
        return cls(str(path), status.st_mtime_ns, status.st_size, sha256)


class ShippedRecord:
    """Rows by store and destination. Without a folder it knows nothing, and keeps nothing. A row that is lost costs a
    comparison, no more."""

    def __init__(self, folder: str | None = None) -> None:
        self._file = Path(folder, NAME) if folder else None
        self._rows: dict[tuple[str, str], Shipped] = {}
        self._changed = False
        if self._file is not None:
            self._rows = dict(_rows(self._file))

    def known(self, store: str, destination: str) -> Shipped | None:
        return self._rows.get((store, destination))

    def note(self, store: str, destination: str, shipped: Shipped) -> None:
        self._rows[store, destination] = shipped
        self._changed = True

    def save(self) -> str:
        """Writes what is known of files that are still there; returns why it could not."""
        if self._file is None or not self._changed:
            return ""
        rows = [
            [*key, row.source, row.written, row.bytes, row.sha256]
            for key, row in self._rows.items()
            if os.path.exists(row.source)
        ]
        try:
            write_whole(str(self._file), "".join(json.dumps(row) + "\n" for row in rows), mode=0o600)
        except RecoveryError as error:
            return error.msg
        return ""


def _rows(file: Path) -> list[tuple[tuple[str, str], Shipped]]:
    try:
        lines = file.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            store, destination, source, written, length, sha256 = json.loads(line)
        except ValueError:
            continue
        found.append(((store, destination), Shipped(source, written, length, sha256)))
    return found
