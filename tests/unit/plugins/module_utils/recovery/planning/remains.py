# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lives that a database had, and what is left of its backups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet

from .hospital_life import Database, Fork, Record, Truth


@dataclass(frozen=True, repr=False)
class Remains:
    """A life and what is left of its backups."""

    lives: tuple[Database, ...]
    sets: tuple[BackupSet, ...]
    unusable: dict[str, str]

    def __repr__(self) -> str:
        rows = [
            f"{one.path}#{one.position} {one.backup_type}{' copy-only' if one.is_copy_only else ''} "
            f"{one.first_lsn}-{one.last_lsn} fork {one.recovery_fork_id}"
            f" {one.recovery_fork_stack[1:]} base {one.differential_base_guid}"
            f" {one.backup_start_date.time()} to {one.backup_finish_date.time() if one.backup_finish_date else ''}"
            f"{' UNUSABLE' if one.path in self.unusable else ''}"
            for one in sorted(self.sets, key=lambda one: one.backup_start_date)
        ]
        return "\n" + "\n".join(rows) + f"\nend {self.end}\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    @property
    def truths(self) -> dict[str, Truth]:
        return {guid: truth for life in self.lives for guid, truth in life.truths.items()}

    def committed(self, fork: Fork, milliseconds: int) -> set[int]:
        """All that was committed on the path of a fork by an instant and not undone by a restore."""
        line = next((life.lines[fork.guid] for life in self.lives if fork.guid in life.lines), ())
        return {record.number for record in line if record.milliseconds <= milliseconds}

    def records_to(self, fork: Fork, lsn: int, before: bool) -> set[int]:
        """All that was committed on the path of a fork up to an LSN."""
        line = next((life.lines[fork.guid] for life in self.lives if fork.guid in life.lines), ())
        return {record.number for record in line if record.lsn < lsn or (record.lsn == lsn and not before)}

    @property
    def end(self) -> int:
        return self.lives[-1].clock

    def at(self, milliseconds: int) -> tuple[Record, ...]:
        """What a database of the name held at an instant."""
        alive = [life for life in self.lives if life.events and life.events[0][0] <= milliseconds]
        return alive[-1].at(milliseconds) if alive else ()
