#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Proves that application modules work on the server they were pointed at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: app_verify
short_description: Prove that every application module works on a server
version_added: 0.9.0
description:
  - A module is proven where its health check answers that it is well, names no other server, and the server sees its
    sessions. Anything that cannot be seen is not proven, and the module fails.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  applications:
    description:
      - The entries of the modules, as they stand in the inventory.
      - C(name), C(health) (an address) and C(sessions) (a list of C(program)) are needed.
    type: list
    elements: dict
    required: true
  server_name:
    description: The server that the modules are to work on, as C(@@SERVERNAME) calls it.
    type: str
    required: true
  sessions:
    description: The sessions that this server sees, as M(ics.deadpool.mssql_verify) returns them.
    type: list
    elements: dict
    required: true
  wait_seconds:
    description: How long to wait for each health check to turn good.
    type: float
    default: 0
"""

EXAMPLES = r"""
- name: Prove every module
  ics.deadpool.app_verify:
    applications: "{{ applications }}"
    server_name: SQL2
    sessions: "{{ seen.sessions }}"
    wait_seconds: 30
  delegate_to: localhost
"""

RETURN = r"""
modules:
  description: One entry for each application module.
  returned: always
  type: list
  elements: dict
  sample:
    - name: registration
      ok: true
      health: HTTP 200, status ok, server SQL2
      sessions: 2
      hint: ''
"""

from functools import partial
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.health import ask_until
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.module_proof import (
    module_proof,
    require_entries,
    well_on,
)
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "applications": {"type": "list", "elements": "dict", "required": True},
    "server_name": {"type": "str", "required": True},
    "sessions": {"type": "list", "elements": "dict", "required": True},
    "wait_seconds": {"type": "float", "default": 0},
}


def verify(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    """Asks every module; fails with all that is not proven."""
    require_entries(params["applications"], "name", "health", "sessions")
    server = params["server_name"]
    proofs = [
        module_proof(
            one, ask_until(one["health"], partial(well_on, server), params["wait_seconds"]), params["sessions"], server
        )
        for one in params["applications"]
    ]
    result: dict[str, Any] = {"changed": False, "modules": [proof.to_dict() for proof in proofs]}
    bad = [proof for proof in proofs if not proof.ok]
    if bad:
        facts = [f"{one.name}: not proven on {server}: {one.health}; {one.sessions} sessions seen" for one in bad]
        result.update(failed=True, msg="\n".join([*facts, f"HINT: {bad[0].hint}"]))
    return result


def main() -> None:
    run_module(ARGUMENT_SPEC, verify, supports_check_mode=True)


if __name__ == "__main__":
    main()
