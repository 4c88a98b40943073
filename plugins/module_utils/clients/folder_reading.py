# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading (and verifying) all backup files of a folder, on a disk or on a store: one that cannot be read is reported
and hides none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Protocol

from ..recovery.backup_file import BackupFile, read_backup_file
from ..recovery.backup_verify import verify_backup_file
from ..recovery.errors import HistoryUnusable, InvalidInput, RecoveryError
from ..recovery.verification import DAMAGED
from ..recovery.window import Read
from .history import History, StoredFile
from .local_files import reading

#: A file without an end that changed so many seconds ago is being written, not cut.
_FRESH = 60


class Listed(Protocol):
    """A file as a listing shows it. ``modified`` is None where the listing does not say."""

    @property
    def path(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def modified(self) -> datetime | None: ...


@dataclass(frozen=True)
class Place:
    """Where the files lie. ``name`` is what the history calls it.

    ``pieces`` opens a file for a few small reads, ``stream`` for one from front to back. Errors that are not of the
    kinds ``reported`` concern more than one file and end the look.
    """

    name: str
    pieces: Callable[[Any], AbstractContextManager[Read]]
    stream: Callable[[Any], AbstractContextManager[Read]]
    reported: tuple[type[RecoveryError], ...] = (RecoveryError,)


def _on_disk(file: Listed) -> AbstractContextManager[Read]:
    return reading(file.path)


HERE = Place("local", _on_disk, _on_disk)
#: One file that was asked for by its name: it must be a backup.
NAMED = Place("local", _on_disk, _on_disk, reported=())


@dataclass
class FolderReading:
    """What is found, in the words of the module's result."""

    place: Place = HERE
    history: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    verifications: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def read_all(self, files: Sequence[Listed]) -> None:
        for file in files:
            try:
                backup = self.read(file)
            except RecoveryError as error:
                if not isinstance(error, self.place.reported):
                    raise
                self.refuse(file.path, error)
                continue
            self.history += [backup_set.to_dict() for backup_set in backup.sets]
            if not backup.complete:
                reason = f"{file.path}: {backup.notes[0]}"
                self.unreadable.append({"path": file.path, "reason": reason, "hint": backup.hint or ""})

    def read_new(self, files: Sequence[Listed], history_file: str, *, below: str | None, rebuild: bool) -> None:
        """Only what the history in ``history_file`` does not know yet: a cache, for whose repair no recovery waits."""
        try:
            self._read_known(files, history_file, below=below, rebuild=rebuild)
        except HistoryUnusable as error:
            self.warnings.append(f"{error.msg} All {len(files)} files are read instead. HINT: {error.hint}")
            self.media.clear()
            self.read_all(files)

    def _read_known(self, files: Sequence[Listed], history_file: str, *, below: str | None, rebuild: bool) -> None:
        by_path = {file.path: file for file in files}
        listing = [
            StoredFile(file.path, file.size, file.modified.isoformat() if file.modified else "") for file in files
        ]
        with History(history_file) as history:
            found = history.refresh(
                self.place.name,
                listing,
                lambda stored: self.read(by_path[stored.path]),
                below=below,
                rebuild=rebuild,
                reported=self.place.reported,
            )
        self.history += [backup_set.to_dict() for backup_set in found.backup_sets]
        self.unreadable += [{**each} for each in found.unreadable]

    def read(self, file: Listed) -> BackupFile:
        with self.place.pieces(file) as read:
            backup = read_backup_file(read, file.size, file.path)
        modified = file.modified.isoformat() if file.modified else None
        self.media.append({**backup.medium(), "modified": modified})
        return backup

    def verify_all(self, files: Sequence[Listed], *, deep: bool) -> None:
        """Files that were refused as no backups have no verdict."""
        refused = {each["path"] for each in self.unreadable} - {each["path"] for each in self.media}
        for file in files:
            if file.path in refused:
                continue
            try:
                with self.place.stream(file) as read:
                    verdict = verify_backup_file(read, file.size, file.path, deep=deep)
            except RecoveryError as error:
                if not isinstance(error, self.place.reported):
                    raise
                self.refuse(file.path, error)
                continue
            self.verifications.append(verdict.to_dict())

    def refuse(self, path: str, error: RecoveryError) -> None:
        kind = type(error).__name__
        self.unreadable.append({"path": path, "reason": error.msg, "hint": error.hint, "error": kind})

    def say_what_is_being_written(self, files: Sequence[Listed]) -> None:
        """A file without its end that changed just now is not broken."""
        now = datetime.now(timezone.utc)
        times = {file.path: file.modified.isoformat() for file in files if file.modified}
        ages = {file.path: (now - file.modified).total_seconds() for file in files if file.modified}
        cut = {medium["path"]: medium["notes"] for medium in self.media if not medium["complete"]}
        for each in self.unreadable:
            age = ages.get(each["path"], -1.0)
            each["modified"] = times.get(each["path"])
            if each["path"] in cut and 0 <= age < _FRESH:
                each["reason"] += f" It changed {age:.0f} seconds ago: it is being written."
            if cut.get(each["path"]):
                each["notes"] = cut[each["path"]]

    def result(self, files: int, *, verified: bool) -> dict[str, Any]:
        result: dict[str, Any] = {
            "history": self.history,
            "media": self.media,
            "unreadable": self.unreadable,
            "files": files,
        }
        if self.warnings:
            result["warnings"] = self.warnings
        if verified:
            result["verifications"] = self.verifications
            result["damaged"] = [each["path"] for each in self.verifications if each["verdict"] == DAMAGED]
        return result


def refuse_idle_options(params: dict[str, Any]) -> None:
    """Options that would do nothing: who sets them believes that they did something."""
    for option, needed in (("deep", "verify"), ("rebuild", "history_file")):
        if params[option] and not params[needed]:
            raise InvalidInput(
                f"{option}: this option does nothing without {needed}.",
                hint=f"Give {needed} too, or leave {option} out.",
            )


def moment(text: str | None) -> datetime | None:
    """The option ``since``; without an offset it is in the time zone of this host."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise InvalidInput(f"since: {text!r} is no time.", hint="Write it as 2026-11-24T03:00:00+07:00.") from error
    return found if found.tzinfo else found.astimezone()
