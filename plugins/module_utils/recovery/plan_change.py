# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what is about to be restored is what somebody decided on, and if not, what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .errors import InvalidInput
from .journal import digest

Plan = dict[str, Any]


def plans_digest(digests: Sequence[str]) -> str:
    """One digest for the plans of all databases: what a decision names."""
    return digest({"plans": list(digests)})


def require_decided(decided: Iterable[Plan], plans: Iterable[Plan]) -> None:
    """Raises unless each plan is the rest of the one that was decided on: what an interrupted run has done already is
    gone from its beginning, and log backups that came since stand at its end, which lose nothing."""
    changes = plan_changes(decided, plans)
    if changes:
        raise InvalidInput(
            "The plan has changed since the decision:\n" + "\n".join(changes),
            hint="Nothing was restored. Look at the new plan and decide again; an old decision is none about it.",
        )


def require_extension(decided: Iterable[Plan], plans: Iterable[Plan]) -> None:
    """Raises unless each plan is the one that was decided on, at most with more backups behind its last one: what the
    tail adds loses nothing that somebody agreed to."""
    shown = {plan["database"]: _steps(plan) for plan in decided}
    for plan in plans:
        before, now = shown.get(plan["database"]), _steps(plan)
        if before is None or now[: len(before)] != before:
            raise InvalidInput(
                f"{plan['database']}: since the decision its plan has changed, and not only by the tail of its log.",
                hint="Nothing was restored. Run the same command again, look at the new plan and decide again.",
            )


def plan_changes(decided: Iterable[Plan], plans: Iterable[Plan]) -> list[str]:
    """One line for each database whose plan is another one; empty where the decision still holds."""
    before = {plan["database"]: plan for plan in decided}
    now = {plan["database"]: plan for plan in plans}
    lines = [f"{name}: was decided on, and is planned no more" for name in before if name not in now]
    lines += [f"{name}: is planned, and was not decided on" for name in now if name not in before]
    for name in (one for one in now if one in before):
        if not _is_the_rest(_steps(before[name]), _steps(now[name])):
            lines.append(f"{name}: {_told(before[name])}; now {_told(now[name])}")
    return lines


def _is_the_rest(before: list[Any], now: list[Any]) -> bool:
    decided = {step[1] for step in before}
    for done in range(len(before) + 1):
        left = before[done:]
        since = now[len(left) :]
        # A log that was decided on and stops elsewhere now, or whose successor is gone, did not come since.
        if now[: len(left)] == left and all(step[0] == "restore_log" and step[1] not in decided for step in since):
            return True
    return False


def _steps(plan: Plan) -> list[list[Any]]:
    keys = ("action", "backup_set_guid", "position", "stop_at", "stop_at_mark", "stop_before_mark", "stop_mark_after")
    # Numbers and LSNs are text once they have been through a journal.
    steps = [step for step in plan["steps"] if step["action"] != "recover"]
    return [[None if step.get(key) is None else str(step[key]) for key in keys] for step in steps]


def _told(plan: Plan) -> str:
    names = [str(path).rpartition("/")[2] for step in plan["steps"] for path in step.get("files", [])]
    files = ", ".join(names[:2] + (["…"] if len(names) > 3 else []) + names[2:][-1:]) or "nothing to restore"
    return f"to {plan['reaches']}, from {files}"
