# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps one server in step with another: changes that are made, and what a person has to see to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

# Hashes can be tried against word lists: they are shown to nobody. SIDs are no secret.
_HASH = re.compile(r"(PASSWORD = )0x[0-9A-Fa-f]+")
_PASSWORD = re.compile(r"(PASSWORD = )N'(?:[^']|'')*'")
_COMMAND = re.compile(r"(@command = )N'(?:[^']|'')*'")


@dataclass(frozen=True)
class Change:
    """One statement, and what it is for in words that may be shown."""

    part: str
    item: str
    what: str
    statement: str

    def to_dict(self) -> dict[str, Any]:
        return {"part": self.part, "item": self.item, "what": self.what}


@dataclass(frozen=True)
class Remark:
    """What was not done, and what to do about it."""

    part: str
    item: str
    msg: str
    hint: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def shown(statement: str) -> str:
    """A statement without passwords, hashed or not, and without the commands of jobs, which may hold passwords."""
    hidden = _PASSWORD.sub(r"\1N'...'", _HASH.sub(r"\g<1>0x...", statement))
    return _COMMAND.sub(r"\1N'...'", hidden)


def difference(changes: Iterable[Change]) -> dict[str, str]:
    """For --diff: what will be, one line per change."""
    return {"before": "", "after": "".join(f"{one.part}: {one.item}: {one.what}\n" for one in changes)}


def same_name(one: str, other: str) -> bool:
    """As a server whose collation does not tell capitals apart, which is nearly every one."""
    return one.casefold() == other.casefold()


def among(name: str, names: Iterable[str]) -> bool:
    """Whether one of the names is the same."""
    return any(same_name(name, one) for one in names)
