# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is where: what each module says on /health, and which server sees its sessions."""

from __future__ import annotations

import socket
from typing import Any

import pyodbc

from simulator.site import SERVERS, Site
from simulator.site_databases import connect
from simulator.site_layout import Facts

_SESSIONS = "SELECT program_name, host_name, login_name FROM sys.dm_exec_sessions WHERE is_user_process = 1"
_CONNECTION_REFUSED = 111


def whereabouts(site: Site, role: str) -> dict[str, list[str]]:
    """Findings per module: everything that speaks against its working on this server, and on this server only."""
    findings: dict[str, list[str]] = {name: [] for name in site.modules}
    for name in site.modules:
        findings[name] += _health_findings(site.health(name), site.facts["servers"][role]["name"])
    for place in SERVERS:
        sessions = _sessions(site, place)
        for name, module in site.facts["modules"].items():
            findings[name] += _session_findings(sessions, module, site.facts["servers"][place]["name"], place == role)
    return findings


def _health_findings(health: Facts | None, server: str) -> list[str]:
    if health is None:
        return ["does not answer on /health"]
    if health["status"] != "ok":
        return [f"says on /health that it is down: {health['error']}"]
    if health["server"] != server:
        return [f"says on /health that it works with {health['server']}, not with {server}"]
    return []


def _sessions(site: Site, role: str) -> list[Any] | str | None:
    """The sessions a server has; None where nothing listens there; a text where it cannot be asked."""
    server = site.facts["servers"][role]
    with socket.socket() as probe:
        probe.settimeout(3)
        if probe.connect_ex((server["address"], server["port"])) == _CONNECTION_REFUSED:
            return None
    try:
        connection = connect(server, "sa", site.passwords["sa"][role])
        rows = connection.execute(_SESSIONS).fetchall()
        connection.close()
    except pyodbc.Error as error:
        return str(error.args[-1])
    return rows


def _session_findings(sessions: list[Any] | str | None, module: Facts, server: str, expected: bool) -> list[str]:
    if isinstance(sessions, str):
        return [f"{server} cannot be asked for its sessions: {sessions}"]
    own = [row for row in sessions or () if row.program_name == module["program"]]
    if not expected:
        return [f"{len(own)} of its sessions are still on {server}"] if own else []
    if not own:
        return [f"{server} sees no session of {module['program']!r}"]
    wanted = f"{module['host'].upper()} as {module['login']}"
    seen = [f"{row.host_name} as {row.login_name}" for row in own]
    return [f"{server} sees {module['program']!r} from {one}, not from {wanted}" for one in seen if one != wanted]
