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


def append(path: str, event: str, data: dict[str, Any]) -> dict[str, Any]:
    """Writes one entry and returns it. Safe under several writers; on disk when it returns."""
    file_path = Path(path)
    file_path.parent.mkdir(parents=True, exist_ok=True)
    with file_path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        entries = parse(file)
        entry = next_entry(entries[-1] if entries else None, datetime.now(timezone.utc), event, data)
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return entry


def read(path: str) -> list[dict[str, Any]]:
    """All entries of a journal."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            return parse(file)
    except FileNotFoundError as error:
        raise InvalidInput(
            f"{path}: there is no such journal", hint="Name the folder of a run, as the run printed it at its end."
        ) from error
