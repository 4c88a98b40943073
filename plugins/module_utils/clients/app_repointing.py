# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repoints the files of one host: all of them looked at before the first is touched, all of them swapped, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from ..recovery.config_file import FileForm, RepointedFile, repoint_file
from ..recovery.endpoint import Endpoint
from ..recovery.errors import InvalidInput, RecoveryError, RepointRefused
from . import app_file
from .app_backup import BackupDirectory
from .app_file import AppFile


@dataclass(frozen=True)
class Wish:
    """What is asked for one file. ``required``: that it names neither server is an error. ``tolerant``: what could
    not be edited safely is a warning instead of an error."""

    form: FileForm
    required: bool = True
    tolerant: bool = False


@dataclass(frozen=True)
class Servers:
    old: Sequence[Endpoint]
    new: Endpoint


@dataclass
class FilePlan:
    """One file, and what is to become of it."""

    wish: Wish
    file: AppFile
    result: RepointedFile
    backup: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.file.path

    def to_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "real_path": self.file.real_path,
            "changed": self.result.changed,
            "status": self.status,
            "format": self.result.format,
            "encoding": self.result.encoding,
            "edits": list(self.result.edits),
            "before": list(self.result.before),
            "after": list(self.result.after),
            "sha256_before": self.result.sha256_before,
            "sha256_after": self.result.sha256_after,
            "backup": self.backup,
            "warnings": self.warnings,
            "left": [f"line {found['line']}: {found['key']}: {found['text']}" for found in self.result.told("left")],
        }

    @property
    def status(self) -> str:
        return "repointed" if self.result.changed else "already" if self.result.already else "not_concerned"


def planned(wishes: Sequence[Wish], servers: Servers, validated: Mapping[str, str]) -> list[FilePlan]:
    """What would be done, for all files; every refusal of every file in one error. Nothing is written."""
    plans: list[FilePlan] = []
    errors: list[RecoveryError] = []
    for wish in wishes:
        try:
            plans.append(_plan(wish, servers, validated))
        except RecoveryError as error:
            errors.append(error)
    if errors:
        raise together(errors, plans)
    require_distinct([plan.file for plan in plans])
    return plans


def _plan(wish: Wish, servers: Servers, validated: Mapping[str, str]) -> FilePlan:
    file = app_file.read(wish.form.path)
    if validated and validated.get(file.path) != file.sha256:
        raise RepointRefused(
            f"{file.path}: is not the file that was validated ({file.sha256[:16]}…)",
            hint="Validate again: it was changed since, or it was not among the files then.",
        )
    result = read_through(file, wish, servers.old, servers.new)
    plan = FilePlan(wish, file, result, warnings=[told_in_words(found) for found in result.told("warning")])
    require_sure(plan, servers)
    if result.changed:
        app_file.require_replaceable(file, len(result.data))
    return plan


def read_through(file: AppFile, wish: Wish, old: Sequence[Endpoint], new: Endpoint) -> RepointedFile:
    try:
        return repoint_file(file.data, old, new, wish.form)
    except RecoveryError as error:
        raise type(error)(f"{file.path}: {error.msg}", hint=error.hint) from None
    except Exception as error:
        # The message of an unforeseen error may quote the file, and with it a password.
        raise RepointRefused(
            f"{file.path}: could not be read through ({type(error).__name__})",
            hint="Edit this file by hand, and report its format.",
        ) from None


def told_in_words(found: Mapping[str, Any]) -> str:
    key = f" {found['key']}:" if found["key"] else ""
    return f"line {found['line']}:{key} {found['text']}"


def require_sure(plan: FilePlan, servers: Servers) -> None:
    """A file that still names the old server somewhere, or names neither server, is no success."""
    refused = [told_in_words(found) for found in plan.result.told("refused")]
    if refused and plan.wish.tolerant:
        plan.warnings += refused
    elif refused:
        raise RepointRefused(
            f"{plan.path}: {'; '.join(refused)}",
            hint="Edit this place by hand and run again, or set on_refused: warn for this file to change the others.",
        )
    if plan.result.changed or plan.result.already:
        return
    old = ", ".join(map(str, servers.old))
    found = ", ".join(plan.result.before) or "no SQL Server at all"
    fact = f"{plan.path}: names neither the old server ({old}) nor the new one ({servers.new}); it names {found}"
    if plan.wish.required:
        left = [told_in_words(one) for one in plan.result.told("left") + plan.result.told("warning")]
        hint = "Check old, and the file's path and format."
        raise RepointRefused(fact, hint=" ".join([hint, *[f"{one}." for one in left]]))
    plan.warnings.append(fact)


def require_distinct(files: Sequence[AppFile]) -> None:
    seen: dict[str, str] = {}
    for file in files:
        if file.real_path in seen:
            raise InvalidInput(
                f"{file.path}: is the same file as {seen[file.real_path]}",
                hint="List every file once, with all its keys.",
            )
        seen[file.real_path] = file.path


def together(errors: Sequence[RecoveryError], plans: Sequence[FilePlan] = ()) -> RecoveryError:
    """Several errors as one, that says them all."""
    error = errors[0]
    if len(errors) > 1:
        facts = "\n".join(error.msg for error in errors)
        hints = "\n".join(dict.fromkeys(error.hint for error in errors))
        error = RepointRefused(f"{len(errors)} files cannot be repointed; nothing was changed\n{facts}", hint=hints)
    error.facts = {"files": [{**plan.to_dict(), "changed": False} for plan in plans]}  # type: ignore[attr-defined]
    return error


def apply(plans: Sequence[FilePlan], directory: BackupDirectory, servers: Servers) -> None:
    """Copies first, then all new contents beside their files, then the swaps. What fails takes everything back."""
    changing = [plan for plan in plans if plan.result.changed]
    if not changing:
        return
    with directory.locked(), ExitStack() as temporary:
        prepared = []
        try:
            for plan in changing:
                after, old = plan.result.sha256_after, list(map(str, servers.old))
                plan.backup = directory.keep(plan.file, after, old, str(servers.new)).backup
            for plan in changing:
                ready = app_file.prepare(plan.file, plan.result.data)
                temporary.callback(ready.discard)
                prepared.append(ready)
        except OSError as error:
            raise _failed(error, plan, changing, []) from None
        _swap(changing, prepared)


def _swap(plans: Sequence[FilePlan], prepared: Sequence[app_file.Prepared]) -> None:
    swapped: list[FilePlan] = []
    for plan, ready in zip(plans, prepared):
        try:
            ready.swap()
            swapped.append(plan)
            ready.verify()
        except (OSError, RecoveryError) as error:
            raise _failed(error, plan, plans, [_taken_back(done) for done in reversed(swapped)]) from None


def _taken_back(plan: FilePlan) -> str:
    """Put one file back, if what stands there is what we wrote; the sentence says which it was."""
    try:
        now = app_file.read(plan.path)
        if now.sha256 == plan.result.sha256_before:
            return ""
        if now.sha256 != plan.result.sha256_after:
            return f"{plan.path}: holds neither what we read nor what we wrote, and was left so"
        ready = app_file.prepare(now, plan.file.data)
        ready.swap()
        ready.verify()
    except (OSError, RecoveryError) as error:
        return f"{plan.path}: COULD NOT BE PUT BACK ({_reason(error)}); its copy is {plan.backup}"
    return f"{plan.path}: was put back"


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, RecoveryError) else getattr(error, "strerror", "") or type(error).__name__


def _failed(error: Exception, at: FilePlan, plans: Sequence[FilePlan], told: Sequence[str]) -> RecoveryError:
    """``error`` came at the file of one plan; an error of the system does not say which."""
    told = [sentence for sentence in told if sentence]
    broken = any("COULD NOT" in sentence or "neither" in sentence for sentence in told)
    state = "not everything could be taken back" if broken else "nothing of this run is left on this host"
    hint = "Repair those files by hand first." if broken else "Remove the cause and run again."
    if isinstance(error, RecoveryError):
        hint = f"{error.hint} {hint}"
    reason = _reason(error) if isinstance(error, RecoveryError) else f"{at.path}: {_reason(error)}"
    failure = RepointRefused("\n".join([reason, *told, state]), hint=hint)
    failure.facts = {"files": [plan.to_dict() for plan in plans]}  # type: ignore[attr-defined]
    return failure
