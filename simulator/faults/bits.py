# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bit of a file turned, in place and without the file's time changing: what a failing disk does.

A process of its own does it: POSIX drops all of a process's locks on a file with the first descriptor that it closes,
and SQLite's locks on a data file must not go. Hence ``python -m simulator.faults.bits PATH OFFSET BIT [ONLY_IF]``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from simulator.processes import PROJECT


def turn_bit(path: Path, offset: int, bit: int, only_if: int | None = None) -> int:
    """The byte as it then is. ``only_if``: nothing is done where the byte has changed, or the file is gone."""
    command = [sys.executable, "-m", "simulator.faults.bits", str(path), str(offset), str(bit)]
    command += [] if only_if is None else [str(only_if)]
    done = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True, timeout=30)
    if done.returncode and only_if is None:
        raise OSError(f"byte {offset} of {path} could not be changed: {done.stderr.splitlines()[-1]}")
    return int(done.stdout or 0)


def turn_back(path: Path, offset: int, bit: int, left: int) -> None:
    """Unless the place was written meanwhile."""
    turn_bit(path, offset, bit, only_if=left)


def _turn(path: str, offset: int, bit: int, only_if: int | None) -> int:
    times = os.stat(path)
    descriptor = os.open(path, os.O_RDWR)
    (byte,) = os.pread(descriptor, 1, offset)
    if only_if in (None, byte):
        byte ^= 1 << bit % 8
        os.pwrite(descriptor, bytes([byte]), offset)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return byte


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[2:]]
    print(_turn(sys.argv[1], words[0], words[1], words[2] if len(words) > 2 else None))
