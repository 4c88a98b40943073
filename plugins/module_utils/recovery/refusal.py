# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why there is no plan: the fact, and what can be had instead."""

from __future__ import annotations

from datetime import datetime, tzinfo

from .backup_history import BackupHistory
from .choice import Beginning, Choice, Choices
from .database_state import DatabaseState
from .errors import BrokenLogChain, DatabaseInUse, NoFullBackup, RecoveryError, TargetOutOfReach
from .lineage import Branch, Lineage
from .loss import both, certain_instant, gap_after, shown, whole_or_not_at_all
from .recoverable import recoverable, windows_text
from .restore_step import RestorePlan
from .target import Target


def in_the_future(database: str, when: datetime, now: datetime, zone: tzinfo | None) -> RecoveryError:
    """Nobody can restore what has not happened."""
    return TargetOutOfReach(
        f"{database}: the target time {both(when, zone)} is in the future; it is {shown(now, zone)} now.",
        hint="Check the date and the zone (a time without an offset is the site's), or leave the target time out to "
        "get the latest.",
    )


def before_the_oldest(
    history: BackupHistory, all_branches: list[Branch], database: str, when: datetime, zone: tzinfo | None
) -> RecoveryError:
    """The target lies before everything that is kept."""
    oldest = min(branch.first for branch in all_branches)
    return TargetOutOfReach(
        f"{database}: the target time {both(when, zone)} is before the oldest backup, of {shown(oldest, zone)}.",
        hint=f"{windows_text(recoverable(history, database), zone)} Older backups may be on another store.",
    )


def nothing_to_begin_with(choices: Choices, zone: tzinfo | None) -> RecoveryError:
    """No full (and no restoring database on the target) from which the backups lead on."""
    line, aim = choices.lineage, choices.goal
    fulls = [one for one in line.backups if one.type == "full" and line.path.holds(one)]
    broken = [f"{one.label} ({one.fault})" for one in fulls if one.fault]
    late = [one for one in fulls if not one.fault and not aim.is_before(one)]
    if late:
        first = min(late, key=lambda one: one.ended_by)
        return TargetOutOfReach(
            f"{line.database}: no full backup had ended by the target; the first that can be used ended at "
            f"{shown(first.ended_by, zone)} with LSN {first.last_lsn}.",
            hint=f"Choose a target not before {shown(first.ended_by, zone)}, or bring older backups into the history.",
        )
    fact = f"its full backups cannot be used: {'; '.join(broken)}" if broken else "the history has no full backup of it"
    others = len(line.backups) - len(fulls)
    return NoFullBackup(
        f"{line.database}: {fact}. The {others} other backups of it cannot be restored without one.",
        hint="Look for the full on another store or copy, or take a full backup now if the server still lives.",
    )


def refuse_another_database(choices: Choices, choice: Choice, zone: tzinfo | None) -> None:
    """A database that was restored as a copy of another has that one's backups in its past. To give out the other's
    data as its own, because nothing of its own can be restored, would be wrong."""
    used = [*choice.beginning.backups, *(log.backup for log in choice.logs)]
    line = choices.lineage
    if not used or any(one.fork == line.path.tip for one in used):
        return
    names = {one.head.database_name.casefold() for one in used}
    if line.database.casefold() in names:
        return
    source = used[-1].head
    raise NoFullBackup(
        f"{line.database}: none of its own backups can be restored, only those of {source.database_name} on "
        f"{source.server_name}, which it was once made from, up to {both(certain_instant(line, choice.end_lsn), zone)}."
        f"{_faults(line)}",
        hint=f"Look for usable backups of {line.database}. If the old data will do, restore {source.database_name} and "
        f"rename it to {line.database}.",
    )


def _faults(line: Lineage) -> str:
    broken = [f"{one.label}: {one.fault}" for one in line.backups if one.fault and one.fork == line.path.tip]
    return f" Not usable: {'; '.join(broken)}." if broken else ""


def out_of_reach(choices: Choices, best: Beginning, target: Target, zone: tzinfo | None) -> RecoveryError:
    """The chain ends, or breaks, before the target."""
    line = choices.lineage
    end = choices.reaches(best)
    gap = gap_after(line, end, zone)
    reached = certain_instant(line, end)
    what = _target_text(target, zone)
    whole = whole_or_not_at_all(choices, end, zone)
    nearest = f"The nearest before it is {both(reached, zone)} at LSN {end}: or_earlier: true takes it."
    if whole:
        return TargetOutOfReach(
            f"{line.database}: {what} cannot be reached. {whole}",
            hint=f"Choose a target behind the end of that log, or leave the target out for the latest. {nearest}",
        )
    if gap:
        return BrokenLogChain(
            f"{line.database}: {what} cannot be reached. {gap}", hint=f"Look for that file. {nearest}"
        )
    return TargetOutOfReach(
        f"{line.database}: {what} cannot be reached: the backups lead to LSN {end}, and the last was begun at "
        f"{shown(reached, zone)}.",
        hint=f"If the server still lives, take a tail-log backup; else leave the target out for the latest. {nearest}",
    )


def would_overwrite(plan: RestorePlan, state: DatabaseState) -> RecoveryError:
    """Nobody decided to lose what is there."""
    made = f", created {state.create_date.isoformat(sep=' ')[:19]}" if state.create_date else ""
    if state.can_go_on:
        return DatabaseInUse(
            f"{plan.database}: the target's database is {state.state} at LSN {state.redo_start_lsn}{made}, from where "
            "no backup leads to what was asked for; the restore would begin anew and overwrite it.",
            hint="If that database is not needed, decide with replace: true; or restore under another name.",
        )
    return DatabaseInUse(
        f"{plan.database}: the target has a database of this name, state {state.state}{made}; the restore would "
        "overwrite it.",
        hint="Take a tail-log backup first if anything in it may still be wanted; then decide with replace: true, "
        "or restore under another name.",
    )


def _target_text(target: Target, zone: tzinfo | None) -> str:
    if target.kind == "time" and target.time is not None:
        return f"the target time {both(target.time, zone)}"
    if target.kind == "lsn":
        return f"LSN {target.lsn}"
    if target.kind == "mark":
        return f"the mark {target.mark}"
    return f"the point before {target.log}"
