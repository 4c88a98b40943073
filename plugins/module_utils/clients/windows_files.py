# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An application's files on a Windows host: read over the connection, and replaced by the host's own fixed scripts."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..recovery.errors import InvalidInput, RepointRefused
from ..recovery.windows_places import name, parent, same_access, same_owner, windows_path
from .app_backup import Record
from .app_file import AppFile
from .windows_host import WindowsHost

#: What a file of another system has instead of its status.
NO_STATUS = os.stat_result((0,) * 10)


@dataclass(frozen=True)
class WindowsFile(AppFile):
    """A file as it was read. ``facts`` is what the host said about it."""

    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Look:
    """What stands at the paths that were asked for, and the folder that copies may go to."""

    me: str
    facts: Mapping[str, Mapping[str, Any]]
    directory: Mapping[str, Any]


def look(host: WindowsHost, paths: Sequence[str], directory: str) -> Look:
    wanted = [windows_path(path) for path in paths]
    found = host.script("look", {"Path": wanted, "BackupDirectory": directory}) if wanted else None
    found = found or host.script("look", {"Path": [directory], "BackupDirectory": directory})
    return Look(found["me"], {fact["path"].lower(): fact for fact in found["files"]}, found["directory"])


def read(host: WindowsHost, path: str, seen: Look) -> WindowsFile:
    """The file behind ``path``: its bytes by slurp, which must be those that the host hashed."""
    fact = seen.facts.get(windows_path(path).lower())
    if fact is None:
        raise InvalidInput(f"{path}: was not looked at", hint="Report this error.")
    _require_file(path, fact)
    data = host.content(fact["real_path"])
    if hashlib.sha256(data).hexdigest() != fact["sha256"]:
        raise RepointRefused(
            f"{path}: was changed by another program while it was read", hint="Find out who changes it, then run again."
        )
    return WindowsFile(path, fact["real_path"], data, NO_STATUS, fact)


def _require_file(path: str, fact: Mapping[str, Any]) -> None:
    if fact["leftovers"]:
        raise RepointRefused(
            f"{path}: is missing; an interrupted replacement left it as {', '.join(fact['leftovers'])}",
            hint="Rename that file back to its name, then run again.",
        )
    if fact["error"]:
        raise RepointRefused(
            f"{path}: cannot be read: {fact['error']}",
            hint="Check the path, and connect as an account that may read it.",
        )
    if not fact["is_file"]:
        raise RepointRefused(f"{path}: not a file", hint="Name the configuration file itself.")


def require_replaceable(file: WindowsFile) -> None:
    """What would make replacing the file fail, or change more than its content."""
    if file.facts["read_only"]:
        raise RepointRefused(
            f"{file.path}: has the attribute read-only", hint="Find out who set it and why, and take it away."
        )
    if file.facts["links"] > 1:
        raise RepointRefused(
            f"{file.path}: has {file.facts['links']} hard links, which replacing it would separate",
            hint="Replace the hard links by separate files that are listed each.",
        )
    if file.facts["encrypted"]:
        raise RepointRefused(
            f"{file.path}: is encrypted by the file system (EFS), and its copy would be readable by this account alone",
            hint="Decrypt it (cipher /d), repoint it and encrypt it again, all as the account that uses it.",
        )


@dataclass(frozen=True)
class Replacement:
    """One file and the bytes that are to take its place. With a record the file is copied and the record written
    before; a file that goes back has its copy and record already. ``sddl`` is the protection that it is to have, where
    that is not the one that the file has."""

    file: WindowsFile
    data: bytes = field(repr=False)
    record: Record | None = None
    sddl: str = ""
    temporary: str = field(default_factory=lambda: f"{secrets.token_hex(8)}.deadpool-new")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def temporary_path(self) -> str:
        return f"{parent(self.file.real_path).rstrip(chr(92))}\\.{name(self.file.real_path)}.{self.temporary}"


def prepare(host: WindowsHost, replacements: Sequence[Replacement], directory: str) -> None:
    """Copies, records, and the new contents beside their files; nothing takes a place yet."""
    wanted = [
        {
            "real_path": one.file.real_path,
            "sha256": one.file.sha256,
            **_content(one),
            **_kept(one),
        }
        for one in replacements
    ]
    result = host.script("prepare", {"BackupDirectory": directory, "Files": wanted})
    if result["error"]:
        raise refused_by_host(result["path"], result["error"])


def _content(one: Replacement) -> dict[str, Any]:
    """A key of the registry has no file to copy: its copy is the export that was made of it."""
    if one.file.facts.get("registry"):
        return {"registry": True, "temporary": "", "content": _base64(one.file.data)}
    return {"registry": False, "temporary": one.temporary_path, "content": _base64(one.data)}


def _kept(one: Replacement) -> dict[str, str]:
    record = one.record
    if record is None:
        return {"folder": "", "copy": "", "record": "", "record_path": ""}
    folder = parent(record.backup)
    text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
    path = f"{folder}\\record-{record.sequence:06d}.json"
    return {"folder": folder, "copy": record.backup, "record": _base64(text.encode("utf-8")), "record_path": path}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def swap(host: WindowsHost, replacements: Sequence[Replacement], directory: str) -> list[dict[str, Any]]:
    """What became of each file, in order; the last one may be the one that failed, and the rest was not begun."""
    wanted = [
        {
            "real_path": one.file.real_path,
            "temporary": one.temporary_path,
            "expected": one.file.sha256,
            "written": one.sha256,
            "sddl": one.sddl,
        }
        for one in replacements
    ]
    result = host.script("swap", {"BackupDirectory": directory, "Files": wanted})
    if result["error"]:
        raise refused_by_host(f"{directory}\\.lock", result["error"])
    facts: list[dict[str, Any]] = result["files"]
    return facts


def refused_by_host(path: str, said: str) -> RepointRefused:
    if said == "CHANGED":
        return RepointRefused(
            f"{path}: was changed by another program meanwhile", hint="Find out who changes it, then run again."
        )
    if path.endswith("\\.lock"):
        return RepointRefused(
            f"{path}: another repointing is at work on this host, or this account may not write there: {said}",
            hint="Wait until it has ended, then run again.",
        )
    return RepointRefused(
        f"{path}: cannot be replaced: {said}",
        hint="Close the program that holds it open, or give this account the right to write it and its folder.",
    )


def trouble(one: Replacement, fact: Mapping[str, Any]) -> RepointRefused | None:
    """Why a swapped file is not as it should be, if so."""
    if fact["error"]:
        return refused_by_host(one.file.path, fact["error"])
    if fact["sha256"] != one.sha256:
        return RepointRefused(
            f"{one.file.path}: reads back as {fact['sha256'][:16]}…, written was {one.sha256[:16]}…",
            hint="Another program writes this file at the same time, or the disk is faulty. Stop the application.",
        )
    if not same_access(fact["sddl_before"], fact["sddl_after"]):
        return RepointRefused(
            f"{one.file.path}: its access rights are others than before ({fact['sddl_after']})",
            hint=f"Before they were {fact['sddl_before']}. Connect as an account that may set them.",
        )
    return None


def caution(fact: Mapping[str, Any]) -> str:
    """What is no failure and should be known: only an account with SeRestorePrivilege gives a file to another owner."""
    if same_owner(fact["sddl_before"], fact["sddl_after"]):
        return ""
    return f"its owner was {fact['sddl_before'].partition('D:')[0]} and is now {fact['sddl_after'].partition('D:')[0]}"
