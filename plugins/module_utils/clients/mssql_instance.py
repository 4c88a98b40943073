# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings the settings of a server to what a recovery relies on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..recovery import tsql
from ..recovery.check_words import at_site
from ..recovery.errors import InvalidInput
from ..recovery.instance import agent_remarks, database_changes, path_remarks, setting_changes
from .mssql import Row, Server
from .mssql_accounts import must_control
from .mssql_changing import Work


def settled(server: Server, params: dict[str, Any]) -> dict[str, Any]:
    """The module's work."""
    must_control(server, sysadmin=False)
    properties = server.query(tsql.server_properties())[0]
    work = Work(server)
    services = server.query(tsql.services())
    for changes, remarks in (
        setting_changes(_numbers(params["settings"]), server.query(tsql.configurations()), properties),
        database_changes(params["databases"], server.query(tsql.databases())),
    ):
        work.carry_out(changes)
        work.remarks += remarks
    work.remarks += path_remarks({kind: params[f"{kind}_directory"] for kind in ("data", "log", "backup")}, properties)
    work.remarks += agent_remarks(services, properties)
    named = params.get("inventory") or ()
    work.remarks = [replace(one, hint=at_site((one.hint, one.hint), named)[0]) for one in work.remarks]
    return {**work.told("databases", "agent"), "services": services, "accounts": _accounts(services)}


def _numbers(settings: dict[str, Any]) -> dict[str, int]:
    """sp_configure knows numbers only; YAML's yes and no are 1 and 0."""
    found = {}
    for name, value in settings.items():
        try:
            found[str(name)] = int(value)
        except (TypeError, ValueError):
            raise InvalidInput(
                f"settings: {name}: {value!r} is no number.", hint="Write it as {backup checksum default: 1}."
            ) from None
    return found


def _accounts(services: list[Row]) -> dict[str, str]:
    """Who needs rights on the folders of backups."""
    return {
        "agent" if "agent" in row["servicename"].lower() else "engine": str(row["service_account"] or "")
        for row in services
    }
