# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A key of a Windows registry as the text of a registry export, and back: so that DSNs and client aliases of a host are
read, judged, copied and put back like a file, and a copy can be imported by hand."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import InvalidInput, RepointRefused

#: Values of a key: name to type and value, as ansible.windows.win_reg_stat tells them.
Values = Mapping[str, Mapping[str, Any]]
_HIVES = {
    "hklm": "HKEY_LOCAL_MACHINE",
    "hkey_local_machine": "HKEY_LOCAL_MACHINE",
    "hku": "HKEY_USERS",
    "hkey_users": "HKEY_USERS",
}
_SHORT = {"HKEY_LOCAL_MACHINE": "HKLM:", "HKEY_USERS": "HKU:"}
_PATH = re.compile(r"(?P<hive>HK\w+):?\\(?P<key>.+)", re.IGNORECASE)
_SOFTWARE = re.compile(r"software\\(?!wow6432node\\|wow6432node$)", re.IGNORECASE)
_HEADING = re.compile(r"\[(.+)\]")
_LINE = re.compile(r'(?:"(?P<name>(?:[^"\\]|\\.)*)"|(?P<default>@))="(?P<value>(?:[^"\\]|\\.)*)"')
_CONTROL = re.compile(r"[\x00-\x1f]")


def is_registry_path(path: str) -> bool:
    return bool(_PATH.fullmatch(path))


def views(path: str) -> list[str]:
    """The key as a registry export writes it, in the view of 64-bit programs and in that of 32-bit ones."""
    match = _PATH.fullmatch(path)
    hive = _HIVES.get(match.group("hive").lower()) if match else None
    if match is None or hive is None or _CONTROL.search(path) or "\\\\" in match.group("key"):
        raise InvalidInput(
            f"{path}: not a key of HKLM or HKU",
            hint=r"Write HKLM\SOFTWARE\ODBC\ODBC.INI\NAME, or HKU\SID\Software\… for what belongs to one user.",
        )
    key = match.group("key").rstrip("\\")
    found = [f"{hive}\\{key}"]
    if hive == "HKEY_LOCAL_MACHINE" and _SOFTWARE.match(key):
        rest = key.partition("\\")[2]
        found.append(f"{hive}\\SOFTWARE\\WOW6432Node\\{rest}")
    return found


def drive_path(view: str) -> str:
    """The key as PowerShell's drives and ansible.windows write it."""
    hive, _separator, key = view.partition("\\")
    return f"{_SHORT[hive]}\\{key}"


def registry_text(keys: Sequence[tuple[str, Values]]) -> bytes:
    """A registry export of these keys. Only REG_SZ of one line is written as text: only that is ever edited."""
    lines = ["Windows Registry Editor Version 5.00", ""]
    for path, values in keys:
        lines.append(f"[{path}]")
        for name in sorted(values, key=str.lower):
            lines.append(f"{_named(name)}={_written(values[name])}")
        lines.append("")
    return codecs.BOM_UTF16_LE + "\r\n".join([*lines, ""]).encode("utf-16-le")


def _named(name: str) -> str:
    return f'"{_escaped(name)}"' if name else "@"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _written(entry: Mapping[str, Any]) -> str:
    kind, value = entry["type"], entry.get("raw_value", entry.get("value"))
    if kind == "REG_SZ" and isinstance(value, str) and not _CONTROL.search(value):
        return f'"{_escaped(value)}"'
    if kind == "REG_DWORD":
        return f"dword:{int(value):08x}"
    if kind == "REG_QWORD":
        return f"hex(b):{_hex(int(value).to_bytes(8, 'little'))}"
    if kind in ("REG_SZ", "REG_EXPAND_SZ"):
        return f"hex({1 if kind == 'REG_SZ' else 2}):{_hex(f'{value}{chr(0)}'.encode('utf-16-le'))}"
    if kind == "REG_MULTI_SZ":
        parts = [value] if isinstance(value, str) else list(value or [])
        return f"hex(7):{_hex((''.join(f'{part}{chr(0)}' for part in parts) + chr(0)).encode('utf-16-le'))}"
    bytes_of = [int(str(one), 0) for one in value or []]
    return f"hex{'' if kind == 'REG_BINARY' else '(0)'}:{_hex(bytes(bytes_of))}"


def _hex(data: bytes) -> str:
    return ",".join(f"{byte:02x}" for byte in data)


def text_values(data: bytes) -> dict[tuple[str, str], str]:
    """Every value that is written as text, by key and name."""
    found: dict[tuple[str, str], str] = {}
    key = ""
    for line in data.decode("utf-16").split("\r\n"):
        heading, entry = _HEADING.fullmatch(line), _LINE.fullmatch(line)
        if heading:
            key = heading.group(1)
        elif entry:
            found[key, _plain(entry.group("name") or "")] = _plain(entry.group("value"))
    return found


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def changed_values(before: bytes, after: bytes) -> dict[tuple[str, str], tuple[str, str]]:
    """The values that differ, as they were and as they are to be."""
    first, second = text_values(before), text_values(after)
    if first.keys() != second.keys():
        raise RepointRefused(
            "the edited key would have other values than before", hint="Edit it by hand and report what it holds."
        )
    return {place: (first[place], second[place]) for place in first if first[place] != second[place]}
