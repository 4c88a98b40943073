# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a backup has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.engine.facts import Progress


class Meter:
    """Percent of the bytes done, told as it rises."""

    def __init__(self, total: int, tell: Progress) -> None:
        self._total = max(1, total)
        self._done = 0
        self._told = 0
        self._tell = tell

    def watch(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            self._done += len(piece)
            percent = min(100, self._done * 100 // self._total)
            if percent > self._told:
                self._told = percent
                self._tell(percent)
