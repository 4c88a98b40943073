# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records who accepts a site, on the controller, where the inventory, the journal and the signatures are."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients import accepting
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils.site_policy import site_of

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "folder": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["wanted", "taken"], "default": "taken"},
    "typed": {"type": "str", "default": ""},
    "named": {"type": "str", "default": ""},
    "wait_seconds": {"type": "float", "default": 0},
    "inventory": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(_ARGUMENTS)
        try:
            site = site_of(self, task_vars or {})
            about = accepting.statement(site, args["folder"])
            told = {
                "changed": False,
                "persons": site.policy.persons,
                "statement": about.text(),
                "folder": args["folder"],
            }
            if self._task.check_mode:
                return told
            path = accepting.want(args["folder"], about)
            if args["state"] == "wanted":
                return {**told, "file": str(path)}
            named = (args["typed"], args["named"])
            wait, inventory = args["wait_seconds"], args["inventory"]
            entry = accepting.take(site, args["folder"], about, named, wait, inventory=inventory)
        except Exception as error:
            return {"failed": True, **failure(error)}
        return {**told, "file": str(path), "who": entry["data"]["who"], "how": entry["data"]["how"], "entry": entry}
