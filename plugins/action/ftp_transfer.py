# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moves backup files on the host that owns the disk: Linux hosts by the module of this name, Windows hosts by their own
curl.exe, which is told from here what to do."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import WindowsHost
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_transfer import transfer_windows
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.modules.ftp_transfer import ARGUMENT_SPEC, CONDITIONS
from ansible_collections.ics.deadpool.plugins.plugin_utils.transfer_watch import live_progress
from ansible_collections.ics.deadpool.plugins.plugin_utils.windows_action import is_windows, on_windows

#: Options that are not carried out on a Windows host, and that somebody may rely on.
_NOT_THERE = ("other_stores", "verify")


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if is_windows(self):
            return on_windows(self, task_vars or {}, ARGUMENT_SPEC, self._on_windows, **CONDITIONS)
        with live_progress(self) as args:
            return self._execute_module(module_name="ics.deadpool.ftp_transfer", module_args=args, task_vars=task_vars)

    def _on_windows(self, host: WindowsHost, params: dict[str, Any]) -> dict[str, Any]:
        ignored = [name for name in _NOT_THERE if params.get(name)]
        if params.get("folder") and params.get("bandwidth_limit"):
            ignored.append("bandwidth_limit with folder")
        if ignored:
            raise InvalidInput(
                f"{host.name}: {', '.join(ignored)}: not carried out on Windows hosts",
                hint="Leave it out for this host.",
            )
        return transfer_windows(host, params, bool(self._task.check_mode))
