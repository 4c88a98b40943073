# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``python -m simulator fault NAME WHERE [KEY=VALUE ...]``, ``fault list`` and ``fault clear [NAME] [WHERE]``."""

from __future__ import annotations

import argparse
import json
import sys

from simulator.faults.catalogue import FAULTS, Argument, Fault, UnknownFault
from simulator.faults.injection import Faults


def fault_command(options: argparse.Namespace) -> int:
    words: list[str] = options.words
    try:
        faults = Faults.of(options.state)
        if words[0] == "list":
            _list(faults, options.json)
        elif words[0] == "clear":
            _clear(faults, words[1:])
        else:
            print(_inject(faults, words))
    except UnknownFault as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _inject(faults: Faults, words: list[str]) -> str:
    name, *rest = words
    if name not in FAULTS:
        raise UnknownFault(f"{name}: no fault of that name. `fault list` shows them: {', '.join(FAULTS)}")
    if not rest or "=" in rest[0]:
        raise UnknownFault(f"{name}: where? Name a process: {', '.join(faults.site.names)}")
    pairs = [word.partition("=") for word in rest[1:]]
    if wrong := [key for key, sign, _ in pairs if not sign]:
        raise UnknownFault(f"{name}: {wrong[0]!r} is not KEY=VALUE. {_describe(FAULTS[name])}")
    return faults.inject(name, rest[0], **{key: value for key, _, value in pairs})


def _clear(faults: Faults, words: list[str]) -> None:
    if len(words) > 2:
        raise UnknownFault("fault clear takes a fault, a process, or both")
    name = next((word for word in words if word in FAULTS), None)
    where = next((word for word in words if word in faults.site.names), None)
    if unknown := [word for word in words if word not in (name, where)]:
        raise UnknownFault(
            f"{unknown[0]}: neither a fault ({', '.join(FAULTS)}) nor one of {', '.join(faults.site.names)}"
        )
    cleared = faults.clear(name, where)
    print("\n".join(f"cleared: {one}" for one in cleared) or "there was nothing to clear")


def _list(faults: Faults, as_json: bool) -> None:
    active = faults.active()
    if as_json:
        print(json.dumps(active, indent=2))
        return
    for fault in FAULTS.values():
        print(_describe(fault))
    print("\nNow:" if active else "\nNow: nothing is wrong.")
    for entry in active:
        given = " ".join(f"{key}={value}" for key, value in entry["arguments"].items() if value is not None)
        print(f"  {entry['fault']} {entry['where']} {given}".rstrip())


def _describe(fault: Fault) -> str:
    lines = [f"{fault.name} ({', '.join(fault.where)}): {fault.what}"]
    return "\n".join(lines + [f"    {_argument(argument)}" for argument in fault.arguments])


def _argument(argument: Argument) -> str:
    default = "" if argument.default is None else f" ({argument.default})"
    return f"{argument.name}={'required: ' if argument.required else ''}{argument.what}{default}"
