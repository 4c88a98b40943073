# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repoints on whatever host the task runs on: Linux hosts by the module of this name, which never sends a file's
content over the wire; Windows hosts from here, since they have no Python to run it; and DNS records from here, too."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import WindowsHost
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_request import repoint_windows
from ansible_collections.ics.deadpool.plugins.modules.app_repoint import ARGUMENT_SPEC
from ansible_collections.ics.deadpool.plugins.plugin_utils.dns_action import has_records, with_records
from ansible_collections.ics.deadpool.plugins.plugin_utils.windows_action import is_windows, on_windows


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        if has_records(self._task.args):
            result = with_records(self, variables, ARGUMENT_SPEC, partial(self._files, variables))
        else:
            result = self._files(variables, self._task.args)
        for file in result.get("files", ()):
            for warning in file.get("warnings", ()):
                self._display.warning(f"{file['path']}: {warning}")
        return result

    def _files(self, task_vars: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
        if is_windows(self):
            return on_windows(self, task_vars, ARGUMENT_SPEC, partial(self._on_windows, arguments))
        told = {key: value for key, value in arguments.items() if key not in ("new_names", "dns_keys")}
        return self._execute_module(module_name="ics.deadpool.app_repoint", module_args=told, task_vars=task_vars)

    def _on_windows(self, arguments: dict[str, Any], host: WindowsHost, params: dict[str, Any]) -> dict[str, Any]:
        """With those of the task's files that ``arguments`` still hold, and its state."""
        paths = {str(file["path"]) for file in arguments["files"]}
        files = [file for file in params["files"] if file["path"] in paths]
        wanted = {**params, "files": files, "state": arguments.get("state", params["state"])}
        return repoint_windows(host, wanted, bool(self._task.check_mode))
