# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The events of a running restore as lines for people: ``Sales 3/17 LOG 03:15, 12 MB, 40 %``."""

from __future__ import annotations

import json
from typing import Any

from .restore_step import moment

_WORDS = {"full": "FULL", "differential": "DIFF", "log": "LOG"}


def progress_line(line: str) -> str | None:
    """One event as a line; None for what is not worth one, and for what is no event."""
    try:
        event = json.loads(line)
    except ValueError:
        return None  # the rest of it is still being written
    writer = _WRITERS.get(str(event.get("event"))) if isinstance(event, dict) else None
    return writer(event) if writer else None


def _started(event: dict[str, Any]) -> str:
    return _step(event)


def _percent(event: dict[str, Any]) -> str:
    return f"{_step(event)}, {event['percent']} %"


def _ended(event: dict[str, Any]) -> str:
    return f"{_step(event)}, done in {event['seconds']:.1f} s"


def _database_ended(event: dict[str, Any]) -> str:
    if event.get("already_there"):
        return f"{event['database']} is already there, nothing to do"
    return f"{event['database']} restored and online in {event['seconds']:.1f} s"


def _database_failed(event: dict[str, Any]) -> str:
    return f"{event['database']} FAILED after {event['seconds']:.1f} s"


def _step(event: dict[str, Any]) -> str:
    head = f"{event['database']} {event['step']}/{event['steps']}"
    if event["action"] == "recover":
        return f"{head} RECOVERY"
    kind = _WORDS.get(event.get("backup_type") or "", str(event.get("backup_type")).upper())
    taken = moment(event.get("taken_at"))
    return f"{head} {kind}{taken.strftime(' %H:%M') if taken else ''}, {_size(event.get('bytes') or 0)}"


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024:
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} TB"


_WRITERS = {
    "step_started": _started,
    "percent": _percent,
    "step_ended": _ended,
    "database_ended": _database_ended,
    "database_failed": _database_failed,
}
