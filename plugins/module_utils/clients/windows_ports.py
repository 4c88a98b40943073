# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The task ``ports_info`` as it is carried out on a Windows host: same parameters, same result."""

from __future__ import annotations

from typing import Any

from .windows_host import WindowsHost


def ports_of(host: WindowsHost, params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    """All ports at once, from the host itself, by one fixed script."""
    asked = [{"address": str(one["address"]), "port": int(one["port"])} for one in params["ports"]]
    answer = host.script("ports", {"Ports": asked, "Seconds": float(params["timeout"])})
    rows = answer.get("ports") or []
    return {"changed": False, "ports": [{**given, **told} for given, told in zip(params["ports"], rows)]}
