#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the application modules are, and who has no entry in the inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
module: application_info
short_description: Tell where the application modules are, and which have no entry in the inventory
version_added: 0.9.0
description:
  - Puts side by side what the files of the modules name and what the SQL Servers see of them.
  - A program that works with a server and that no entry names is returned as an entry to copy, with what a server can
    know of it. Files, restart and health check are for somebody who knows the module to fill in.
  - Tools of administrators and SQL Server's own programs are left out.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  applications:
    description: The entries of the modules, as they stand in the inventory.
    type: list
    elements: dict
    default: []
  server_names:
    description: The servers of the site, as they call themselves (C(@@SERVERNAME)).
    type: list
    elements: str
    required: true
  endpoints:
    description: For each of O(server_names) the names under which the modules' files know it.
    type: list
    elements: list
    required: true
  answers:
    description: For each of O(server_names) what M(ics.deadpool.mssql_info) returned of its sessions.
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts of O(files).
    type: list
    elements: str
    default: []
  files:
    description: For each of O(hosts) the C(files) that M(ics.deadpool.app_repoint) returned.
    type: list
    elements: list
    default: []
  own_logins:
    description: Logins of this collection, whose sessions are no module's.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Find the modules that nobody described
  ics.deadpool.application_info:
    applications: "{{ applications }}"
    server_names: [SQL1]
    endpoints: [[SQL1, 192.0.2.11]]
    answers: ["{{ seen }}"]
"""

RETURN = r"""
modules:
  description:
    - For each entry the servers that its files name and how many sessions each server sees of it.
    - A server that did not answer has null instead of a number.
    - C(split) where that is not one and the same server.
  returned: always
  type: list
  elements: dict
  sample:
    - name: registration
      host: app1
      files_name: [SQL1]
      unread: []
      sessions: {SQL1: 2, SQL2: 0}
      split: false
lines:
  description: The same in a line for each module, after one that says whether all are on one server.
  returned: always
  type: list
  elements: str
  sample:
    - All 4 modules are on SQL1.
    - 'registration on app1: its files name SQL1; 2 sessions on SQL1, 0 sessions on SQL2'
    - 'pharmacy on app1: its files name SQL1; 2 sessions on SQL1, 0 sessions on SQL2'
missing:
  description: An entry for each program that works with a server and has none.
  returned: always
  type: list
  elements: dict
  sample:
    - name: myhospital-kitchen
      host: app3
      files: []
      restart: ""
      health: ""
      sessions: [{program: MyHospital Kitchen}]
      databases: [MyHospitalKitchen]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.application_finding import (
    FoundServer,
    line,
    missing_entries,
    summary,
    whereabouts,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.endpoint import parse_endpoint
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.module_proof import require_entries
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "applications": {"type": "list", "elements": "dict", "default": []},
    "server_names": {"type": "list", "elements": "str", "required": True},
    "endpoints": {"type": "list", "elements": "list", "required": True},
    "answers": {"type": "list", "elements": "dict", "required": True},
    "hosts": {"type": "list", "elements": "str", "default": []},
    "files": {"type": "list", "elements": "list", "default": []},
    "own_logins": {"type": "list", "elements": "str", "default": []},
}


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    applications, servers = params["applications"], _servers(params)
    require_entries(applications, "name", "host", "files", "sessions")
    if len(params["hosts"]) != len(params["files"]):
        raise InvalidInput("files: not one list for each host", hint="Give hosts and files in the same order.")
    files = {(host, file["path"]): file for host, rows in zip(params["hosts"], params["files"]) for file in rows}
    modules = whereabouts(applications, servers, files)
    missing = missing_entries(applications, servers, params["own_logins"])
    return {"changed": False, "modules": modules, "lines": [summary(modules), *map(line, modules)], "missing": missing}


def _servers(params: dict[str, Any]) -> list[FoundServer]:
    names, endpoints, answers = params["server_names"], params["endpoints"], params["answers"]
    if not len(names) == len(endpoints) == len(answers):
        raise InvalidInput(
            "server_names, endpoints and answers are not of one length", hint="Give each server in all three."
        )
    return [
        FoundServer(name, [parse_endpoint(str(one)) for one in known], _sessions(answer))
        for name, known, answer in zip(names, endpoints, answers)
    ]


def _sessions(answer: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Not what a server did not say: a failed question is no server without sessions."""
    return answer.get("sessions") if answer.get("reachable") else None


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
