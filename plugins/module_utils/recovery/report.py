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

from .evidence import clocks, corrective_actions, decisions, deviations, notifications, targets
from .journal import first_flaw, portable, readable
from .journal_check import seal
from .report_outcome import all_of, data_of, last_run, outcome

Entry = dict[str, Any]
#: What may be written into a journal when the work is over.
AFTERWARDS = ("notified", "go_wanted", "go", "accepted", "deviation", "corrective_action")


def report(entries: Sequence[Entry]) -> dict[str, Any]:
    """The report for machines. LSNs are text; times ISO 8601 with offset; durations in seconds, sizes in bytes."""
    flaw, sealed = first_flaw(entries), seal(entries)
    entries = readable(entries)
    run = last_run(entries)
    planned = data_of(run, "planned")
    ended = _end(entries)
    value = {
        **_heading(entries),
        "server": planned.get("server", ""),
        "started": entries[0]["at"] if entries else None,
        "finished": ended,
        "seconds": _seconds(entries[0]["at"], ended) if ended else 0.0,
        "outcome": outcome(entries, flaw),
        "journal_flaw": flaw,
        "journal": sealed.to_dict(),
        "decision": data_of(run, "decided"),
        "decisions": decisions(entries),
        "bills": data_of(entries, "decision_wanted").get("bills", []),
        "plan_digest": planned.get("digest", ""),
        "databases": _databases(entries, run),
        "data_loss_seconds": max((plan["data_loss_seconds"] for plan in planned.get("plans", [])), default=None),
        "clocks": clocks(entries),
        "targets": targets(entries),
        "files": _files(entries),
        "steps": _steps(entries),
        "verdicts": [row for entry in run for row in entry["data"].get("verdicts", [])],
        "modules": _modules(run),
        "backups": all_of(run, "backed_up", "backups"),
        "held_back": data_of(run, "shipped").get("held_back", []) + data_of(run, "history").get("unreadable", []),
        "retention": data_of(run, "pruned").get("table", []),
        "failures": [dict(entry["data"], at=entry["at"]) for entry in entries if entry["event"] == "failed"],
        "deviations": deviations(entries),
        "corrective_actions": corrective_actions(entries),
        "notifications": notifications(entries),
        "clock": [{"event": entry["event"], "at": entry["at"]} for entry in entries],
    }
    return dict(portable(value))


def _heading(entries: Sequence[Entry]) -> dict[str, Any]:
    """Which incident or run this is, who began it and why."""
    opened = data_of(entries, "opened")
    incident = opened.get("incident", {})
    return {
        "kind": opened.get("kind", "unknown"),
        "site": opened.get("site", ""),
        "time_zone": opened.get("time_zone", "UTC"),
        "user": opened.get("user", ""),
        "incident": incident.get("id", ""),
        "why": incident.get("why", ""),
        "target": opened.get("choices", {}).get("target", ""),
        "target_time": opened.get("choices", {}).get("target_time", ""),
    }


def _end(entries: Sequence[Entry]) -> str | None:
    """When the work was over: what is written into the journal afterwards (mails, the official go) is no work."""
    work = [entry["at"] for entry in entries if entry["event"] not in AFTERWARDS]
    return work[-1] if work else (entries[-1]["at"] if entries else None)


def _found(entries: Sequence[Entry], key: str) -> list[Any]:
    """The newest list of that name, whichever event holds it: a failed run tells it in its failure."""
    return next((entry["data"][key] for entry in reversed(entries) if entry["data"].get(key)), [])


def _seconds(first: str, last: str) -> float:
    return round((datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds(), 3)


def _databases(entries: Sequence[Entry], run: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each planned database: what was promised, what was done, the last transaction that was found."""
    restored = {row["database"]: row for row in _found(entries, "databases")}
    last = data_of(run, "verified").get("last_transactions", {})
    rows = []
    for plan in data_of(run, "planned").get("plans", []):
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
                "predicted_seconds": plan.get("predicted_seconds"),
                "predicted_range": plan.get("predicted_range"),
                "seconds": done.get("seconds"),
                "last_transaction": last.get(plan["database"]),
            }
        )
    return rows


def _files(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The files that were used, in the order of their use, with LSNs from the plan and hashes from the transfer."""
    by_path = {row["source"]: row for row in all_of(entries, "fetched", "transfers")}
    rows = []
    seen = set()
    for plan in all_of(entries, "planned", "plans"):
        for step in plan["steps"]:
            for path in step["files"]:
                if (path, step["position"]) in seen:
                    continue
                seen.add((path, step["position"]))
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
    shipped = all_of(entries, "shipped", "transfers")
    return rows + [{"path": row["destination"], **row} for row in shipped]


def _steps(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The stages of the run: from one entry of the journal to the next."""
    return [
        {"stage": later["event"], "started": earlier["at"], "seconds": _seconds(earlier["at"], later["at"])}
        for earlier, later in zip(entries, entries[1:])
    ]


def _modules(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each application module: its files, what its health check answered, which sessions the server saw."""
    repointed = data_of(entries, "repointed")
    by_path = {row["path"]: row for row in repointed.get("files", [])}
    files = {
        one["name"]: [by_path[file["path"]] for file in one["files"] if file["path"] in by_path]
        for one in repointed.get("applications", [])
    }
    return [{**proof, "files": files.get(proof["name"], [])} for proof in _found(entries, "modules")]
