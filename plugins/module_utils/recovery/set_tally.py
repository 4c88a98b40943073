# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was found of one backup set while its bytes passed by, and the verdicts that follow from it."""

from __future__ import annotations

from .backup_configuration import Configuration
from .backup_set import DatabaseFile
from .page_checksum import PAGE
from .page_tally import PageCount, PageTally
from .verification import CANNOT_BE_TOLD, DAMAGED, LISTED, SOUND, DatabaseFileVerdict, SetVerdict

_NO_CHECKSUM = "the backup was taken without CHECKSUM"


class StreamTally:
    """The data streams of one kind (pages or log): how much a checksum covers, and what is wrong with which."""

    def __init__(self) -> None:
        self.bytes = 0
        self.uncovered = 0
        self.damaged_at: int | None = None
        self.reason: str | None = None

    def damage(self, at: int, reason: str) -> None:
        if self.damaged_at is None:
            self.damaged_at, self.reason = at, reason


class SetTally:
    """One backup set."""

    def __init__(self, position: int, at: int) -> None:
        self.position = position
        self.at = at
        self.opening: Configuration | None = None
        self.closing: Configuration | None = None
        self.pages = PageTally()
        self.data = StreamTally()
        self.log = StreamTally()
        self.damaged_at: int | None = None
        self.reason: str | None = None
        self.lost_at: int | None = None  # from here on something was passed over unseen
        self.ended = False
        self._page_damages: list[tuple[int, int, str]] = []

    def page_damage(self, file_id: int, at: int, reason: str) -> None:
        """Kept back until the set is over: only then it is known whether the pages can be judged at all."""
        if len(self._page_damages) < LISTED:
            self._page_damages.append((file_id, at, reason))

    def page_damages(self) -> list[tuple[int, str]]:
        """The damaged pages of files that are not encrypted, each given out once."""
        found = [(at, why) for file_id, at, why in self._page_damages if not self.pages.file(file_id).unreadable]
        self._page_damages = []
        return found

    def damage(self, at: int, reason: str, *, lost: bool = False) -> None:
        """Something is wrong in this set; the first is what the verdict shows."""
        if self.damaged_at is None:
            self.damaged_at, self.reason = at, reason
        if lost and self.lost_at is None:
            self.lost_at = at

    def close(self, families: int, *, pages_seen: bool) -> str | None:
        """At the end of the set: what is missing, as far as the closing configuration counts it."""
        self.ended = True
        if self.damaged_at is not None or self.closing is None or families != 1 or not pages_seen:
            return None
        nobodys = self._strangers().total
        for row in self.closing.files:
            if row.type == "D":
                wanted, seen = row.backup_size_in_bytes // PAGE, self.pages.files.get(row.file_id, PageCount()).total
                if not seen <= wanted <= seen + nobodys:
                    return f"{row.logical_name} should have {wanted} pages in this backup and has {seen}"
        return None

    def verdict(self) -> SetVerdict:
        configuration = self.closing or self.opening
        files = tuple(self._file(row) for row in self._rows() if self._in_this_set(row))
        name = configuration.columns["database_name"] if configuration else "?"
        if self.damaged_at is not None:
            return SetVerdict(self.position, name, DAMAGED, self.reason, self.damaged_at, files)
        doubtful = next((each for each in files if each.verdict != SOUND), None)
        if doubtful:
            reason = f"{doubtful.logical_name}: {doubtful.reason}"
            return SetVerdict(self.position, name, doubtful.verdict, reason, doubtful.damaged_at, files)
        return SetVerdict(self.position, name, SOUND, None, None, files)

    def _in_this_set(self, row: DatabaseFile) -> bool:
        if row.type == "L":
            return True
        return row.backup_size_in_bytes > 0 or self.pages.files.get(row.file_id, PageCount()).total > 0

    def _file(self, row: DatabaseFile) -> DatabaseFileVerdict:
        pages = self.pages.files.get(row.file_id, PageCount())
        verdict, reason, at = self._of_log() if row.type == "L" else self._of_data(pages)
        return DatabaseFileVerdict(
            row.file_id, row.logical_name, row.type, verdict, reason, at, pages.sound, pages.damaged, pages.unchecked
        )

    def _of_log(self) -> tuple[str, str | None, int | None]:
        if self.log.damaged_at is not None:
            return DAMAGED, self.log.reason, self.log.damaged_at
        if self.lost_at is not None or not self.ended:
            return CANNOT_BE_TOLD, self._lost(), None
        if self.log.uncovered:
            return CANNOT_BE_TOLD, f"log records carry no checksum: {_NO_CHECKSUM}", None
        return SOUND, None, None

    def _of_data(self, pages: PageCount) -> tuple[str, str | None, int | None]:
        strangers = self._strangers()
        if pages.damaged and not pages.unreadable:
            return DAMAGED, pages.reason, pages.damaged_at
        for tally in (self.data, strangers):
            if tally.damaged_at is not None and not (tally is strangers and strangers.unreadable):
                return self._of_some_file(tally.damaged_at, tally.reason)
        if self.lost_at is not None or not self.ended:
            return CANNOT_BE_TOLD, self._lost(), None
        return self._of_undamaged(pages, strangers)

    def _of_undamaged(self, pages: PageCount, strangers: PageCount) -> tuple[str, str | None, int | None]:
        missing = pages.unchecked + strangers.unchecked + strangers.damaged
        if not self.data.uncovered or (pages.sound and not missing):
            return SOUND, None, None
        if pages.unreadable:
            return CANNOT_BE_TOLD, "no page fits its checksum: the database may be encrypted (TDE)", None
        total = pages.total + strangers.total
        return CANNOT_BE_TOLD, f"{missing} of {total} pages carry no checksum, and {_NO_CHECKSUM}", None

    def _lost(self) -> str:
        if self.lost_at is None:
            return "the backup set is not whole"
        return f"behind byte {self.lost_at} blocks are lost, and its data may have been among them"

    def _of_some_file(self, at: int, reason: str | None) -> tuple[str, str | None, int | None]:
        """Something is damaged, but nothing says in which file: with several data files it may be any."""
        if sum(row.type != "L" for row in self._rows()) == 1:
            return DAMAGED, reason, at
        return CANNOT_BE_TOLD, f"the damage at byte {at} may be in this file or in another", None

    def _rows(self) -> tuple[DatabaseFile, ...]:
        configuration = self.closing or self.opening
        return configuration.files if configuration else ()

    def _strangers(self) -> PageCount:
        return self.pages.strangers({row.file_id for row in self._rows() if row.type != "L"})
