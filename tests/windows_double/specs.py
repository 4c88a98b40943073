# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments that the modules of the installed Windows collections take, as their documentation tells them.

Neither a syntax check nor a linter looks at them: ansible only reads the documentation of a Windows module, and
PowerShell checks the arguments on a host that we do not have.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

#: Every module of these collections runs on Windows hosts.
COLLECTIONS = ("ansible.windows", "community.windows", "microsoft.iis", "microsoft.ad")
_TEMPLATE = re.compile(r"\{\{|\{%")
_BOOLEANS = ("yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f")


#: Asked for together with the first module: starting ansible-doc costs more than reading all of them.
_OFTEN = (
    *(f"ansible.windows.{name}" for name in ("slurp", "win_acl", "win_copy", "win_file", "win_package", "win_ping")),
    *(f"ansible.windows.{name}" for name in ("win_powershell", "win_reg_stat", "win_regedit", "win_service")),
    *(f"ansible.windows.{name}" for name in ("win_shell", "win_stat")),
    *("ansible.windows.win_dns_record", "microsoft.iis.web_app_pool", "microsoft.iis.web_app_pool_info"),
)


def specification(module: str) -> dict[str, Any]:
    """The options of a module by its full name; an unknown module is a ValueError."""
    found = _documented(*_OFTEN)
    if module not in found:
        found = _documented(module)
    if module not in found:
        raise ValueError(f"{module}: no such module is installed")
    options: dict[str, Any] = found[module]["doc"].get("options") or {}
    return options


@cache
def _documented(*modules: str) -> dict[str, Any]:
    program = str(Path(sys.executable).with_name("ansible-doc"))
    done = subprocess.run([program, "-j", "-t", "module", *modules], capture_output=True, text=True, check=False)
    found: dict[str, Any] = json.loads(done.stdout or "{}")
    return found


def faults(module: str, arguments: Mapping[str, Any]) -> list[str]:
    """What is wrong with the arguments of a task; values that hold a template are only checked for their names."""
    try:
        return [f"{module}: {fault}" for fault in _faults(specification(module), arguments, "")]
    except ValueError as error:
        return [str(error)]


def _faults(options: Mapping[str, Any], arguments: Mapping[str, Any], where: str) -> Iterator[str]:
    names = {alias: name for name, spec in options.items() for alias in [name, *spec.get("aliases", [])]}
    given: dict[str, Any] = {}
    for key, value in arguments.items():
        if key not in names:
            yield f"{where}{key}: there is no such option (there are {', '.join(sorted(options))})"
        elif names[key] in given:
            yield f"{where}{key}: is given twice, by an alias"
        else:
            given[names[key]] = value
    for name, spec in options.items():
        if name in given:
            yield from _value_faults(spec, given[name], f"{where}{name}")
        elif spec.get("required"):
            yield f"{where}{name}: is required"


def _value_faults(spec: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    if value is None or (isinstance(value, str) and _TEMPLATE.search(value)):
        return
    kind = spec.get("type", "str")
    if kind == "list":
        yield from _list_faults(spec, value, where)
        return
    if spec.get("choices") and str(value) not in map(str, spec["choices"]):
        yield f"{where}: {value!r} is none of {', '.join(map(str, spec['choices']))}"
    if kind == "dict":
        if not isinstance(value, Mapping):
            yield f"{where}: {value!r} is no dictionary"
        elif spec.get("suboptions"):
            yield from _faults(spec["suboptions"], value, f"{where}.")
    elif kind == "int" and not re.fullmatch(r"-?\d+", str(value)):
        yield f"{where}: {value!r} is no whole number"
    elif kind == "bool" and str(value).lower() not in _BOOLEANS:
        yield f"{where}: {value!r} is neither true nor false"
    elif kind in ("str", "path") and isinstance(value, (list, Mapping)):
        yield f"{where}: a text is expected"


def _list_faults(spec: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    elements = value if isinstance(value, list) else str(value).split(",") if not isinstance(value, Mapping) else None
    if elements is None:
        yield f"{where}: a list is expected"
        return
    element = {"type": spec.get("elements", "raw"), **{k: spec[k] for k in ("choices", "suboptions") if k in spec}}
    for number, one in enumerate(elements):
        yield from _value_faults(element, one, f"{where}[{number}]")
