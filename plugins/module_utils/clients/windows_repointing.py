# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repoints the files of one Windows host from the controller, by the same rules as those of a Linux host: all looked
at before the first is touched, all swapped, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..recovery.errors import InvalidInput, RecoveryError, RepointRefused
from ..recovery.registry_text import is_registry_path
from . import windows_files
from .app_backup import Record
from .app_file import AppFile
from .app_repointing import FilePlan, Servers, Wish, read_through, require_sure, together, told_in_words
from .app_restoring import Restoration
from .windows_backup import WindowsBackup
from .windows_files import Look, Replacement, WindowsFile
from .windows_host import HostLost, WindowsHost
from .windows_registry import is_key, put_key_back, read_key, write_key


@dataclass(frozen=True)
class WindowsRepointing:
    """What is asked of one host, and how to reach it."""

    host: WindowsHost
    wishes: Sequence[Wish]
    servers: Servers
    directory: WindowsBackup

    def planned(self, validated: Mapping[str, str]) -> list[FilePlan]:
        """What would be done, for all files; every refusal of every file in one error. Nothing is written."""
        seen = self._look()
        plans: list[FilePlan] = []
        errors: list[RecoveryError] = []
        for wish in self.wishes:
            try:
                plans.append(self._plan(wish, seen, validated))
            except RecoveryError as error:
                errors.append(error)
        if errors:
            raise together(errors, plans)
        _require_distinct([plan.file for plan in plans])
        changing = [_of_windows(plan.file) for plan in plans if plan.result.changed]
        self.directory.require_usable(changing, seen)
        return plans

    def _look(self) -> Look:
        paths = [wish.form.path for wish in self.wishes if not is_registry_path(wish.form.path)]
        return windows_files.look(self.host, paths, self.directory.path)

    def _read(self, path: str, seen: Look) -> WindowsFile:
        return read_key(self.host, path) if is_registry_path(path) else windows_files.read(self.host, path, seen)

    def _plan(self, wish: Wish, seen: Look, validated: Mapping[str, str]) -> FilePlan:
        file = self._read(wish.form.path, seen)
        if validated and validated.get(file.path) != file.sha256:
            raise RepointRefused(
                f"{file.path}: is not the file that was validated ({file.sha256[:16]}…)",
                hint="Validate again: it was changed since, or it was not among the files then.",
            )
        result = read_through(file, wish, self.servers.old, self.servers.new)
        plan = FilePlan(wish, file, result, warnings=[told_in_words(found) for found in result.told("warning")])
        require_sure(plan, self.servers)
        if result.changed and not is_key(file):
            windows_files.require_replaceable(file)
        return plan

    def apply(self, plans: Sequence[FilePlan]) -> None:
        """Copies and new contents first, then the swaps. What fails takes everything back."""
        changing = [plan for plan in plans if plan.result.changed]
        if not changing:
            return
        last = self.directory.last_records(self.host, [plan.file.real_path for plan in changing])
        ready = [self._replacement(plan.file, plan.result.data, last[plan.file.real_path]) for plan in changing]
        windows_files.prepare(self.host, ready, self.directory.path)
        for plan, one in zip(changing, ready):
            plan.backup = one.record.backup if one.record else ""
        files = [one for one in ready if not is_key(one.file)]
        told = {fact["real_path"]: windows_files.caution(fact) for fact in (self._swapped(files) if files else [])}
        for plan in changing:
            if told.get(plan.file.real_path):
                plan.warnings.append(told[plan.file.real_path])
        self._set_keys([one for one in ready if is_key(one.file)], files)

    def _set_keys(self, keys: Sequence[Replacement], files: Sequence[Replacement]) -> None:
        """The registry last: its values are set one by one, and files are easier to put back."""
        begun: list[Replacement] = []
        for one in keys:
            begun.append(one)
            try:
                write_key(self.host, one)
            except RecoveryError as error:
                raise self._taken_back(error, [*files, *begun]) from None

    def _replacement(self, file: AppFile, data: bytes, last: Record | None) -> Replacement:
        record = Record(
            file.path,
            file.real_path,
            file.sha256,
            hashlib.sha256(data).hexdigest(),
            self.directory.copy_of(file),
            [str(name) for name in self.servers.old],
            str(self.servers.new),
            datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            last.sequence + 1 if last else 1,
        )
        return Replacement(_of_windows(file), data, record)

    def _swapped(self, ready: Sequence[Replacement]) -> list[dict[str, Any]]:
        try:
            facts = windows_files.swap(self.host, ready, self.directory.path)
        except HostLost as lost:
            # Whether it swapped is not known: each file that holds what we wrote goes back.
            raise self._taken_back(lost, ready) from None
        for one, fact in zip(ready, facts):
            trouble = windows_files.trouble(one, fact)
            if trouble:
                swapped = [each for each, told in zip(ready, facts) if told["state"] == "swapped"]
                raise self._taken_back(trouble, swapped)
        if len(facts) != len(ready):
            raise RepointRefused(
                f"{self.host.name}: {len(facts)} of {len(ready)} files were told of",
                hint="Run again to see how each is.",
            )
        return facts

    def _taken_back(self, error: RecoveryError, swapped: Sequence[Replacement]) -> RecoveryError:
        """Put the files that were swapped back, if what stands there is what we wrote; the error says how that went."""
        told: list[str] = []
        try:
            keys = [one for one in reversed(swapped) if is_key(one.file)]
            told = [f"{one.file.path}: was put back" for one in keys if put_key_back(self.host, one)]
            files = [one for one in swapped if not is_key(one.file)]
            told += self._put_back(files) if files else []
            state = "nothing of this run is left on this host"
        except RecoveryError as second:
            paths = ", ".join(f"{one.file.path} (its copy is {self.directory.copy_of(one.file)})" for one in swapped)
            told = [f"COULD NOT BE PUT BACK: {paths}: {second.msg}"]
            state = "not everything could be taken back"
        return RepointRefused("\n".join([error.msg, *told, state]), hint=error.hint)

    def _put_back(self, swapped: Sequence[Replacement]) -> list[str]:
        seen = windows_files.look(self.host, [one.file.real_path for one in swapped], self.directory.path)
        back: list[Replacement] = []
        for one in swapped:
            now = windows_files.read(self.host, one.file.real_path, seen)
            if now.sha256 == one.file.sha256:
                continue
            if now.sha256 != one.sha256:
                raise RepointRefused(
                    f"{one.file.path}: holds neither what we read nor what we wrote", hint="Look at it by hand."
                )
            back.append(Replacement(now, one.file.data, sddl=one.file.facts["sddl"]))
        if not back:
            return []
        windows_files.prepare(self.host, back, self.directory.path)
        facts = windows_files.swap(self.host, back, self.directory.path)
        for one, fact in zip(back, facts):
            if fact["error"] or fact["sha256"] != one.sha256:
                raise windows_files.refused_by_host(one.file.path, fact["error"] or "it reads back as something else")
        return [f"{one.file.path}: was put back" for one in back]

    def restorations(self) -> list[Restoration]:
        """How every file would be put back; one that holds neither what we wrote nor what we read is refused."""
        seen = self._look()
        found: list[Restoration] = []
        errors: list[RecoveryError] = []
        for wish in self.wishes:
            try:
                found.append(self._restoration(wish, seen))
            except RecoveryError as error:
                errors.append(error)
        if errors:
            raise together(errors)
        return found

    def _restoration(self, wish: Wish, seen: Look) -> Restoration:
        file = self._read(wish.form.path, seen)
        record = self.directory.last_records(self.host, [file.real_path])[file.real_path]
        if record and record.after == file.sha256:
            if not is_key(file):
                windows_files.require_replaceable(file)
            return Restoration(file, "restored", self.directory.content_before(self.host, record), record)
        if record and record.before == file.sha256:
            return Restoration(file, "original")
        if record:
            raise RepointRefused(
                f"{file.path}: was changed after it was repointed ({file.sha256[:16]}… is not what we wrote)",
                hint=f"Compare it with its copy {record.backup}, and repoint it the other way instead.",
            )
        if read_through(file, wish, [self.servers.new], self.servers.old[0]).changed:
            raise RepointRefused(
                f"{file.path}: names the new server ({self.servers.new}); {self.directory.path} has no record of it",
                hint="Check backup_directory, or repoint the file the other way instead.",
            )
        return Restoration(file, "never_repointed")

    def restore(self, found: Sequence[Restoration]) -> None:
        """Put the files back; each is tried, and those that could not be are all named."""
        errors: list[RecoveryError] = []
        for one in found:
            if one.content is None:
                continue
            try:
                ready = [Replacement(_of_windows(one.file), one.content)]
                if is_key(ready[0].file):
                    write_key(self.host, ready[0])
                    continue
                windows_files.prepare(self.host, ready, self.directory.path)
                trouble = windows_files.trouble(ready[0], windows_files.swap(self.host, ready, self.directory.path)[0])
                if trouble:
                    errors.append(trouble)
            except RecoveryError as error:
                errors.append(error)
        if errors:
            facts = "\n".join(error.msg for error in errors)
            raise RepointRefused(f"{len(errors)} files could not be put back\n{facts}", hint=errors[0].hint)


def _of_windows(file: AppFile) -> WindowsFile:
    if not isinstance(file, WindowsFile):
        raise TypeError("a file of a Windows host is expected")
    return file


def _require_distinct(files: Sequence[AppFile]) -> None:
    seen: dict[str, str] = {}
    for file in files:
        key = file.real_path.lower()
        if key in seen:
            raise InvalidInput(
                f"{file.path}: is the same file as {seen[key]}", hint="List every file once, with all its keys."
            )
        seen[key] = file.path
