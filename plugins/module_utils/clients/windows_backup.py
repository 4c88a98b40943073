# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copies of a Windows host's files and the records of what was written: ``app_backup`` for a folder of that host."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..recovery.errors import InvalidInput, NoSpace, RepointRefused
from ..recovery.windows_places import name, parent, windows_path, within
from .app_backup import Record
from .app_file import AppFile
from .windows_files import Look, WindowsFile
from .windows_host import WindowsHost

_SPARE = 1024 * 1024
#: SYSTEM, Administrators, CREATOR OWNER and TrustedInstaller may write everywhere.
_TRUSTED = {
    "S-1-5-18",
    "S-1-5-32-544",
    "S-1-3-0",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
}


@dataclass(frozen=True)
class WindowsBackup:
    """The folder of copies and records on the host: private, and never where files are served from."""

    path: str

    @classmethod
    def at(cls, path: str) -> WindowsBackup:
        told = windows_path(path, "backup_directory")
        if told.startswith("\\\\"):
            raise InvalidInput(
                f"backup_directory {path}: a share",
                hint=r"Name a folder of the host itself, such as C:\ProgramData\deadpool.",
            )
        return cls(told)

    def require_usable(self, files: Sequence[WindowsFile], seen: Look) -> None:
        for file in files:
            if file.facts.get("registry"):
                continue
            for path in (windows_path(file.path), file.real_path):
                if within(self.path, parent(path)):
                    raise InvalidInput(
                        f"backup_directory {self.path}: lies in {parent(path)}, the folder of {name(path)}",
                        hint=r"Name a folder that no application serves or reads, such as C:\ProgramData\deadpool.",
                    )
        there = seen.directory
        if not there["is_folder"]:
            raise RepointRefused(
                f"backup_directory {self.path}: {there['existing'] or 'its drive'} is no folder",
                hint="Name another folder.",
            )
        strangers = sorted(set(there["writers"]) - _TRUSTED - {seen.me})
        if strangers:
            raise RepointRefused(
                f"backup_directory {self.path}: others may write to it ({', '.join(strangers)})",
                hint="Name a folder that does not exist yet (it is made private), or take their right away (icacls).",
            )
        wanted = sum(len(file.data) for file in files) * 4 + _SPARE
        if 0 <= there["free"] < wanted:
            raise NoSpace(
                f"{self.path}: {there['free']} bytes free, {wanted} needed", hint="Free disk space there first."
            )

    def folder(self, real_path: str) -> str:
        """A folder for each file: Windows knows no difference of case."""
        return f"{self.path}\\{hashlib.sha256(real_path.lower().encode('utf-8')).hexdigest()[:32]}"

    def last_records(self, host: WindowsHost, real_paths: Sequence[str]) -> dict[str, Record | None]:
        if not real_paths:
            return {}
        found = host.script("records", {"Folder": [self.folder(path) for path in real_paths]})
        texts = {entry["folder"]: entry["record"] for entry in found["records"]}
        return {path: _record(texts.get(self.folder(path), ""), path) for path in real_paths}

    def copy_of(self, file: AppFile) -> str:
        ending = ".reg" if file.real_path.startswith("HK") else ""
        return f"{self.folder(file.real_path)}\\{file.sha256[:32]}-{_plain(name(file.real_path))}{ending}"

    def content_before(self, host: WindowsHost, record: Record) -> bytes:
        data = host.content(record.backup)
        if hashlib.sha256(data).hexdigest() != record.before:
            raise RepointRefused(
                f"{record.path}: its copy {record.backup} was changed", hint="Repoint the file the other way instead."
            )
        return data


def _plain(text: str) -> str:
    """The name of a DSN may hold what the name of a file may not."""
    return re.sub(r'[<>:"/|?*]', "_", text)


def _record(text: str, path: str) -> Record | None:
    if not text:
        return None
    try:
        return Record(**json.loads(text))
    except (ValueError, TypeError):
        raise RepointRefused(
            f"{path}: the record of its last repointing cannot be read",
            hint="Move it out of backup_directory and check the file by hand.",
        ) from None
