#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Drops what a drill restored."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_drill_drop
short_description: Drop the databases that a drill restored under other names
version_added: 0.9.0
description:
  - Drops a database only where the server's own records say that it was restored from the backups of the plan given,
    and the plan restored it under another name than its source has. Everything else is refused before anything is
    dropped.
  - A database that is gone already is no change.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
options:
  plans:
    description: The plans of the drill, as M(ics.deadpool.mssql_restore_plan) returned them with C(rename).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Drop what the drill restored
  ics.deadpool.mssql_drill_drop:
    login_host: failover.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    plans: "{{ drill_plan.plans }}"
  delegate_to: localhost
"""

RETURN = r"""
dropped:
  description: The databases that were dropped, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [deadpool_drill_Pharmacy, deadpool_drill_Registration, deadpool_drill_Laboratory]
statements:
  description: What was executed, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample:
    - |-
      IF DATABASEPROPERTYEX(N'deadpool_drill_Pharmacy', N'Status') = N'ONLINE' ALTER DATABASE [deadpool_dr
      DROP DATABASE [deadpool_drill_Pharmacy]
    - |-
      IF DATABASEPROPERTYEX(N'deadpool_drill_Registration', N'Status') = N'ONLINE' ALTER DATABASE [deadpoo
      DROP DATABASE [deadpool_drill_Registration]
    - |-
      IF DATABASEPROPERTYEX(N'deadpool_drill_Laboratory', N'Status') = N'ONLINE' ALTER DATABASE [deadpool_
      DROP DATABASE [deadpool_drill_Laboratory]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.drill_drop import drop_all
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.restore_step import given_plan
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "plans": {"type": "list", "elements": "dict", "required": True},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    plans = [given_plan(dict(plan)) for plan in params["plans"]]
    with Server(params, dry=check_mode) as server:
        dropped = drop_all(server, plans)
        return {"changed": bool(dropped), "dropped": dropped, "statements": server.statements}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
