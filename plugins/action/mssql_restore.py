# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints how far a restore is while the module of the same name works.

The module appends events to a file; a thread beside it reads them. The module stays a child of Ansible's worker: an
interrupted playbook takes it along, and SQL Server then ends the statement and keeps the database RESTORING.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.progress_line import progress_line

display = Display()
_EVERY_SECONDS = 0.25
#: Percentages of one database at most this often; each line of a step is always printed.
_PERCENT_SECONDS = 2.0


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        own = None
        args = dict(self._task.args)
        if not args.get("progress_file") and self._connection.transport == "local":
            handle, own = tempfile.mkstemp(prefix="restore-", suffix=".jsonl", dir=constants.DEFAULT_LOCAL_TMP)
            os.close(handle)
            args["progress_file"] = own
        watcher = _Watcher(args.get("progress_file") if self._connection.transport == "local" else None)
        watcher.start()
        try:
            result.update(self._execute_module(module_args=args, task_vars=task_vars))
        finally:
            watcher.stop()
            if own:
                os.unlink(own)
        return result


class _Watcher(threading.Thread):
    """Prints the events that are appended to a file from now on."""

    def __init__(self, path: str | None) -> None:
        super().__init__(name="restore progress", daemon=True)
        self._path = path
        self._at = os.path.getsize(path) if path and os.path.exists(path) else 0
        self._last_percent: dict[str, float] = {}
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()
        self.join(timeout=5)

    def run(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self._print_new()
        self._print_new()

    def _print_new(self) -> None:
        if not self._path or not os.path.exists(self._path):
            return
        with open(self._path, "rb") as file:
            file.seek(self._at)
            new = file.read()
        whole, end, _rest = new.rpartition(b"\n")
        self._at += len(whole) + len(end)
        for line in whole.splitlines():
            self._print(line.decode("utf-8"))

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
