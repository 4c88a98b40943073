# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the journal of a run proves: judged here, never copied from its last line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .acceptance_lines import LINES

Entry = dict[str, Any]

_RECOVERY = ("planned", "decided", "restored", "verified", "repointed", "proven", "closed")
#: A planned switchover and the way back are recoveries with gates of their own.
RECOVERIES = ("recovery", "switchover", "failback")
#: What must be in the journal of a run of this kind before anyone may call it a success.
NEEDED = {
    **dict.fromkeys(RECOVERIES, _RECOVERY),
    "backup": ("backed_up", "shipped", "closed"),
    "prune": ("pruned", "closed"),
    "fence": ("fenced", "closed"),
    "standby": ("planned", "fetched", "restored", "closed"),
    "drill": ("planned", "fetched", "restored", "verified", "closed"),
    "daily_check": ("assessed", "closed"),
    "connectivity": ("tested", "closed"),
    "uat": ("tested", "closed", "accepted"),
}
#: Kinds of run that prove nothing without a verdict, and where it stands.
_PROOFS = {"drill": "verified", "connectivity": "tested", "uat": "tested"}
ENDED_WELL = ("success", "already_there")


def attempts(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The runs of one incident, each from its ``opened`` on. An interrupted recovery is continued by the next run."""
    runs: list[list[Entry]] = []
    for entry in entries:
        if entry["event"] == "opened" or not runs:
            runs.append([])
        runs[-1].append(entry)
    return runs


def last_run(entries: Sequence[Entry]) -> list[Entry]:
    """The newest of them: only it can prove anything."""
    return (attempts(entries) or [[]])[-1]


def data_of(entries: Sequence[Entry], event: str) -> dict[str, Any]:
    """What the newest entry of an event says; empty where there is none."""
    return next((dict(entry["data"]) for entry in reversed(entries) if entry["event"] == event), {})


def all_of(entries: Sequence[Entry], event: str, key: str) -> list[Any]:
    """The rows of that name of every entry of an event, in their order."""
    return [row for entry in entries if entry["event"] == event for row in entry["data"].get(key, [])]


def outcome(entries: Sequence[Entry], flaw: str | None) -> str:
    """success, already_there, planned, failed or unfinished. Only the last run can prove anything: what an earlier one
    found may have changed since."""
    run = last_run(entries)
    events = {entry["event"] for entry in run}
    if flaw is not None or "failed" in events:
        return "failed"
    needed = NEEDED.get(data_of(run, "opened").get("kind", ""))
    if needed is None or not events.issuperset(needed):
        acted = events & {"decided", "restored", "verified", "repointed", "proven"}
        return "planned" if "planned" in events and not acted else "unfinished"
    if not _whole(run) or not all(_proofs(run)):
        return "failed"
    earlier = {entry["event"] for one in attempts(entries)[:-1] for entry in one}
    return "already_there" if _nothing_changed(run) and "decided" not in earlier else "success"


def _proofs(run: Sequence[Entry]) -> Iterator[bool]:
    yield from (one.get("verdict") == "proven" for one in all_of(run, "tested", "verdicts"))
    for event in ("verified", "proven"):
        yield from (one.get("verdict") == "proven" for one in data_of(run, event).get("verdicts", []))
    yield from (one.get("ok") is True for one in data_of(run, "proven").get("modules", []))
    if data_of(run, "opened").get("kind") == "daily_check":
        yield data_of(run, "assessed").get("level") in ("OK", "WARNING")


def _whole(run: Sequence[Entry]) -> bool:
    """No modules is no proof of modules; a backup that is not on the store is no backup."""
    if data_of(run, "opened").get("kind") in RECOVERIES and not data_of(run, "proven").get("modules"):
        return False
    proof = _PROOFS.get(data_of(run, "opened").get("kind", ""))
    if proof and not data_of(run, proof).get("verdicts"):
        return False
    if data_of(run, "opened").get("kind") == "uat" and not set(all_of(run, "tested", "lines")).issuperset(LINES):
        return False
    taken = {path for row in data_of(run, "backed_up").get("backups", []) for path in row.get("files", [])}
    return taken <= {row["source"] for row in data_of(run, "shipped").get("transfers", [])}


def _nothing_changed(run: Sequence[Entry]) -> bool:
    plans = data_of(run, "planned").get("plans", [])
    repointed = data_of(run, "repointed")
    files = [row for row in repointed.get("files", []) if row.get("changed")]
    users = [row for row in data_of(run, "verified").get("orphaned_users", []) if row.get("repaired")]
    return (
        bool(plans)
        and all(plan["already_there"] for plan in plans)
        and not (files or users or repointed.get("restarted"))
    )
