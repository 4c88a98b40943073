# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases that are open on two servers at once: what is written to one is missing in the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .database_state import same_guid
from .in_step import among, same_name

Row = Mapping[str, Any]
_FIRST_USER_DATABASE = 5


@dataclass(frozen=True)
class Twin:
    """A database of one family that two servers have open. ``diverged``: each has a recovery fork of its own."""

    database: str
    servers: tuple[str, str]
    diverged: bool
    msg: str
    hint: str

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "servers": list(self.servers)}


def twins(first: str, one: Iterable[Row], second: str, other: Sequence[Row], names: Sequence[str] = ()) -> list[Twin]:
    """``one`` and ``other`` are databases as mssql_info tells them; ``names`` limits what is compared."""
    found = []
    for row in one:
        if not _open(row) or (names and not among(row["name"], names)):
            continue
        twin = next(
            (two for two in other if _open(two) and same_guid(row["family_guid"]) == same_guid(two["family_guid"])),
            None,
        )
        if twin is not None:
            found.append(_told(row, first, twin, second))
    return found


def _open(row: Row) -> bool:
    known = same_guid(row["family_guid"]) is not None
    return row["database_id"] >= _FIRST_USER_DATABASE and row["state"] == "ONLINE" and known


def _told(row: Row, first: str, twin: Row, second: str) -> Twin:
    diverged = same_guid(row["recovery_fork_guid"]) != same_guid(twin["recovery_fork_guid"])
    alias = "" if same_name(row["name"], twin["name"]) else f" (there {twin['name']})"
    forks = (
        f"their recovery forks differ ({row['recovery_fork_guid']}, {twin['recovery_fork_guid']}): what was written to "
        "one since they parted is not in the other, and no backup of one can follow on the other's"
        if diverged
        else "nothing tells yet which of the two goes on"
    )
    return Twin(
        row["name"],
        (first, second),
        diverged,
        f"{row['name']} is open on {first} and on {second}{alias}, and it is the same database; {forks}.",
        "Let only one of them be written to: playbooks/fence.yml closes the one that a recovery has left and keeps the "
        "tail of its log beside its backups. Look there for rows that are missing.",
    )
