# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a restore is: events as lines of JSON in a file, for whoever watches."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Callable

from ..recovery import tsql
from ..recovery.errors import RecoveryError
from ..recovery.restore_step import RestoreStep
from .arrivals import Arrivals
from .mssql import Server

_EVERY_SECONDS = 1.0


class ProgressFile:
    """Appends; one line per event, whole, flushed. Without a path it swallows everything."""

    def __init__(self, path: str | None) -> None:
        self._file = open(path, "a", encoding="utf-8") if path else None  # noqa: SIM115 - it lives as long as we do
        self._lock = threading.Lock()

    def write(self, event: str, **values: Any) -> None:
        if self._file is None:
            return
        at = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "event": event, **values}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None


class Running:
    """The step that one session carries out at this moment; percentages only ever grow."""

    def __init__(self, progress: ProgressFile, session: int, steps: int) -> None:
        self._progress = progress
        self.session = session
        self._steps = steps
        self._step: dict[str, Any] = {}
        self._percent = 0
        self._lock = threading.Lock()

    def begin(self, number: int, step: RestoreStep) -> None:
        with self._lock:
            self._percent = 0
            self._step = {
                "database": step.database,
                "step": number,
                "steps": self._steps,
                "action": step.action,
                "backup_type": step.backup_type,
                "taken_at": step.taken_at.isoformat() if step.taken_at else None,
                "bytes": step.size,
            }
            self._progress.write("step_started", **self._step)

    def percent(self, percent: float | None) -> None:
        with self._lock:
            if self._step and percent and int(percent) > self._percent:
                self._percent = int(percent)
                self._progress.write("percent", **self._step, percent=self._percent)

    def end(self, seconds: float) -> None:
        with self._lock:
            self._progress.write("step_ended", **self._step, percent=100, seconds=round(seconds, 3))
            self._step = {}


class Watch(threading.Thread):
    """Asks sys.dm_exec_requests for percent_complete: it moves also while RESTORE says nothing (creating files, undo).

    It needs VIEW SERVER STATE; without it (``note`` says so) only the messages of RESTORE tell how far it is. Where the
    playbook was killed, what still runs is given up: the next run would find the databases in use.
    """

    def __init__(self, connect: Callable[[], Server], arrivals: Arrivals, servers: Sequence[Server]) -> None:
        super().__init__(name="restore progress", daemon=True)
        self._connect, self._arrivals, self._servers = connect, arrivals, servers
        self._running: dict[int, Running] = {}
        self._over = threading.Event()
        self.note = ""

    def add(self, running: Running) -> None:
        self._running[running.session] = running

    def stop(self) -> None:
        self._over.set()
        if self.is_alive():
            self.join(timeout=5)

    def run(self) -> None:
        try:
            with self._connect() as server:
                while not self._over_or_alone():
                    for row in server.query(tsql.progress()):
                        running = self._running.get(row["session_id"])
                        if running:
                            running.percent(row["percent_complete"])
        except RecoveryError as error:
            self.note = f"percentages come from RESTORE's own messages only: {error.msg}"
        while not self._over_or_alone():
            continue

    def _over_or_alone(self) -> bool:
        over = self._over.wait(_EVERY_SECONDS)
        if not over and self._arrivals.teller_is_gone():
            for server in self._servers:
                server.cancel()
        return over
