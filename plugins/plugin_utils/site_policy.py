# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory says about a site, whatever was said with -e.

Extra variables win over everything, the results of tasks included, and whoever may start a run may give them. What
decides about rights is therefore read here from the inventory's own sources. It cannot hold against somebody who writes
the inventory, this collection or the command line's -i: a shell on the controller is more than a button.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from typing import Any

from ansible import context
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible.utils.vars import load_extra_vars
from ansible.vars.manager import VariableManager
from ansible_collections.ics.deadpool.plugins.module_utils.clients import deciding
from ansible_collections.ics.deadpool.plugins.module_utils.clients.deciding import Site
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_policy import Policy, require_known_inputs

_RULES = ("decision_persons", "decision_signers", "decision_choosers", "decision_givers")


def site_of(action: ActionBase, task_vars: dict[str, Any]) -> Site:
    """The site of the host that a task runs for. Raises InvalidInput where a run was told what only it may say."""
    rules = _Inventory(action, task_vars)
    policy = _policy(rules)
    given = load_extra_vars(action._loader)
    require_known_inputs(policy, given)
    read = rules.get if policy.persons == 2 else task_vars.get
    here = os.environ.get("PWD") or os.path.join(action._loader.get_basedir(), "..")
    reports = read("preflight_reports_directory") or os.path.join(here, "reports")
    templar = action._templar
    name = str(templar.template(read("site_name") or ""))
    return Site(name, os.path.abspath(str(templar.template(reports))), policy, given, starters(given))


def refuse_undecided(action: ActionBase, task_vars: dict[str, Any]) -> None:
    """The last guard before a database is overwritten, whatever way a run has come to it: where two persons are
    demanded, decision 1 must be signed for what these plans do. A standby's steps overwrite nothing that is in use."""
    args = action._task.args
    rolls_forward = not boolean(args.get("recover", True), strict=False)
    if action._task.check_mode or (rolls_forward and not boolean(args.get("replace", False), strict=False)):
        return
    if _policy(_Inventory(action, task_vars)).persons == 2:
        deciding.require_choice(site_of(action, task_vars), plans_of(args))


def plans_of(args: Mapping[str, Any]) -> list[Any]:
    """What a restore is asked to carry out: one plan, or several."""
    return [args["plan"]] if args.get("plan") else list(args.get("plans") or [])


def _policy(rules: _Inventory) -> Policy:
    return Policy.from_variables({name: rules.get(name) for name in _RULES if name in rules})


def starters(given: dict[str, Any]) -> tuple[str, ...]:
    """The names of whoever started this run: the account, who became it by sudo, who pressed the button."""
    pressed = [str(given[name]) for name in ("awx_user_name", "tower_user_name") if given.get(name)]
    semaphore = given.get("semaphore_vars")
    details = semaphore.get("task_details") if isinstance(semaphore, dict) else None
    if isinstance(details, dict) and details.get("username"):
        pressed.append(str(details["username"]))
    names = [*pressed, os.environ.get("SUDO_USER") or "", _account()]
    return tuple(dict.fromkeys(name for name in names if name))


def _account() -> str:
    """By the system, not by the environment. A container may run under a number that has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


class _Inventory:
    """The variables of a host as its inventory has them, without what anybody said with -e."""

    def __init__(self, action: ActionBase, task_vars: dict[str, Any]) -> None:
        inventory = InventoryManager(loader=action._loader, sources=context.CLIARGS.get("inventory"))
        manager = VariableManager(loader=action._loader, inventory=inventory)
        manager._extra_vars = {}
        if manager.extra_vars:
            raise AnsibleError("This version of Ansible does not tell what stands in the inventory.")
        host = inventory.get_host(str(task_vars.get("inventory_hostname", "localhost")))
        self._values = manager.get_vars(host=host, include_hostvars=False)
        self._templar = Templar(loader=action._loader, variables=self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> Any:
        return self._templar.template(self._values[name]) if name in self._values else None
