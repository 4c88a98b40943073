#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a SQL Server what it needs to take over, or takes it away from one that was left."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_handover
short_description: Set owners of databases, and which logins and jobs of a SQL Server are in use
version_added: 0.9.0
description:
  - After a restore a database belongs to whoever restored it, and the jobs that came along are disabled.
  - What cannot be done, because a login or job is not there, is told in RV(remarks) and stops nothing else.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
attributes:
  diff_mode:
    description: Shows what changes hands.
    support: full
options:
  owners:
    description: For each database the login that is to own it. Databases that are not open are left alone.
    type: dict
    default: {}
  enable_logins:
    description: Logins that may log in again.
    type: list
    elements: str
    default: []
  enable_jobs:
    description: Jobs that are to run here from now on. Needs a member of sysadmin.
    type: list
    elements: str
    default: []
  disable_jobs:
    description: Jobs that are to run here no longer. One that is not there is well. Needs a member of sysadmin.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Let the failover run the jobs that production ran
  ics.deadpool.mssql_handover:
    login_host: failover.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    owners: {Pharmacy: sa}
    enable_jobs: [Close the day]
  delegate_to: localhost
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be.
  returned: always
  type: list
  elements: dict
  sample:
    - {part: owners, item: Pharmacy, what: give it back to sa}
remarks:
  description: What could not be done, and what a person has to do about it.
  returned: always
  type: list
  elements: dict
  sample:
    - part: jobs
      item: Close the day
      msg: there is no such job here
      hint: Make it by hand; it was not copied while the other server lived.
statements:
  description: The T-SQL that was executed, or in check mode would be.
  returned: always
  type: list
  elements: str
  sample:
    - ALTER AUTHORIZATION ON DATABASE::[Pharmacy] TO [sa]
    - ALTER AUTHORIZATION ON DATABASE::[Billing] TO [sa]
    - ALTER AUTHORIZATION ON DATABASE::[Laboratory] TO [sa]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_handover import Handover
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "owners": {"type": "dict", "default": {}},
    "enable_logins": {"type": "list", "elements": "str", "default": []},
    "enable_jobs": {"type": "list", "elements": "str", "default": []},
    "disable_jobs": {"type": "list", "elements": "str", "default": []},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server(params, dry=check_mode) as server:
        handover = Handover(server, params)
        handover.run()
        return handover.told()


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
