# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Releases and editions of SQL Server: what tells one installation from another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """By its major version. A backup of a higher ``database_version`` is refused (3169)."""

    name: str
    compatibility: int
    database_version: int


@dataclass(frozen=True)
class Edition:
    """As SERVERPROPERTY's Edition, EditionID and EngineEdition say it. Express has no Agent and compresses nothing."""

    name: str
    edition_id: int
    engine: int


RELEASES = {
    13: Release("2016 (RTM)", 130, 852),
    14: Release("2017 (RTM)", 140, 869),
    15: Release("2019 (RTM)", 150, 904),
    16: Release("2022 (RTM)", 160, 957),
}
EDITIONS = {
    "Developer": Edition("Developer Edition (64-bit)", -2117995310, 3),
    "Enterprise": Edition("Enterprise Edition (64-bit)", 1804890536, 3),
    "Standard": Edition("Standard Edition (64-bit)", -1534726760, 2),
    "Web": Edition("Web Edition (64-bit)", 1293598313, 2),
    "Express": Edition("Express Edition (64-bit)", -1592396055, 4),
}


def parse_version(text: str) -> tuple[int, int, int]:
    """MAJOR.MINOR.BUILD of a release that is known here."""
    parts = text.split(".")
    if len(parts) < 3 or not all(part.isdigit() for part in parts) or int(parts[0]) not in RELEASES:
        known = ", ".join(f"{major}.0.x ({release.name.split()[0]})" for major, release in RELEASES.items())
        raise ValueError(f"{text!r} is no version that is known here: MAJOR.MINOR.BUILD of {known}")
    return int(parts[0]), int(parts[1]), int(parts[2])
