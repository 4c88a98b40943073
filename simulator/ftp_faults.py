# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be wrong with the store, on purpose. The running server reads the faults from a JSON file whenever it has
changed, so that a drill can switch them on and off.

``{"quota_bytes": 1000000}``: the store is full at that many bytes.
A new fault is a class with one of the two methods of :class:`Fault` and a line in ``_KINDS``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class TransferRefused(OSError):
    """A write to the store fails; ``reply`` is what the client hears."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class Fault:
    def refusal(self, verb: str, path: str) -> str | None:
        """The reply to a verb that is refused, or None."""
        return None

    def before_write(self, path: str, offset: int, length: int) -> None:
        """Raises :class:`TransferRefused` (or waits) before bytes of an upload reach the disk."""


class Quota(Fault):
    def __init__(self, limit: int, folder: Path) -> None:
        self._limit = limit
        self._folder = folder
        self._used = 0

    def refusal(self, verb: str, path: str) -> str | None:
        if verb in ("STOR", "APPE"):
            self._used = sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())
            if self._used >= self._limit:
                return "552 Requested file action aborted: storage allocation exceeded."
        return None

    def before_write(self, path: str, offset: int, length: int) -> None:
        if self._used + length > self._limit:
            raise TransferRefused("552 Requested file action aborted: storage allocation exceeded.")
        self._used += length


_KINDS: dict[str, Callable[[Any, Path], Fault]] = {
    "quota_bytes": lambda value, folder: Quota(int(value), folder),
}


class Faults:
    """The faults that are switched on at this moment."""

    def __init__(self, file: Path | None, folder: Path) -> None:
        self._file = file
        self._folder = folder
        self._seen: tuple[int, int] | None = None
        self._faults: list[Fault] = []

    def refusal(self, verb: str, path: str) -> str | None:
        self._reload()
        return next((reply for fault in self._faults if (reply := fault.refusal(verb, path))), None)

    def before_write(self, path: str, offset: int, length: int) -> None:
        for fault in self._faults:
            fault.before_write(path, offset, length)

    def _reload(self) -> None:
        stat = self._file.stat() if self._file and self._file.exists() else None
        seen = (stat.st_mtime_ns, stat.st_size) if stat else None
        if seen == self._seen:
            return
        self._seen = seen
        wanted = json.loads(self._file.read_text("utf-8")) if self._file and stat else {}
        self._faults = [_KINDS[name](value, self._folder) for name, value in wanted.items()]
