# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Counting the pages of a backup by database file: sound, damaged, or without anything that proves them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from .page_checksum import PAGE, page_differences

_EXTENT = 8
_HAS_CHECKSUM = 0x02  # 0x200 of the flags at byte 4
_TYPES = range(1, 21)
#: What fills the last buffer of a backup up to its end: belongs to no file.
_FILLER = 101
#: So many wrong checksums and no right one: the pages are not damaged, they are something else (encrypted).
_HOPELESS = 8


@dataclass
class PageCount:
    """The pages of one database file."""

    sound: int = 0
    damaged: int = 0
    unchecked: int = 0
    damaged_at: int | None = None
    reason: str | None = None

    @property
    def total(self) -> int:
        return self.sound + self.damaged + self.unchecked

    @property
    def unreadable(self) -> bool:
        """No page fits its checksum: with transparent encryption, for all we know, that is no damage."""
        return self.sound == 0 and self.damaged >= _HOPELESS


class PageTally:
    """All pages of one backup set; 0 is the file of pages whose extent names none."""

    def __init__(self) -> None:
        self.files: dict[int, PageCount] = {}

    def file(self, number: int) -> PageCount:
        return self.files.setdefault(number, PageCount())

    def add(self, data: bytes, lanes: array[int], place: int, *, packed: bool) -> list[tuple[int, str]]:
        """Counts the pages in ``data``, which begins at ``place`` in the file, and returns the damaged ones.

        ``packed``: the pages were compressed, ``place`` is where their chunk begins.
        """
        differences = page_differences(data, lanes)
        numbers = array("H")
        numbers.frombytes(data[: len(data) // PAGE * PAGE])
        flags, owners = data[5::PAGE], numbers[18 :: PAGE // 2]
        # Nearly always everything is right and of one file.
        if not any(differences) and owners.count(owners[0]) == len(owners) and _all_flagged(flags) and owners[0]:
            self.file(owners[0]).sound += len(owners)
            return []
        damages = []
        for first in range(0, len(differences), _EXTENT):
            damages += self._extent(data, differences, first, place, packed)
        return damages

    def _extent(
        self, data: bytes, differences: array[int], first: int, place: int, packed: bool
    ) -> list[tuple[int, str]]:
        pages = [(i, data[i * PAGE : i * PAGE + 64]) for i in range(first, min(first + _EXTENT, len(differences)))]
        owner = self.file(_owner([header for _, header in pages]))
        damages = []
        for i, header in pages:
            flagged = header[5] & _HAS_CHECKSUM
            if flagged and not differences[i]:
                if header[1] != _FILLER or header[36:38] != b"\0\0":
                    owner.sound += 1
            elif flagged and header[0] == 1 and header[1] in _TYPES:
                damages.append(_note(owner, header, place if packed else place + i * PAGE))
            else:
                owner.unchecked += 1
        return damages


def _note(owner: PageCount, header: bytes, place: int) -> tuple[int, str]:
    number, file_id = int.from_bytes(header[32:36], "little"), int.from_bytes(header[36:38], "little")
    reason = f"the checksum of page {file_id}:{number} is wrong"
    owner.damaged += 1
    if owner.damaged_at is None:
        owner.damaged_at, owner.reason = place, reason
    return place, reason


def _all_flagged(flags: bytes) -> bool:
    return all(flag & _HAS_CHECKSUM for flag in flags)


def _owner(headers: list[bytes]) -> int:
    """The file most pages of an extent name; pages without a header belong where their neighbours do."""
    votes: dict[int, int] = {}
    for header in headers:
        if header[0] == 1 and header[1] in _TYPES:
            number = int.from_bytes(header[36:38], "little")
            votes[number] = votes.get(number, 0) + 1
    return max(votes, key=lambda number: votes[number]) if votes else 0
