#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds backups that another program took."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_foreign_info
short_description: Find backups that another program took and that spoil ours
version_added: 0.9.0
description:
  - A full backup that another program takes moves the base of the next differentials; its log backup is a link of the
    log chain that lies somewhere else, or nowhere. Such backups are found in msdb by where they went.
  - Copy-only backups spoil nothing and are not told; neither is what a full backup of our own has mended since.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  databases:
    description: The databases to ask about.
    type: list
    elements: str
    required: true
  directory:
    description: Our folder of backups, as the server sees it. What went anywhere else is not ours.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Did another program take our log?
  ics.deadpool.mssql_foreign_info:
    login_host: production.hospital.lan
    login_user: deadpool_backup
    login_password: "{{ mssql_password }}"
    databases: [Pharmacy]
    directory: /var/opt/mssql/backup
  delegate_to: localhost
  register: others
"""

RETURN = r"""
foreign:
  description:
    - The backups, oldest first. C(program) is what msdb knows of it, the name of the set or the kind of device.
  returned: success
  type: list
  elements: dict
  sample:
    - database: Pharmacy
      type: log
      at: "2026-11-24T03:07:00+07:00"
      login: HOSPITAL\svc-veeam
      program: Veeam
      files: ["{F1A2B3C4}11"]
databases:
  description: The databases that need a full backup of our own now.
  returned: success
  type: list
  elements: str
  sample: [Pharmacy]
lines:
  description: A sentence for each, to be read aloud.
  returned: success
  type: list
  elements: str
  sample: ["Pharmacy: a log backup by Veeam, login HOSPITAL\\svc-veeam, at 2026-11-24T03:07:00+07:00, to {F1A2B3C4}11"]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_facts import facts
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_foreign import foreign_backups
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "databases": {"type": "list", "elements": "str", "required": True},
    "directory": {"type": "str", "required": True},
}


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    with Server(params) as server:
        rows = facts(server, ["backups"], params["databases"])["last_backups"]
    found = foreign_backups(rows, params["directory"])
    return {
        "foreign": [one.to_dict() for one in found],
        "databases": sorted({one.database for one in found}),
        "lines": [one.describe() for one in found],
    }


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
