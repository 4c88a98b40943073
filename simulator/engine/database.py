# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A database: a data file of pages, a log, and what must never be forgotten of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from simulator.engine import backup, lsn, spread
from simulator.engine.boot import OFFLINE, ONLINE, SIMPLE, STANDBY, Boot, Fork, MoreFile, load_boot, new_guid, save_boot
from simulator.engine.data_file import create_data_file
from simulator.engine.database_core import DatabaseCore
from simulator.engine.database_info import database_info
from simulator.engine.facts import (
    BackupOptions,
    BackupResult,
    Clock,
    DatabaseInfo,
    Device,
    InstanceFacts,
    Progress,
    no_progress,
)
from simulator.engine.log_file import LogFile
from simulator.engine.messages import error
from simulator.engine.page_check import check_pages
from simulator.engine.page_store import open_connection
from simulator.engine.pages import PAGE

Cancelled = Callable[[], bool]
_LEAST_ROOM = 64 << 10  # bytes on the log's disk, or a transaction is not begun
_NO_LIMIT = 2**32 - 2  # pages: SQLite's own
_CHECKPOINT_AFTER = 2000  # pages that only SQLite's log has


class WaitCancelled(Exception):
    """The wait for the writer lock was given up by the caller's ``cancelled``."""


class Database(DatabaseCore):
    """One database of an instance. Methods may be called from any thread; a connection from one at a time."""

    @classmethod
    def create(
        cls,
        name: str,
        database_id: int,
        data_file: Path,
        log_file: Path,
        *,
        clock: Clock,
        data_name: str = "",
        log_name: str = "",
        recovery_model: str = "FULL",
        utc_offset: timedelta = timedelta(0),
        physical_names: tuple[str, str] | None = None,
        compatibility_level: int = 150,
        more: Sequence[MoreFile] = (),
    ) -> Database:
        """CREATE DATABASE. Existing files: 5170; missing folder: 5133."""
        physical = physical_names or (str(data_file), str(log_file))
        others = [(Path(one.path), one.physical_name) for one in more]
        for path, shown in (*zip((data_file, log_file), physical, strict=True), *others):
            if path.exists():
                raise error(5170, shown)
            if not path.parent.is_dir():
                raise error(5133, shown, "2(The system cannot find the file specified.)")
        first_fork = Fork(new_guid())
        boot = Boot(
            name=name,
            create_date=clock(),
            data_file=physical[0],
            log_file=physical[1],
            data_name=data_name or name,
            log_name=log_name or f"{name}_log",
            recovery_model=recovery_model,
            family_guid=first_fork.guid,  # as in real files: the family is called after its first fork
            forks=[first_fork],
            compatibility_level=compatibility_level,
            more_files=list(more),
        )
        create_data_file(data_file)
        spread.create(more)
        LogFile.create(log_file, lsn.START).close()
        save_boot(boot, log_file)
        database = cls(boot, data_file, log_file, clock=clock, database_id=database_id, utc_offset=utc_offset)
        database.start()
        return database

    @classmethod
    def open(
        cls,
        data_file: Path,
        log_file: Path,
        *,
        clock: Clock,
        database_id: int,
        utc_offset: timedelta = timedelta(0),
        name: str = "",
    ) -> Database:
        """Opens at start-up; crash recovery happens here. All it is stands in its boot record, beside the log.

        A database that cannot come up is returned in state RECOVERY_PENDING or SUSPECT, not raised; ``name`` is only
        used when even the boot record is lost.
        """
        try:
            boot, readable = load_boot(log_file), True
        except (OSError, ValueError, KeyError, TypeError):
            boot, readable = _lost(name or data_file.stem, data_file, log_file, clock()), False
        database = cls(boot, data_file, log_file, clock=clock, database_id=database_id, utc_offset=utc_offset)
        if readable:
            database.start()
        else:
            database.problem = "RECOVERY_PENDING"
        return database

    @property
    def info(self) -> DatabaseInfo:
        return database_info(self)

    # -- sessions -----------------------------------------------------------------------------------------------

    def connect(self) -> sqlite3.Connection:
        """A connection for one session (isolation_level None, no row factory). Read-only on a standby.

        Write only between begin and commit of this class: what SQLite commits by itself reaches the log late.
        """
        if self.boot.state != STANDBY or self.problem:
            self.require_open()
        connection = open_connection(self.data_file, read_only=self.boot.state == STANDBY)
        self._connections.add(connection)
        return connection

    def begin(self, connection: sqlite3.Connection, cancelled: Cancelled = lambda: False) -> None:
        """Waits for the writer lock (as long as ``cancelled`` says no), then BEGIN IMMEDIATE."""
        while not self.writer.acquire(timeout=0.05):
            if cancelled():
                raise WaitCancelled(self.name)
        try:
            self.require_open()
            room = self.capacity(self.log_file)
            if room is not None and room < _LEAST_ROOM:
                raise error(9002, self.name, self.info.log_reuse_wait)
            connection.execute("BEGIN IMMEDIATE")
            self._limit_growth(connection)
        except BaseException:
            self.writer.release()
            raise
        self._owner = id(connection)

    def _limit_growth(self, connection: sqlite3.Connection) -> None:
        """A data file grows as far as its disk has room; beyond, SQLite refuses the statement (1105)."""
        room = self.capacity(self.data_file)
        if room is not None or self._growth_limited:
            pages = connection.execute("PRAGMA page_count").fetchone()[0] if room is not None else _NO_LIMIT
            connection.execute(f"PRAGMA max_page_count = {pages + (room or 0) // PAGE}")
            self._growth_limited = True

    def commit(self, connection: sqlite3.Connection, mark: str = "", mark_description: str = "") -> None:
        """COMMIT, then the log record; returns when a crash can no longer lose the transaction."""
        store = self.require_open()
        try:
            with self.lock:
                connection.execute("COMMIT")
                store.capture(self.clock(), self.utc_offset, mark, mark_description)
        except OSError:
            # It stays in SQLite's log and is logged with the next commit, or at the next start.
            raise error(9002, self.name, "ACTIVE_TRANSACTION") from None
        finally:
            self.rollback(connection)  # only releases the writer, unless COMMIT failed
        if store.pending > _CHECKPOINT_AFTER or (self.log and not self.boot.keeps_log and self.trimmable()):
            self.checkpoint()

    @contextmanager
    def transaction(self, connection: sqlite3.Connection, cancelled: Cancelled = lambda: False) -> Iterator[None]:
        """begin ... commit, or rollback when the body raises."""
        self.begin(connection, cancelled)
        try:
            yield
        except BaseException:
            self.rollback(connection)
            raise
        self.commit(connection)

    # -- commands --------------------------------------------------------------------------------------------------

    def set_recovery_model(self, model: str) -> None:
        """FULL, BULK_LOGGED or SIMPLE; to SIMPLE breaks the log chain."""
        self.require_open()
        with self.lock, self.changing() as boot:
            if model == SIMPLE:
                boot.last_log_backup = boot.log_chain_origin = None
            boot.recovery_model = model

    def add_file(self, new: MoreFile) -> None:
        """ALTER DATABASE ... ADD FILE: extents are dealt anew."""
        store = self.require_open()
        with self.writer, self.lock:
            if self.active_backups:
                raise error(3023)
            store.flush()
            spread.create([new])
            with self.changing() as boot:
                boot.more_files = [*boot.more_files, new]
            spread.copy_out(self.boot, self.data_file)

    def set_options(
        self,
        *,
        name: str | None = None,
        compatibility_level: int | None = None,
        page_verify: str | None = None,
        is_read_only: bool | None = None,
        user_access: str | None = None,
        collation: str | None = None,
    ) -> None:
        """ALTER DATABASE; what is None stays."""
        with self.lock:
            given = dict(locals())
            for option in ("name", "compatibility_level", "page_verify", "is_read_only", "user_access", "collation"):
                if given[option] is not None:
                    setattr(self.boot, option, given[option])
            self.save()

    def set_offline(self) -> None:
        """The caller has seen to the sessions."""
        self.close()
        self.boot.state = OFFLINE
        self.save()

    def set_online(self) -> None:
        if self.boot.state == OFFLINE:
            self.boot.state = ONLINE
            self.save()
        if self.store is None:
            self.start()

    def vacuum(self) -> None:
        """DBCC SHRINKDATABASE."""
        store = self.require_open()
        with self.writer, self.lock:
            store.keeper.execute("VACUUM")
            store.capture(self.clock(), self.utc_offset)

    def check(self) -> list[str]:
        """CHECKDB: one line per damaged page or broken structure; empty when sound."""
        store = self.require_open()
        with self.writer, self.lock:
            if not self.frozen:
                store.flush()
            return check_pages(store)

    def backup(
        self,
        kind: str,
        devices: Sequence[Device],
        options: BackupOptions,
        facts: InstanceFacts,
        *,
        on_progress: Progress = no_progress,
    ) -> BackupResult:
        """``kind``: full, differential or log."""
        request = backup.BackupRequest(kind, tuple(devices), options, facts, on_progress)
        return backup.backup(self, request)


def _lost(name: str, data_file: Path, log_file: Path, now: datetime) -> Boot:
    """What stands in for a boot record that cannot be read."""
    unknown = "00000000-0000-0000-0000-000000000000"
    return Boot(
        name=name,
        create_date=now,
        data_file=str(data_file),
        log_file=str(log_file),
        data_name=name,
        log_name=f"{name}_log",
        family_guid=unknown,
        database_guid=unknown,
        forks=[Fork(unknown)],
    )
