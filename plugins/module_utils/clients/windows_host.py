# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of a Windows host: by modules of ansible.windows alone, and by fixed scripts that take parameters.

No script is ever put together from text. The scripts lie in the folder ``powershell`` beside this file.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any, Callable

from ..recovery.errors import RepointRefused

#: Runs one module on the host and returns its result.
Execute = Callable[[str, "dict[str, Any]"], "dict[str, Any]"]
_SCRIPTS = Path(__file__).with_name("powershell")


def script_text(name: str) -> str:
    return (_SCRIPTS / f"{name}.ps1").read_text("utf-8")


class HostLost(RepointRefused):
    """The host did not answer to the end: whether it did what it was asked is not known."""


class WindowsHost:
    """One host, over whatever connection it has."""

    def __init__(self, name: str, execute: Execute) -> None:
        self.name = name
        self._execute = execute

    def run(self, module: str, arguments: dict[str, Any], what: str) -> dict[str, Any]:
        """A module that must succeed; its own words are only passed on where they cannot quote a file."""
        result = self._execute(module, arguments)
        if result.get("failed") or result.get("unreachable"):
            raise RepointRefused(
                f"{self.name}: {what}: {str(result.get('msg') or 'it failed')[:300]}",
                hint="Run ansible.windows.win_ping on this host; docs/windows.md says which rights the account needs.",
            )
        return result

    def script(self, name: str, parameters: dict[str, Any], secrets: dict[str, str] | None = None) -> dict[str, Any]:
        """The result of one of the fixed scripts. Of an error only its kind and place are told: PowerShell quotes the
        value that it could not use."""
        arguments: dict[str, Any] = {
            "script": script_text(name),
            "parameters": parameters,
            "error_action": "stop",
            "depth": 5,
        }
        if secrets:
            arguments["sensitive_parameters"] = [{"name": key, "value": value} for key, value in secrets.items()]
        result = self._execute("ansible.windows.win_powershell", arguments)
        found = result.get("result")
        if result.get("failed") or not isinstance(found, dict):
            raise RepointRefused(
                f"{self.name}: the script {name}.ps1 failed: {_kind_of(result)}",
                hint="Run ansible.windows.win_ping on this host; it needs Windows PowerShell 5.1.",
            )
        return found

    def content(self, path: str) -> bytes:
        result = self.run("ansible.windows.slurp", {"src": path}, f"{path} cannot be read")
        try:
            return base64.b64decode(result["content"], validate=True)
        except (KeyError, TypeError, binascii.Error):
            raise RepointRefused(
                f"{self.name}: {path}: what arrived is not what slurp returns",
                hint="Check the version of ansible.windows (3.3 or later) and run again.",
            ) from None


def _kind_of(result: dict[str, Any]) -> str:
    errors = result.get("error") or [{}]
    words = [str(errors[0].get(key) or "") for key in ("fully_qualified_error_id", "script_stack_trace")]
    said = " ".join(word for word in words if word).replace("\r\n", " ")[:300]
    return said or ("the module itself did not run" if result.get("failed") else "it returned nothing")
