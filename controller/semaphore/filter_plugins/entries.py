# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Semaphore has against what it is to have, entry by entry; an entry is known by its name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

Entry = dict[str, Any]


def missing(wanted: list[Entry], found: list[Entry]) -> list[Entry]:
    """The entries that are not there."""
    names = {entry["name"] for entry in found}
    return [entry for entry in wanted if entry["name"] not in names]


def different(wanted: list[Entry], found: list[Entry], unseen: Collection[str] = ()) -> list[Entry]:
    """The entries that are there and not as they are wanted, with the number that they have."""
    there = {entry["name"]: entry for entry in found}
    return [
        {**entry, "id": there[entry["name"]]["id"]}
        for entry in wanted
        if entry["name"] in there and _differs(entry, there[entry["name"]], unseen)
    ]


def _differs(wanted: Any, found: Any, unseen: Collection[str] = ()) -> bool:
    """Semaphore leaves out what is empty or false, and adds keys of its own."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return any(_differs(value, found.get(key)) for key, value in wanted.items() if key not in unseen)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) != len(found) or any(map(_differs, wanted, found))
    return (wanted or None) != (found or None)


class FilterModule:
    """How Ansible finds them."""

    def filters(self) -> dict[str, Callable[..., list[Entry]]]:
        return {"missing": missing, "different": different}
