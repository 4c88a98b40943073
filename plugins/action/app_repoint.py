# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repoints on whatever host the task runs on: Linux hosts by the module of this name, which never sends a file's
content over the wire; Windows hosts from here, since they have no Python to run it."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import WindowsHost
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_request import repoint_windows
from ansible_collections.ics.deadpool.plugins.modules.app_repoint import ARGUMENT_SPEC
from ansible_collections.ics.deadpool.plugins.plugin_utils.windows_action import is_windows, on_windows


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if is_windows(self):
            result = on_windows(self, task_vars or {}, ARGUMENT_SPEC, self._on_windows)
        else:
            result = self._execute_module(
                module_name="ics.deadpool.app_repoint", module_args=self._task.args, task_vars=task_vars
            )
        for file in result.get("files", ()):
            for warning in file.get("warnings", ()):
                self._display.warning(f"{file['path']}: {warning}")
        return result

    def _on_windows(self, host: WindowsHost, params: dict[str, Any]) -> dict[str, Any]:
        return repoint_windows(host, params, bool(self._task.check_mode))
