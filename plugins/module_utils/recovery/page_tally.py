# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Counting the pages of a backup by database file: sound, damaged, or without anything that proves them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from .page_checksum import PAGE, page_differences

_PAGES = 8
#: Pages are allocated by eight; a stream holds whole extents.
EXTENT = _PAGES * PAGE
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

    def strangers(self, known: set[int]) -> PageCount:
        """The pages that belong to none of the known files, for all that can be seen."""
        total = PageCount()
        for number, count in self.files.items():
            if number not in known:
                total.sound += count.sound
                total.damaged += count.damaged
                total.unchecked += count.unchecked
                if total.damaged_at is None:
                    total.damaged_at, total.reason = count.damaged_at, count.reason
        return total

    def file(self, number: int) -> PageCount:
        return self.files.setdefault(number, PageCount())

    def add(self, data: bytes, lanes: array[int], place: int, *, packed: bool) -> list[tuple[int, int, str]]:
        """Counts the whole pages in ``data`` from ``place`` on; returns the damaged ones: file, place and what.

        ``packed``: the pages were compressed, ``place`` is where their chunk begins.
        """
        differences = page_differences(data, lanes)
        if not differences:
            return []
        flags, owners = data[5::PAGE], memoryview(data).cast("H")[18 :: PAGE // 2].tolist()
        # Nearly always everything is right and of one file.
        if not any(differences) and owners.count(owners[0]) == len(owners) and _all_flagged(flags) and owners[0]:
            self.file(owners[0]).sound += len(owners)
            return []
        damages = []
        for first in range(0, len(differences), _PAGES):
            damages += self._extent(data, differences, first, place, packed)
        return damages

    def _extent(
        self, data: bytes, differences: array[int], first: int, place: int, packed: bool
    ) -> list[tuple[int, int, str]]:
        pages = [(i, data[i * PAGE : i * PAGE + 64]) for i in range(first, min(first + _PAGES, len(differences)))]
        # A damaged header names a wrong file: pages without a good one belong where their neighbours do.
        right = [header for i, header in pages if not differences[i] and header[5] & _HAS_CHECKSUM]
        number = _owner(right) or _owner([header for _unused, header in pages])
        neighbours = self.file(number)
        damages = []
        for i, header in pages:
            flagged = header[5] & _HAS_CHECKSUM
            if flagged and not differences[i]:
                if header[1] != _FILLER or header[36:38] != b"\0\0":
                    (
                        self.file(int.from_bytes(header[36:38], "little")) if _is_header(header) else neighbours
                    ).sound += 1
            elif flagged and _is_header(header):
                damages.append((number, *_note(neighbours, header, place if packed else place + i * PAGE)))
            else:
                neighbours.unchecked += 1
        return damages


def _note(owner: PageCount, header: bytes, place: int) -> tuple[int, str]:
    number, file_id = int.from_bytes(header[32:36], "little"), int.from_bytes(header[36:38], "little")
    reason = f"the checksum of page {file_id}:{number} is wrong"
    owner.damaged += 1
    if owner.damaged_at is None:
        owner.damaged_at, owner.reason = place, reason
    return place, reason


def _is_header(header: bytes) -> bool:
    return header[0] == 1 and header[1] in _TYPES


def _all_flagged(flags: bytes) -> bool:
    wanted = int.from_bytes(bytes((_HAS_CHECKSUM,)) * len(flags), "little")
    return int.from_bytes(flags, "little") & wanted == wanted


def _owner(headers: list[bytes]) -> int:
    """The file most pages of an extent name; pages without a header belong where their neighbours do."""
    votes: dict[int, int] = {}
    for header in headers:
        if _is_header(header):
            number = int.from_bytes(header[36:38], "little")
            votes[number] = votes.get(number, 0) + 1
    return max(votes, key=lambda number: votes[number]) if votes else 0
