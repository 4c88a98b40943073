# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be wrong with an instance on purpose, as the engine meets it: a bad disk, a lost right, a wrong clock.

Whoever sets these is outside of the engine (:mod:`simulator.faults`). The engine asks at the places where the operating
system or the directory of logins would answer. Nothing is wrong until somebody says so.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True)
class BadSpot:
    """Bytes of a file that cannot be read."""

    path: Path
    first: int
    last: int

    def meets(self, path: Path, offset: int, length: int) -> bool:
        return path == self.path and offset <= self.last and offset + length > self.first


@dataclass(eq=False)
class DiskFaults:
    """Every read and write of data files, logs and backup media passes here."""

    bytes_per_second: int = 0  # 0: as fast as the real disk
    bad_spots: list[BadSpot] = field(default_factory=list)
    forbidden: list[Path] = field(default_factory=list)  # folders that the service account may not enter

    def opening(self, path: Path) -> None:
        if any(path.is_relative_to(folder) for folder in self.forbidden):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    def reading(self, path: Path, offset: int, length: int) -> None:
        self._take_time(length)
        if any(spot.meets(path, offset, length) for spot in self.bad_spots):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    def writing(self, length: int) -> None:
        self._take_time(length)

    def readable(self, path: Path, offset: int, length: int) -> bool:
        return not any(spot.meets(path, offset, length) for spot in self.bad_spots)

    def _take_time(self, length: int) -> None:
        if self.bytes_per_second:
            time.sleep(length / self.bytes_per_second)


#: For files that no instance looks after.
SOUND_DISK = DiskFaults()


@dataclass
class Misfortune:
    """All of one instance."""

    disk: DiskFaults = field(default_factory=DiskFaults)
    clock_offset: timedelta = timedelta(0)
    lost: set[tuple[str, str]] = field(default_factory=set)  # login in lower case, permission

    def lacks(self, login: str, permission: str) -> bool:
        """BACKUP DATABASE, BACKUP LOG or RESTORE, whatever roles and grants say."""
        return bool(self.lost) and (login.lower(), permission) in self.lost


def read_through(pieces: Iterable[bytes], shown: str) -> Iterator[bytes]:
    """A backup that meets an unreadable place in a database file says 3271, and not that it cannot write."""
    from simulator.engine.devices import os_error
    from simulator.engine.messages import error

    try:
        yield from pieces
    except OSError as problem:
        raise error(3271, shown, os_error(problem)) from None
