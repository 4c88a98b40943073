# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tries ports: from Linux hosts by the module of this name, from Windows hosts by ansible.windows."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import WindowsHost
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_ports import ports_of
from ansible_collections.ics.deadpool.plugins.modules.ports_info import ARGUMENT_SPEC
from ansible_collections.ics.deadpool.plugins.plugin_utils.windows_action import is_windows, on_windows


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if is_windows(self):
            return on_windows(self, task_vars or {}, ARGUMENT_SPEC, self._on_windows)
        return self._execute_module(
            module_name="ics.deadpool.ports_info", module_args=self._task.args, task_vars=task_vars
        )

    def _on_windows(self, host: WindowsHost, params: dict[str, Any]) -> dict[str, Any]:
        return ports_of(host, params, bool(self._task.check_mode))
