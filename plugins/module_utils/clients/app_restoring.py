# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts the files of one host back to what they were before they were repointed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..recovery.errors import RecoveryError, RepointRefused
from . import app_file
from .app_backup import BackupDirectory, Record
from .app_file import AppFile
from .app_repointing import Servers, Wish, read_through, together


@dataclass
class Restoration:
    """One file on its way back: ``content`` is what it is to be again, nothing where it is that already."""

    file: AppFile
    status: str
    content: bytes | None = field(default=None, repr=False)
    record: Record | None = None

    def to_dict(self) -> dict[str, Any]:
        record = self.record
        return {
            "path": self.file.path,
            "real_path": self.file.real_path,
            "changed": self.content is not None,
            "status": self.status,
            "sha256_before": self.file.sha256,
            "sha256_after": record.before if record else self.file.sha256,
            "backup": record.backup if record else "",
            "warnings": [],
        }


def restorations(wishes: Sequence[Wish], directory: BackupDirectory, servers: Servers) -> list[Restoration]:
    """How every file would be put back; a file that holds neither what we wrote nor what we read is refused."""
    found: list[Restoration] = []
    errors: list[RecoveryError] = []
    for wish in wishes:
        try:
            found.append(_restoration(wish, directory, servers))
        except RecoveryError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    return found


def _restoration(wish: Wish, directory: BackupDirectory, servers: Servers) -> Restoration:
    file = app_file.read(wish.form.path)
    record = directory.last_record(file)
    if record and record.after == file.sha256:
        content = directory.content_before(record)
        app_file.require_replaceable(file, len(content))
        return Restoration(file, "restored", content, record)
    if record and record.before == file.sha256:
        return Restoration(file, "original")
    if record:
        raise RepointRefused(
            f"{file.path}: was changed after it was repointed ({file.sha256[:16]}… is not what we wrote)",
            hint=f"Compare it with its copy {record.backup}, and repoint it the other way instead.",
        )
    if read_through(file, wish, [servers.new], servers.old[0]).changed:
        raise RepointRefused(
            f"{file.path}: names the new server ({servers.new}), and {directory.path} has no record of it",
            hint="Check backup_directory, or repoint the file the other way instead.",
        )
    return Restoration(file, "never_repointed")


def restore(found: Sequence[Restoration], directory: BackupDirectory) -> None:
    """Put the files back; each is tried, and those that could not be are all named."""
    errors: list[RecoveryError] = []
    if not any(one.content is not None for one in found):
        return
    with directory.locked():
        for one in found:
            if one.content is None:
                continue
            try:
                ready = app_file.prepare(one.file, one.content)
                ready.swap()
                ready.verify()
            except RecoveryError as error:
                errors.append(error)
            except OSError as error:
                hint = "Remove the cause and run again."
                errors.append(RepointRefused(f"{one.file.path}: cannot be put back: {error.strerror}", hint=hint))
    if errors:
        facts = "\n".join(error.msg for error in errors)
        raise RepointRefused(f"{len(errors)} files could not be put back\n{facts}", hint=errors[0].hint)
