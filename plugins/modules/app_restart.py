#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restarts the application modules that need it, and waits until they are well."""

from __future__ import annotations

DOCUMENTATION = r"""
module: app_restart
short_description: Restart application modules whose files were changed or that do not work on the server
version_added: 0.9.0
description:
  - A module reads its configuration when it starts. It is restarted where one of its files was changed, or where its
    health check does not answer, is not well, or names another server; the others are left alone.
  - Then each is waited for. One that does not come back is a failure.
  - With O(stage=stop) the modules of changed files are stopped instead, so that none of them writes its own files
    while they are replaced. A module without C(stop) in its entry runs on until it is restarted.
  - Runs on the host of the modules. On a Windows host C(restart) and C(stop) are dictionaries that name a C(service),
    an C(app_pool) or both, and health checks are asked by the controller.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
options:
  applications:
    description:
      - The entries of this host's modules, as they stand in the inventory.
      - C(name), C(health) (an address), C(restart) (a command) and C(files) (a list of C(path)) are needed.
      - C(stop) (a command) stops it. C(restart) must start it again also where it does not run.
    type: list
    elements: dict
    required: true
  server_name:
    description: The server that the modules are to work on, as C(@@SERVERNAME) calls it.
    type: str
    required: true
  changed_files:
    description: Paths of files that were changed.
    type: list
    elements: str
    default: []
  wait_seconds:
    description: How long to wait for each module to be well. With V(0) nothing is waited for or asked after.
    type: float
    default: 30
  stage:
    description: What to do with the modules.
    type: str
    choices: [stop, restart]
    default: restart
"""

EXAMPLES = r"""
- name: Restart what reads a changed file
  ics.deadpool.app_restart:
    applications: "{{ applications | selectattr('host', 'equalto', inventory_hostname) }}"
    server_name: SQL2
    changed_files: [/srv/pharmacy/web.config]
"""

RETURN = r"""
restarted:
  description: The modules that were restarted, or in check mode would be, and why.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: registration, reason: /srv/app1/registration/appsettings.json was changed}
stopped:
  description: The modules that were stopped, or in check mode would be, and why.
  returned: always
  type: list
  elements: dict
  sample: []
"""

from functools import partial
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.health import ask, ask_until, run_command
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import NotProven, RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.module_proof import (
    changed_file,
    require_entries,
    well_on,
    why_restart,
)
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "applications": {"type": "list", "elements": "dict", "required": True},
    "server_name": {"type": "str", "required": True},
    "changed_files": {"type": "list", "elements": "str", "default": []},
    "wait_seconds": {"type": "float", "default": 30},
    "stage": {"type": "str", "choices": ["stop", "restart"], "default": "restart"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    return (stop if params["stage"] == "stop" else restart)(params, check_mode)


def stop(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Stops what reads a changed file and can be stopped."""
    require_entries(params["applications"], "name", "files")
    able = [one for one in params["applications"] if one.get("stop")]
    reasons = [(one, reason) for one in able if (reason := changed_file(one, params["changed_files"]))]
    if not check_mode:
        for one, _reason in reasons:
            run_command(one["name"], one["stop"])
    stopped = [{"name": one["name"], "reason": reason} for one, reason in reasons]
    return {"changed": bool(stopped), "restarted": [], "stopped": stopped}


def restart(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Restarts what needs it, then waits for all that were restarted."""
    applications, server = params["applications"], params["server_name"]
    require_entries(applications, "name", "health", "restart", "files")
    reasons = [
        (one, reason)
        for one in applications
        if (reason := why_restart(one, params["changed_files"], partial(ask, one["health"]), server))
    ]
    restarted = [{"name": one["name"], "reason": reason} for one, reason in reasons]
    if not check_mode:
        failed = [_restart(one, server, params["wait_seconds"]) for one, _reason in reasons]
        errors = [error for error in failed if error is not None]
        if errors:
            facts = "\n".join(error.msg for error in errors)
            return {"failed": True, "restarted": restarted, "stopped": [], "msg": f"{facts}\nHINT: {errors[0].hint}"}
    return {"changed": bool(reasons), "restarted": restarted, "stopped": []}


def _restart(application: dict[str, Any], server: str, wait_seconds: float) -> RecoveryError | None:
    """One that does not come back must not keep the others from being restarted."""
    try:
        run_command(application["name"], application["restart"])
        if wait_seconds > 0:
            _wait(application, server, wait_seconds)
    except RecoveryError as error:
        return error
    return None


def _wait(application: dict[str, Any], server: str, seconds: float) -> None:
    answer = ask_until(application["health"], partial(well_on, server), seconds)
    if not well_on(server, answer):
        said = answer.error or f"HTTP {answer.status}: {answer.body[:300]}"
        raise NotProven(
            f"{application['name']}: {seconds:g} s after its restart it does not work on {server}: {said}",
            hint="Look at its log on its host, and whether its login may enter its database on the new server.",
        )


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
