# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a site stands, as a value: the lines of its check, the clocks of its databases, its last 90 days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from .check_facts import Facts
from .check_line import Line, worst
from .check_memory import Memory
from .recoverable import Recoverable


@dataclass(frozen=True)
class Status:
    """``windows`` has every database of the site, in its order; one about which nothing is known is missing."""

    site: str
    zone: tzinfo
    now: datetime
    valid_until: datetime
    databases: tuple[str, ...]
    lines: tuple[Line, ...]
    windows: Mapping[str, Recoverable]
    days: Sequence[Mapping[str, Any]]
    since: Mapping[str, str]

    @property
    def level(self) -> str:
        return worst(line.level for line in self.lines)

    @property
    def recoverable_to(self) -> datetime | None:
        """The instant to which all databases together can be recovered; None where one cannot be at all."""
        ends = [self.windows[name].recoverable_to for name in self.databases if name in self.windows]
        if len(ends) < len(self.databases) or not ends or None in ends:
            return None
        return min(end for end in ends if end is not None)

    @property
    def lost(self) -> list[str]:
        """The databases that cannot be recovered to any instant."""
        return [name for name in self.databases if name in self.windows and self.windows[name].recoverable_to is None]

    def of(self, *items: str) -> list[Line]:
        return [line for line in self.lines if line.item in items]


def status_of(
    facts: Facts, lines: Sequence[Line], windows: Mapping[str, Recoverable], memory: Memory, valid: timedelta
) -> Status:
    return Status(
        site=facts.site,
        zone=facts.zone,
        now=facts.now,
        valid_until=facts.now + valid,
        databases=facts.databases,
        lines=tuple(lines),
        windows=windows,
        days=memory.days,
        since={key: str(row["since"]) for key, row in memory.open.items()},
    )
