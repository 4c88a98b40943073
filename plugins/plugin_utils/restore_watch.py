# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints how far a restore is, and writes the end of each database into the journal, while the module works."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any

from ansible.utils.display import Display
from ansible_collections.ics.deadpool.plugins.module_utils.clients import journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.progress_line import progress_line

display = Display()
_EVERY_SECONDS = 0.25
#: Percentages of one database at most this often; each line of a step is always printed.
_PERCENT_SECONDS = 2.0
_ENDS = ("database_ended", "database_failed")


class RestoreWatch(threading.Thread):
    """Looks at the events that are appended to a file from now on. A run whose ansible-playbook was killed ends."""

    def __init__(self, path: str | None, journal: str | None) -> None:
        super().__init__(name="restore progress", daemon=True)
        self._path, self._journal = path, journal
        self._at = os.path.getsize(path) if path and os.path.exists(path) else 0
        self._last_percent: dict[str, float] = {}
        self._over = threading.Event()
        self._parent = os.getppid()

    def stop(self) -> None:
        self._over.set()
        self.join(timeout=5)

    def run(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            if os.getppid() != self._parent:
                os._exit(1)  # nobody is left to tell; the lock on the arrivals goes with us, and the restore with it
            self._look()
        self._look()

    def _look(self) -> None:
        if not self._path or not os.path.exists(self._path):
            return
        with open(self._path, "rb") as file:
            file.seek(self._at)
            new = file.read()
        whole, end, _rest = new.rpartition(b"\n")
        self._at += len(whole) + len(end)
        for line in whole.splitlines():
            self._print(line.decode("utf-8"))
            self._remember(line)

    def _print(self, line: str) -> None:
        text = progress_line(line)
        if text is None or (text.endswith(" %") and self._too_soon(text)):
            return
        display.display(f"  {text}")

    def _too_soon(self, text: str) -> bool:
        subject, now = text.split("/", 1)[0], time.monotonic()
        if now - self._last_percent.get(subject, 0.0) < _PERCENT_SECONDS:
            return True
        self._last_percent[subject] = now
        return False

    def _remember(self, line: bytes) -> None:
        told: dict[str, Any] = json.loads(line)
        if not self._journal or told.get("event") not in _ENDS:
            return
        data = {key: value for key, value in told.items() if key not in ("at", "event")}
        try:
            journal_file.append(self._journal, "database_restored", {**data, "failed": told["event"] == _ENDS[1]})
        except (OSError, RecoveryError) as error:
            display.warning(f"journal: {error}")  # the restore goes on; its result is written once more at the end
