# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an application module is proven to work on a server: what it says itself, and what the server sees of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Callable

from .errors import InvalidInput


@dataclass(frozen=True)
class Answer:
    """What a health check answered: HTTP status and body, or why there was no answer."""

    status: int | None
    body: str = ""
    error: str = ""


@dataclass(frozen=True)
class ModuleProof:
    """``ok`` only where the module answers that it is well, on this server, and the server sees its sessions."""

    name: str
    ok: bool
    health: str
    sessions: int
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def healthy(answer: Answer, server_name: str) -> tuple[bool, str]:
    """HTTP 200, and where the body is JSON: no other ``status`` than ok, no other ``server`` than the one meant."""
    if answer.status is None:
        return False, f"no answer: {answer.error}"
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    words = f"HTTP {answer.status}"
    words += "".join(f", {key} {said[key]}" for key in ("status", "server", "error") if said.get(key))
    if answer.status != 200 or str(said.get("status") or "ok").lower() not in ("ok", "up", "healthy", "pass"):
        return False, words
    server = said.get("server")
    return not server or str(server).lower() == server_name.lower(), words


def well_on(server_name: str, answer: Answer) -> bool:
    """Whether the answer is that of a module that is well and names no other server."""
    return healthy(answer, server_name)[0]


def require_entries(applications: Sequence[dict[str, Any]], *keys: str) -> None:
    """Raises where an entry of the inventory lacks one of the keys."""
    for application in applications:
        for key in keys:
            if not application.get(key):
                raise InvalidInput(
                    f"applications: the entry {application.get('name') or application!r} has no {key}",
                    hint=f"Add {key} to it in the inventory.",
                )


def changed_file(application: dict[str, Any], changed_files: Collection[str]) -> str:
    """Which of a module's files was changed, in words; empty where none was."""
    changed = [one["path"] for one in application["files"] if one["path"] in changed_files]
    return f"{changed[0]} was changed" if changed else ""


def why_restart(
    application: dict[str, Any], changed_files: Collection[str], ask: Callable[[], Answer], server_name: str
) -> str:
    """Why a module is to be restarted; empty where it works on the server with the files as they are."""
    changed = changed_file(application, changed_files)
    if changed:
        return changed
    well, words = healthy(ask(), server_name)
    return "" if well else f"it does not work on {server_name}: {words}"


def module_proof(
    application: dict[str, Any], answer: Answer, sessions: Sequence[dict[str, Any]], server_name: str
) -> ModuleProof:
    """The proof for one module. ``sessions`` are those of the server, as mssql_verify or mssql_info return them."""
    well, words = healthy(answer, server_name)
    programs = [one["program"] for one in application["sessions"]]
    seen = {program: sum(1 for one in sessions if one.get("program_name") == program) for program in programs}
    missing = [program for program, count in seen.items() if not count]
    hint = ""
    if not well:
        hint = f"Look at the log of {application['name']} on {application.get('host', 'its host')} and restart it."
    elif missing:
        hint = f"{server_name} sees no session named {missing[0]!r}: check its connection string."
    return ModuleProof(application["name"], well and not missing and bool(seen), words, sum(seen.values()), hint)
