# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys of a Windows host's registry, ODBC DSNs and client aliases above all, read and changed value by value."""

from __future__ import annotations

from ..recovery.errors import RepointRefused
from ..recovery.registry_text import changed_values, drive_path, registry_text, text_values, views
from .windows_files import NO_STATUS, Replacement, WindowsFile
from .windows_host import WindowsHost


def read_key(host: WindowsHost, path: str) -> WindowsFile:
    """The key as the text of its export, in both views, as far as they are there."""
    found = []
    for view in views(path):
        told = host.run("ansible.windows.win_reg_stat", {"path": drive_path(view)}, f"{path} cannot be read")
        if told.get("exists"):
            found.append((view, told.get("properties") or {}))
    if not found:
        raise RepointRefused(
            f"{path}: there is no such key, neither for 64-bit nor for 32-bit programs",
            hint="Check the name; a key below HKU is only there while its user's profile is loaded.",
        )
    return WindowsFile(
        path, drive_path(views(path)[0]), registry_text(found), NO_STATUS, {"registry": True, "sddl": ""}
    )


def is_key(file: WindowsFile) -> bool:
    return bool(file.facts.get("registry"))


def write_key(host: WindowsHost, one: Replacement) -> None:
    """Set the values that differ. Each is compared with what was read before the first is set, and all afterwards."""
    _require_same(host, one, one.file.data, "was changed by another program meanwhile")
    for (key, name), (_before, after) in changed_values(one.file.data, one.data).items():
        _set(host, key, name, after)
    _require_same(host, one, one.data, "does not read back as it was written")


def put_key_back(host: WindowsHost, one: Replacement) -> bool:
    """Give the values that hold what we wrote what they held before; one that holds neither is left and told."""
    now = text_values(read_key(host, one.file.path).data)
    strange = []
    done = False
    for place, (before, after) in changed_values(one.file.data, one.data).items():
        if now.get(place) == after:
            _set(host, *place, before)
            done = True
        elif now.get(place) != before:
            strange.append(place[1])
    if strange:
        raise RepointRefused(
            f"{one.file.path}: {', '.join(strange)} holds neither what we read nor what we wrote",
            hint="Look at it by hand.",
        )
    return done


def _set(host: WindowsHost, key: str, name: str, value: str) -> None:
    asked = {"path": drive_path(key), "name": name, "data": value, "type": "string"}
    host.run("ansible.windows.win_regedit", asked, f"{key}: {name or '(Default)'} cannot be set")


def _require_same(host: WindowsHost, one: Replacement, wanted: bytes, words: str) -> None:
    if read_key(host, one.file.path).data != wanted:
        raise RepointRefused(f"{one.file.path}: {words}", hint="Find out who changes it, then run again.")
