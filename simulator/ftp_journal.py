# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The store's own record of what arrived: one JSON line for each file that got its final name, written by the server
from the bytes on its disk. Where the file is a backup, the line says what it holds, read by the simulator's own reader.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

#: Reads the backup sets of one file; raises where it is none.
ReadSets = Callable[[Path], list[dict[str, Any]]]


class UploadJournal:
    def __init__(self, file: Path, read_sets: ReadSets) -> None:
        self._file = file
        self._read_sets = read_sets
        file.parent.mkdir(parents=True, exist_ok=True)

    def record(self, user: str, store_path: str, disk_path: Path) -> None:
        """Called when the rename is done and before the client hears so."""
        line: dict[str, Any] = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "user": user,
            "path": store_path,
            "size": disk_path.stat().st_size,
            "sha256": _sha256(disk_path),
        }
        line |= self._facts(disk_path)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _facts(self, path: Path) -> dict[str, Any]:
        if path.suffix.lower() not in (".bak", ".trn", ".dif"):
            return {}
        try:
            return {"backup_sets": self._read_sets(path)}
        except Exception as error:  # whatever is wrong with the file, its arrival is a fact
            return {"not_a_backup": f"{type(error).__name__}: {error}"}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            digest.update(block)
    return digest.hexdigest()
