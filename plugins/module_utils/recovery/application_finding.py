# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the application modules of a site are, and who works with its servers without an entry in the inventory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .endpoint import Endpoint, host_key, meant_by, parse_endpoint

Facts = Mapping[str, Any]

#: Programs that people and SQL Server itself connect with: no module of an application.
_TOOLS = re.compile(
    r"microsoft sql server management studio|azure data studio|vscode-mssql|sqlcmd|sqlagent|sql server agent"
    r"|databasemail|sql server profiler|sqlservercee|ssms|dbeaver|heidisql|telemetry|\.tools\b",
    re.IGNORECASE,
)
_SYSTEM_DATABASES = {"", "master", "model", "msdb", "tempdb"}


@dataclass(frozen=True)
class FoundServer:
    """A server as its inventory host describes it, and the sessions that it showed; None where it did not answer."""

    name: str
    endpoints: Sequence[Endpoint]
    sessions: Sequence[Facts] | None

    def is_named(self, file: Facts) -> bool:
        read = [parse_endpoint(name) for name in file["before"]]
        if file["format"] in ("hosts", "dns"):
            return any(host_key(one.host) == host_key(name.host) for one in read for name in self.endpoints)
        return any(meant_by(self.endpoints, one) for one in read)

    def count(self, programs: Collection[str]) -> int | None:
        if self.sessions is None:
            return None
        return sum(1 for one in self.sessions if str(one.get("program_name")).lower() in programs)


def whereabouts(
    applications: Sequence[Facts], servers: Sequence[FoundServer], files: Mapping[tuple[str, str], Facts]
) -> list[dict[str, Any]]:
    """For each module which servers its files name and which see its sessions; ``split`` where that is not one server.
    ``files`` are those that could be read, by host and path."""
    return [_whereabouts(one, servers, files) for one in applications]


def _whereabouts(
    application: Facts, servers: Sequence[FoundServer], files: Mapping[tuple[str, str], Facts]
) -> dict[str, Any]:
    programs = {one["program"].lower() for one in application["sessions"]}
    paths = [file["path"] for file in application["files"]]
    rows = [files[application["host"], path] for path in paths if (application["host"], path) in files]
    named = [server.name for server in servers if any(map(server.is_named, rows))]
    seen = {server.name: server.count(programs) for server in servers}
    return {
        "name": application["name"],
        "host": application["host"],
        "files_name": named,
        "unread": [path for path in paths if (application["host"], path) not in files],
        "sessions": seen,
        "split": len(named) != 1 or any(count for name, count in seen.items() if name not in named),
    }


def line(module: Facts) -> str:
    """One module in one line for people."""
    counted = ", ".join(
        f"{name} does not answer" if count is None else f"{count} sessions on {name}"
        for name, count in module["sessions"].items()
    )
    unread = f"; could not be read: {', '.join(module['unread'])}" if module["unread"] else ""
    mark = "NOT ON ONE SERVER: " if module["split"] else ""
    named = " and ".join(module["files_name"]) or "no server of this site"
    return f"{mark}{module['name']} on {module['host']}: its files name {named}; {counted}{unread}"


def summary(modules: Sequence[Facts]) -> str:
    """Whether the site is on one server, as its files say, and which modules are where if not."""
    places: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        places[" and ".join(module["files_name"]) or "no server of this site"].append(module["name"])
    if len(places) == 1 and not any(module["split"] for module in modules):
        return f"All {len(modules)} modules are on {next(iter(places))}."
    told = "; ".join(f"on {place}: {', '.join(names)}" for place, names in places.items())
    return f"THE MODULES ARE NOT ON ONE SERVER: {told}"


def missing_entries(
    applications: Sequence[Facts], servers: Sequence[FoundServer], own_logins: Sequence[str]
) -> list[Any]:
    """An entry for every program that works with a server and that no entry of the inventory names, with what a server
    can know of it; the rest is left empty on purpose, so that the preflight asks for it."""
    known = {session["program"].lower() for one in applications for session in one["sessions"]}
    own = {login.lower() for login in own_logins}
    found: dict[str, list[Facts]] = defaultdict(list)
    for session in (one for server in servers for one in server.sessions or ()):
        program = str(session.get("program_name") or "")
        if program.lower() in known or _TOOLS.search(program) or str(session.get("login_name")).lower() in own:
            continue
        found[program].append(session)
    return [_entry(program, sessions) for program, sessions in sorted(found.items())]


def _entry(program: str, sessions: Sequence[Facts]) -> dict[str, Any]:
    databases = {str(one.get("database_name") or "") for one in sessions}
    return {
        "name": re.sub(r"[^a-z0-9]+", "-", program.lower()).strip("-") or "unnamed",
        "host": ", ".join(sorted({str(one.get("host_name") or "").lower() for one in sessions})),
        "files": [],
        "restart": "",
        "health": "",
        "sessions": [{"program": program}],
        "databases": sorted(name for name in databases if name.lower() not in _SYSTEM_DATABASES),
    }
