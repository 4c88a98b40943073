# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes the lock for the ansible-playbook process that this runs in, on the controller."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients import run_lock_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.run_lock import Holder
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils.site_policy import site_of


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        texts = ("path", "kind", "site", "user", "time_zone", "run")
        _validation, args = self.validate_argument_spec(
            {
                **{name: {"type": "path" if name in ("path", "run") else "str", "required": True} for name in texts},
                "take_over": {"type": "bool", "default": False},
            }
        )
        if self._task.check_mode:
            return {"changed": False, "taken_over_from": ""}
        try:
            site_of(self, task_vars or {})  # refuses what may not be said with -e at this site
            now = datetime.now(ZoneInfo(args["time_zone"])).isoformat(sep=" ", timespec="seconds")
            # Each task is run by a child of ansible-playbook; the parent lives as long as the run.
            own = run_lock_file.identity(os.getppid())
            holder = Holder(args["kind"], args["site"], args["user"], now, args["run"], **own)
            other = run_lock_file.take(args["path"], holder, args["take_over"])
        except Exception as error:
            return {"failed": True, **failure(error)}
        return {"changed": False, "taken_over_from": str(other) if other else ""}
