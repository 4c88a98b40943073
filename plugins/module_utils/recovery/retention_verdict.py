# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a retention says: a verdict and a reason for every file, and what each database can be restored to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from .backup_history import Backup, BackupHistory
from .backup_set import BackupSet
from .chain import log_chain
from .choice import differentials_by_full
from .leftovers import DIGEST, LEFTOVER, UNKNOWN, Leftovers, StoredFile
from .lineage import Lineage, branches, lineage
from .recoverable import Recoverable, Window
from .restore_step import plain

KEEP, DELETE = "keep", "delete"


@dataclass(frozen=True)
class FileVerdict:
    """``verdict``: keep, delete, unknown (never touched) or leftover (of a broken upload; removed)."""

    path: str
    verdict: str
    reason: str
    size: int = 0
    database: str | None = None
    server: str | None = None
    backup_type: str | None = None
    finished: datetime | None = None

    @classmethod
    def of_set(cls, one: BackupSet, verdict: str, reason: str) -> FileVerdict:
        finished = one.backup_finish_date or one.backup_start_date
        kind = one.backup_type
        return cls(one.path, verdict, reason, one.size, one.database_name, one.server_name, kind, finished)

    def to_dict(self) -> dict[str, Any]:
        values = dict(vars(self))
        values["finished"] = self.finished.isoformat() if self.finished else None
        return values


@dataclass(frozen=True)
class DatabaseRetention:
    """What retention means for one database. Any instant in its windows can be restored. ``useless``: files that stay
    although nothing that stays leads to them."""

    database: str
    kept: int
    deleted: int
    bytes_kept: int
    bytes_deleted: int
    windows_before: tuple[Window, ...]
    windows_after: tuple[Window, ...]
    recoverable_to: datetime | None
    withheld: str | None
    useless: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        name: str,
        files: Sequence[FileVerdict],
        *,
        before: Recoverable,
        after: Recoverable,
        withheld: str | None,
        lost: Sequence[Backup],
    ) -> DatabaseRetention:
        gone = [one for one in files if one.verdict == DELETE]
        kept = [one for one in files if one.verdict != DELETE]
        return cls(
            name,
            len(kept),
            len(gone),
            sum(one.size for one in kept),
            sum(one.size for one in gone),
            before.windows,
            after.windows,
            after.recoverable_to,
            withheld,
            tuple(path for one in lost for path in one.files),
        )

    def to_dict(self) -> dict[str, Any]:
        values: dict[str, Any] = plain(asdict(self))
        return values


@dataclass(frozen=True)
class Retention:
    """``order``: what is to be deleted, in the order in which it may be; a digest goes right before its
    file, for one without a file could never be told from that of an upload.
    ``to_verify``: fulls that have to be read to their end before anything may go on their strength."""

    verdicts: tuple[FileVerdict, ...]
    databases: tuple[DatabaseRetention, ...]
    order: tuple[str, ...]
    to_verify: tuple[str, ...]

    @classmethod
    def of(
        cls,
        files: Sequence[StoredFile],
        judged: Mapping[str, FileVerdict],
        *,
        databases: Iterable[DatabaseRetention],
        order: Iterable[str],
        left: Leftovers,
        to_verify: Iterable[str],
    ) -> Retention:
        names = {file.path for file in files}
        verdicts: list[FileVerdict] = []
        for file in files:
            own = judged.get(file.path)
            of_file = judged.get(left.file_of(file.path) or "")
            if own is not None:
                verdicts.append(own if own.size == file.size else replace(own, size=file.size))
            elif of_file is not None:
                verdicts.append(replace(of_file, path=file.path, size=file.size))
            else:
                verdicts.append(FileVerdict(file.path, *left.verdict(file), size=file.size))
        steps: list[str] = []
        for path in order:
            digest = path + DIGEST
            steps += [digest, path] if digest in names else [path]
        steps += [one.path for one in verdicts if one.verdict == LEFTOVER]
        return cls(tuple(verdicts), tuple(databases), tuple(steps), tuple(to_verify))

    def sizes(self) -> tuple[int, int]:
        """(backup files to be deleted, backup files known). Leftovers of uploads are no backups."""
        known = [one for one in self.verdicts if one.verdict in (KEEP, DELETE) and not one.path.endswith(DIGEST)]
        return sum(one.verdict == DELETE for one in known), len(known)

    @property
    def unknown(self) -> tuple[FileVerdict, ...]:
        return tuple(one for one in self.verdicts if one.verdict == UNKNOWN)


def useless(history: BackupHistory, database: str) -> list[Backup]:
    """Differentials and logs to which no full leads any more."""
    used: set[str] = set()
    found: dict[str, Backup] = {}
    for branch in branches(history, database, None):
        line = lineage(history, database, branch)
        for one, is_used in _uses(line):
            found[one.guid] = one
            used |= {one.guid} if is_used else set()
    return [one for guid, one in found.items() if guid not in used]


def _uses(line: Lineage) -> Iterable[tuple[Backup, bool]]:
    fulls = {one.guid for one in line.backups if one.type == "full" and one.fault is None}
    based = {one.guid for full, group in differentials_by_full(line).items() if full in fulls for one in group}
    chain = log_chain(line, stray=True)
    reached, upto = -1, -1
    for one in line.backups:  # by last_lsn: the newest beginning leads furthest
        if one.guid in fulls or one.guid in based:
            reached, upto = one.last_lsn, chain.end_from(one.last_lsn)
        if one.type == "differential":
            yield one, one.guid in based
        elif one.type == "log":
            yield one, one.last_lsn == one.first_lsn or 0 <= reached <= one.last_lsn <= upto
