# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a choice of backups to the statements, in order."""

from __future__ import annotations

from typing import Any

from .backup_history import Backup
from .backup_set import DatabaseFile
from .chain import LogStretch
from .choice import Choice, Choices
from .errors import InvalidInput
from .goal import Goal
from .relocation import Relocation, moves, refuse_wrong_map
from .restore_step import RestoreStep


def restore_steps(
    choice: Choice, choices: Choices, name: str, relocation: Relocation | None
) -> tuple[RestoreStep, ...]:
    """All WITH NORECOVERY, then RECOVERY."""
    known: dict[str, DatabaseFile] = {}
    steps = []
    exists = choices.state is not None and choices.state.exists
    for backup in choice.beginning.backups:
        replace = exists and backup is choice.beginning.full
        options = {"moves": _new_moves(backup, known, choices, name, relocation), "replace": replace}
        steps.append(_step("restore_database", name, backup, **options))
    passed = False
    for log in choice.logs:
        new = _new_moves(log.backup, known, choices, name, relocation) if known else ()
        steps.append(_log_step(log, choices.goal, name, new, passed))
        passed = passed or (choices.goal.time is not None and log.backup.ended_by > choices.goal.time)
    if relocation is not None and known:
        refuse_wrong_map(relocation, known, choices.lineage.database)
    return (*steps, RestoreStep(action="recover", database=name))


def _log_step(log: LogStretch, goal: Goal, name: str, new: tuple[tuple[str, str], ...], passed: bool) -> RestoreStep:
    options: dict[str, Any] = {"moves": new, "may_be_passed": passed}
    if log.left_early and not goal.lies_before(log.last_lsn):
        options["stop_before_mark"] = f"lsn:{log.last_lsn}"
    elif not log.backup.head.has_bulk_logged_data or not goal.is_before(log.backup):
        options.update(
            stop_at=goal.stop_at,
            stop_at_mark=goal.stop_at_mark,
            stop_before_mark=goal.stop_before_mark,
            stop_mark_after=goal.stop_mark_after,
        )
    return _step("restore_log", name, log.backup, **options)


def _step(action: str, name: str, backup: Backup, **options: Any) -> RestoreStep:
    return RestoreStep(
        action=action,
        database=name,
        backup_type=backup.type,
        backup_set_guid=backup.guid,
        files=backup.files,
        position=backup.head.position,
        first_lsn=backup.first_lsn,
        last_lsn=backup.last_lsn,
        size=backup.size,
        taken_at=backup.started,
        **options,
    )


def database_files(steps: tuple[RestoreStep, ...], choice: Choice) -> tuple[tuple[str, int], ...]:
    """Where the restored files lie on the target, and how large they are by the newest backup of the plan."""
    if choice.beginning.full is None:
        return ()
    places = {logical: physical for step in steps for logical, physical in step.moves}
    newest: dict[str, DatabaseFile] = {}
    for backup in (*choice.beginning.backups, *(log.backup for log in choice.logs)):
        newest.update({file.logical_name: file for file in backup.head.files})
    return tuple((places.get(name, file.physical_name), file.size) for name, file in newest.items())


def _new_moves(
    backup: Backup, known: dict[str, DatabaseFile], choices: Choices, name: str, relocation: Relocation | None
) -> tuple[tuple[str, str], ...]:
    """MOVE for the files that no earlier step had: all of a full's, and those added to the database since."""
    if relocation is None:
        return ()
    database = choices.lineage.database
    if backup.type == "full" and not backup.head.files:
        raise InvalidInput(
            f"{database}: the history does not say which files {backup.label} holds, so that they cannot be moved.",
            hint="Read the backup file again (ftp_backup_info or backup_file_info give its file list).",
        )
    new = [file for file in backup.head.files if file.logical_name not in known]
    known.update({file.logical_name: file for file in new})
    if not new:
        return ()
    everything = moves(known.values(), relocation, database, name)
    wanted = {file.logical_name for file in new}
    return tuple(row for row in everything if row[0] in wanted)
