# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same stand-in without ansible and transport between: for the many faults, of which each takes milliseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_host import HostLost, WindowsHost

from tests.windows_double.host import WindowsDouble
from tests.windows_double.payload import ModuleCall
from tests.windows_double.wsman import Unknown


class Direct:
    """A host on the stand-in; arguments travel as JSON, as they would."""

    def __init__(self, root: Path) -> None:
        self.double = WindowsDouble(root)
        self.host = WindowsHost("win1", self.execute)
        self.check_mode = False
        #: The script after which the connection breaks, and whether it stays so.
        self.lost_after, self.stays_lost = "", False
        self._lost = False

    def execute(self, module: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if self._lost and self.stays_lost:
            raise HostLost("win1: it does not answer", hint="Look at it.")
        self._lost = False
        sent = json.loads(json.dumps(arguments))
        call = ModuleCall(module, sent, {"_ansible_check_mode": self.check_mode}, "")
        try:
            found: dict[str, Any] = json.loads(json.dumps(self.double.answer(call)))
        except Unknown as error:
            raise AssertionError(f"the stand-in refused: {error}") from None
        if self.lost_after and self.double.asked[-1] == self.lost_after:
            self._lost, self.lost_after = True, ""
            raise HostLost("win1: the connection broke", hint="Look at it.")
        return found


def checked(spec: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    """Parameters with their defaults, as Ansible fills them in."""
    found = ArgumentSpecValidator(dict(spec)).validate(given)
    assert not found.error_messages
    parameters: dict[str, Any] = found.validated_parameters
    return parameters
