#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names the databases that two SQL Servers have open at once."""

from __future__ import annotations

DOCUMENTATION = r"""
module: database_twins_info
short_description: Name the databases that two SQL Servers have open at once
version_added: 0.9.0
description:
  - After a recovery the old server may come back, and then each of its databases lives twice. Whatever modules write
    to the one is missing in the other, and nobody notices.
  - Two databases are the same where their family GUIDs are, whatever they are called.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  server_names:
    description: The two servers, as they call themselves.
    type: list
    elements: str
    required: true
  answers:
    description:
      - For each of O(server_names) what M(ics.deadpool.mssql_info) returned of its databases. One that did not answer
        has no database open.
    type: list
    elements: dict
    required: true
  databases:
    description: Compare only these. Default is all.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Is any database open twice?
  ics.deadpool.database_twins_info:
    server_names: [SQL1, SQL2]
    answers: ["{{ production }}", "{{ failover }}"]
"""

RETURN = r"""
twins:
  description: Each database that is open on both, and whether their recovery forks differ.
  returned: always
  type: list
  elements: dict
  sample:
    - database: Pharmacy
      servers: [SQL1, SQL2]
      diverged: true
      msg: 'Pharmacy is open on SQL1 and on SQL2, and it is the same database; their recovery
        forks differ (1b6a755f-d8a5-470c-ad6d-122736f03541, 459c2b45-63ca-4469-a0ef-577b13653523):
        what was written to one ...'
      hint: 'Let only one of them be written to: playbooks/fence.yml closes the one that a
        recovery has left and keeps the tail of its log beside its backups. Look there for
        rows that are missing.'
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.twins import twins
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "server_names": {"type": "list", "elements": "str", "required": True},
    "answers": {"type": "list", "elements": "dict", "required": True},
    "databases": {"type": "list", "elements": "str", "default": []},
}


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    names, answers = params["server_names"], params["answers"]
    if len(names) != 2 or len(answers) != 2:
        raise InvalidInput("server_names and answers: not two of each", hint="Compare two servers at a time.")
    one, other = (answer.get("databases") or [] for answer in answers)
    found = twins(names[0], one, names[1], other, params["databases"])
    return {"changed": False, "twins": [twin.to_dict() for twin in found]}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
