# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rolling forward: pages and log records of a backup set go into the data file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from simulator.engine import lsn
from simulator.engine.changed_pages import ChangedPages
from simulator.engine.data_file import DataFile
from simulator.engine.facts import RestoreOptions
from simulator.engine.log_record import COMMIT, LogRecord, ReadLog, page_bodies, read_records
from simulator.engine.pages import lsn_fields, page_id_of, with_header

_HELD = 8192  # page images: what many records change is written once
_LSN_MARK = "lsn:"


@dataclass(frozen=True)
class StopPoint:
    """STOPAT, STOPATMARK or STOPBEFOREMARK."""

    time: datetime | None = None
    mark: str = ""
    including: bool = True
    after: datetime | None = None

    @classmethod
    def of(cls, options: RestoreOptions) -> StopPoint:
        mark = options.stop_at_mark or options.stop_before_mark or ""
        return cls(options.stop_at, mark, options.stop_at_mark is not None, options.mark_after)

    def __bool__(self) -> bool:
        return self.time is not None or bool(self.mark)

    def before(self, record: LogRecord) -> bool:
        """Whether to stop in front of this record."""
        if self.time is not None:
            return record.local_time > self.time
        return bool(self.mark) and not self.including and self.is_mark(record)

    def behind(self, record: LogRecord) -> bool:
        return bool(self.mark) and self.including and self.is_mark(record)

    def is_mark(self, record: LogRecord) -> bool:
        if self.mark.lower().startswith(_LSN_MARK):
            return lsn.numeric(record.position) >= int(self.mark[len(_LSN_MARK) :].replace("0x", ""), 10)
        late_enough = self.after is None or record.local_time >= self.after
        return record.mark == self.mark and late_enough


class Redo:
    """``position`` is the next record; ``rolled_to`` the commit time of the last transaction rolled forward."""

    def __init__(self, data: DataFile, changed: ChangedPages, position: int) -> None:
        self.data = data
        self.changed = changed
        self.position = position
        self.rolled_to: datetime | None = None
        self.stopped = False
        self.log_pages = 0
        self._held: dict[int, bytes] = {}
        self._database_pages: int | None = None

    def write_pages(self, pages: Iterable[memoryview]) -> int:
        """Pages as a backup carries them."""
        by_id = {page_id_of(bytes(page[:36])): page for page in pages}
        self.data.write(by_id)
        return len(by_id)

    def roll(self, read: ReadLog, end: int, stop: StopPoint, progress: Callable[[int], None]) -> None:
        """From ``position`` up to ``end``, or to where it is to stop."""
        for record in read_records(read, self.position, end):
            if stop.before(record):
                self.stopped = True
                break
            self._apply(read, record)
            progress(record.length)
            if stop.behind(record):
                self.stopped = True
                break
        self.flush()

    def _apply(self, read: ReadLog, record: LogRecord) -> None:
        for page_id, body in page_bodies(read, record):
            self._held[page_id] = body
            self.log_pages += 1
        if record.kind == COMMIT:
            self.rolled_to = record.local_time
            self._database_pages = record.database_pages
        self.changed.add(record.page_ids)
        self.position = record.end
        if len(self._held) > _HELD:
            self.flush()

    def flush(self) -> None:
        fields = lsn_fields(lsn.numeric(self.position))
        self.data.write({page_id: with_header(body, page_id, fields) for page_id, body in self._held.items()})
        self._held = {}
        if self._database_pages is not None:
            self.data.resize(self._database_pages)
