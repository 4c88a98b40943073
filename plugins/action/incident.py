# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds or opens the incident that a recovery belongs to, on the controller."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients import incident_file, journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.clients.deciding import Site
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.incident import Incident
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_outcome import attempts
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils.site_policy import site_of


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(
            {
                "state": {"type": "str", "choices": ["looked_up", "opened"], "default": "looked_up"},
                "new_folder": {"type": "path", "required": True},
                "time_zone": {"type": "str", "required": True},
                "why": {"type": "str", "default": ""},
                "opened": {"type": "dict", "default": {}},
            }
        )
        try:
            site = site_of(self, task_vars or {})
            found = incident_file.open_one(site.reports, site.name)
            now = datetime.now(ZoneInfo(args["time_zone"])).isoformat(timespec="seconds")
            incident = _incident(site, found, args, now)
            if args["state"] == "opened" and not self._task.check_mode:
                _open(site, found, incident, args["opened"])
        except Exception as error:
            return {"failed": True, **failure(error)}
        return {"changed": False, **incident.to_dict(), "continued": found is not None}


def _incident(site: Site, found: Incident | None, args: dict[str, Any], now: str) -> Incident:
    new = str(Path(args["new_folder"]).absolute())
    if found is None:
        return Incident(Path(new).name, site.name, site.starters[0], args["why"], now, new)
    return found if incident_file.can_be_continued(found) else replace(found, folder=new)


def _open(site: Site, found: Incident | None, incident: Incident, opened: dict[str, Any]) -> None:
    journal = incident_file.journal_of(incident)
    before = len(attempts(journal_file.read(str(journal)))) if journal.is_file() else 0
    data = {
        **opened,
        "incident": incident.to_dict(),
        "attempt": before + 1,
        "starters": list(site.starters),
        "torn": found.folder if found and found.folder != incident.folder else "",
    }
    journal_file.append(str(journal), "opened", data)
    incident_file.remember(site.reports, incident)
