# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The daily check with what the controller keeps: journals, the memory of earlier checks, the page, the textfile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..recovery.check import daily_check
from ..recovery.check_backups import windows_of
from ..recovery.check_facts import facts_of
from ..recovery.check_memory import Memory, alerted, memory_of, with_today
from ..recovery.check_store import used_bytes
from ..recovery.check_text import aloud, exit_code, nagios, prometheus, summary
from ..recovery.check_words import at_site
from ..recovery.incident import site_key
from ..recovery.status import Status, status_of
from ..recovery.status_page import page
from . import site_runs
from .whole_file import read_json, write_whole

_LOOK_BACK_DAYS = 2.0


def check(params: Mapping[str, Any], now: datetime, *, check_mode: bool) -> dict[str, Any]:
    """Judges what was gathered, remembers it, and writes what others read. In check mode it only judges."""
    memory = memory_of(read_json(_state(params)))
    facts = facts_of(_values(params, memory, now), now)
    windows = windows_of(facts)
    lines = [
        replace(line, fix=at_site(line.fix, params.get("inventory") or ())) for line in daily_check(facts, windows)
    ]
    alert, memory = alerted(memory, lines, now, timedelta(hours=params["repeat_hours"]))
    used = used_bytes(facts) if facts.store.ok else None
    memory = with_today(memory, lines, now, zone=facts.zone, used_bytes=used)
    status = status_of(facts, lines, windows, memory, timedelta(minutes=params["valid_minutes"]))
    told = _told(status, str(params["language"]))
    written = [] if check_mode else _write(params, status, memory, told)
    spoken = {"summary": summary(lines, str(params["language"])), "text": aloud(lines, str(params["language"]))}
    return {"changed": False, **told, **spoken, "alert": alert.to_dict(), "written": written}


def _values(params: Mapping[str, Any], memory: Memory, now: datetime) -> dict[str, Any]:
    reports, site = str(params["reports_directory"]), str(params["site"])
    return {
        **params,
        "runs": site_runs.runs(reports, site, now, _LOOK_BACK_DAYS),
        "left": site_runs.left_server(reports, f".left-{site_key(site)}-*.json"),
        "rates": read_json(_own_file(params, "rates")) or [],
        "growth": memory.growth,
    }


def _state(params: Mapping[str, Any]) -> str:
    return str(params["state_file"] or _own_file(params, "check"))


def _own_file(params: Mapping[str, Any], what: str) -> str:
    return str(Path(str(params["reports_directory"])) / f".{what}-{site_key(str(params['site']))}.json")


def _told(status: Status, language: str) -> dict[str, Any]:
    """What the module returns and others read from the file that it leaves."""
    end = status.recoverable_to
    return {
        "level": status.level,
        "exit_code": exit_code(status.lines),
        "lines": [line.to_dict() for line in status.lines],
        "nagios": nagios(status.lines, language),
        "recoverable_to": end.isoformat() if end else "",
        "valid_until": status.valid_until.isoformat(),
    }


def _write(params: Mapping[str, Any], status: Status, memory: Memory, told: Mapping[str, Any]) -> list[str]:
    """The page last: whoever sees a new page may rely on the rest."""
    kept = {**memory.to_dict(), "site": status.site, "checked_at": status.now.isoformat(), **told}
    texts = {_state(params): json.dumps(kept, ensure_ascii=False, indent=1) + "\n"}
    if params.get("told_file"):
        texts[str(params["told_file"])] = texts[_state(params)]
    if params["textfile"]:
        ends = ((name, one.recoverable_to) for name, one in status.windows.items())
        clocks = [(name, end) for name, end in ends if end is not None]
        texts[str(params["textfile"])] = prometheus(status.site, status.lines, status.now, clocks)
    if params["page"]:
        texts[str(params["page"])] = page(status)
    for path, text in texts.items():
        write_whole(path, text)
    return list(texts)
