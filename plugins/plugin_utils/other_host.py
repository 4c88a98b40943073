# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Another host of the inventory than the one that a task runs on: the server that keeps its DNS record."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import WindowsHost
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.plugin_utils.windows_action import is_windows, windows_host

_OF_A_HOST = ("inventory_hostname", "ansible_host", "ansible_shell_type", "ansible_shell_executable")


def windows_host_named(action: ActionBase, task_vars: dict[str, Any], name: str) -> WindowsHost:
    """Modules of that host are asked over a connection of its own, made from its own variables."""
    if name not in task_vars.get("hostvars", {}):
        raise InvalidInput(f"windows_host {name}: the inventory has no such host", hint="Add it, or correct its name.")
    variables = task_vars["hostvars"][name]
    connection = action._shared_loader_obj.connection_loader.get(
        variables.get("ansible_connection", "ssh"), action._play_context
    )
    connection.set_options(var_options=connection._resolve_option_variables(variables, action._templar))
    there = _at(action, connection)
    if not is_windows(there):
        raise InvalidInput(
            f"windows_host {name}: is reached by {variables.get('ansible_connection', 'ssh')}, as no Windows host is",
            hint="Leave windows_host out where the server takes dynamic updates.",
        )
    # Whatever else the inventory says of that host may need what is not there yet.
    told = {key: variables[key] for key in variables if key in _OF_A_HOST}
    return windows_host(there, {**task_vars, **told}, name)


def _at(action: ActionBase, connection: Any) -> ActionBase:
    """The same plugin, at the other end of another connection."""
    parts = action._task.copy(), connection, action._play_context, action._loader, action._templar
    return type(action)(*parts, action._shared_loader_obj)
