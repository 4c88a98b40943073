# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values as YAML that people like to read and edit, and values put into a YAML file with its comments kept.

Python's standard library has no YAML, and a library would drop the comments, which explain each variable to whoever
edits the file next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

#: Text that no reader of YAML 1.1 or 1.2 takes for anything but this text.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_KEY = re.compile(r"(?P<name>[A-Za-z_]\w*):(?:\s|$)")
_WIDTH = 110


def scalar(value: Any) -> str:
    """A single value. What could be read as something else is quoted."""
    if value is None:
        return "null"
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    text = str(value)
    if _ADDRESS.fullmatch(text) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS):
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(value: Any) -> str:
    """On one line: [a, b], {a: 1}."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    return scalar(value)


def block(name: str, value: Any, indent: int = 0) -> list[str]:
    """The lines of ``name: value``; long lists and dictionaries take a line for each entry."""
    space = " " * indent
    short = f"{space}{scalar(name)}: {flow(value)}"
    nested = isinstance(value, (Mapping, list, tuple)) and bool(value)
    if not nested or (len(short) <= _WIDTH and not _deep(value)):
        return [short]
    lines = [f"{space}{scalar(name)}:"]
    if isinstance(value, Mapping):
        return lines + [line for key, one in value.items() for line in block(str(key), one, indent + 2)]
    return lines + [line for one in value for line in _entry(one, indent + 2)]


def _deep(value: Any) -> bool:
    """Entries that are no single values are easier to edit one below the other."""
    entries: Sequence[Any] = list(value.values()) if isinstance(value, Mapping) else list(value)
    return len(entries) > 1 and any(isinstance(one, (Mapping, list, tuple)) for one in entries)


def _entry(value: Any, indent: int) -> list[str]:
    space = " " * indent
    if isinstance(value, Mapping) and value and len(space + flow(value)) > _WIDTH - 2:
        lines = [line for key, one in value.items() for line in block(str(key), one, indent + 2)]
        return [f"{space}- {lines[0].lstrip()}", *lines[1:]]
    return [f"{space}- {flow(value)}"]


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The text with these top-level keys set, in their places, comments and all; what it lacks comes at its end."""
    left = dict(values)
    result: list[str] = []
    blanks: list[str] = []
    skipping = False
    for line in text.splitlines():
        key = _KEY.match(line)
        if skipping and not line.strip():
            blanks.append(line)  # between two entries of the old value, or after its end
        elif skipping and line[:1] in (" ", "-"):
            blanks = []
        else:
            result, blanks, skipping = result + blanks, [], bool(key and key["name"] in left)
            result += block(key["name"], left.pop(key["name"])) if key and skipping else [line]
    for name, value in left.items():
        result += ["", *block(name, value)]
    return "\n".join(result) + "\n"


def top_level_keys(text: str) -> list[str]:
    """The names that a file sets, in their order."""
    return [key["name"] for key in map(_KEY.match, text.splitlines()) if key]
