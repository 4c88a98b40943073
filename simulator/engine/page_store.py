# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The running part of a database: SQLite's file, its write-ahead log and our log, kept in step.

Every commit is in our log before it is acknowledged. Nothing is lost by a kill: what SQLite committed and our log
does not have yet is carried over from SQLite's log at the next start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from simulator.engine import lsn
from simulator.engine.boot import Boot
from simulator.engine.changed_pages import ChangedPages
from simulator.engine.data_file import DataFile, runs
from simulator.engine.log_file import LogFile
from simulator.engine.log_record import CHECKPOINT, COMMIT, LogRecord
from simulator.engine.pages import HEADER, lsn_fields, with_header
from simulator.engine.spread import mirror
from simulator.engine.wal import Wal, WalCommit, WalMark


class EngineConnection(sqlite3.Connection):
    """A class of our own, because weak references need one."""


def open_connection(path: Path, *, read_only: bool = False) -> EngineConnection:
    """Autocommit, usable from any thread, and never checkpointing by itself."""
    if read_only:
        uri = path.absolute().as_uri() + "?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, factory=EngineConnection)
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=60, factory=EngineConnection
    )
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")
    return connection


@dataclass(frozen=True)
class Snapshot:
    """The database at one position of the log. Writers go on; pages they change meanwhile stay in SQLite's log."""

    position: int
    pages: int
    overlay: dict[int, int]  # page id -> offset in SQLite's log
    changed: tuple[int, ...]  # since the differential base
    data: DataFile
    wal: Wal

    def read(self, page_ids: range) -> list[bytes]:
        """Pages with their header in front, as backups carry them."""
        found = self.data.read(page_ids.start, len(page_ids))
        fields = lsn_fields(lsn.numeric(self.position))
        for index, page_id in enumerate(page_ids):
            offset = self.overlay.get(page_id)
            if offset is not None:
                found[index] = with_header(self.wal.body(offset), page_id, fields)
            elif not any(found[index]):
                # Never written: a hole, or the page that SQLite leaves out at one gigabyte.
                found[index] = with_header(found[index][HEADER:], page_id, fields)
        return found

    def pieces(self, page_ids: Sequence[int]) -> Iterator[list[bytes]]:
        """The pages asked for, a run at a time."""
        for _, run in runs(page_ids):
            yield self.read(run)


class PageStore:
    """All methods are called under the database's commit lock."""

    def __init__(self, data_file: Path, log: LogFile, boot: Boot) -> None:
        self.path = data_file
        self.log = log
        self.boot = boot
        self.keeper = open_connection(data_file)
        try:
            self.keeper.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            self.data = DataFile(data_file)
            self.wal = Wal(data_file)
        except BaseException:
            self.keeper.close()
            raise
        self._seen = log.wal
        self._overlay: dict[int, int] = {}
        self.changed = ChangedPages.from_text(boot.changed)
        self.since_snapshot: ChangedPages | None = None
        self.pages = self.data.pages
        for record in log.records(max(boot.changed_as_of, log.start)):
            self.changed.add(record.page_ids)

    def close(self) -> None:
        self.keeper.close()
        self.data.close()
        self.wal.close()

    @property
    def pending(self) -> int:
        """Pages that only SQLite's log has."""
        return len(self._overlay)

    def recover(self, utc_offset: timedelta) -> None:
        """Carries over what was committed and not logged, at the time of SQLite's log: it was never acknowledged."""
        written = Path(f"{self.path}-wal").stat().st_mtime
        self.capture(datetime.fromtimestamp(written, timezone.utc), utc_offset)
        # Frames that were logged before the stop are not in the data file yet: all of them belong to the overlay.
        for commit in self.wal.commits(WalMark()):
            self._overlay.update(commit.pages)
            self.pages = commit.database_pages

    def capture(self, time: datetime, utc_offset: timedelta, mark: str = "", description: str = "") -> None:
        """Logs every commit that SQLite's log has and ours has not."""
        now = self.wal.mark()
        if now.salt != self._seen.salt:
            self._overlay = {}
        if now == self._seen:
            return
        for commit in self.wal.commits(self._seen):
            self._log_commit(commit, time, utc_offset, (mark, description))
            self._overlay.update(commit.pages)
            self._seen = commit.mark
        self._seen = now

    def _log_commit(self, commit: WalCommit, time: datetime, utc_offset: timedelta, mark: tuple[str, str]) -> None:
        pages = commit.pages
        page_ids = tuple(sorted(pages))
        record = LogRecord(
            position=self.log.end,
            kind=COMMIT,
            time=self.not_before_last(time),
            utc_offset=utc_offset,
            database_pages=commit.database_pages,
            wal=commit.mark,
            page_ids=page_ids,
            sizes=(0,) * len(page_ids),
            mark=mark[0],
            mark_description=mark[1],
        )
        self.log.append(record, (self.wal.body(pages[page_id]) for page_id in page_ids))
        self.pages = commit.database_pages
        self.changed.add(page_ids)
        if self.since_snapshot is not None:
            self.since_snapshot.add(page_ids)

    def not_before_last(self, time: datetime) -> datetime:
        """Times in the log never go back, whatever the clock does."""
        return max(time, self.log.last.time) if self.log.last else time

    def log_checkpoint(self, time: datetime, utc_offset: timedelta) -> int:
        """A checkpoint record: backups begin at one. Returns its position."""
        record = LogRecord(self.log.end, CHECKPOINT, self.not_before_last(time), utc_offset, self.pages, WalMark())
        self.boot.last_checkpoint = self.log.append(record).position
        return self.boot.last_checkpoint

    def flush(self) -> bool:
        """Brings SQLite's log into the data file and stamps the pages. The caller holds the writer lock, too:
        a new transaction would overwrite SQLite's log before the stamps are set. False while readers hold it up.
        """
        now = self.wal.mark()
        if now.frames > (self._seen.frames if now.salt == self._seen.salt else 0):
            return False  # a commit could not be logged yet (no room): it must stay in SQLite's log
        _, total, done = self.keeper.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if total != done:
            return False
        self.data.stamp(self._overlay, lsn.numeric(self.log.end))
        mirror(self.boot, self.data, self._overlay)
        self._overlay = {}
        return True

    def snapshot(self, position: int) -> Snapshot:
        """The database as it is now, which the checkpoint record at ``position`` stands for."""
        return Snapshot(position, self.pages, dict(self._overlay), tuple(self.changed), self.data, self.wal)

    def track(self) -> None:
        """From now on it is noted, besides, what changes: a full backup that succeeds becomes the new base."""
        self.since_snapshot = ChangedPages()

    def become_base(self) -> None:
        if self.since_snapshot is not None:
            self.changed, self.since_snapshot = self.since_snapshot, None

    def in_overlay(self, page_id: int) -> bool:
        return page_id in self._overlay
