#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes logins of a SQL Server with the rights that they need and no more."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_accounts
short_description: Make logins of a SQL Server with the rights that they need and no more
version_added: 0.9.0
description:
  - Makes each login, gives it its password, server roles and permissions, and makes it a user with its roles in
    databases that are open. A database that is restoring gets its users with its backups.
  - Rights are added and never taken. What a login may do beyond what it needs is told in RV(remarks).
  - A login that is disabled stays so, for M(ics.deadpool.mssql_fence) may have disabled it.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
attributes:
  diff_mode:
    description: Shows what changes for each login, without passwords.
    support: full
options:
  accounts:
    description: The logins. They are SQL logins, held to the server's rules for passwords.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the login.
        type: str
        required: true
      password:
        description: Its password.
        type: str
        required: true
      server_roles:
        description: Server roles that it is a member of.
        type: list
        elements: str
        default: []
      permissions:
        description: Permissions on the server, such as V(VIEW SERVER STATE).
        type: list
        elements: str
        default: []
      roles:
        description: Its roles in each of O(databases).
        type: list
        elements: str
        default: []
      msdb_roles:
        description: Its roles in msdb.
        type: list
        elements: str
        default: []
  databases:
    description: The databases of the site.
    type: list
    elements: str
    default: []
  sids:
    description:
      - On a failover, the SIDs that the logins have on production, as RV(sids) of that server has them. Users of
        restored databases belong to a login by its SID. A login that is not among them is refused;
        check mode supposes that it will be.
      - Without it a new login gets a SID of the server's own choice.
    type: dict
"""

EXAMPLES = r"""
- name: Make the accounts on production
  ics.deadpool.mssql_accounts:
    login_host: production.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    databases: [Pharmacy, Billing]
    accounts:
      - name: deadpool_backup
        password: "{{ mssql_backup_password }}"
        permissions: [VIEW SERVER STATE, VIEW ANY DEFINITION]
        roles: [db_backupoperator]
        msdb_roles: [db_datareader]
  delegate_to: localhost
  register: made

- name: Make them on the failover, with the same SIDs
  ics.deadpool.mssql_accounts:
    login_host: failover.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    sids: "{{ made.sids }}"
    accounts:
      - name: deadpool_backup
        password: "{{ mssql_backup_password }}"
  delegate_to: localhost
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be.
  returned: always
  type: list
  elements: dict
  sample:
    - {part: accounts, item: deadpool_backup, what: create it}
    - {part: accounts, item: deadpool_backup, what: grant VIEW SERVER STATE}
    - {part: accounts, item: deadpool_backup, what: add it to db_backupoperator in Pharmacy}
remarks:
  description: What was not changed, and what a person has to do about it.
  returned: always
  type: list
  elements: dict
  sample:
    - part: more
      item: deadpool_backup
      msg: "it may do more than it needs: sysadmin."
      hint: "If nobody needs that: ALTER SERVER ROLE ... DROP MEMBER, REVOKE ... FROM."
sids:
  description: The SIDs of those of the logins that are there.
  returned: always
  type: dict
  sample: {deadpool_backup: "0x5F2B1C6D6A0F4E4C9B1E8F7A6D5C4B3A"}
statements:
  description: The T-SQL that was executed, or in check mode would be, without passwords.
  returned: always
  type: list
  elements: str
  sample: ["CREATE LOGIN [deadpool_backup] WITH PASSWORD = N'...', CHECK_POLICY = ON, CHECK_EXPIRATION = OFF"]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_account_making import Making
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

_NAMES: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "accounts": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
            "server_roles": _NAMES,
            "permissions": _NAMES,
            "roles": _NAMES,
            "msdb_roles": _NAMES,
        },
    },
    "databases": _NAMES,
    "sids": {"type": "dict"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server(params, dry=check_mode) as server:
        making = Making(server, params)
        making.run()
        return making.told()


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
