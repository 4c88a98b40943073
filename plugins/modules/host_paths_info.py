#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at folders of a host, and at its clock."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_paths_info
short_description: Look at the room in folders, at an account's rights there, and at the host's clock
version_added: 0.9.0
description:
  - Tells for each folder whether an account may read, write and enter it and every folder above, by owner, group and
    mode. Access control lists are not looked at.
  - Runs on Linux hosts, with nothing but Python 3.9.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  paths:
    description: The folders, with their full paths.
    type: list
    elements: path
    required: true
  account:
    description: Who is to work there. Default is the account that runs the module.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: May SQL Server read what is fetched?
  ics.deadpool.host_paths_info:
    paths: [/var/opt/mssql/incoming]
    account: mssql
"""

RETURN = r"""
clock:
  description: The host's clock, in UTC.
  returned: always
  type: str
  sample: '2026-11-24T17:25:03.895932+00:00'
paths:
  description: The folders in the order asked for. C(problem) is empty where the account may work there.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /srv/sql1/backup
      account: ''
      problem: ''
      free_bytes: 65124704256
      total_bytes: 270553174016
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.host_paths import look
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "paths": {"type": "list", "elements": "path", "required": True},
    "account": {"type": "str", "default": ""},
}


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    return look(params["paths"], params["account"])


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
