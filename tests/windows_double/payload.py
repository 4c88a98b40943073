# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes apart what ansible-core sends to powershell.exe: its own bootstrap script, and a manifest on standard input."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from ansible.executor.powershell.module_manifest import _get_powershell_script

from .wsman import Unknown

_MODULE = re.compile(r"ansible_collections\.(\w+)\.(\w+)\.plugins\.modules\.(\w+)\.ps1")
_SEPARATOR = b"\n\0\0\0\0\n"
#: ansible-core's own scripts that the double answers for, beside modules.
FILE_SCRIPTS = ("winrm_put_file", "winrm_fetch_file", "powershell_mkdtemp", "powershell_expand_user")


@dataclass(frozen=True)
class ModuleCall:
    """A module by its full name, with its arguments; those that Ansible itself adds stand apart."""

    name: str
    arguments: dict[str, Any]
    internal: dict[str, Any]
    text: str


@dataclass(frozen=True)
class ScriptCall:
    name: str
    parameters: dict[str, Any]
    input: bytes


def parsed(line: list[str], stdin: bytes) -> ModuleCall | ScriptCall:
    if "-EncodedCommand" not in line:
        raise Unknown(f"command {' '.join(line)[:200]!r}")
    script = base64.b64decode(line[line.index("-EncodedCommand") + 1]).decode("utf-16-le")
    if _squeezed(_bootstrap()) not in _squeezed(script):
        raise Unknown(f"PowerShell that is not ansible-core's bootstrap: {script[:200]!r}")
    head, separator, rest = stdin.partition(_SEPARATOR)
    if not separator:
        raise Unknown(f"standard input without a manifest ({len(stdin)} bytes)")
    if json.loads(head)["name"] != "exec_wrapper":
        raise Unknown(f"manifest {json.loads(head)['name']!r}")
    text, _separator, rest = rest.partition(_SEPARATOR)
    manifest = json.loads(text)
    names = [action["name"] for action in manifest["actions"]]
    if len(names) == 1 and names[0].removesuffix(".ps1") in FILE_SCRIPTS:
        return ScriptCall(names[0].removesuffix(".ps1"), manifest["actions"][0]["params"], rest)
    if names != ["module_wrapper.ps1"]:
        raise Unknown(f"wrappers {names}: only plain modules are known")
    return _module(manifest, manifest["actions"][0]["params"])


def _bootstrap() -> str:
    return _get_powershell_script("bootstrap_wrapper.ps1").decode()


def _squeezed(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _module(manifest: dict[str, Any], wrapped: dict[str, Any]) -> ModuleCall:
    name = wrapped["Script"]
    text = base64.b64decode(manifest["scripts"][name]["script"]).decode("utf-8-sig")
    values = next(one["Value"] for one in wrapped["Variables"] if one["Name"] == "complex_args")
    own = {key: value for key, value in values.items() if not key.startswith("_ansible_")}
    known = _MODULE.fullmatch(name)
    if not known:
        raise Unknown(f"a module that is in no collection: {name}")
    return ModuleCall(".".join(known.groups()), own, {k: v for k, v in values.items() if k not in own}, text)
