# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a run of transfers is: lines of JSON in a file, for whoever watches."""

from __future__ import annotations

import json
import threading
import time

_EVERY_SECONDS = 1.0


class TransferProgress:
    """One line a second at most, and one for the end. Without a path it swallows everything."""

    def __init__(self, path: str | None, files: int) -> None:
        self._file = open(path, "a", encoding="utf-8") if path else None  # noqa: SIM115 - it lives as long as the run
        self._files, self._ended, self._bytes = files, 0, 0
        self._moving: dict[str, int] = {}
        self._started = self._told = time.monotonic()
        self._lock = threading.Lock()

    def tell(self, path: str, length: int) -> None:
        if self._file is None:
            return
        with self._lock:
            self._bytes += max(0, length - self._moving.get(path, 0))
            self._moving[path] = length
            if time.monotonic() - self._told >= _EVERY_SECONDS:
                self._write(path)

    def ended(self) -> None:
        with self._lock:
            self._ended += 1

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._write("")
                self._file.close()
            self._file = None

    def _write(self, path: str) -> None:
        self._told = time.monotonic()
        seconds = self._told - self._started
        line = {"event": "transfer", "files": self._files, "ended": self._ended, "bytes": self._bytes, "path": path}
        if self._file is not None:
            self._file.write(json.dumps({**line, "seconds": round(seconds, 1)}) + "\n")
            self._file.flush()
