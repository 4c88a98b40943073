# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A database: a data file of pages, a log, and what must never be forgotten of them.

Skeleton: signatures first, bodies follow.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

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

Cancelled = Callable[[], bool]


class Database:
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
        family_guid: str | None = None,
    ) -> Database:
        """CREATE DATABASE. Existing files: 5170; missing folder: 5133."""
        raise NotImplementedError

    @classmethod
    def open(
        cls, data_file: Path, log_file: Path, *, clock: Clock, database_id: int, utc_offset: timedelta = timedelta(0)
    ) -> Database:
        """Opens at start-up; crash recovery happens here. Its name and all else is in its boot record beside the log.

        A database that cannot come up is returned in state RECOVERY_PENDING or SUSPECT, not raised.
        """
        raise NotImplementedError

    @property
    def info(self) -> DatabaseInfo:
        raise NotImplementedError

    def connect(self) -> sqlite3.Connection:
        """A connection for one session (isolation_level None, no row factory). Read-only on a standby.

        Write only between begin and commit of this class: what SQLite commits by itself reaches the log late.
        Refuses with 927 (RESTORING), 926, 945, 942 by state.
        """
        raise NotImplementedError

    def begin(self, connection: sqlite3.Connection, cancelled: Cancelled = lambda: False) -> None:
        """Waits for the writer lock (as long as ``cancelled`` says no), then BEGIN IMMEDIATE."""
        raise NotImplementedError

    def commit(self, connection: sqlite3.Connection, mark: str = "", mark_description: str = "") -> None:
        """COMMIT, then the log record; returns when a crash can no longer lose the transaction."""
        raise NotImplementedError

    def rollback(self, connection: sqlite3.Connection) -> None:
        raise NotImplementedError

    @contextmanager
    def transaction(self, connection: sqlite3.Connection, cancelled: Cancelled = lambda: False) -> Iterator[None]:
        """begin ... commit, or rollback when the body raises."""
        raise NotImplementedError
        yield

    def set_recovery_model(self, model: str) -> None:
        """FULL, BULK_LOGGED or SIMPLE; to SIMPLE breaks the log chain."""
        raise NotImplementedError

    def set_options(self, **values: object) -> None:
        """name, compatibility_level, page_verify, is_read_only, user_access, collation, state ONLINE/OFFLINE."""
        raise NotImplementedError

    def checkpoint(self) -> None:
        raise NotImplementedError

    def check(self) -> list[str]:
        """CHECKDB: one line per damaged page (824's words) or broken structure; empty when sound."""
        raise NotImplementedError

    def backup(
        self,
        kind: str,
        devices: Sequence[Device],
        options: BackupOptions,
        facts: InstanceFacts,
        on_progress: Progress = no_progress,
    ) -> BackupResult:
        """``kind``: full, differential or log."""
        raise NotImplementedError

    def close(self) -> None:
        """Clean shut-down: checkpoint and release the files."""

    def drop(self) -> None:
        """Close and delete the files."""
