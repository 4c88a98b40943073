# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is at a site: two operators at once would undo each other's work."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .errors import InvalidInput, RecoveryError


@dataclass(frozen=True)
class Holder:
    """A run that is under way. ``since`` is ISO 8601 with the site's offset; ``run`` is the folder of its journal."""

    kind: str
    site: str
    user: str
    since: str
    run: str
    host: str
    process: int
    started: str
    boot: str

    def to_dict(self) -> dict[str, Any]:
        """As it is written down."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Holder:
        """The reverse; TypeError for what is none."""
        holder = cls(**value)
        if not isinstance(holder.process, int):
            raise TypeError(f"process is {holder.process!r}")
        return holder

    def __str__(self) -> str:
        return f"{self.kind} by {self.user} since {self.since} (process {self.process} on {self.host})"


def refusal(other: Holder, can_be_asked: bool, path: str) -> RecoveryError:
    """Somebody else is at it, or was, on a host that cannot be asked from here."""
    if can_be_asked:
        return InvalidInput(
            f"{other.site}: another run is under way: {other}. Its journal is in {other.run}. Nothing was changed.",
            hint=f"Talk to {other.user} and let that run end. If it hangs, stop it with Ctrl-C there or with "
            f"kill {other.process}, then run this again: a run whose process is gone is taken over.",
        )
    return InvalidInput(
        f"{other.site}: another run was begun: {other}. From here nobody can tell whether it still lives. Nothing was "
        "changed.",
        hint=f"Look on {other.host}. If that run is over, say so with -e run_take_over=true (or delete {path}).",
    )
