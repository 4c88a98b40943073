#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings the settings of a SQL Server to what a recovery relies on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_instance
short_description: Bring the settings of a SQL Server to what a recovery relies on
version_added: 0.9.0
description:
  - Sets options of C(sp_configure), and for each database that is open page verification by checksum and the recovery
    model C(FULL).
  - What takes effect only after a restart of SQL Server is told in RV(remarks) and not changed - default folders - or
    changed and told.
  - A database that comes from the recovery model C(SIMPLE) has no log backups until its next full backup. That is a
    warning on every run until there is one.
  - A setting whose name the server does not know, because it is too old, is told and stops nothing.
  - A service that does not run is told; nothing is started, for that needs its host.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
attributes:
  diff_mode:
    description: Shows each setting that changes.
    support: full
options:
  settings:
    description: Options of C(sp_configure) and their numbers.
    type: dict
    default:
      backup checksum default: 1
      backup compression default: 1
      remote admin connections: 1
  databases:
    description: The databases of the site. One that is not there, or not open, is left alone.
    type: list
    elements: str
    default: []
  data_directory:
    description: Where the inventory has data files; a server with another default is told of.
    type: str
    default: ''
  log_directory:
    description: Where the inventory has log files; a server with another default is told of.
    type: str
    default: ''
  backup_directory:
    description: Where the inventory has backups; a server with another default is told of.
    type: str
    default: ''
  inventory:
    description: Inventories of the site, which the commands in the hints name. Default is none, and commands without.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Set what a recovery relies on
  ics.deadpool.mssql_instance:
    login_host: production.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    databases: [Pharmacy, Billing]
  delegate_to: localhost
  register: settled
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be.
  returned: always
  type: list
  elements: dict
  sample:
    - {part: settings, item: backup checksum default, what: 0 becomes 1}
    - {part: databases, item: Pharmacy, what: use the recovery model FULL instead of SIMPLE}
remarks:
  description: What was not changed, or is not enough by itself, and what a person has to do about it.
  returned: always
  type: list
  elements: dict
  sample:
    - part: databases
      item: Pharmacy
      msg: >-
        its recovery model was SIMPLE: log backups begin only after a full backup. Until then nothing but the last full
        one is recoverable.
      hint: "Take a full backup now: ansible-playbook -i inventory/rs-contoh playbooks/backup.yml -e backup_type=full"
services:
  description: SQL Server and its Agent, as the operating system runs them.
  returned: always
  type: list
  elements: dict
  sample:
    - servicename: SQL Server Agent (MSSQLSERVER)
      status_desc: Running
      startup_type_desc: Automatic
      service_account: mssql
accounts:
  description: The accounts that these services run as.
  returned: always
  type: dict
  sample: {engine: mssql, agent: mssql}
statements:
  description: The T-SQL that was executed, or in check mode would be.
  returned: always
  type: list
  elements: str
  sample: ["ALTER DATABASE [Pharmacy] SET RECOVERY FULL"]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_instance import settled
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.instance import SETTINGS
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "settings": {"type": "dict", "default": dict(SETTINGS)},
    "databases": {"type": "list", "elements": "str", "default": []},
    "data_directory": {"type": "str", "default": ""},
    "log_directory": {"type": "str", "default": ""},
    "backup_directory": {"type": "str", "default": ""},
    "inventory": {"type": "list", "elements": "str"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server(params, dry=check_mode) as server:
        return settled(server, params)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
