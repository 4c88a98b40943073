# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an incident proves beside its outcome: the clocks T0 to T7, targets against what was achieved, deviations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from .report_outcome import all_of, attempts, data_of, last_run

Entry = dict[str, Any]
_DECISIONS = {"decided": 1, "go": 2, "accepted": 3}


def clocks(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """T0 disruption, T1 declared, T2 decision 1, T3 old server closed, T4 restored, T5 verified, T6 modules proven,
    T7 official go. ``known`` is false where a time is the latest that it can have been, null where there is none."""
    disrupted, known = _disruption(entries)
    run = last_run(entries)
    moments = [
        (disrupted, known),
        (_first(entries, "opened"), True),
        (_first(entries, "decided"), True),
        (_closed(entries), True),
        *((_last(run, event), True) for event in ("restored", "verified", "proven")),
        (_last(entries, "go"), True),
    ]
    return [{"clock": f"T{n}", "at": at, "known": sure if at else None} for n, (at, sure) in enumerate(moments)]


def _disruption(entries: Sequence[Entry]) -> tuple[str | None, bool]:
    """As it was said, or the last transaction that anybody knows of: later it can hardly have been."""
    zone = ZoneInfo(str(data_of(entries, "opened").get("time_zone") or "UTC"))
    for entry in reversed(entries):
        said = entry["data"].get("choices", {}).get("disrupted_at") if entry["event"] == "opened" else None
        if said and _moment(said, zone):
            return str(_moment(said, zone).isoformat()), True  # type: ignore[union-attr]
    last = [_moment(text, zone) for text in data_of(entries, "verified").get("last_transactions", {}).values()]
    newest = max((one for one in last if one), default=None)
    return (newest.isoformat() if newest else None), False


def _moment(text: Any, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _first(entries: Sequence[Entry], event: str) -> str | None:
    return next((entry["at"] for entry in entries if entry["event"] == event), None)


def _last(entries: Sequence[Entry], event: str) -> str | None:
    return _first(list(reversed(entries)), event)


def _closed(entries: Sequence[Entry]) -> str | None:
    """When nobody could write to the old server any more: it was closed, or found dead when it was left."""
    taken = _first(entries, "fenced") or _first(entries, "backed_up")
    dead = [e["at"] for e in entries if e["event"] == "assessed" and e["data"].get("other") not in (None, "it answers")]
    decided = _first(entries, "decided")
    return taken or (max(dead[0], decided) if dead and decided else None)


def targets(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What was expected and what was achieved, in seconds, counted from disruption and from declaration."""
    choices = data_of(entries, "opened").get("choices", {})
    at = {one["clock"]: datetime.fromisoformat(one["at"]) if one["at"] else None for one in clocks(entries)}
    plans = data_of(entries, "planned").get("plans", [])
    reached = min((datetime.fromisoformat(plan["reaches"]) for plan in plans), default=None)
    ready = at["T7"] or at["T6"]
    disrupted = at["T0"] if _disruption(entries)[1] else None
    return [
        _target("rpo", choices.get("rpo_minutes"), reached, disrupted, at["T1"]),
        _target("rto", choices.get("rto_minutes"), ready, disrupted, at["T1"]),
    ]


def _target(
    name: str, minutes: Any, until: datetime | None, disrupted: datetime | None, declared: datetime | None
) -> dict[str, Any]:
    wanted = float(minutes) * 60 if minutes not in (None, "") else None
    spans = [_span(start, until) for start in (disrupted, declared)]
    # Where nobody said when the disruption was, the declaration is what is known.
    counts = spans[1] if spans[0] is None else spans[0]
    return {
        "target": name,
        "seconds": wanted,
        "from_disruption": spans[0],
        "from_declaration": spans[1],
        "met": None if counts is None or wanted is None else counts <= wanted,
    }


def _span(start: datetime | None, until: datetime | None) -> float | None:
    """Between the two, whichever comes first: a recovery point lies before the disruption, a proof after it."""
    return None if start is None or until is None else round(abs((until - start) / timedelta(seconds=1)), 1)


def decisions(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Every decision that was taken in this incident."""
    kept = ("number", "who", "how", "persons", "target", "seen", "signature", "statement", "starters")
    taken = [entry for entry in entries if entry["event"] in _DECISIONS]
    return [
        {
            "at": e["at"],
            "number": _DECISIONS[e["event"]],
            **{k: e["data"][k] for k in kept if k in e["data"]},
        }
        for e in taken
    ]


def deviations(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What was not as it should have been, found in the journal or written into it. Words are in report_words."""
    return [{"kind": kind, **facts} for kind, facts in _found(entries)]


def _found(entries: Sequence[Entry]) -> Iterator[tuple[str, dict[str, Any]]]:
    count, run = len(attempts(entries)), last_run(entries)
    if count > 1:
        yield "attempts", {"count": count}
    for row in targets(entries):
        if row["met"] is False:
            yield f"{row['target']}_missed", {"seconds": row["seconds"]}
    for entry in entries:
        if entry["event"] == "opened" and entry["data"].get("torn"):
            yield "torn", {"folder": entry["data"]["torn"]}
        if entry["event"] == "opened" and entry["data"].get("taken_over_from"):
            yield "taken_over", {"run": entry["data"]["taken_over_from"]}
        if entry["event"] == "decided" and entry["data"].get("how") == "recovery_confirmed=true":
            yield "drill", {}
        if entry["event"] == "notified" and not entry["data"].get("ok"):
            yield "not_told", {"to": ", ".join(entry["data"].get("to", [])), "answer": entry["data"].get("answer", "")}
        if entry["event"] == "deviation":
            yield "noted", {"text": entry["data"].get("text", ""), "at": entry["at"]}
    yield from _slower(run)
    for row in all_of(run, "proven", "modules"):
        if row.get("ok") is not True:
            yield "left_behind", {"module": row.get("name", "")}


def _slower(run: Sequence[Entry]) -> Iterator[tuple[str, dict[str, Any]]]:
    done = {row["database"]: row.get("seconds") for row in data_of(run, "restored").get("databases", [])}
    # Of a database that was there already only the question took its time.
    plans = [plan for plan in data_of(run, "planned").get("plans", []) if not plan.get("already_there")]
    for plan in plans:
        promised, reached = plan.get("predicted_range"), done.get(plan["database"])
        if promised and reached is not None and reached > promised[1]:
            yield "slower", {"database": plan["database"], "seconds": reached, "promised": promised[1]}


def corrective_actions(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What is to be done about it, by whom, until when."""
    keys = ("what", "owner", "due")
    return [{key: e["data"].get(key, "") for key in keys} for e in entries if e["event"] == "corrective_action"]


def notifications(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Whom the run told what, and whether he could be told."""
    return [{"at": entry["at"], **entry["data"]} for entry in entries if entry["event"] == "notified"]
