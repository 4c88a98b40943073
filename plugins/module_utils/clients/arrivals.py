# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has been fetched so far, told by who fetches to who restores, both on the controller: lines of JSON in a file.

The teller keeps the file locked while it lives. A restore that waits for somebody who was killed would wait for ever,
and one that goes on without its playbook would stand in the way of the next run.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterable
from typing import Any

from ..recovery.errors import RecoveryError, TransferFailed

_EVERY_SECONDS = 0.05


class Announcer:
    """Tells which files have arrived, whole and compared with their digests."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - the lock lives as long as we do
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def everything(self) -> None:
        """There is nothing to wait for."""
        self._write({"everything": True})

    def arrived(self, files: Iterable[str]) -> None:
        self._write({"files": list(files)})

    def failed(self, database: str | None, msg: str) -> None:
        """No further file of a database comes; of none where ``database`` is None."""
        self._write({"database": database, "msg": msg})

    def close(self) -> None:
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


class Arrivals:
    """The same, for who waits; several threads may ask. Without a path everything is there already."""

    def __init__(self, path: str | None = None) -> None:
        self.path = path
        self._known: tuple[int, list[dict[str, Any]]] = (0, [])

    @property
    def still_come(self) -> bool:
        """Whether files are fetched at the same time."""
        return bool(self.path) and not any(line.get("everything") for line in self._read())

    def wait_for(self, database: str, files: Iterable[str]) -> None:
        """Returns when all of the files are there; raises when they will not come."""
        wanted = set(files)
        while self.path:
            gone = self.teller_is_gone()
            told = self._read()
            missing = wanted.difference(*(line.get("files", ()) for line in told))
            if any(line.get("everything") for line in told):
                missing = set()
            if gone:
                raise _not_fetched(database, missing, "the playbook that fetches it has ended")
            if not missing:
                return
            for line in told:
                if "msg" in line and line["database"] in (database, None):
                    raise _not_fetched(database, missing, line["msg"])
            time.sleep(_EVERY_SECONDS)

    def teller_is_gone(self) -> bool:
        """Whether the process that began the restore has ended, by whatever means."""
        if not self.path:
            return False
        with open(self.path, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def _read(self) -> list[dict[str, Any]]:
        """Only what was appended since the last time is parsed: each step of each database asks."""
        at, lines = self._known
        with open(str(self.path), "rb") as file:
            file.seek(at)
            new = file.read().rpartition(b"\n")[0]
        if new:
            lines = [*lines, *(json.loads(line) for line in new.split(b"\n"))]
            self._known = (at + len(new) + 1, lines)  # at once: several threads ask
        return lines


def _not_fetched(database: str, missing: set[str], why: str) -> RecoveryError:
    fact, _unused, advice = why.partition("\nHINT: ")
    what = "not all files of its plan were fetched" if missing else "its restore was left alone"
    return TransferFailed(
        f"{database}: {what}: {fact}",
        hint=advice or "Mend the way to the store, then run the same command again: it goes on from there.",
    )
