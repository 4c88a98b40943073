# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as lines that a person can read before deciding."""

from __future__ import annotations

from datetime import datetime, tzinfo

from .disk_room import mebibytes
from .loss import both, shown
from .recoverable import Recoverable
from .restore_step import RestorePlan, RestoreStep

_WORDS = {"restore_database": "RESTORE DATABASE", "restore_log": "RESTORE LOG", "recover": "RECOVER"}


def plan_table(plan: RestorePlan, zone: tzinfo | None = None) -> list[str]:
    """Heading, bill, one line for each step, what was passed over, warnings."""
    source = "" if plan.source_database == plan.database else f" (backed up as {plan.source_database})"
    lines = [f"{plan.database}{source}, from backups of {plan.source_server}"]
    if "time" in plan.target:
        asked_for = datetime.fromisoformat(str(plan.target["time"]))
        lines.append(f"  asked for   {both(asked_for, zone)}")
    asked = [f"{key.replace('_', ' ')} {plan.target[key]}" for key in ("lsn", "mark", "log") if key in plan.target]
    if asked:
        lines.append(
            f"  asked for   {'before ' if plan.target.get('before') or 'log' in plan.target else ''}{', '.join(asked)}"
        )
    lines.append(f"  reaches     {both(plan.reaches, zone)}, LSN {plan.reaches_lsn}")
    lines.append(f"  data lost   {duration(plan.data_loss_seconds)}. {plan.data_loss_reason}")
    lines += [f"  WARNING     {warning}" for warning in plan.warnings]
    if plan.already_there:
        return [*lines, "  The target already has the database as planned: nothing is to be done."]
    lines.append(f"  to fetch    {mebibytes(plan.bytes_to_fetch)} in {len(plan.files)} files{_prediction(plan)}")
    lines += [_step_line(number, step, zone) for number, step in enumerate(plan.steps, 1)]
    return lines + [f"  passed over {row.path}: {row.reason}" for row in plan.passed_over]


def _prediction(plan: RestorePlan) -> str:
    if plan.predicted_seconds is None or plan.predicted_range is None:
        return "; how long it takes is not known yet"
    low, high = plan.predicted_range
    return f"; takes about {duration(plan.predicted_seconds)} ({duration(low)} to {duration(high)})"


def _step_line(number: int, step: RestoreStep, zone: tzinfo | None) -> str:
    if step.action == "recover":
        return f"  {number:>3} RECOVER"
    kind = (step.backup_type or "").upper()
    taken = shown(step.taken_at, zone) if step.taken_at else ""
    stop = step.stop_at or step.stop_at_mark or (f"before {step.stop_before_mark}" if step.stop_before_mark else "")
    files = " + ".join(path for path in step.files) + (f" FILE = {step.position}" if step.position > 1 else "")
    until = f" STOPAT {stop}" if stop else ""
    return f"  {number:>3} {_WORDS[step.action]:<16} {kind:<12} {taken:<25} {mebibytes(step.size):>11}{until}  {files}"


def duration(seconds: float) -> str:
    """``2 d 03 h``, ``1 h 05 min``, ``12 min 30 s``, ``4 s``."""
    whole = round(seconds)
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours:02} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {left:02} s" if minutes else f"{left} s"


def recoverable_table(answer: Recoverable, zone: tzinfo | None = None) -> list[str]:
    """The "recoverable to" clock of one database, with its windows and holes."""
    to = answer.recoverable_to
    lines = [f"{answer.database}: recoverable to {shown(to, zone) if to else 'nothing'}"]
    spans = [
        (one.start, f"  any instant  {shown(one.start, zone)} to {shown(one.end, zone)}") for one in answer.windows
    ]
    spans += [
        (one.start, f"  hole         {shown(one.start, zone)} to {shown(one.end, zone)}: {one.reason}")
        for one in answer.holes
    ]
    return lines + [text for _unused, text in sorted(spans)]
