# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan passed over, and why: backups newer than those taken, which a person would have expected in it."""

from __future__ import annotations

from .backup_history import Backup
from .choice import Beginning, Choice, Choices
from .restore_step import PassedOver


def passed_over(choices: Choices, choice: Choice) -> tuple[PassedOver, ...]:
    """Fulls newer than the full taken, differentials newer than the one taken, and logs with a fault."""
    taken = choice.beginning
    fulls = {one.guid: one for one in choices.lineage.backups if one.type == "full"}
    rows = []
    used = set(taken.backups)
    for backup in choices.lineage.backups:
        if backup in used:
            continue
        reason = _reason(backup, fulls, choices, taken, choice.end_lsn)
        if reason:
            rows.append(PassedOver(backup.files[0], reason))
    return tuple(rows)


def _reason(backup: Backup, fulls: dict[str, Backup], choices: Choices, taken: Beginning, end: int) -> str | None:
    if backup.type == "log":
        return backup.fault
    if backup.last_lsn <= taken.lsn or backup.type not in ("full", "differential"):
        return None
    if not choices.lineage.path.holds(backup):
        return "it lies on another recovery fork"
    if not choices.goal.is_before(backup):
        return f"it ended by {backup.ended_by.isoformat()} at LSN {backup.last_lsn}, behind the target"
    return backup.fault or _base_fault(backup, fulls) or _short(choices.chain.end_from(backup.last_lsn), end)


def _base_fault(backup: Backup, fulls: dict[str, Backup]) -> str | None:
    if backup.type == "full":
        return None
    name = backup.head.differential_base_guid or str(backup.head.differential_base_lsn)
    base = fulls.get(name)
    if base is None:
        return f"its full ({name}) is not in the history"
    return f"its full {base.label} cannot be used: {base.fault}" if base.fault else None


def _short(reached: int, end: int) -> str | None:
    return None if reached >= end else f"the logs after it lead to LSN {reached} only, those of the plan to {end}"
