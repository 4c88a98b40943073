# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decisions, taken and checked on the controller, where the inventory, the journal and the signatures are."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.ics.deadpool.plugins.module_utils.clients import deciding, incident_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.bill import bill, bill_table
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision_statement import CHOICE, Statement
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils.site_policy import site_of

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "number": {"type": "int", "required": True, "choices": [1, 2]},
    "state": {"type": "str", "choices": ["wanted", "taken"], "default": "taken"},
    "folder": {"type": "path"},
    "target": {"type": "str"},
    "server": {"type": "str"},
    "plans": {"type": "list", "elements": "dict", "default": []},
    "digest": {"type": "list", "elements": "str", "default": []},
    "choices": {"type": "list", "elements": "dict", "default": []},
    "word": {"type": "str", "default": ""},
    "typed": {"type": "str", "default": ""},
    "confirmed": {"type": "bool", "default": False},
    "wait_seconds": {"type": "float", "default": 0},
}


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(
            _ARGUMENTS, required_if=[("number", 1, ("folder", "target", "server", "digest"))]
        )
        try:
            site = site_of(self, task_vars or {})
            folder, statement = _about(site, args)
            told = {"changed": False, "persons": site.policy.persons, "statement": statement.text(), "folder": folder}
            bills = [bill(one["target"], one["server"], one["answer"]) for one in args["choices"]]
            told["bill"] = bill_table(bills, args["target"] or "")
            if self._task.check_mode:
                return told
            who = site.policy.may_decide(statement.number)
            path = deciding.want(folder, statement, who, [one.to_dict() for one in bills])
            if args["state"] == "wanted":
                return {**told, "file": str(path)}
            entry = _take(deciding.Question(site, folder, statement, args["plans"]), args)
        except Exception as error:
            return {"failed": True, **failure(error)}
        return {**told, "file": str(path), "who": entry["data"]["who"], "how": entry["data"]["how"], "entry": entry}


def _take(question: deciding.Question, args: dict[str, Any]) -> dict[str, Any]:
    """Waits for a signature only where nothing else can decide."""
    wait = float(args["wait_seconds"]) if question.site.policy.persons == 2 else 0.0
    if wait:
        Display().display(f"  waiting up to {wait:.0f} s for {question.folder}/{question.statement.file_name}.sig")
    return deciding.take(question, deciding.Answer(args["typed"], args["word"], args["confirmed"]), wait)


def _about(site: deciding.Site, args: dict[str, Any]) -> tuple[str, Statement]:
    """The folder of the incident, and what is to be decided there."""
    incident = incident_file.last(site.reports, site.name)
    if args["number"] == CHOICE:
        number = incident.id if incident and incident.folder == args["folder"] else ""
        return args["folder"], deciding.choice(site, number, args["target"], args["server"], args["digest"])
    if incident is None:
        raise InvalidInput(
            f"{site.name}: no incident was opened here.",
            hint="The official go is given after a recovery; run playbooks/recovery.yml first, on this controller.",
        )
    return incident.folder, deciding.go(site, incident)
