# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One line of the daily check: how something is, and what to do about it. Levels and perfdata as Nagios plugins have
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

OK, WARNING, CRITICAL, UNKNOWN = "OK", "WARNING", "CRITICAL", "UNKNOWN"

#: Exit codes of Nagios plugins.
EXIT_CODES = {OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3}
#: What is not known may be anything: worse than a warning, and never OK.
WORST_FIRST = (CRITICAL, UNKNOWN, WARNING, OK)

#: Indonesian, English.
Words = tuple[str, str]
NOTHING: Words = ("", "")


@dataclass(frozen=True)
class Measure:
    """A figure of perfdata: its levels are those at which the line turns; with ``below``, those under which it does."""

    label: str
    value: float
    unit: str = ""
    warning: float | None = None
    critical: float | None = None
    below: bool = False

    def text(self) -> str:
        """As the plugin guidelines write it: 'label'=value[unit];warn;crit."""
        label = self.label.replace("'", "").replace("=", "")
        colon = ":" if self.below else ""
        levels = ";".join("" if one is None else f"{one:g}{colon}" for one in (self.warning, self.critical))
        return f"'{label}'={self.value + 0.0:.10g}{self.unit};{levels}"  # no "-0"


@dataclass(frozen=True)
class Line:
    """``item`` names the check, ``subject`` the database or server. ``fix`` is what to type or do next; a line that is
    not OK always has one."""

    item: str
    subject: str
    level: str
    fact: Words
    fix: Words = NOTHING
    measures: tuple[Measure, ...] = ()

    @property
    def key(self) -> str:
        """What says "the same line" from one day to the next."""
        return f"{self.item}:{self.subject}" if self.subject else self.item

    def to_dict(self) -> dict[str, Any]:
        """What JSON and Ansible carry."""
        return {
            "item": self.item,
            "subject": self.subject,
            "level": self.level,
            "fact": {"id": self.fact[0], "en": self.fact[1]},
            "fix": {"id": self.fix[0], "en": self.fix[1]},
            "measures": [vars(one).copy() for one in self.measures],
        }


def worst(levels: Iterable[str]) -> str:
    """The level of a whole; of nothing it is unknown."""
    return min(levels, key=WORST_FIRST.index, default=UNKNOWN)


def by_weight(lines: Iterable[Line]) -> list[Line]:
    """Those that need someone first; else in their order."""
    return sorted(lines, key=lambda line: WORST_FIRST.index(line.level))


def graded(value: float, warning: float, critical: float) -> str:
    """The level of a figure that is worse the larger it is."""
    if value >= critical:
        return CRITICAL
    return WARNING if value >= warning else OK
