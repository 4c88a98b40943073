#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lets no application write to a SQL Server any more."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_fence
short_description: Let no application write to a SQL Server any more
version_added: 0.9.0
description:
  - For a server that is left and whose databases cannot be closed by backing up the tail of their log. Every login that
    is a user of one of O(databases) is disabled and its sessions are ended; jobs of SQL Server Agent are disabled and
    stopped.
  - Then the server is asked again. The module fails where a login that is not spared may still enter, or one of
    O(programs) is still there.
  - C(sa), logins of SQL Server itself and O(login_user) cannot be kept out; a module that uses one of them needs the
    server itself stopped.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
options:
  databases:
    description: The databases that nobody may write to any more.
    type: list
    elements: str
    required: true
  logins:
    description: More logins to disable, such as those of modules that are no user of a database by themselves.
    type: list
    elements: str
    default: []
  programs:
    description: Programs whose sessions are ended whatever their login, by the name under which they log in.
    type: list
    elements: str
    default: []
  spare_logins:
    description: Logins that stay as they are, such as those that take backups and restore.
    type: list
    elements: str
    default: []
  jobs:
    description: Whether jobs are disabled and stopped, which needs a member of sysadmin.
    type: bool
    default: true
  spare_jobs:
    description: Jobs that go on.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Let no module write to the old server any more
  ics.deadpool.mssql_fence:
    login_host: production.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    databases: [Registration, Pharmacy]
    spare_logins: [deadpool_backup, deadpool_restore]
  delegate_to: localhost
  register: fenced
"""

RETURN = r"""
disabled_logins:
  description: What was disabled, or in check mode would be. M(ics.deadpool.mssql_handover) enables it again.
  returned: always
  type: list
  elements: str
  sample: [pharmacy]
disabled_jobs:
  description: The same of jobs.
  returned: always
  type: list
  elements: str
  sample: [Close the day]
ended_sessions:
  description: Whose sessions were ended.
  returned: always
  type: list
  elements: str
  sample: [pharmacy (MyHospital Pharmacy)]
verdicts:
  description: For each database whether anybody may still enter, as the server says.
  returned: always
  type: list
  elements: dict
  sample:
    - item: fenced
      subject: Pharmacy
      verdict: proven
      fact: it is open, and every login that could write to it is disabled
      hint: ""
statements:
  description: The T-SQL that was executed, or in check mode would be.
  returned: always
  type: list
  elements: str
  sample: ["ALTER LOGIN [pharmacy] DISABLE", KILL 57]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_fence import Fence
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.verdict import not_proven
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "databases": {"type": "list", "elements": "str", "required": True},
    "logins": {"type": "list", "elements": "str", "default": []},
    "programs": {"type": "list", "elements": "str", "default": []},
    "spare_logins": {"type": "list", "elements": "str", "default": []},
    "jobs": {"type": "bool", "default": True},
    "spare_jobs": {"type": "list", "elements": "str", "default": []},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server(params, dry=check_mode) as server:
        fence = Fence(server, params)
        fence.run()
        verdicts = [] if check_mode else fence.verdicts()
        result: dict[str, Any] = {
            "changed": bool(fence.disabled_logins or fence.disabled_jobs or fence.ended_sessions),
            "disabled_logins": fence.disabled_logins,
            "disabled_jobs": fence.disabled_jobs,
            "ended_sessions": fence.ended_sessions,
            "verdicts": [verdict.to_dict() for verdict in verdicts],
            "statements": server.statements,
        }
    missing = not_proven(verdicts) if verdicts else None
    if missing:
        result.update(failed=True, msg=str(missing), hint=missing.hint, error="NotProven")
    return result


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
