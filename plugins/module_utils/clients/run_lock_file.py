# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run of a kind at a time: who is at it stands in a file, and counts for as long as his process lives.

A lock that has to be given back is left behind when the controller dies. This one names the process of ansible-playbook
by its number, its start, and its host's boot: when that process is gone, so is the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

from ..recovery.errors import InvalidInput
from ..recovery.run_lock import Holder, refusal


def take(path: str, holder: Holder, take_over: bool = False) -> Holder | None:
    """Writes the holder into the file. Returns the dead one that it was taken from, None where there was none.

    Raises InvalidInput where another run holds it: one that lives, or one on another host that nobody here can ask.
    """
    file_path = Path(path)
    file_path.parent.mkdir(parents=True, exist_ok=True)
    with file_path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        other = _read(file.read(), path)
        if other and _is_self(other, holder):
            other = None
        if other and not take_over and (_lives(other) if other.host == holder.host else not _has_reported(other)):
            raise refusal(other, other.host == holder.host, path)
        file.seek(0)
        file.truncate()
        json.dump(holder.to_dict(), file)
        file.flush()
        os.fsync(file.fileno())
    return other


def _read(text: str, path: str) -> Holder | None:
    """A file that a crash left empty holds nobody; one that cannot be read is not guessed at."""
    if not text.strip():
        return None
    try:
        return Holder.from_dict(json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput(
            f"{path}: it should say which run is under way, and cannot be read ({error}).",
            hint="Make sure that no other run is under way on this site, then delete that file and run again.",
        ) from error


def identity(process: int) -> dict[str, Any]:
    """What names a process so that no later one is taken for it."""
    return {"host": socket.gethostname(), "process": process, "started": _started(process), "boot": _boot()}


def _lives(holder: Holder) -> bool:
    return holder.boot == _boot() and holder.started == _started(holder.process) and _exists(holder.process)


def _has_reported(holder: Holder) -> bool:
    """Whether a run on another host has ended: its report is its last word. Each container is such a host.

    A report from before the run began is that of an attempt that it goes on with."""
    try:
        written = Path(holder.run, "report.json").stat().st_mtime
        return written > datetime.fromisoformat(holder.since).timestamp()
    except (OSError, ValueError):
        return False


def _is_self(other: Holder, holder: Holder) -> bool:
    return (other.host, other.boot, other.process, other.started) == (
        holder.host,
        holder.boot,
        holder.process,
        holder.started,
    )


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(process: int) -> str:
    """Field 22 of /proc/PID/stat (proc(5)): clock ticks since boot; empty where there is no such file.

    The second field, the name in parentheses, may hold blanks and parentheses itself."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
