# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys and values of a Windows registry, as win_reg_stat and win_regedit show and change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_TYPES = {"string": "REG_SZ", "expandstring": "REG_EXPAND_SZ", "dword": "REG_DWORD", "multistring": "REG_MULTI_SZ"}


@dataclass
class Registry:
    """``keys``: path as ``HKLM:\\...`` to name to (type, value). Paths and names have no case."""

    keys: dict[str, dict[str, tuple[str, Any]]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)

    def key(self, path: str) -> dict[str, tuple[str, Any]] | None:
        return next((values for name, values in self.keys.items() if name.lower() == path.lower()), None)

    def stat(self, asked: dict[str, Any]) -> dict[str, Any]:
        values = self.key(asked["path"])
        if values is None:
            return {"changed": False, "exists": False}
        properties = {
            name: {"type": kind, "value": value, "raw_value": value} for name, (kind, value) in values.items()
        }
        prefix = asked["path"].lower() + "\\"
        below = [path[len(prefix) :].split("\\")[0] for path in self.keys if path.lower().startswith(prefix)]
        return {"changed": False, "exists": True, "properties": properties, "sub_keys": list(dict.fromkeys(below))}

    def edit(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["path"].lower() in self.denied:
            return {"failed": True, "changed": False, "msg": "Requested registry access is not allowed."}
        values = self.key(asked["path"])
        if values is None:
            values = self.keys[asked["path"]] = {}
        name = next((one for one in values if one.lower() == asked["name"].lower()), asked["name"])
        entry = (_TYPES[asked.get("type") or "string"], asked["data"])
        changed = values.get(name) != entry
        values[name] = entry
        return {"changed": changed, "data_changed": changed, "data_type_changed": False}
