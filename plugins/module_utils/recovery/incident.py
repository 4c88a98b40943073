# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An incident: from the moment somebody began a recovery until everything is proven, however many runs that took."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .journal import first_flaw, readable
from .report_outcome import ENDED_WELL, outcome


@dataclass(frozen=True)
class Incident:
    """``id`` never changes; ``folder`` is where its journal is. ``since`` is ISO 8601 with offset."""

    id: str
    site: str
    who: str
    why: str
    since: str
    folder: str

    def to_dict(self) -> dict[str, Any]:
        """As it is written down."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Incident:
        """The reverse; TypeError for what is none."""
        incident = cls(**value)
        wrong = [key for key, text in asdict(incident).items() if not isinstance(text, str)]
        if wrong:
            raise TypeError(f"{', '.join(wrong)} should be text")
        return incident


def site_key(site: str) -> str:
    """What tells the files of one site from another's in a folder of reports."""
    return hashlib.sha256(site.encode()).hexdigest()[:12]


def is_over(entries: Sequence[dict[str, Any]]) -> bool:
    """Whether the journal of an incident proves that it ended: the next recovery is another incident."""
    whole = readable(entries)
    return any(entry["event"] == "go" for entry in whole) or outcome(whole, first_flaw(entries)) in ENDED_WELL
