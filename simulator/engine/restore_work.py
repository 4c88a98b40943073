# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The work of one RESTORE: pages and log from the media into the files, with progress and counts."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.engine import lsn, spread
from simulator.engine.changed_pages import ChangedPages
from simulator.engine.data_file import DataFile
from simulator.engine.devices import os_error
from simulator.engine.events import Message, SqlError
from simulator.engine.facts import FileResult, Progress, RestoreOptions, RestoreResult
from simulator.engine.log_record import BadRecord, ReadLog, read_records
from simulator.engine.messages import error, message
from simulator.engine.pages import FILE_ID, is_sound, is_stamped, page_id_of
from simulator.engine.redo import Redo, StopPoint
from simulator.engine.restore_boot import changed_pages
from simulator.engine.restore_media import BackupSetOnMedia, read_piece
from simulator.media import configuration as bits
from simulator.media.configuration import Configuration
from simulator.media.rows import header_row

if TYPE_CHECKING:
    from simulator.engine.database import Database


class RestoreWork:
    """``backup`` None: RESTORE DATABASE ... WITH RECOVERY, which reads nothing."""

    def __init__(self, backup: BackupSetOnMedia | None, options: RestoreOptions, tell: Progress) -> None:
        self.backup = backup
        self.options = options
        self.stop = StopPoint.of(options)
        self.messages: list[Message] = []
        self.damaged = False
        self.pages: Counter[int] = Counter()  # of each data file
        self.log_pages = 0
        self.stop_reached = False
        files = backup.configuration.files if backup else ()
        self._ids = [entry.file_id for entry in files if entry.kind == 1]
        self._tell = tell
        self._began = time.monotonic()
        self._total = max(1, backup.size) if backup else 1
        self._done = 0
        self._told = 0

    @property
    def _set(self) -> BackupSetOnMedia:
        assert self.backup is not None
        return self.backup

    @property
    def configuration(self) -> Configuration:
        return self._set.configuration

    @property
    def checks(self) -> bool:
        """Checksums are verified where they are, unless NO_CHECKSUM."""
        return not self.options.no_checksum and bool(self.configuration.flags & bits.HAS_CHECKSUMS)

    def check_stop_point(self) -> None:
        """A full backup cannot be restored to an instant before its own end."""
        if self.stop.time is None:
            return
        try:
            for record in read_records(self._reader(), self._first(), self._last()):
                if self.stop.before(record):
                    raise error(4338)
        except BadRecord:
            raise error(3189) from None

    def check_log_bytes(self) -> None:
        """The log's checksums, before anything is touched."""
        if self.checks and not self.options.continue_after_error:
            for piece in self._set.pieces("MQTL"):
                for _ in read_piece(piece, lambda _bytes: None, checked=True):
                    pass

    def write_all_pages(self, database: Database) -> Redo:
        """Full: the data file is made anew."""
        for suffix in ("-wal", "-shm"):
            Path(f"{database.data_file}{suffix}").unlink(missing_ok=True)
        with _OpenData(database, create=True) as data:
            redo = Redo(data, ChangedPages(), self._first())
            self._copy_pages(database, redo, remember=False)
            self._roll(redo, StopPoint())
        return redo

    def write_changed_pages(self, database: Database) -> Redo:
        """Differential: its pages, then its log."""
        with _OpenData(database, create=False) as data:
            redo = Redo(data, changed_pages(database.boot), self._first())
            self._copy_pages(database, redo, remember=True)
            self._roll(redo, StopPoint())
        return redo

    def roll_log(self, database: Database) -> Redo:
        assert database.boot.redo is not None
        with _OpenData(database, create=False) as data:
            redo = Redo(data, changed_pages(database.boot), database.boot.redo)
            self._roll(redo, self.stop)
        self.stop_reached = redo.stopped
        return redo

    def result(self, database: Database, messages: tuple[Message, ...]) -> RestoreResult:
        boot = database.boot
        data = [(boot.data_name, FILE_ID), *((one.name, one.file_id) for one in boot.more_files)]
        files = (
            *(FileResult(name, file_id, self.pages[file_id]) for name, file_id in data),
            FileResult(boot.log_name, 2, self.log_pages),
        )
        return RestoreResult(
            header=header_row(self.backup.first) if self.backup else None,
            info=database.info,
            files=files if self.backup else (),
            pages=self.pages.total() + self.log_pages,
            seconds=time.monotonic() - self._began,
            stop_reached=self.stop_reached,
            messages=messages,
        )

    def _first(self) -> int:
        return lsn.position(self.configuration.first_lsn or 0)

    def _last(self) -> int:
        return lsn.position(self.configuration.last_lsn or 0)

    def _reader(self) -> ReadLog:
        return self._set.log_reader(self._first())

    def _copy_pages(self, database: Database, redo: Redo, *, remember: bool) -> None:
        for found in self._set.pages(self._progress, checked=self.checks and not self.options.continue_after_error):
            if self.checks:
                self._check_pages(database, found)
            self._count(found)
            pages = spread.incoming(found, self._ids) if len(self._ids) > 1 else found
            redo.write_pages(pages)
            if remember:
                redo.changed.add(page_id_of(bytes(page[:36])) for page in pages)

    def _count(self, pages: list[memoryview]) -> None:
        if len(self._ids) == 1:
            self.pages[FILE_ID] += len(pages)
            return
        self.pages.update(int.from_bytes(page[36:38], "little") for page in pages)

    def _check_pages(self, database: Database, pages: list[memoryview]) -> None:
        for page in pages:
            whole = bytes(page)
            if is_stamped(whole) and is_sound(whole):
                continue
            if not self.options.continue_after_error:
                raise error(3183, FILE_ID, page_id_of(whole), database.name)
            self.damaged = True
        if self.damaged and not self.messages:
            self.messages.append(message(3184))

    def _roll(self, redo: Redo, stop: StopPoint) -> None:
        try:
            redo.roll(self._reader(), self._last(), stop, self._progress)
        except BadRecord:
            if not self.options.continue_after_error:
                raise error(3189) from None
            redo.flush()
            self.damaged = True
        self.log_pages += -(-self._set.log_length() // 8192)

    def _progress(self, count: int) -> None:
        self._done += count
        percent = min(100, self._done * 100 // self._total)
        if percent > self._told:
            self._told = percent
            self._tell(percent)


class _OpenData:
    """The data file while a restore writes it; the disk's refusals come as the server's errors."""

    def __init__(self, database: Database, *, create: bool) -> None:
        self._database = database
        self._create = create
        self._data: DataFile | None = None

    def __enter__(self) -> DataFile:
        try:
            self._data = DataFile(self._database.data_file, create=self._create)
        except OSError as problem:
            raise self._error(problem, "open") from None
        return self._data

    def __exit__(self, _kind: object, problem: BaseException | None, _trace: object) -> None:
        if self._data is not None:
            self._data.close()
        if isinstance(problem, OSError):
            raise self._error(problem, "WriteFile") from None

    def _error(self, problem: OSError, attempt: str) -> SqlError:
        return error(3634, os_error(problem), attempt, self._database.boot.data_file)
