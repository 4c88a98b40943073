# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What verifying a backup file says: a verdict on the file, on each backup set and on each database file in it.

``sound`` means that a checksum covers every byte of the data, and that all of them are right. ``damaged`` means that
one is wrong, or that blocks are missing or out of place. Everything between is ``cannot be told``, with the reason:
a backup taken without CHECKSUM may be good, but its bytes cannot prove it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SOUND, DAMAGED, CANNOT_BE_TOLD = "sound", "damaged", "cannot be told"
_HINTS = {
    SOUND: None,
    DAMAGED: "Take the file from its source again and compare; if the source is damaged too, take a full backup now. "
    "Keep the damaged file: what is whole in it may still be needed.",
    CANNOT_BE_TOLD: "Only a test restore can prove this file. Take backups WITH CHECKSUM, then their bytes prove them.",
}
#: Damages that are listed; further ones are counted.
LISTED = 50


@dataclass(frozen=True)
class DatabaseFileVerdict:
    """One database file in one backup set. Pages count for data files only."""

    file_id: int
    logical_name: str
    type: str
    verdict: str
    reason: str | None
    damaged_at: int | None  # bytes from the start of the backup file
    pages_sound: int = 0
    pages_damaged: int = 0
    pages_unchecked: int = 0  # without checksum, never used, or with a header that is none


@dataclass(frozen=True)
class SetVerdict:
    """One backup set."""

    position: int
    database_name: str
    verdict: str
    reason: str | None
    damaged_at: int | None
    files: tuple[DatabaseFileVerdict, ...]


@dataclass
class Counts:
    """How many of each were looked at."""

    blocks: int = 0
    streams: int = 0
    filemarks: int = 0
    stream_checksums: int = 0
    pages: int = 0
    chunks: int = 0


@dataclass(frozen=True)
class Verification:
    """The verdict on one file. ``damages`` are the first ones found: (byte, what).

    ``notes`` are odd bytes that no restore looks at (padding), or that may have a cause we have not seen. They do not
    touch the verdict, but a disk that changes padding changes data too.
    """

    path: str
    size: int
    verdict: str
    reason: str | None
    damaged_at: int | None
    damages: tuple[tuple[int, str], ...] = ()
    damage_count: int = 0
    notes: tuple[tuple[int, str], ...] = ()
    sets: tuple[SetVerdict, ...] = ()
    counts: Counts = field(default_factory=Counts)

    @property
    def hint(self) -> str | None:
        """What to do about it."""
        return _HINTS[self.verdict]

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON and Ansible carry."""
        values = {**asdict(self), "hint": self.hint}
        for name in ("damages", "notes"):
            values[name] = [{"at": at, "what": what} for at, what in getattr(self, name)]
        return values
