# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of a store that are no backups: sidecars, what broken uploads left behind, and the unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .backup_set import BackupSet

UNKNOWN, LEFTOVER = "unknown", "leftover"
#: What is appended to a name on the way and stands beside it afterwards: PART only while bytes travel.
PART, DIGEST = ".part", ".sha256"
#: An upload does not take longer.
OLD = timedelta(days=1)
#: A file of a store cannot have been written before the backup in it ended; a clock may be this much off.
_SLACK = timedelta(hours=1)


@dataclass(frozen=True)
class StoredFile:
    """A file of the store's listing. ``modified`` is the store's word, None where it has none."""

    path: str
    size: int
    modified: datetime | None = None


class Leftovers:
    """The only ages that have to be believed of the store are those of broken uploads, which have no header: so its
    clock is compared with the backups first, and where it is wrong nothing is a leftover."""

    def __init__(
        self,
        files: Sequence[StoredFile],
        backups: Mapping[str, Sequence[BackupSet]],
        unreadable: Mapping[str, str],
        now: datetime,
    ) -> None:
        self._names = {file.path for file in files}
        self._unreadable = unreadable
        self._now = now
        self._clock_is_wrong = any(
            file.modified is not None and (file.modified > now + _SLACK or self._before_its_backup(file, backups))
            for file in files
        )

    @staticmethod
    def _before_its_backup(file: StoredFile, backups: Mapping[str, Sequence[BackupSet]]) -> bool:
        ends = [one.backup_finish_date for one in backups.get(file.path, ())]
        known = [one for one in ends if one is not None and one.tzinfo is not None]
        return file.modified is not None and bool(known) and file.modified + _SLACK < max(known)

    def file_of(self, path: str) -> str | None:
        """The file that a digest stands beside."""
        if not path.endswith(DIGEST):
            return None
        file = path[: -len(DIGEST)]
        return file if file in self._names else None

    def verdict(self, file: StoredFile) -> tuple[str, str]:
        """(verdict, reason) of a file that is no backup."""
        if file.path.endswith(PART):
            return self._aged(file, "of an upload that broke off")
        if file.path.endswith(DIGEST) and self.file_of(file.path) is None:
            if f"{file.path[: -len(DIGEST)]}{PART}" in self._names:
                return UNKNOWN, "the digest of a file that is being uploaded"
            return self._aged(file, "the digest of a file that is gone")
        return UNKNOWN, self._unreadable.get(file.path, "no backup is known in it") + "; never touched"

    def _aged(self, file: StoredFile, what: str) -> tuple[str, str]:
        if file.modified is None:
            return UNKNOWN, f"{what}; the store does not say how old it is"
        if self._clock_is_wrong:
            return UNKNOWN, f"{what}; the store's clock cannot be right, so its age is not believed"
        if self._now - file.modified <= OLD:
            return UNKNOWN, f"{what}, less than a day old"
        return LEFTOVER, f"{what}, older than a day"
