# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person reads while a restore runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.progress_line import progress_line

STEP: dict[str, Any] = {
    "event": "step_started",
    "database": "Sales",
    "step": 3,
    "steps": 17,
    "action": "restore_log",
    "backup_type": "log",
    "taken_at": "2026-11-24T03:15:00+07:00",
    "bytes": 12 * 1024**2,
}


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (STEP, "Sales 3/17 LOG 03:15, 12 MB"),
        ({**STEP, "event": "percent", "percent": 40}, "Sales 3/17 LOG 03:15, 12 MB, 40 %"),
        ({**STEP, "event": "step_ended", "seconds": 1.26}, "Sales 3/17 LOG 03:15, 12 MB, done in 1.3 s"),
        ({**STEP, "action": "recover", "backup_type": None, "taken_at": None}, "Sales 3/17 RECOVERY"),
        ({**STEP, "bytes": 3 * 1024**4}, "Sales 3/17 LOG 03:15, 3.0 TB"),
        ({"event": "database_ended", "database": "Sales", "seconds": 4.0}, "Sales restored and online in 4.0 s"),
        (
            {"event": "database_ended", "database": "Sales", "seconds": 0.1, "already_there": True},
            "Sales is already there, nothing to do",
        ),
        ({"event": "database_failed", "database": "Sales", "seconds": 4.0, "msg": "…"}, "Sales FAILED after 4.0 s"),
        ({"event": "something new"}, None),
    ],
)
def test_lines(event: dict[str, Any], line: str | None) -> None:
    assert progress_line(json.dumps(event)) == line


@pytest.mark.parametrize("text", ["", '{"event": "perc', "[]", "null", "3"])
def test_what_is_no_event_is_no_line(text: str) -> None:
    assert progress_line(text) is None
