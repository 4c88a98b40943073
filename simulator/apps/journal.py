# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module's own record of what it wrote: one JSON line per event, on disk before the next thing happens.

``attempt`` comes before the first statement of a transaction, ``committed`` after the server acknowledged its commit,
``abandoned`` where it failed before a commit was asked for. An attempt with neither is in doubt: only the server knows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


def now_text() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def read_journal(path: Path) -> Iterator[Entry]:
    """The whole lines. A line that was cut when its writer was killed stands for something that had not happened yet:
    an attempt not yet sent, or a commit that stays in doubt."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and "event" in entry:
            yield entry


class Journal:
    """Appends; knows the last numbers used, across restarts."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.transaction = self.sequence = 0
        for entry in read_journal(path):
            self.transaction = max(self.transaction, entry["transaction"])
            for change in entry.get("changes", ()):
                self.sequence = max(self.sequence, change["sequence"])
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            os.write(self._file, b"\n")

    def write(self, event: str, transaction: int, server: str, **more: Any) -> Entry:
        entry = {"event": event, "transaction": transaction, "time": now_text(), "server": server, **more}
        os.write(self._file, json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        return entry

    def close(self) -> None:
        os.close(self._file)
