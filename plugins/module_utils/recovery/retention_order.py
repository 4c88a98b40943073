# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order of deletions: wherever it breaks off, nothing is left that hangs on what is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .backup_history import Backup, BackupHistory, family_of
from .recovery_path import recovery_path

#: At one LSN: what depends goes before what it depends on.
_DEPENDS = {"log": 0, "differential": 1, "full": 2}


def deletion_order(history: BackupHistory, guids_of: Mapping[str, Iterable[str]]) -> list[str]:
    """The files of ``guids_of`` (path -> the backup sets in it): the latest recovery forks first, on each the newest
    backup first, so that what stays of a chain is its beginning. A file waits for all that hangs on any set in it."""
    by_guid = {one.guid: one for one in history.backups}
    generations = _generations(history, {guid for guids in guids_of.values() for guid in guids}, by_guid)

    def turn(path: str) -> tuple[tuple[int, int, int], str]:
        turns = [_turn(by_guid[guid], generations) for guid in guids_of[path] if guid in by_guid]
        return max(turns, default=(0, 0, 0)), path

    return sorted(guids_of, key=turn)


def _turn(one: Backup, generations: dict[tuple[str, str], int]) -> tuple[int, int, int]:
    return -generations[(family_of(one.head), one.fork)], -one.last_lsn, _DEPENDS.get(one.type, 0)


def _generations(history: BackupHistory, guids: set[str], by_guid: Mapping[str, Backup]) -> dict[tuple[str, str], int]:
    """(family, fork) -> how many forks its path has."""
    forks = {(family_of(by_guid[guid].head), by_guid[guid].fork) for guid in guids if guid in by_guid}
    return {(family, fork): len(recovery_path(history.family(family), fork).limits) for family, fork in forks}
