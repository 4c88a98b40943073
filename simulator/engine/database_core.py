# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inside of a database: its files, its locks, how it starts, checkpoints and stops."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import weakref
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from simulator.engine import spread
from simulator.engine.boot import OFFLINE, ONLINE, RESTORING, STANDBY, Boot, boot_path, save_boot
from simulator.engine.facts import Clock
from simulator.engine.log_file import LogFile
from simulator.engine.log_record import BadRecord
from simulator.engine.messages import error
from simulator.engine.misfortune import SOUND_DISK, DiskFaults
from simulator.engine.page_store import EngineConnection, PageStore, Snapshot
from simulator.engine.pages import PAGE

_TRIM_AFTER = 1 << 20  # bytes of log that nobody needs


class DatabaseCore:
    """``lock`` guards commits, checkpoints and the boot record; ``writer`` is held for the length of a transaction that
    writes. Whoever needs both takes ``writer`` first.
    """

    def __init__(
        self, boot: Boot, data_file: Path, log_file: Path, *, clock: Clock, database_id: int, utc_offset: timedelta
    ) -> None:
        self.boot = boot
        self.data_file = data_file
        self.log_file = log_file
        self.clock = clock
        self.database_id = database_id
        self.utc_offset = utc_offset
        self.lock = threading.RLock()
        self.data_backup_lock = threading.Lock()
        self.log_backup_lock = threading.Lock()
        self.writer = threading.Lock()
        self.store: PageStore | None = None
        self.log: LogFile | None = None
        self.problem = ""  # RECOVERY_PENDING or SUSPECT
        self.active_backups: list[int] = []  # positions from which the log must stay
        self.capacity: Callable[[Path], int | None] = lambda _path: None  # bytes left on a disk; None: not known
        self.disk: DiskFaults = SOUND_DISK
        self._growth_limited = False
        self.doubtful: dict[int, str] = {}  # see doubtful_pages.py
        self.frozen = 0
        self._owner: int | None = None
        self._connections: weakref.WeakSet[EngineConnection] = weakref.WeakSet()

    def start(self) -> None:
        """Crash recovery; a database that is being restored or offline has nothing to start."""
        self.problem = ""
        if self.boot.state != ONLINE:
            return
        with self.lock:
            try:
                self.log = LogFile(self.log_file)
                if self.data_file.stat().st_size < PAGE:
                    self.problem = "SUSPECT"
                    return
                spread.gather(self.boot, self.data_file, self.save)
                self.store = PageStore(self.data_file, self.log, self.boot)
                self.store.recover(self.utc_offset)
                self.store.flush()
                self.live_on(self.capacity, self.disk)
            except (OSError, BadRecord):
                self.problem = "RECOVERY_PENDING"
            except sqlite3.DatabaseError:
                self.problem = "SUSPECT"

    def live_on(self, capacity: Callable[[Path], int | None], disk: DiskFaults) -> None:
        """The instance's disk: how much it holds, and what is wrong with it."""
        self.capacity, self.disk = capacity, disk
        if self.store is not None:
            self.store.data.disk = disk
        if self.log is not None:
            self.log.disk = disk

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.boot.name

    @property
    def state(self) -> str:
        """As sys.databases shows it: a standby is online."""
        return self.problem or (ONLINE if self.boot.state == STANDBY else self.boot.state)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Of all its files."""
        return (self.data_file, self.log_file, *(Path(one.path) for one in self.boot.more_files))

    def save(self) -> None:
        save_boot(self.boot, self.log_file)

    def require_open(self) -> PageStore:
        """The running part, or the error that a session gets which wants to enter."""
        number = {"RECOVERY_PENDING": 945, "SUSPECT": 926, RESTORING: 927, OFFLINE: 942}.get(self.state)
        if number:
            raise error(number, self.name)
        if self.store is None:
            raise error(5063, self.name)
        return self.store

    def rollback(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        finally:
            self._release(connection)

    def _release(self, connection: sqlite3.Connection) -> None:
        if self._owner == id(connection):
            self._owner = None
            self.writer.release()

    # -- log and pages ---------------------------------------------------------------------------------------------

    def checkpoint(self) -> None:
        """CHECKPOINT: pages go to the data file unless a backup reads it or a transaction is being written."""
        store = self.require_open()
        if not self.frozen and self.writer.acquire(blocking=False):
            try:
                with self.lock:
                    if not self.frozen:
                        store.flush()
            finally:
                self.writer.release()
        with self.lock:
            store.log_checkpoint(self.clock(), self.utc_offset)
            self.trim_log()

    def trim_log(self) -> None:
        """Under ``lock``: forgets the log that no backup and no log chain needs."""
        if self.store is None or self.log is None:
            return
        self.boot.changed, self.boot.changed_as_of = self.store.changed.to_text(), self.log.end
        self.save()
        if self.trimmable():
            # Without room for the shorter file the long one stays; the next time will do.
            with contextlib.suppress(OSError):
                self.log.truncate(self._needed_from())

    @contextmanager
    def changing(self) -> Iterator[Boot]:
        """Under ``lock``: what the block changes in the boot record is taken back when it cannot be written."""
        before = vars(self.boot).copy()
        changed = self.store.changed if self.store else None
        try:
            yield self.boot
            self.trim_log()
        except BaseException:
            vars(self.boot).update(before)
            if self.store and changed is not None:
                self.store.changed = changed
            raise

    def _needed_from(self) -> int:
        assert self.log is not None
        needed = self.boot.last_log_backup if self.boot.keeps_log else self.log.end
        return min([self.log.end if needed is None else needed, *self.active_backups])

    def trimmable(self) -> bool:
        """Always worth it after a log backup; without a chain, when a megabyte has gathered."""
        assert self.log is not None
        return self._needed_from() - self.log.start > (0 if self.boot.keeps_log else _TRIM_AFTER)

    @contextmanager
    def snapshot(self, track: bool) -> Iterator[Snapshot]:
        """A checkpoint, and the database as it then is for as long as the block lasts; ``track`` what changes since."""
        store = self.require_open()
        alone = self.writer.acquire(blocking=False)
        try:
            with self.lock:
                if alone and not self.frozen:
                    store.flush()
                position = store.log_checkpoint(self.clock(), self.utc_offset)
                found = store.snapshot(position)
                if track:
                    store.track()
                self.frozen += 1
                self.active_backups.append(position)
        finally:
            if alone:
                self.writer.release()
        try:
            yield found
        finally:
            with self.lock:
                self.frozen -= 1
                self.active_backups.remove(position)
                if track:
                    store.since_snapshot = None

    def close_connections(self) -> None:
        """Throws out whoever is connected; open transactions are rolled back."""
        for connection in list(self._connections):
            with contextlib.suppress(sqlite3.Error):
                self.rollback(connection)
                connection.close()

    def close(self) -> None:
        """Clean shut-down: whoever is connected is thrown out, pages go to the data file, files are released."""
        self.close_connections()
        with self.lock:
            if self.store is not None and self.log is not None:
                # What cannot be written now (no room, a lost disk) stays in SQLite's log for the next start.
                with contextlib.suppress(OSError, sqlite3.Error):
                    self.store.flush()
                    self.trim_log()
                self.store.close()
                self.store = None
                with contextlib.suppress(OSError):  # a lost file is missed at the next start
                    spread.scatter(self.boot, self.data_file, self.save)
            if self.log is not None:
                self.log.close()
                self.log = None

    def drop(self) -> None:
        """DROP DATABASE: close and delete the files."""
        self.close()
        self.delete_files()

    def delete_files(self, keep: Collection[Path] = ()) -> None:
        """``keep``: files that the database's successor has taken over."""
        data, log = self.data_file, self.log_file
        for path, of in (
            (data, data),
            (Path(f"{data}-wal"), data),
            (Path(f"{data}-shm"), data),
            (log, log),
            (boot_path(log), log),
            *((Path(one.path), Path(one.path)) for one in self.boot.more_files),
        ):
            if of not in keep:
                path.unlink(missing_ok=True)
