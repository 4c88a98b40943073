# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copies of the files before they were repointed, and the record of what was written: what a rollback needs.

For each file a folder of its own, named after its path: the file's bytes under their hash, and numbered records of
what we wrote. A record is there before the file is touched; the last one says whether the file is what we wrote, what
it was before, or what somebody else made of it since.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..recovery.errors import InvalidInput, RepointRefused
from .app_file import AppFile, keep_protection, require_space


@dataclass(frozen=True)
class Record:
    """``before`` and ``after`` are the SHA-256 of the file; ``backup`` is where the bytes before are kept."""

    path: str
    real_path: str
    before: str
    after: str
    backup: str
    old: list[str]
    new: str
    written: str
    sequence: int


class BackupDirectory:
    """The folder of copies and records: private, and never where the application's files are served from."""

    def __init__(self, path: str) -> None:
        if not os.path.isabs(path):
            raise InvalidInput(f"backup_directory {path}: not an absolute path", hint="Name it by its whole path.")
        self.path = os.path.realpath(path)

    def require_usable(self, files: list[AppFile]) -> None:
        """Refused where a web server might serve it, or somebody else might put a file into it."""
        for file in files:
            for folder in (os.path.dirname(file.real_path), os.path.realpath(os.path.dirname(file.path))):
                if os.path.commonpath([folder, self.path]) == folder:
                    raise InvalidInput(
                        f"backup_directory {self.path}: lies in {folder}, the folder of {os.path.basename(file.path)}",
                        hint="Name a folder that no application serves or reads, such as /var/backups/deadpool.",
                    )
        existing = next(parent for parent in [Path(self.path), *Path(self.path).parents] if parent.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            raise RepointRefused(
                f"backup_directory {self.path}: {existing} cannot be written to",
                hint="Run as a user that may write there (become), or name another folder.",
            )
        if str(existing) == self.path:
            self._require_private()
        require_space(str(existing), sum(len(file.data) for file in files) + 256 * 1024)

    def _require_private(self) -> None:
        status = os.stat(self.path)
        foreign = status.st_uid not in (0, os.geteuid())
        if foreign or stat.S_IMODE(status.st_mode) & 0o022:
            raise RepointRefused(
                f"backup_directory {self.path}: others may write to it (mode {stat.S_IMODE(status.st_mode):04o})",
                hint=f"Take the right away (chmod go-w {self.path}) or name another folder.",
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One repointing at a time on a host."""
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        descriptor = os.open(os.path.join(self.path, ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise RepointRefused(
                f"backup_directory {self.path}: another repointing is at work on this host",
                hint="Wait until it has ended, then run again.",
            ) from None
        try:
            yield
        finally:
            os.close(descriptor)

    def keep(self, file: AppFile, after: str, old: list[str], new: str) -> Record:
        """Copy the file, with its protection, and write down what is about to take its place."""
        folder = self._folder(file.real_path)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        backup = os.path.join(folder, f"{file.sha256[:32]}-{os.path.basename(file.real_path)}")
        if not os.path.exists(backup) or Path(backup).read_bytes() != file.data:
            _write(backup, file.data, file)
        written = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        last = self.last_record(file)
        sequence = last.sequence + 1 if last else 1
        record = Record(file.path, file.real_path, file.sha256, after, backup, old, new, written, sequence)
        text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
        _write(os.path.join(folder, f"record-{sequence:06d}.json"), text.encode("utf-8"))
        return record

    def last_record(self, file: AppFile) -> Record | None:
        """What was written last, by its number: the host's clock may have been set back."""
        folder = Path(self._folder(file.real_path))
        names = {int(path.stem[7:]): path for path in folder.glob("record-*.json") if path.stem[7:].isdigit()}
        return self._read(str(names[max(names)])) if names else None

    def content_before(self, record: Record) -> bytes:
        """The copy, which must still be what was copied."""
        try:
            data = Path(record.backup).read_bytes()
        except OSError as error:
            raise RepointRefused(
                f"{record.path}: its copy {record.backup} cannot be read: {error.strerror}",
                hint="Restore the file from the host's own backup, or repoint it the other way.",
            ) from None
        if hashlib.sha256(data).hexdigest() != record.before:
            raise RepointRefused(
                f"{record.path}: its copy {record.backup} was changed", hint="Repoint the file the other way instead."
            )
        return data

    def _folder(self, real_path: str) -> str:
        return os.path.join(self.path, hashlib.sha256(os.fsencode(real_path)).hexdigest()[:32])

    @staticmethod
    def _read(path: str) -> Record:
        try:
            entry: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
            return Record(**entry)
        except (OSError, ValueError, TypeError):
            raise RepointRefused(
                f"{path}: this record of a repointing cannot be read", hint="Move it away and check the file by hand."
            ) from None


def _write(path: str, data: bytes, like: AppFile | None = None) -> None:
    """Whole or not at all, for this user only, or protected as the file that it is a copy of."""
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
            opened.flush()
            if like:
                keep_protection(like, opened.fileno())
            os.fsync(opened.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
