#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps logins, jobs and settings of one SQL Server in step with those of another."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_login_sync
short_description: Keep logins, jobs and settings of a SQL Server in step with another
version_added: 0.9.0
description:
  - Backups of databases hold users, but neither the logins that these belong to nor the jobs, settings and
    certificates of the server. This brings a failover in step with production while production lives.
  - Logins come with their SID, their hashed password, default database, password rules, server roles and permissions.
    What a login has more on the failover is left to it. No login is dropped, and neither C(sa) nor SQL Server's own
    logins are touched.
  - A login of the same name with another SID is disabled and renamed if nothing is its own, or if O(rename_logins)
    names it; it keeps what is its own. Else it is told in RV(remarks), with what to do.
  - Jobs are made, and brought in step while they are disabled, but never enabled. M(ics.deadpool.mssql_handover)
    enables them when the failover takes over.
  - Passwords of linked servers cannot be read, and private keys of certificates cannot be copied without their
    password. Both are compared and told.
  - Hashed passwords go from one server to the other and stand in nothing that this returns.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
attributes:
  diff_mode:
    description: Shows what changes for each login, job and setting, without passwords.
    support: full
options:
  source:
    description: The server to follow. It is only looked at. C(encrypt) and the driver are those of the other options.
    type: dict
    required: true
    suboptions:
      login_host:
        description: Name or address of that SQL Server, as seen from the controller.
        type: str
        required: true
      login_port:
        description: TCP port of that instance.
        type: int
        default: 1433
      login_user:
        description: Login with CONTROL SERVER there.
        type: str
        required: true
      login_password:
        description: Its password.
        type: str
        required: true
  parts:
    description: What to keep in step. V(jobs) needs a member of sysadmin, the others CONTROL SERVER.
    type: list
    elements: str
    choices: [logins, jobs, settings, linked_servers, certificates]
    default: [logins, jobs, settings, linked_servers, certificates]
  spare_logins:
    description: Logins that are left as they are.
    type: list
    elements: str
    default: []
  rename_logins:
    description: Logins whose namesake with another SID may be disabled and renamed although something is its own.
    type: list
    elements: str
    default: []
  spare_jobs:
    description: Jobs that each server has of its own.
    type: list
    elements: str
    default: []
  fenced_logins:
    description: Logins that M(ics.deadpool.mssql_fence) disabled on O(source). They count as enabled.
    type: list
    elements: str
    default: []
  fenced_jobs:
    description: Jobs that M(ics.deadpool.mssql_fence) disabled on O(source). They count as enabled.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Keep the failover in step with production
  ics.deadpool.mssql_login_sync:
    login_host: failover.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    source:
      login_host: production.hospital.lan
      login_user: deadpool_admin
      login_password: "{{ mssql_admin_password }}"
  delegate_to: localhost
  register: in_step
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be.
  returned: always
  type: list
  elements: dict
  sample:
    - {part: logins, item: deadpool_backup, what: give it its password}
remarks:
  description: What was not done, and what a person has to do about it.
  returned: always
  type: list
  elements: dict
  sample:
    - part: linked_servers
      item: ARCHIVE
      msg: >-
        the linked server (MSOLEDBSQL, archive.lan) is not on SQL2; its password cannot be read from the other one.
      hint: "Make it on SQL2: sp_addlinkedserver, then sp_addlinkedsrvlogin with its password."
record:
  description: What a recovery has to know when O(source) is dead. It holds no password and no hash.
  returned: always
  type: dict
  sample:
    server: SQL1
    at: '2026-11-25T00:24:02.922448+07:00'
    logins:
      - {name: deadpool_admin, sid: '0x8742C036585374FA535CD3707E8E515A'}
    owners: {Pharmacy: sa}
    jobs: []
statements:
  description: The T-SQL that was executed, or in check mode would be, without hashed passwords and commands of jobs.
  returned: always
  type: list
  elements: str
  sample:
    - |-
      ALTER LOGIN [deadpool_backup] WITH CHECK_EXPIRATION = OFF, CHECK_POLICY = OFF;
      ALTER LOGIN [deadpool_backup] WITH PASSWORD = 0x... HASHED
    - |-
      ALTER LOGIN [deadpool_restore] WITH CHECK_EXPIRATION = OFF, CHECK_POLICY = OFF;
      ALTER LOGIN [deadpool_restore] WITH PASSWORD = 0x... HASHED
    - |-
      ALTER LOGIN [deadpool_verify] WITH CHECK_EXPIRATION = OFF, CHECK_POLICY = OFF;
      ALTER LOGIN [deadpool_verify] WITH PASSWORD = 0x... HASHED
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login_sync import PARTS, Follower
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "source": {
        "type": "dict",
        "required": True,
        "options": {key: MSSQL_LOGIN[key] for key in ("login_host", "login_port", "login_user", "login_password")},
    },
    "parts": {"type": "list", "elements": "str", "choices": list(PARTS), "default": list(PARTS)},
    "spare_logins": {"type": "list", "elements": "str", "default": []},
    "rename_logins": {"type": "list", "elements": "str", "default": []},
    "spare_jobs": {"type": "list", "elements": "str", "default": []},
    "fenced_logins": {"type": "list", "elements": "str", "default": []},
    "fenced_jobs": {"type": "list", "elements": "str", "default": []},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server({**params, **params["source"]}, dry=True) as source, Server(params, dry=check_mode) as target:
        follower = Follower(source, target, params)
        follower.run()
        result = follower.told()
    if follower.failures:
        first = follower.failures[0]
        msg = f"{len(follower.failures)} could not be brought in step. {first}"
        result.update(failed=True, msg=msg, hint=first.hint, error=type(first).__name__)
    return result


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
