# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading (and verifying) all backup files of a folder: one that cannot be read is reported and hides none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..recovery.backup_file import BackupFile, read_backup_file
from ..recovery.backup_verify import verify_backup_file
from ..recovery.errors import RecoveryError
from .history import History, StoredFile
from .local_files import LocalFile, reading

#: A file without an end that changed so many seconds ago is being written, not cut.
_FRESH = 60
_STORE = "local"


@dataclass
class FolderReading:
    """What is found, in the words of the module's result."""

    history: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    verifications: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[dict[str, str]] = field(default_factory=list)

    def read_all(self, files: list[LocalFile]) -> None:
        for file in files:
            try:
                backup = self.read(file)
            except RecoveryError as error:
                self.refuse(file.path, error)
                continue
            self.history += [backup_set.to_dict() for backup_set in backup.sets]
            if not backup.complete:
                reason = f"{file.path}: {backup.notes[0]}"
                self.unreadable.append({"path": file.path, "reason": reason, "hint": backup.hint or ""})

    def read_new(self, files: list[LocalFile], history_file: str, *, below: str | None, rebuild: bool) -> None:
        """Only what the history in ``history_file`` does not know yet."""
        by_path = {file.path: file for file in files}
        listing = [StoredFile(file.path, file.size, file.modified.isoformat()) for file in files]
        with History(history_file) as history:
            if rebuild:
                history.rebuild(_STORE)
            found = history.refresh(
                _STORE,
                listing,
                lambda stored: self.read(by_path[stored.path]),
                below=below,
                reported=(RecoveryError,),
            )
        self.history += [backup_set.to_dict() for backup_set in found.backup_sets]
        self.unreadable += found.unreadable

    def read(self, file: LocalFile) -> BackupFile:
        with reading(file.path) as read:
            backup = read_backup_file(read, file.size, file.path)
        values = backup.to_dict()
        self.media.append({**values, "sets": len(backup.sets), "modified": file.modified.isoformat()})
        return backup

    def verify_all(self, files: list[LocalFile], *, deep: bool) -> None:
        """Files that were refused as no backups have no verdict."""
        refused = {each["path"] for each in self.unreadable} - {each["path"] for each in self.media}
        for file in files:
            if file.path in refused:
                continue
            try:
                with reading(file.path) as read:
                    verdict = verify_backup_file(read, file.size, file.path, deep=deep)
            except RecoveryError as error:
                self.refuse(file.path, error)
                continue
            self.verifications.append(verdict.to_dict())

    def refuse(self, path: str, error: RecoveryError) -> None:
        self.unreadable.append({"path": path, "reason": error.msg, "hint": error.hint})

    def say_what_is_being_written(self, files: list[LocalFile]) -> None:
        """A file without its end that changed just now is not broken."""
        now = datetime.now(timezone.utc)
        ages = {file.path: (now - file.modified).total_seconds() for file in files}
        cut = {medium["path"] for medium in self.media if not medium["complete"]}
        for each in self.unreadable:
            age = ages.get(each["path"], -1.0)
            if each["path"] in cut and 0 <= age < _FRESH:
                each["reason"] += f" It changed {age:.0f} seconds ago: it is being written."
