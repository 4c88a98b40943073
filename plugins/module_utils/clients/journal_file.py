# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal of a run as a file of JSON lines on the controller."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..recovery.errors import InvalidInput
from ..recovery.journal import next_entry, parse

#: Of the file in the folder of a run.
NAME = "journal.jsonl"


def place(path: str) -> Path:
    """The journal's file, for its folder or itself."""
    given = Path(path)
    return given / NAME if given.is_dir() else given


def append(path: str, event: str, data: dict[str, Any]) -> dict[str, Any]:
    """Writes one entry and returns it. Safe under several writers; on disk when it returns.

    A last line that a full disk tore stays as it is: the entry begins a line of its own, and the flaw stays to be seen.
    """
    file_path = Path(path)
    file_path.parent.mkdir(parents=True, exist_ok=True)
    with file_path.open("a+", encoding="utf-8", errors="replace", newline="\n") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        lines = list(file)
        entries = parse(lines)
        entry = next_entry(entries[-1] if entries else None, datetime.now(timezone.utc), event, data)
        torn = bool(lines) and not lines[-1].endswith("\n")
        file.write(("\n" if torn else "") + json.dumps(entry, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return entry


def read(path: str) -> list[dict[str, Any]]:
    """All entries of a journal."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace", newline="\n") as file:
            return parse(file)
    except FileNotFoundError as error:
        raise InvalidInput(
            f"{path}: there is no such journal", hint="Name the folder of a run, as the run printed it at its end."
        ) from error
