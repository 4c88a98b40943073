# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repoints on whatever host the task runs on: Linux hosts by the module of this name, which never sends a file's
content over the wire. Windows hosts have no Python to run it, and are refused."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RepointRefused
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if getattr(self._connection._shell, "_IS_WINDOWS", False):
            host = (task_vars or {}).get("inventory_hostname", "this host")
            error = RepointRefused(
                f"{host}: a Windows host, and this version edits files of Linux hosts only; nothing was changed",
                hint="Change the connection strings there by hand; docs/repoint.md says what to look for.",
            )
            return {"failed": True, "changed": False, **failure(error)}
        result = self._execute_module(
            module_name="ics.deadpool.app_repoint", module_args=self._task.args, task_vars=task_vars
        )
        for file in result.get("files", ()):
            for warning in file.get("warnings", ()):
                self._display.warning(f"{file['path']}: {warning}")
        return result
