# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of a run, as a value: what the journal says, put in the order in which people ask for it.

A run is a success only where the journal says so *and* nothing in it says otherwise: the outcome is judged here, not
copied from the last line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .journal import first_flaw, portable, readable

Entry = dict[str, Any]

#: What must be in the journal of a run of this kind before anyone may call it a success.
NEEDED = {
    "recovery": ("planned", "decided", "restored", "verified", "repointed", "proven", "closed"),
    "backup": ("backed_up", "shipped", "closed"),
    "prune": ("pruned", "closed"),
    "standby": ("planned", "fetched", "restored", "closed"),
}


def report(entries: Sequence[Entry]) -> dict[str, Any]:
    """The report for machines. LSNs are text; times ISO 8601 with offset; durations in seconds, sizes in bytes."""
    flaw = first_flaw(entries)
    entries = readable(entries)
    opened = _data(entries, "opened")
    planned = _data(entries, "planned")
    failures = [dict(entry["data"], at=entry["at"]) for entry in entries if entry["event"] == "failed"]
    value = {
        "kind": opened.get("kind", "unknown"),
        "site": opened.get("site", ""),
        "time_zone": opened.get("time_zone", "UTC"),
        "user": opened.get("user", ""),
        "target": opened.get("choices", {}).get("target", ""),
        "target_time": opened.get("choices", {}).get("target_time", ""),
        "server": planned.get("server", ""),
        "started": entries[0]["at"] if entries else None,
        "finished": entries[-1]["at"] if entries else None,
        "seconds": _seconds(entries[0]["at"], entries[-1]["at"]) if entries else 0.0,
        "outcome": outcome(entries, flaw),
        "journal_flaw": flaw,
        "decision": _data(entries, "decided"),
        "plan_digest": planned.get("digest", ""),
        "databases": _databases(entries),
        "data_loss_seconds": max((plan["data_loss_seconds"] for plan in planned.get("plans", [])), default=None),
        "files": _files(entries),
        "steps": _steps(entries),
        "verdicts": [row for entry in entries for row in entry["data"].get("verdicts", [])],
        "modules": _modules(entries),
        "backups": _data(entries, "backed_up").get("backups", []),
        "held_back": _data(entries, "shipped").get("held_back", []) + _data(entries, "history").get("unreadable", []),
        "retention": _data(entries, "pruned").get("table", []),
        "failures": failures,
        "clock": [{"event": entry["event"], "at": entry["at"]} for entry in entries],
    }
    return portable(value)


def outcome(entries: Sequence[Entry], flaw: str | None) -> str:
    """success, already_there, planned, failed or unfinished."""
    events = {entry["event"] for entry in entries}
    if flaw is not None or "failed" in events:
        return "failed"
    needed = NEEDED.get(_data(entries, "opened").get("kind", ""))
    if needed is None or not events.issuperset(needed):
        acted = events & {"decided", "restored", "verified", "repointed", "proven"}
        return "planned" if "planned" in events and not acted else "unfinished"
    if not _whole(entries):
        return "failed"
    verdicts = [*_data(entries, "verified").get("verdicts", []), *_data(entries, "proven").get("verdicts", [])]
    modules = _data(entries, "proven").get("modules", [])
    if any(one.get("verdict") != "proven" for one in verdicts) or not all(one.get("ok") is True for one in modules):
        return "failed"
    return "already_there" if _nothing_changed(entries) else "success"


def _whole(entries: Sequence[Entry]) -> bool:
    """No modules is no proof of modules; a backup that is not on the store is no backup."""
    if _data(entries, "opened").get("kind") == "recovery" and not _data(entries, "proven").get("modules"):
        return False
    taken = {path for row in _data(entries, "backed_up").get("backups", []) for path in row.get("files", [])}
    return taken <= {row["source"] for row in _data(entries, "shipped").get("transfers", [])}


def _nothing_changed(entries: Sequence[Entry]) -> bool:
    plans = _data(entries, "planned").get("plans", [])
    repointed = _data(entries, "repointed")
    files = [row for row in repointed.get("files", []) if row.get("changed")]
    users = [row for row in _data(entries, "verified").get("orphaned_users", []) if row.get("repaired")]
    return (
        bool(plans)
        and all(plan["already_there"] for plan in plans)
        and not (files or users or repointed.get("restarted"))
    )


def _data(entries: Sequence[Entry], event: str) -> dict[str, Any]:
    """What the newest entry of an event says; empty where there is none."""
    for entry in reversed(entries):
        if entry["event"] == event:
            return dict(entry["data"])
    return {}


def _found(entries: Sequence[Entry], key: str) -> list[Any]:
    """The newest list of that name, whichever event holds it: a failed run tells it in its failure."""
    return next((entry["data"][key] for entry in reversed(entries) if entry["data"].get(key)), [])


def _seconds(first: str, last: str) -> float:
    return round((datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds(), 3)


def _databases(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each planned database: what was promised, what was done, the last transaction that was found."""
    restored = {row["database"]: row for row in _found(entries, "databases")}
    last = _data(entries, "verified").get("last_transactions", {})
    rows = []
    for plan in _data(entries, "planned").get("plans", []):
        done = restored.get(plan["database"], {})
        rows.append(
            {
                "database": plan["database"],
                "source_server": plan["source_server"],
                "reaches": plan["reaches"],
                "reaches_lsn": plan["reaches_lsn"],
                "data_loss_seconds": plan["data_loss_seconds"],
                "data_loss_reason": plan["data_loss_reason"],
                "already_there": plan["already_there"],
                "warnings": plan.get("warnings", []),
                "passed_over": plan.get("passed_over", []),
                "steps": done.get("steps", []),
                "planned_steps": len(plan["steps"]),
                "seconds": done.get("seconds"),
                "last_transaction": last.get(plan["database"]),
            }
        )
    return rows


def _files(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The files that were used, in the order of their use, with LSNs from the plan and hashes from the transfer."""
    by_path = {row["source"]: row for row in _data(entries, "fetched").get("transfers", [])}
    rows = []
    for plan in _data(entries, "planned").get("plans", []):
        for step in plan["steps"]:
            for path in step["files"]:
                transfer = by_path.get(path, {})
                rows.append(
                    {
                        "database": plan["database"],
                        "path": path,
                        "backup_type": step["backup_type"],
                        "position": step["position"],
                        "first_lsn": step["first_lsn"],
                        "last_lsn": step["last_lsn"],
                        "bytes": transfer.get("bytes", step["size"]),
                        "sha256": transfer.get("sha256"),
                        "seconds": transfer.get("seconds"),
                    }
                )
    shipped = _data(entries, "shipped").get("transfers", [])
    return rows + [{"path": row["destination"], **row} for row in shipped]


def _steps(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The stages of the run: from one entry of the journal to the next."""
    return [
        {"stage": later["event"], "started": earlier["at"], "seconds": _seconds(earlier["at"], later["at"])}
        for earlier, later in zip(entries, entries[1:])
    ]


def _modules(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each application module: its files, what its health check answered, which sessions the server saw."""
    repointed = _data(entries, "repointed")
    by_path = {row["path"]: row for row in repointed.get("files", [])}
    files = {
        one["name"]: [by_path[file["path"]] for file in one["files"] if file["path"] in by_path]
        for one in repointed.get("applications", [])
    }
    return [{**proof, "files": files.get(proof["name"], [])} for proof in _found(entries, "modules")]
