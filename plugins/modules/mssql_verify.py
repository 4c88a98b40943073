#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a server for proof that a recovery is what it promised."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_verify
short_description: Prove that recovered databases are what was promised, and who works with them
version_added: 0.9.0
description:
  - Each thing that was asked for gets a verdict, with what the server showed. The module fails unless all of them are
    proven; what cannot be seen is not proven.
  - A database must be online, open to everybody and writable. With its plan, the server's own records must show that
    exactly the planned backup sets were restored, to the planned stop.
  - Users whose login is missing are listed, and repaired on request.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
options:
  plans:
    description: Plans that were carried out. Their databases are verified against them.
    type: list
    elements: dict
    default: []
  databases:
    description: More databases to verify, without a plan.
    type: list
    elements: str
    default: []
  canaries:
    description: Tables in which the last business transaction shows.
    type: list
    elements: dict
    default: []
    suboptions:
      database:
        description: The database.
        type: str
        required: true
      schema:
        description: Schema of the table.
        type: str
        default: dbo
      table:
        description: The table.
        type: str
        required: true
      time_column:
        description: Column with the time at which a row was written.
        type: str
        required: true
      utc:
        description: Whether that column is in UTC. Otherwise it is in the server's local time.
        type: bool
        default: true
      nothing_later:
        description: Whether a row later than the target time of the plan disproves it. Not once writing began.
        type: bool
        default: true
  repair_orphaned_users:
    description: Map each orphaned SQL user to the login of the same name.
    type: bool
    default: false
  checkdb:
    description: Run DBCC CHECKDB on each database. This reads all of it and may take as long as the restore did.
    type: bool
    default: false
  physical_only:
    description: With O(checkdb), check the physical structure only, which is faster.
    type: bool
    default: false
  expect_programs:
    description: Programs that must have sessions on this server.
    type: list
    elements: dict
    default: []
    suboptions:
      program:
        description: The name under which the program logs in (Application Name).
        type: str
        required: true
      login:
        description: Its login must be this one.
        type: str
      host:
        description: It must come from this host, as it calls itself.
        type: str
      database:
        description: It must be in this database.
        type: str
      since:
        description: The session must have begun at or after this time, which carries its zone.
        type: str
      sessions:
        description: How many sessions there must be at least.
        type: int
        default: 1
  forbid_programs:
    description: Programs that may not have any session on this server any more.
    type: list
    elements: str
    default: []
  wait_seconds:
    description: How long to wait for O(expect_programs).
    type: float
    default: 0
"""

EXAMPLES = r"""
- name: Prove that the databases are what the plan promised
  ics.deadpool.mssql_verify:
    login_host: failover.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    plans: "{{ restore_plan.plans }}"
    repair_orphaned_users: true
    canaries:
      - database: Pharmacy
        table: Dispensing
        time_column: WrittenAt
  delegate_to: localhost

- name: Prove that the new server sees each module
  ics.deadpool.mssql_verify:
    login_host: failover.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    expect_programs:
      - program: MyHospital Pharmacy
        login: pharmacy
        since: "{{ repointed_at }}"
    wait_seconds: 60
  delegate_to: localhost
"""

RETURN = r"""
verdicts:
  description:
    - One entry for each thing that was to be proven. C(verdict) is V(proven) or V(not_proven).
    - Items are C(online), C(multi_user), C(read_write), C(reached), C(orphaned_users), C(checkdb), C(last_transaction),
      C(program) and C(no_program).
  returned: once the server answered
  type: list
  elements: dict
  sample:
    - item: program
      subject: MyHospital Pharmacy
      fact: session 57 of myhospital_pharmacy from APP1 in Pharmacy since 2026-11-25T00:25:42.913000+07:00;
        session 58 of myhospital_pharmacy from APP1 in Pharmacy since 2026-11-25T00:25:42.937000+07:00
      hint: ''
      verdict: proven
last_transactions:
  description: For each canary's database the time of its last row, or null.
  returned: once the server answered
  type: dict
  sample: {Pharmacy: '2026-11-24T17:27:10.380000+00:00'}
orphaned_users:
  description: Users whose login is missing, and whether they were repaired.
  returned: once the server answered
  type: list
  elements: dict
  sample:
    - database: Pharmacy
      user: pharmacy
      sid: "0x5F2B1C6D6A0F4E4C9B1E8F7A6D5C4B3A"
      repaired: true
      hint: ""
sessions:
  description: The sessions that prove O(expect_programs).
  returned: once the server answered
  type: list
  elements: dict
  sample:
    - session_id: 57
      login_time: '2026-11-25T00:25:42.913000+07:00'
      host_name: APP1
      program_name: MyHospital Pharmacy
      login_name: myhospital_pharmacy
      status: sleeping
      database_name: Pharmacy
      last_request_end_time: '2026-11-25T00:25:43.440000+07:00'
statements:
  description: What was executed to repair or to check, or in check mode would be.
  returned: once the server answered
  type: list
  elements: str
  sample:
    - DBCC CHECKDB ([deadpool_drill_Pharmacy]) WITH NO_INFOMSGS, ALL_ERRORMSGS
    - DBCC CHECKDB ([deadpool_drill_Registration]) WITH NO_INFOMSGS, ALL_ERRORMSGS
    - DBCC CHECKDB ([deadpool_drill_Laboratory]) WITH NO_INFOMSGS, ALL_ERRORMSGS
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_verify import Verification
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.verdict import not_proven
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

_CANARY = {
    "database": {"type": "str", "required": True},
    "schema": {"type": "str", "default": "dbo"},
    "table": {"type": "str", "required": True},
    "time_column": {"type": "str", "required": True},
    "utc": {"type": "bool", "default": True},
    "nothing_later": {"type": "bool", "default": True},
}
_PROGRAM = {
    "program": {"type": "str", "required": True},
    "login": {"type": "str"},
    "host": {"type": "str"},
    "database": {"type": "str"},
    "since": {"type": "str"},
    "sessions": {"type": "int", "default": 1},
}
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "plans": {"type": "list", "elements": "dict", "default": []},
    "databases": {"type": "list", "elements": "str", "default": []},
    "canaries": {"type": "list", "elements": "dict", "default": [], "options": _CANARY},
    "repair_orphaned_users": {"type": "bool", "default": False},
    "checkdb": {"type": "bool", "default": False},
    "physical_only": {"type": "bool", "default": False},
    "expect_programs": {"type": "list", "elements": "dict", "default": [], "options": _PROGRAM},
    "forbid_programs": {"type": "list", "elements": "str", "default": []},
    "wait_seconds": {"type": "float", "default": 0},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server(params, dry=check_mode) as server:
        verification = Verification(server, params)
        verification.run()
        result: dict[str, Any] = {
            "changed": any(user["repaired"] for user in verification.facts["orphaned_users"]),
            "verdicts": [verdict.to_dict() for verdict in verification.verdicts],
            **verification.facts,
            "statements": server.statements,
        }
    missing = not_proven(verification.verdicts)
    if missing:
        result.update(failed=True, msg=str(missing), hint=missing.hint, error="NotProven")
    return result


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
