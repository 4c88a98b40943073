# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints how far transfers are while the module works, where it works on this very host."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()
_EVERY_SECONDS = 1.0
#: A run that is over sooner says so by its result.
_QUIET_SECONDS = 2.0


@contextmanager
def live_progress(action: ActionBase) -> Iterator[dict[str, Any]]:
    """The arguments for the module; the lines of its progress file are printed until it has ended."""
    args = dict(action._task.args)
    if action._connection.transport != "local" or args.get("progress_file"):
        yield args
        return
    handle, path = tempfile.mkstemp(prefix="transfer-", suffix=".jsonl", dir=constants.DEFAULT_LOCAL_TMP)
    os.close(handle)
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(path, over), name="transfer progress", daemon=True)
    watcher.start()
    try:
        yield {**args, "progress_file": path}
    finally:
        over.set()
        watcher.join(timeout=5)
        os.unlink(path)


def _watch(path: str, over: threading.Event) -> None:
    at = 0
    while not over.wait(_EVERY_SECONDS):
        with open(path, "rb") as file:
            file.seek(at)
            whole, end, _rest = file.read().rpartition(b"\n")
        at += len(whole) + len(end)
        if whole:
            text = progress_text(whole.splitlines()[-1])
            if text:
                display.display(f"  {text}")


def progress_text(line: bytes) -> str | None:
    """``37 of 120 files, 1.24 GB, 85 MB/s: SQL1_Sales_LOG_20261124_031500.trn``"""
    told = json.loads(line)
    if told["seconds"] < _QUIET_SECONDS or not told["path"]:
        return None
    rate = told["bytes"] / told["seconds"] / 1e6
    name = told["path"].rpartition("/")[2]
    return f"{told['ended']} of {told['files']} files, {told['bytes'] / 1e9:.2f} GB, {rate:.0f} MB/s: {name}"
