# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Processes by pid file: started in a session of their own, recognised again later, stopped by pid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


class ProcessDied(Exception):
    """A process ended while it was expected to start."""


class Process:
    """One process of the site, known by ``NAME.pid`` in the run folder and writing to ``NAME.log`` there."""

    def __init__(self, name: str, run_folder: Path) -> None:
        self.name = name
        self.log_file = run_folder / f"{name}.log"
        self._pid_file = run_folder / f"{name}.pid"

    @property
    def pid(self) -> int | None:
        """The pid, or None: no pid file, or a stale one, whose process is gone or whose number is another's now."""
        try:
            noted = json.loads(self._pid_file.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return noted["pid"] if _birth(noted["pid"]) == noted["birth"] else None

    def start(self, command: Sequence[object]) -> int:
        """Starts it, unless it runs already."""
        if running := self.pid:
            return running
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
        with self.log_file.open("ab") as log:
            child = subprocess.Popen(
                [str(word) for word in command],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file.write_text(json.dumps({"pid": child.pid, "birth": _birth(child.pid)}), "utf-8")
        return child.pid

    def require(self) -> None:
        """Raises with the last line of its log where it does not run."""
        if self.pid is None:
            lines = self.log_file.read_text("utf-8", "replace").splitlines() if self.log_file.exists() else []
            raise ProcessDied(f"{self.name}: {lines[-1] if lines else 'it ended without a word'}")

    def stop(self, patience: float = 10) -> bool:
        """SIGTERM, and SIGKILL when that does not help. False: it did not run."""
        return self._end(signal.SIGTERM, patience)

    def kill(self) -> bool:
        """SIGKILL, at once: what a power failure looks like to a process."""
        return self._end(signal.SIGKILL, 5)

    def _end(self, number: signal.Signals, patience: float) -> bool:
        pid = self.pid
        if pid is None:
            self._pid_file.unlink(missing_ok=True)
            return False
        os.kill(pid, number)
        deadline = time.monotonic() + patience
        while self.pid is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        self._pid_file.unlink(missing_ok=True)
        return True


def _birth(pid: int) -> str | None:
    """When the process started, in ticks since boot, which tells it from a later one of the same number; None for
    none and for a zombie, which nobody may ever collect where the site's starter is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
