#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tries ports of others from the host that it runs on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ports_info
short_description: Try ports of others from this host, all at once
version_added: 0.9.0
description:
  - Opens a connection to each port and closes it, all at the same time. Nothing is sent.
  - A port that refused, one that did not answer, a name that nobody knows and a network without a way there are four
    answers, because each has another cause.
  - Runs on Linux hosts with nothing but Python 3.9; on Windows hosts a fixed script does the same.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  ports:
    description: What to try; each has C(address) and C(port). Whatever else it has comes back with the answer.
    type: list
    elements: dict
    required: true
  timeout:
    description: Seconds after which a port has not answered. All of them together take no longer.
    type: float
    default: 5
"""

EXAMPLES = r"""
- name: Does this host reach its SQL Server?
  ics.deadpool.ports_info:
    ports: [{address: 192.0.2.11, port: 1433}]
"""

RETURN = r"""
ports:
  description:
    - The ports in the order asked for. C(result) is V(open), V(refused), V(timeout), V(no_name) or V(no_route);
      C(detail) is what the system said, where it said more.
  returned: always
  type: list
  elements: dict
  sample:
    - {address: 192.0.2.11, port: 1433, result: open, seconds: 0.002, detail: ''}
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.ports import try_ports
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "ports": {"type": "list", "elements": "dict", "required": True},
    "timeout": {"type": "float", "default": 5},
}


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    return {"changed": False, "ports": try_ports(params["ports"], params["timeout"])}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
