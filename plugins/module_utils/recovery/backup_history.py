# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup history: files put together into whole backups, indexed by database.

Names of files are never looked at: what belongs together is said by GUIDs and LSNs alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from .backup_set import BackupSet
from .errors import InvalidInput

#: Backup files carry whole seconds: what is noted as 03:00:00 may have been written at 03:00:00.999.
SECOND = timedelta(seconds=1)

PLANNED_TYPES = ("full", "differential", "log")


@dataclass(frozen=True, eq=False)
class Backup:
    """One backup set with all its media families: what one RESTORE statement takes. Each is itself only.

    ``fault`` says why it cannot be restored; its LSNs and times are still true and serve as evidence.
    """

    head: BackupSet
    files: tuple[str, ...]
    size: int
    fault: str | None
    type: str
    first_lsn: int
    last_lsn: int
    started: datetime
    ended_by: datetime  # nothing in it was committed at or after this instant
    fork: str

    @property
    def guid(self) -> str:
        """BackupSetGUID."""
        return self.head.backup_set_guid

    @property
    def label(self) -> str:
        """How messages call it."""
        position = f" (FILE = {self.head.position})" if self.head.position > 1 else ""
        return f"{', '.join(self.files)}{position}"


class BackupHistory:
    """All backups known, whole and not. ``worked_out``: what was asked of it before, by the question."""

    def __init__(
        self,
        sets: Iterable[BackupSet],
        unusable: Mapping[str, str] | None = None,
        zone: tzinfo | None = None,
        more: BackupHistory | None = None,
    ) -> None:
        """``more``: a history of these sets and others. What lost none of its files is taken from it."""
        self.worked_out: dict[Any, Any] = {}
        self.zone_assumed: set[str] = set()
        self._zone = zone
        self._unusable = unusable or {}
        groups: dict[tuple[str, int], list[BackupSet]] = defaultdict(list)
        self._sets = tuple(sets)
        for one in self._sets:
            groups[(one.backup_set_guid, one.position)].append(one)
        self._groups = groups
        self._whole = {key: self._kept(key, more) or self._assemble(group) for key, group in groups.items()}
        self.backups = _once_each(self._whole.values())
        self._by_name: dict[str, list[Backup]] = defaultdict(list)
        self._by_family: dict[str, list[Backup]] = defaultdict(list)
        for backup in self.backups:
            self._by_name[backup.head.database_name.casefold()].append(backup)
            self._by_family[family_of(backup.head)].append(backup)

    @property
    def databases(self) -> list[str]:
        """The names in the history, as first spelt."""
        return sorted({backups[0].head.database_name for backups in self._by_name.values()})

    def named(self, database: str) -> list[Backup]:
        """The backups taken of a database while it had this name."""
        return self._by_name.get(database.casefold(), [])

    def family(self, family: str) -> list[Backup]:
        """The backups of one database under whatever name and on whatever server."""
        return self._by_family[family]

    def without(self, paths: Container[str]) -> BackupHistory:
        """What the history is once these files are gone."""
        kept = [one for one in self._sets if one.path not in paths]
        return BackupHistory(kept, self._unusable, self._zone, more=self)

    def _kept(self, key: tuple[str, int], more: BackupHistory | None) -> Backup | None:
        if more is None or len(self._groups[key]) != len(more._groups[key]):
            return None
        whole = more._whole[key]
        if whole.head.path in more.zone_assumed:
            self.zone_assumed.add(whole.head.path)
        return whole

    def _assemble(self, group: list[BackupSet]) -> Backup:
        chosen, missing = group, list[int]()
        if len(group) > 1 or group[0].family_count > 1:
            chosen, missing = self._one_per_family(group)
        head = self._with_zone(chosen[0])
        finish = head.backup_finish_date or head.backup_start_date
        return Backup(
            head=head,
            files=tuple([one.path for one in chosen]),
            size=sum([one.size for one in chosen]),
            fault=self._fault(chosen, missing),
            type=head.backup_type,
            first_lsn=head.first_lsn,
            last_lsn=head.last_lsn,
            started=head.backup_start_date,
            ended_by=finish + SECOND,
            fork=head.recovery_fork_id or "",
        )

    def _one_per_family(self, group: list[BackupSet]) -> tuple[list[BackupSet], list[int]]:
        """Copies and mirrors of a media family are worth the same: one that can be read, of those the first by path."""
        best: dict[int, BackupSet] = {}
        for one in sorted(group, key=lambda one: (self._file_fault(one) is not None, one.path)):
            best.setdefault(one.family_sequence_number, one)
        wanted = max(one.family_count for one in group)
        missing = [number for number in range(1, wanted + 1) if number not in best]
        return [best[number] for number in sorted(best)], missing

    def _fault(self, chosen: list[BackupSet], missing: list[int]) -> str | None:
        if missing:
            count = max(one.family_count for one in chosen)
            numbers = ", ".join(str(number) for number in missing)
            return f"media family {numbers} of {count} is missing"
        for one in chosen:
            fault = self._file_fault(one)
            if fault:
                return f"{one.path}: {fault}" if len(chosen) > 1 else fault
        if len({(one.first_lsn, one.last_lsn, one.backup_type) for one in chosen}) > 1:
            return "its media families disagree about their LSNs"
        return None

    def _file_fault(self, one: BackupSet) -> str | None:
        if one.path in self._unusable:
            return self._unusable[one.path]
        if one.backup_type not in PLANNED_TYPES:
            return f"a {one.backup_type} backup is not planned with"
        if not one.complete:
            return "the file is cut off: its closing configuration is missing"
        if one.is_damaged:
            return "it was taken WITH CONTINUE_AFTER_ERROR from a damaged database"
        if one.is_password_protected:
            return "it is protected by a password"
        return "it is a snapshot backup, which its file alone does not hold" if one.is_snapshot else None

    def _with_zone(self, head: BackupSet) -> BackupSet:
        if head.backup_start_date.tzinfo is not None:
            return head
        if self._zone is None:
            raise InvalidInput(
                f"{head.database_name}: {head.path} does not say which time zone its server was in.",
                hint="Set time_zone to the zone of the server that took the backups.",
            )
        self.zone_assumed.add(head.path)
        finish = head.backup_finish_date
        return replace(
            head,
            backup_start_date=head.backup_start_date.replace(tzinfo=self._zone),
            backup_finish_date=finish.replace(tzinfo=self._zone) if finish else None,
        )


def _once_each(backups: Iterable[Backup]) -> list[Backup]:
    """A backup set that is found at two positions is one: the readable one, of those the first by path, counts."""
    best: dict[str, Backup] = {}
    for one in backups:
        other = best.setdefault(one.guid, one)
        if other is not one and (one.fault is not None, one.files) < (other.fault is not None, other.files):
            best[one.guid] = one
    return list(best.values())


def family_of(head: BackupSet) -> str:
    """What says "the same database" through renaming, restoring and moving; without a FamilyGUID server and name."""
    return head.family_guid or f"{head.server_name}/{head.database_name}".casefold()
