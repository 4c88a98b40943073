# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""BACKUP DATABASE and BACKUP LOG."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.engine import spread
from simulator.engine.backup_header import Description, Extent
from simulator.engine.boot import ONLINE, RESTORING, SIMPLE, STANDBY
from simulator.engine.devices import BackupDevices
from simulator.engine.events import Message, SqlError
from simulator.engine.facts import BackupOptions, BackupResult, Device, FileResult, InstanceFacts, Progress
from simulator.engine.log_file import LogFile
from simulator.engine.messages import error, message
from simulator.engine.meter import Meter
from simulator.engine.misfortune import read_through
from simulator.engine.page_store import Snapshot
from simulator.engine.pages import FILE_ID, PAGE, is_sound, page_id_of
from simulator.media import configuration as bits
from simulator.media.reader import MediaSet
from simulator.media.rows import file_rows, header_row, label_row
from simulator.media.writer import SetWriter

if TYPE_CHECKING:
    from simulator.engine.database_core import DatabaseCore

_LOG_FILE_ID = 2
_PATIENCE = 5.0  # seconds


@dataclass(frozen=True)
class BackupRequest:
    """``kind``: full, differential or log."""

    kind: str
    devices: tuple[Device, ...]
    options: BackupOptions
    facts: InstanceFacts
    on_progress: Progress


def backup(database: DatabaseCore, request: BackupRequest) -> BackupResult:
    statement = "BACKUP LOG" if request.kind == "log" else "BACKUP DATABASE"
    try:
        if request.options.compression and "Express" in request.facts.edition:
            raise error(1844, f"{statement} WITH COMPRESSION", request.facts.edition)
        if request.options.encryption and "Express" in request.facts.edition:
            raise error(1844, f"{statement} WITH ENCRYPTION", request.facts.edition)
        return (_LogBackup if request.kind == "log" else _DataBackup)(database, request).run()
    except SqlError as problem:
        raise SqlError(*problem.messages, message(3013, statement)) from None


class _Backup:
    """What both kinds share: identity, result."""

    def __init__(self, database: DatabaseCore, request: BackupRequest) -> None:
        self.database = database
        self.devices = request.devices
        self.options = request.options
        self.facts = request.facts
        self.on_progress = request.on_progress
        self.began = time.monotonic()
        unsaved = request.options.encryption is not None and request.options.encryption.has_warning
        self.messages: tuple[Message, ...] = (message(33091),) if unsaved else ()
        self.description = Description(database, request.kind, request.options, request.facts)

    def run(self) -> BackupResult:
        raise NotImplementedError

    def now(self) -> datetime:
        return (self.facts.clock or self.database.clock)()

    def local_start(self) -> datetime | None:
        return self.description.local(self.description.start)

    def close_set(self, writer: SetWriter, extent: Extent) -> None:
        extent.finish, extent.size = self.now(), writer.size()
        extent.compressed_size = writer.compressed_size()
        writer.finish(self.description.configuration(extent))

    def result(self, out: BackupDevices, extent: Extent) -> BackupResult:
        final = self.description.configuration(extent)
        whole = MediaSet(self.description.header(out.position - 1), final, final, packing=out.packing)
        *data, log = self.description.files
        files = (
            *(FileResult(one.logical_name, one.file_id, extent.pages_of.get(one.file_id, 0)) for one in data),
            FileResult(log.logical_name, log.file_id, -(-extent.log_bytes // PAGE)),
        )
        return BackupResult(
            header=header_row(whole),
            file_list=file_rows(final),
            label=label_row(out.families[0].label, out.packing),
            devices=self.devices,
            files=files if self.description.kind != "log" else files[-1:],
            pages=sum(one.pages for one in files),
            seconds=time.monotonic() - self.began,
            messages=self.messages,
        )


class _DataBackup(_Backup):
    """Full and differential: pages of one moment, and the log from there to the end of the copying."""

    def run(self) -> BackupResult:
        database = self.database
        if database.boot.state == STANDBY:
            raise error(3036, database.name)
        database.require_open()
        if self.description.kind == "differential" and database.boot.base is None:
            raise error(3035, database.name)
        start = self.local_start()
        assert start is not None
        with database.data_backup_lock, BackupDevices(self.devices, self.options, self.facts, start) as out:
            preliminary = self._first_checkpoint()
            with database.snapshot(track=self.description.becomes_base()) as snapshot:
                extent = self._write(out, preliminary, snapshot)
                out.close()
                self._note(snapshot)
        return self.result(out, extent)

    def _first_checkpoint(self) -> Extent:
        """The header in front is written after a first checkpoint; the pages belong to a second one, so the numbers
        in front are not the final ones (as in the files of SQL Server 2019)."""
        with self.database.lock:
            store = self.database.require_open()
            position = store.log_checkpoint(self.now(), self.database.utc_offset)
        return Extent(position, position, position)

    def _write(self, out: BackupDevices, preliminary: Extent, snapshot: Snapshot) -> Extent:
        log = self._log()
        page_ids = self._page_ids(snapshot)
        shares = self._shares(page_ids)
        preliminary.pages_of = {file_id: len(share) for file_id, share in shares.items()}
        preliminary.data_size = snapshot.pages * PAGE
        writer = SetWriter(out.families, self.description.header(out.position), checksums=self.options.checksum)
        meter = Meter(len(page_ids) * PAGE, self.on_progress)
        writer.begin(self.description.configuration(preliminary))
        for file_id, share in shares.items():
            pages = read_through(self._pages(snapshot, share, file_id), self.database.boot.data_file)
            writer.pages(file_id, len(share), meter.watch(pages))
        with self.database.lock:
            end = log.end
        extent = replace(preliminary, first=snapshot.position, last=end, checkpoint=snapshot.position)
        extent.log_bytes = end - snapshot.position
        pieces = read_through(log.pieces(snapshot.position, end), self.database.boot.log_file)
        writer.log(_LOG_FILE_ID, snapshot.position - log.start, extent.log_bytes, pieces)
        self.close_set(writer, extent)
        return extent

    def _log(self) -> LogFile:
        assert self.database.log is not None
        return self.database.log

    def _page_ids(self, snapshot: Snapshot) -> Sequence[int]:
        if self.description.kind == "full":
            return range(snapshot.pages)
        return [page_id for page_id in snapshot.changed if page_id < snapshot.pages]

    def _shares(self, page_ids: Sequence[int]) -> dict[int, Sequence[int]]:
        """Which pages live in which data file."""
        ids = spread.file_ids(self.description.boot)
        if len(ids) == 1:
            return {FILE_ID: page_ids}
        shares: dict[int, list[int]] = {file_id: [] for file_id in ids}
        for page_id in page_ids:
            shares[ids[spread.home(page_id, len(ids))[0]]].append(page_id)
        return {**shares}

    def _pages(self, snapshot: Snapshot, page_ids: Sequence[int], file_id: int) -> Iterator[bytes]:
        count = len(self.description.boot.more_files) + 1
        for pages in snapshot.pieces(page_ids):
            if self.options.checksum:
                self._check(snapshot, pages)
            yield b"".join(pages if count == 1 else spread.outgoing(pages, file_id, count))

    def _check(self, snapshot: Snapshot, pages: list[bytes]) -> None:
        """WITH CHECKSUM a damaged page stops the backup, unless it may go on."""
        for page in pages:
            if is_sound(page):
                continue
            page_id = page_id_of(page)
            problem = message(3043, self.database.name, FILE_ID, page_id, self.database.boot.data_file)
            if not self.options.continue_after_error:
                raise SqlError(problem)
            self.description.flags |= bits.IS_DAMAGED
            self.messages += (message(3042),)

    def _note(self, snapshot: Snapshot) -> None:
        """The backup is whole: it becomes the differential base, and perhaps the beginning of the log chain."""
        database, description = self.database, self.description
        with database.lock, database.changing() as boot:
            if description.becomes_base():
                database.require_open().become_base()
                boot.database_backup = boot.base = snapshot.position
                boot.base_guid, boot.base_time = description.guid, description.start
            if description.begins_chain():
                boot.log_chain_origin = boot.last_log_backup = snapshot.position


class _LogBackup(_Backup):
    """The log since the last log backup; afterwards it is forgotten."""

    def __init__(self, database: DatabaseCore, request: BackupRequest) -> None:
        if request.options.no_truncate:
            options = replace(request.options, copy_only=True, continue_after_error=True)
            request = replace(request, options=options)
        super().__init__(database, request)

    def run(self) -> BackupResult:
        self._check()
        start = self.local_start()
        assert start is not None
        database = self.database
        tail = self.options.norecovery or self.options.standby is not None
        with database.log_backup_lock, BackupDevices(self.devices, self.options, self.facts, start) as out:
            if not tail:
                extent = self._write(out)
                out.close()
                self._note(extent)
                return self.result(out, extent)
            # The tail: nobody may commit any more, and the pages must be where the log ends.
            with database.data_backup_lock, _alone(database), database.lock:
                if database.store is not None and not database.store.flush():
                    raise error(3101)
                extent = self._write(out)
                out.close()
                self._note(extent)
                self._leave(extent)
        return self.result(out, extent)

    def _check(self) -> None:
        database = self.database
        if database.boot.state == STANDBY:
            raise error(3036, database.name)
        if not (self.options.no_truncate and database.log is not None):
            database.require_open()
        if database.log is None:
            raise error(3446, database.name, database.database_id, 0)
        if database.boot.recovery_model == SIMPLE:
            raise error(4208, "BACKUP LOG")
        if database.boot.last_log_backup is None:
            raise error(4214)

    def _write(self, out: BackupDevices) -> Extent:
        database = self.database
        assert database.log is not None
        assert database.boot.last_log_backup is not None
        log, first = database.log, database.boot.last_log_backup
        with database.lock:
            end = log.end
            checkpoint = min(database.boot.last_checkpoint, end)
        extent = Extent(first, end, checkpoint, log_bytes=end - first)
        if self.options.no_truncate and database.state != ONLINE:
            self.description.flags |= bits.IS_TAIL
        if self.options.norecovery:
            self.description.flags |= bits.IS_TAIL | bits.IS_NORECOVERY
        writer = SetWriter(out.families, self.description.header(out.position), checksums=self.options.checksum)
        writer.begin(self.description.configuration(extent))
        meter = Meter(extent.log_bytes, self.on_progress)
        pieces = read_through(log.pieces(first, end), database.boot.log_file)
        writer.log(_LOG_FILE_ID, first - log.start, extent.log_bytes, meter.watch(pieces))
        self.close_set(writer, extent)
        return extent

    def _note(self, extent: Extent) -> None:
        if self.options.copy_only and not self.options.norecovery:
            return
        with self.database.lock, self.database.changing() as boot:
            boot.last_log_backup = extent.last

    def _leave(self, extent: Extent) -> None:
        """NORECOVERY leaves the database restoring, STANDBY readable: both can go on with the next log."""
        database = self.database
        database.close()
        database.boot.redo = extent.last
        database.boot.state = RESTORING if self.options.norecovery else STANDBY
        database.boot.standby_file = str(self.options.standby) if self.options.standby else None
        if self.options.standby:
            self.options.standby.write_text(f"{extent.last}\n", "utf-8")
        database.save()


@contextmanager
def _alone(database: DatabaseCore) -> Iterator[None]:
    """The writer lock, but not behind a session that leaves its transaction open."""
    if not database.writer.acquire(timeout=_PATIENCE):
        raise error(3101)
    try:
        yield
    finally:
        database.writer.release()
