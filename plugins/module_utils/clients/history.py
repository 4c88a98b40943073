# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup history on the controller: what was read of each backup file, so that each is read once.

It is a cache. A file is known again by store, path, size and modification time; only files that were whole are kept,
so that one that was being written is looked at again. When the history is lost, one run over the store makes it anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable

from ..recovery.backup_file import BackupFile
from ..recovery.backup_set import BackupSet
from ..recovery.errors import DamagedBackup, HistoryUnusable, NotABackup, RecoveryError

#: Raised when the content of the rows changes its meaning: older rows are then read anew.
VERSION = 1
_WAIT = 60  # seconds for another writer
_BATCH = 100  # files after which what was read is kept, whatever happens then
_TABLE = """
CREATE TABLE IF NOT EXISTS backup_file (
    store TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified TEXT NOT NULL,
    version INTEGER NOT NULL,
    sets TEXT NOT NULL,  -- JSON: LSNs have more digits than SQLite's integers
    PRIMARY KEY (store, path)
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class StoredFile:
    """A file as a listing shows it. ``modified`` is whatever the store says, compared as text."""

    path: str
    size: int
    modified: str


@dataclass(frozen=True)
class Refreshed:
    """What a look at the store brought."""

    backup_sets: tuple[BackupSet, ...]
    unreadable: tuple[dict[str, str], ...]
    read: int  # files that were read
    known: int  # files that were known
    forgotten: int  # files that are gone


class History:
    """The history in the SQLite file ``path``. Two processes may refresh the same one at the same time."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            # Every statement is a transaction of its own unless one is begun: nothing is locked while a store is read.
            self._database = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
            self._database.execute(_TABLE)
        except sqlite3.Error as error:
            raise _not_a_history(path, error) from error

    def __enter__(self) -> History:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def refresh(
        self,
        store: str,
        files: Iterable[StoredFile],
        read: Callable[[StoredFile], BackupFile],
        *,
        below: str | None = None,
        rebuild: bool = False,
        reported: tuple[type[RecoveryError], ...] = (NotABackup, DamagedBackup),
    ) -> Refreshed:
        """Reads what is new among ``files`` of ``store``; errors of the kinds ``reported`` do not end it.

        With ``below``, ``files`` is the whole listing of the paths that begin so: others are gone, and forgotten. What
        was read is kept even when a later file fails. ``rebuild`` reads the known files too; each stays known until it
        was read, so that a store that goes away meanwhile does not take the history with it.
        """
        known = self._known(store)
        listed: dict[str, StoredFile] = {}
        found: list[BackupSet] = []
        unreadable: list[dict[str, str]] = []
        pending: list[tuple[StoredFile, BackupFile]] = []
        unknown: list[str] = []
        hits = 0
        try:
            for file in files:
                listed[file.path] = file
                sets = None if rebuild else _sets(known.get((file.path, file.size, file.modified)))
                if sets is not None:
                    hits += 1
                    found += sets
                    continue
                backup = _read(file, read, unreadable, reported)
                found += backup.sets if backup else ()
                if backup and backup.complete:
                    pending.append((file, backup))
                else:
                    unknown.append(file.path)
                if len(pending) >= _BATCH:
                    self._keep(store, pending)
        finally:
            self._keep(store, pending)
            self._forget(store, unknown)
        gone = []
        if below is not None:
            gone = [path for path, *_unused in known if path.startswith(below) and path not in listed]
        self._forget(store, gone)
        return Refreshed(tuple(found), tuple(unreadable), len(listed) - hits, hits, len(gone))

    def backup_sets(self, store: str) -> list[BackupSet]:
        """All that is known of ``store``, without looking at it."""
        rows = self._query("SELECT sets FROM backup_file WHERE store = ? AND version = ? ORDER BY path", store, VERSION)
        return [each for (sets,) in rows for each in _sets(sets) or ()]

    def _known(self, store: str) -> dict[tuple[str, int, str], str]:
        rows = self._query(
            "SELECT path, size, modified, sets FROM backup_file WHERE store = ? AND version = ?", store, VERSION
        )
        return {(path, size, modified): sets for path, size, modified, sets in rows}

    def _keep(self, store: str, pending: list[tuple[StoredFile, BackupFile]]) -> None:
        rows = [
            (store, file.path, file.size, file.modified, VERSION, json.dumps([each.to_dict() for each in backup.sets]))
            for file, backup in pending
        ]
        if not pending:
            return
        with self._transaction():
            self._database.executemany("INSERT OR REPLACE INTO backup_file VALUES (?, ?, ?, ?, ?, ?)", rows)
        pending.clear()

    def _forget(self, store: str, paths: list[str]) -> None:
        if not paths:
            return
        with self._transaction():
            rows = [(store, path) for path in paths]
            self._database.executemany("DELETE FROM backup_file WHERE store = ? AND path = ?", rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            # IMMEDIATE waits for another writer at once; a transaction that becomes a writer later cannot wait.
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise _not_a_history(self.path, error) from error

    def _query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _not_a_history(self.path, error) from error


def _read(
    file: StoredFile,
    read: Callable[[StoredFile], BackupFile],
    unreadable: list[dict[str, str]],
    reported: tuple[type[RecoveryError], ...],
) -> BackupFile | None:
    try:
        backup = read(file)
    except reported as error:
        kind = type(error).__name__
        unreadable.append({"path": file.path, "reason": error.msg, "hint": error.hint, "error": kind})
        return None
    if not backup.complete:
        reason = f"{file.path}: {backup.notes[0]}"
        unreadable.append({"path": file.path, "reason": reason, "hint": backup.hint or ""})
    return backup


def _sets(text: str | None) -> list[BackupSet] | None:
    """What a row has; None where there is none, or where it cannot be read: then the file is looked at again."""
    try:
        return [BackupSet.from_dict(values) for values in json.loads(text)] or None if text else None
    except (ValueError, TypeError, AttributeError):
        return None


def _not_a_history(path: str, error: sqlite3.Error) -> HistoryUnusable:
    if "locked" in str(error):
        return HistoryUnusable(
            f"{path}: another run has kept the backup history locked for {_WAIT} seconds.",
            hint="Wait for it to end, then run again.",
        )
    return HistoryUnusable(
        f"{path}: the backup history cannot be used: {error}.",
        hint="Look whether its folder is there, writable and has room. If the file itself is broken, delete it: it is "
        "only a cache, and the next run reads the store again.",
    )
