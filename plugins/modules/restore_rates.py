#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps how long the steps of restores took."""

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_rates
short_description: Keep how long restores took, for the predictions of later ones
version_added: 0.9.0
description:
  - Adds the measured steps of a restore to a file on the host that runs the module, and returns all of them for
    O(ics.deadpool.mssql_restore_plan#module:rates). The newest 200 of each kind are kept.
  - It is a memory of the controller and no part of the site, so it never counts as a change.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
options:
  path:
    description: The file. It is made if it is not there.
    type: path
    required: true
  databases:
    description: What M(ics.deadpool.mssql_restore) returned as C(databases).
    type: list
    elements: dict
    default: []
  transfers:
    description: What M(ics.deadpool.ftp_transfer) returned as C(transfers).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Learn from the drill how long a recovery takes
  ics.deadpool.restore_rates:
    path: /var/lib/deadpool/rates.json
    databases: "{{ drill_restored.databases }}"
    transfers: "{{ drill_fetched.transfers }}"
  delegate_to: localhost
"""

RETURN = r"""
rates:
  description: Every step that is kept.
  returned: always
  type: list
  elements: dict
  sample:
    - {kind: full, bytes: 78336, seconds: 0.212}
added:
  description: How many of them are new.
  returned: always
  type: int
  sample: 28
"""

import json
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.whole_file import read_json, write_whole
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.measured import measured_steps, with_measured
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "databases": {"type": "list", "elements": "dict", "default": []},
    "transfers": {"type": "list", "elements": "dict", "default": []},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    new = measured_steps(params["databases"], params["transfers"])
    rates = with_measured(read_json(params["path"]), new)
    if not check_mode:
        write_whole(params["path"], json.dumps(rates) + "\n")
    return {"changed": False, "rates": rates, "added": len(new)}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
