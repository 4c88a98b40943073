# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where action plugins meet a Windows host: one of our tasks, carried out by modules of ansible.windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Callable

from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import HostLost, WindowsHost
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure

_HINT = "Try ansible.windows.win_ping on this host; docs/windows.md says what it needs. Then run again."
Work = Callable[[WindowsHost, "dict[str, Any]"], "dict[str, Any]"]


def is_windows(action: ActionBase) -> bool:
    return bool(getattr(action._connection._shell, "_IS_WINDOWS", False))


def on_windows(
    action: ActionBase,
    task_vars: dict[str, Any],
    argument_spec: Mapping[str, Any],
    work: Work,
    **conditions: Any,
) -> dict[str, Any]:
    """Run ``work`` with the task's parameters, checked as the module of the same name would check them. Errors become
    one fact and one hint, as from a module; what failed at the connection stays a failure of the connection."""
    name = str(task_vars.get("inventory_hostname", "this host"))
    try:
        host = windows_host(action, task_vars, name)
        return work(host, checked(action, argument_spec, **conditions))
    except HostLost as error:
        # Ansible calls a host unreachable by this class alone.
        if isinstance(error.__cause__, AnsibleConnectionFailure):
            raise AnsibleConnectionFailure(str(error.__cause__)) from None
        return {"failed": True, "changed": False, **failure(error)}
    except RecoveryError as error:
        return {"failed": True, "changed": False, **failure(error)}


def windows_host(action: ActionBase, task_vars: dict[str, Any], name: str) -> WindowsHost:
    """The host at the other end of the plugin's connection."""
    _require_nothing_kept(name)

    def execute(module: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            with _nothing_logged(action):
                return action._execute_module(module_name=module, module_args=arguments, task_vars=task_vars)
        except Exception as error:
            raise HostLost(f"{name}: {module} could not be asked: {_said(error)}", hint=_HINT) from error

    return WindowsHost(name, execute)


def _said(error: Exception) -> str:
    """The connection's words are about HTTP; of anything else only the first line."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


def checked(action: ActionBase, argument_spec: Mapping[str, Any], **conditions: Any) -> dict[str, Any]:
    # A path of Windows is none of the controller: nothing is expanded here.
    found = ArgumentSpecValidator(_without_paths(argument_spec), **conditions).validate(action._task.args)
    if found.error_messages:
        raise InvalidInput(
            "; ".join(found.error_messages), hint=f"ansible-doc {action._task.action} lists the options."
        )
    parameters: dict[str, Any] = found.validated_parameters
    return parameters


def _without_paths(argument_spec: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, spec in argument_spec.items():
        told[key] = {name: "str" if (name, value) in _PATHS else value for name, value in spec.items()}
        if "options" in spec:
            told[key]["options"] = _without_paths(spec["options"])
    return told


_PATHS = (("type", "path"), ("elements", "path"))


def _require_nothing_kept(name: str) -> None:
    if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"):
        raise InvalidInput(
            f"{name}: ANSIBLE_KEEP_REMOTE_FILES would leave what is sent, passwords included, on this host's disk",
            hint="Unset it and run again.",
        )


@contextmanager
def _nothing_logged(action: ActionBase) -> Iterator[None]:
    """What travels holds whole files. Neither the connection at any verbosity nor the host's event log may show it."""
    holders = [action._task, action._play_context, action._connection._play_context]
    before = [holder.no_log for holder in holders]
    for holder in holders:
        holder.no_log = True
    try:
        yield
    finally:
        for holder, value in zip(holders, before):
            holder.no_log = value
