# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who works with a server: the proof that applications moved is that the server sees their sessions."""

from __future__ import annotations

import time
from datetime import datetime, tzinfo
from typing import Any

from ..recovery import tsql
from ..recovery.errors import InvalidInput
from ..recovery.restore_step import moment
from ..recovery.verdict import Verdict
from .mssql import Row, Server
from .mssql_state import aware, iso

_RIGHT = "Grant the login VIEW SERVER STATE: without it a server shows nobody but oneself."


def expected(
    server: Server, programs: list[dict[str, Any]], zone: tzinfo, wait_seconds: float
) -> tuple[list[Verdict], list[dict[str, Any]]]:
    """One verdict per program; waits until all are there, as applications reconnect in their own time."""
    if not _may_see(server):
        return [_blind("program", program["program"]) for program in programs], []
    wanted = [(program, _since(program)) for program in programs]
    until = time.monotonic() + wait_seconds
    while True:
        rows = server.query(tsql.sessions())
        seen = [[row for row in rows if _fits(row, program, since, zone)] for program, since in wanted]
        short = [1 for (program, _since), found in zip(wanted, seen) if len(found) < program["sessions"]]
        if not short or time.monotonic() >= until:
            break
        time.sleep(min(1.0, max(0.05, until - time.monotonic())))
    verdicts = [_verdict(program, found, rows, zone) for (program, _since), found in zip(wanted, seen)]
    return verdicts, [_told(row, zone) for found in seen for row in found]


def forbidden(server: Server, programs: list[str], zone: tzinfo) -> list[Verdict]:
    """None of these may have a session here any more."""
    if not _may_see(server):
        return [_blind("no_program", program) for program in programs]
    rows = server.query(tsql.sessions())
    verdicts = []
    for program in programs:
        found = [row for row in rows if _same(row["program_name"], program)]
        fact = _sentence(found, zone) if found else f"no session on {server.where}"
        hint = "It still works with this server: repoint it, or fence the server." if found else ""
        verdicts.append(Verdict("no_program", program, not found, fact, hint))
    return verdicts


def _may_see(server: Server) -> bool:
    return bool(server.query(tsql.may_see_sessions())[0]["allowed"])


def _blind(item: str, program: str) -> Verdict:
    return Verdict(item, program, False, "the login may not see the sessions of others", _RIGHT)


def _since(program: dict[str, Any]) -> datetime | None:
    text = program.get("since")
    try:
        since = moment(text)
    except ValueError:
        since = None
    if text and (since is None or since.tzinfo is None):
        raise InvalidInput(
            f"{program['program']}: since {text!r} is not a time with its zone.",
            hint="Write it as 2026-11-24T03:20:00+07:00.",
        )
    return since


def _fits(row: Row, program: dict[str, Any], since: datetime | None, zone: tzinfo) -> bool:
    pairs = (("program", "program_name"), ("login", "login_name"), ("host", "host_name"), ("database", "database_name"))
    if not all(program.get(key) is None or _same(row[column], program[key]) for key, column in pairs):
        return False
    began = aware(row["login_time"], zone)
    return since is None or (began is not None and began >= since)


def _same(one: str | None, other: str) -> bool:
    return (one or "").strip().casefold() == other.strip().casefold()


def _verdict(program: dict[str, Any], found: list[Row], rows: list[Row], zone: tzinfo) -> Verdict:
    name, wanted = program["program"], program["sessions"]
    if len(found) >= wanted:
        return Verdict("program", name, True, _sentence(found, zone))
    near = [row for row in rows if _same(row["program_name"], name)]
    fact = f"{len(found)} of {wanted} sessions that were expected"
    if near:
        fact += f"; there are, but not as asked: {_sentence(near, zone)}"
    hint = "See that the application runs, reads the new connection and that its login works here."
    return Verdict("program", name, False, fact, hint)


def _sentence(rows: list[Row], zone: tzinfo) -> str:
    return "; ".join(
        f"session {row['session_id']} of {row['login_name']} from {row['host_name']} in {row['database_name']} "
        f"since {iso(row['login_time'], zone)}"
        for row in rows
    )


def _told(row: Row, zone: tzinfo) -> dict[str, Any]:
    return {**row, **{key: iso(row[key], zone) for key in ("login_time", "last_request_end_time")}}
