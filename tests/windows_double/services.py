# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services and application pools: whether they are there, and how often each was restarted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Services:
    names: set[str] = field(default_factory=set)
    pools: set[str] = field(default_factory=set)
    restarted: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    #: How often a pool that was told to stop is asked for its state before it has stopped.
    stops_after: int = 0
    states: dict[str, list[str]] = field(default_factory=dict)
    #: Called with the name of what was restarted.
    on_restart: Callable[[str], None] = lambda name: None
    on_stop: Callable[[str], None] = lambda name: None

    def service(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["name"]
        if name not in self.names:
            return {"changed": False, "exists": False} if not asked.get("state") else _missing(name)
        if asked.get("state") == "stopped":
            self.stopped.append(name)
            self.on_stop(name)
        if asked.get("state") == "restarted":
            self._restart(name)
        return {"changed": asked.get("state") == "restarted", "exists": True, "name": name, "state": "running"}

    def app_pool(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["name"]
        if asked.get("state") == "stopped":
            self.stopped.append(name)
            self.states[name] = ["Stopping"] * self.stops_after + ["Stopped"]
        if asked.get("state") == "restarted":
            if self.states.pop(name, ["Stopped"])[0] == "Stopping":
                return {"failed": True, "changed": False, "msg": f"Failed to restart Web App Pool {name}"}
            # The module makes a pool that is missing: whoever asks for a restart must know that it is there.
            self.pools.add(name)
            self._restart(name)
        return {"changed": True}

    def app_pool_info(self, asked: dict[str, Any]) -> dict[str, Any]:
        states = self.states.get(asked["name"], ["Started"])
        state = states.pop(0) if len(states) > 1 else states[0]
        found = [{"name": asked["name"], "attributes": {"state": state}}] if asked["name"] in self.pools else []
        return {"changed": False, "exists": bool(found), "app_pools": found}

    def _restart(self, name: str) -> None:
        self.restarted.append(name)
        self.on_restart(name)


def _missing(name: str) -> dict[str, Any]:
    return {"failed": True, "changed": False, "msg": f"Service '{name}' is not installed"}
