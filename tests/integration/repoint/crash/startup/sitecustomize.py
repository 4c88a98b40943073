# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kills the controller and this process at the n-th thing that app_repoint does to the file system of one host."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

_WRITES = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "os.chown", "os.setxattr"}
_number = itertools.count(1)


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    write = event in _WRITES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT)
    if not write or not any(os.environ["CRASH_FOLDER"] in str(one) for one in arguments):
        return
    number = next(_number)
    with open(os.environ["CRASH_LOG"], "a", encoding="utf-8") as log:
        log.write(f"{event}\n")
    if number == int(os.environ["CRASH_AT_WRITE"]):
        os.kill(int(Path(os.environ["CRASH_CONTROLLER"]).read_text("utf-8")), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("CRASH_AT_WRITE") and "simulator" not in " ".join(sys.orig_argv):
    sys.addaudithook(_watch)
