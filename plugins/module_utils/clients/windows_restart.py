# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The task ``app_restart`` on a Windows host: services and application pools, waited for from the controller."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from ..recovery.errors import InvalidInput, NotProven, RecoveryError
from ..recovery.module_proof import changed_file, require_entries, well_on, why_restart
from .health import ask, ask_until
from .windows_host import WindowsHost

_KINDS = ("service", "app_pool")
_POOL_STOPS_IN = 120.0
_PAUSE = 1.0


def restart_windows(host: WindowsHost, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    return (_stop_all if params["stage"] == "stop" else _restart_all)(host, params, check_mode)


def _stop_all(host: WindowsHost, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Stops what reads a changed file and can be stopped."""
    require_entries(params["applications"], "name", "files")
    wanted = [(one, targets(one, "stop")) for one in params["applications"] if one.get("stop")]
    stopped: list[dict[str, str]] = []
    for application, things in wanted:
        reason = changed_file(application, params["changed_files"])
        if reason:
            stopped.append({"name": application["name"], "reason": reason})
            for kind, name in things:
                _set_state(host, kind, name, "stopped", check_mode)
    return {"changed": bool(stopped), "restarted": [], "stopped": stopped}


def _restart_all(host: WindowsHost, params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Restarts what needs it, then waits for it; one that does not come back keeps no other from being restarted."""
    applications, server = params["applications"], params["server_name"]
    require_entries(applications, "name", "health", "restart", "files")
    wanted = [(one, targets(one, "restart")) for one in applications]
    restarted: list[dict[str, str]] = []
    errors: list[RecoveryError] = []
    for application, things in wanted:
        reason = why_restart(application, params["changed_files"], partial(ask, application["health"]), server)
        if not reason:
            continue
        restarted.append({"name": application["name"], "reason": reason})
        try:
            for kind, name in things:
                _set_state(host, kind, name, "restarted", check_mode)
            if params["wait_seconds"] > 0 and not check_mode:
                _wait(application, server, params["wait_seconds"])
        except RecoveryError as error:
            errors.append(error)
    result: dict[str, Any] = {"changed": bool(restarted), "restarted": restarted, "stopped": []}
    if errors:
        facts = "\n".join(error.msg for error in errors)
        result.update(failed=True, msg=f"{facts}\nHINT: {errors[0].hint}")
    return result


def targets(application: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    """What ``restart`` or ``stop`` of an inventory entry names: services and application pools, in their order."""
    wanted = application[key]
    if not isinstance(wanted, Mapping) or not wanted or set(wanted) - set(_KINDS):
        raise InvalidInput(
            f"applications: {application['name']} runs on a Windows host, and its {key} is none of service, app_pool",
            hint=f"Write {key}: {{service: NAME}} or {key}: {{app_pool: NAME}}; a list of names is fine.",
        )
    names = [(kind, name) for kind, value in wanted.items() for name in ([value] if isinstance(value, str) else value)]
    if not names or not all(isinstance(name, str) and name for _kind, name in names):
        raise InvalidInput(
            f"applications: {application['name']}: its {key} names nothing",
            hint="Name the service or application pool.",
        )
    return names


def _set_state(host: WindowsHost, kind: str, name: str, state: str, check_mode: bool) -> None:
    if kind == "app_pool":
        _require_pool(host, name)
        asked = {"name": name, "state": state}
        if not check_mode:
            host.run("microsoft.iis.web_app_pool", asked, f"application pool {name} was not {state}")
            if state == "stopped":
                _wait_for_stopped_pool(host, name)
        return
    found = host.run("ansible.windows.win_service", {"name": name}, f"service {name} cannot be looked at")
    if not found.get("exists"):
        raise InvalidInput(
            f"{host.name}: there is no service {name}", hint="Write its name, not its display name (sc.exe query)."
        )
    if not check_mode:
        asked = {"name": name, "state": state}
        host.run("ansible.windows.win_service", asked, f"service {name} was not {state}")


def _pool(host: WindowsHost, name: str) -> Mapping[str, Any]:
    return host.run("microsoft.iis.web_app_pool_info", {"name": name}, f"application pool {name} cannot be looked at")


def _wait_for_stopped_pool(host: WindowsHost, name: str) -> None:
    """IIS lets a pool's requests end (for 90 s, unless told otherwise) and calls it Stopping meanwhile."""
    deadline = time.monotonic() + _POOL_STOPS_IN
    while (state := _state_of(_pool(host, name))) not in ("", "Stopped"):
        if time.monotonic() > deadline:
            raise NotProven(
                f"{host.name}: application pool {name} is {state} {_POOL_STOPS_IN:g} s after it was stopped",
                hint="Stop it in IIS Manager, or shorten its shutdown time limit, and run again.",
            )
        time.sleep(_PAUSE)


def _state_of(found: Mapping[str, Any]) -> str:
    pools = found.get("app_pools") or [{}]
    return str(pools[0].get("attributes", {}).get("state") or "")


def _require_pool(host: WindowsHost, name: str) -> None:
    """The module that restarts a pool would make one that is missing, and call it a success."""
    if not _pool(host, name).get("exists"):
        raise InvalidInput(
            f"{host.name}: IIS has no application pool {name}", hint="Write its name as IIS Manager shows it."
        )


def _wait(application: Mapping[str, Any], server: str, seconds: float) -> None:
    answer = ask_until(application["health"], partial(well_on, server), seconds)
    if not well_on(server, answer):
        said = answer.error or f"HTTP {answer.status}: {answer.body[:300]}"
        raise NotProven(
            f"{application['name']}: {seconds:g} s after its restart it does not work on {server}: {said}",
            hint="Look at its log on its host, and whether its login may enter its database on the new server.",
        )
