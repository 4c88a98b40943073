# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal of a run: what happened, entry by entry, each chained to the one before by its hash.

An entry is one line of JSON: ``sequence``, ``at`` (UTC), ``event``, ``data``, ``previous`` (hash of the entry before,
empty for the first) and ``hash`` (sha256 over the other five, keys sorted).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from .errors import InvalidInput

#: The moments of a run that the report knows.
EVENTS = (
    "opened",
    "assessed",
    "tested",
    "accepted",
    "history",
    "planned",
    "decision_wanted",
    "decided",
    "backed_up",
    "shipped",
    "fetched",
    "database_restored",
    "restored",
    "verified",
    "repointed",
    "proven",
    "pruned",
    "kept_in_step",
    "fenced",
    "handed_over",
    "failed",
    "closed",
    "go_wanted",
    "go",
    "notified",
    "deviation",
    "corrective_action",
)

#: Stands where a line of the file could not be read as an entry. Never written.
BROKEN = "broken"


def next_entry(previous: dict[str, Any] | None, at: datetime, event: str, data: dict[str, Any]) -> dict[str, Any]:
    """The entry that follows ``previous``. ``at`` is aware; ``data`` must be what JSON can carry."""
    if event not in EVENTS:
        raise InvalidInput(f"journal: there is no event {event!r}", hint=f"Use one of {', '.join(EVENTS)}.")
    entry: dict[str, Any] = {
        "sequence": previous["sequence"] + 1 if previous else 1,
        "at": at.astimezone(timezone.utc).isoformat(timespec="milliseconds"),
        "event": event,
        "data": portable(data),
        "previous": previous["hash"] if previous else "",
    }
    return {**entry, "hash": digest(entry)}


def digest(value: Any) -> str:
    """sha256 of a value in one fixed spelling of JSON; the same for equal values."""
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != "hash"}
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def portable(value: Any) -> Any:
    """LSNs have up to 25 digits and other readers of JSON lose digits past 2^53: such integers become text."""
    if isinstance(value, dict):
        return {str(key): portable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [portable(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    return value


def parse(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The entries of a journal. A line that is none (torn by a full disk, or edited) stands in its place as a broken
    entry, which no chain accepts: the run goes on being recorded, and ``first_flaw`` tells."""
    return [_entry(number, line) for number, line in enumerate(lines, 1)]


def _entry(number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is JSON, and no text
    except ValueError as error:
        return _broken(number, f"is not JSON: {error}")
    kinds = {"sequence": int, "at": str, "event": str, "data": dict, "previous": str, "hash": str}
    if not isinstance(value, dict) or any(not isinstance(value.get(key), kind) for key, kind in kinds.items()):
        return _broken(number, "is JSON, but no entry of a journal")
    if value["event"] not in EVENTS:
        return _broken(number, f"tells of {value['event']!r}, which is no event of a run")
    try:
        aware = datetime.fromisoformat(value["at"]).tzinfo is not None
    except ValueError:
        aware = False
    return value if aware else _broken(number, f"has no time but {value['at']!r}")


def _broken(number: int, reason: str) -> dict[str, Any]:
    """Its empty hash follows from nothing; whoever comes after it cannot hide it."""
    return {"sequence": number, "at": "", "event": BROKEN, "data": {"reason": reason}, "previous": "", "hash": ""}


def readable(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries that were read whole."""
    return [entry for entry in entries if entry["event"] != BROKEN]


def first_flaw(entries: Iterable[dict[str, Any]]) -> str | None:
    """What is wrong with the chain, in one sentence; None where every entry is the one that was written."""
    previous = ""
    for number, entry in enumerate(entries, 1):
        if entry.get("event") == BROKEN:
            return f"line {number} {entry['data']['reason']}; the disk was full, or someone edited it"
        if entry.get("sequence") != number:
            return (
                f"entry {number} bears the number {entry.get('sequence')}: one is missing, or their order was changed"
            )
        if entry.get("previous") != previous:
            return f"entry {number} does not follow the entry before it"
        if entry.get("hash") != digest(entry):
            return f"entry {number} was changed after it was written"
        previous = entry["hash"]
    return None
