# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL Server's own rules for RESTORE, slow and plain, over what the backups really hold.

Each refusal is named by the number of SQL Server's message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet

from .hospital_life import Fork, Record, Truth


class Refused(Exception):
    """SQL Server's error, by its number."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"Msg {number}: {text}")
        self.number = number


@dataclass(frozen=True)
class Restoring:
    """A database in RESTORING state."""

    lsn: int
    fork: Fork
    records: tuple[Record, ...]
    full: str
    base: str | None
    stopped_at: int | None = None  # the STOPAT at which a log was left in its middle
    last: object = None  # the step that led here, for whoever asks

    @property
    def key(self) -> tuple[int, str, str | None]:
        """All that later restores depend on."""
        return (self.lsn, self.fork.guid, self.base)


def restore_full(one: BackupSet, truth: Truth) -> Restoring:
    """RESTORE DATABASE ... WITH NORECOVERY of a full backup."""
    base = one.backup_set_guid
    return Restoring(one.last_lsn, truth.fork, truth.records, one.backup_set_guid, base)


def restore_differential(database: Restoring, one: BackupSet, truth: Truth) -> Restoring:
    """A differential needs the very full that it is based on."""
    if one.differential_base_guid != database.base:
        raise Refused(3136, "the database has not been restored to the correct earlier state")
    if one.last_lsn < database.lsn:
        raise Refused(3136, "the differential is older than what has been restored")
    return replace(database, lsn=one.last_lsn, fork=truth.fork, records=truth.records, stopped_at=None)


def restore_log(
    database: Restoring,
    one: BackupSet,
    truth: Truth,
    *,
    stop_at: int | None = None,
    stop_before: int | None = None,
    stop_after: int | None = None,
) -> Restoring:
    """RESTORE LOG ... WITH NORECOVERY, with STOPAT (milliseconds), STOPBEFOREMARK or STOPATMARK = 'lsn:...'."""
    if stop_at is not None and any(record.milliseconds > stop_at for record in database.records):
        raise Refused(4335, "the specified STOPAT time is too early")
    if one.first_lsn > database.lsn:
        raise Refused(4305, "the log is too recent to apply")
    if one.last_lsn < database.lsn:
        raise Refused(4326, "the log is too early to apply")
    on_path = truth.fork.path()
    if database.fork.guid not in on_path or database.lsn > on_path[database.fork.guid]:
        raise Refused(4330, "the backup is on another recovery path")
    records = list(database.records)
    for record in truth.records:
        if record.lsn < database.lsn:
            continue
        if _beyond(record, stop_at, stop_before, stop_after):
            if one.has_bulk_logged_data:
                raise Refused(4341, "the log contains bulk-logged changes")
            return replace(
                database,
                lsn=record.lsn,
                fork=_fork_at(truth.fork, record.lsn),
                records=tuple(records),
                stopped_at=stop_at,
            )
        records.append(record)
    return replace(database, lsn=one.last_lsn, fork=truth.fork, records=tuple(records), stopped_at=None)


def _beyond(record: Record, stop_at: int | None, stop_before: int | None, stop_after: int | None) -> bool:
    if stop_at is not None and record.milliseconds > stop_at:
        return True
    if stop_before is not None and record.lsn >= stop_before:
        return True
    return stop_after is not None and record.lsn > stop_after


def _fork_at(fork: Fork, lsn: int) -> Fork:
    """The fork that a database stopped at an LSN is on; at a fork point it is still on the earlier one."""
    while fork.parent is not None and lsn <= fork.point:
        fork = fork.parent
    return fork


def apply(database: Restoring | None, one: BackupSet, truths: Mapping[str, Truth], **stop: int | None) -> Restoring:
    """Any backup on what is there."""
    truth = truths[one.backup_set_guid]
    if one.backup_type == "full":
        return restore_full(one, truth)
    if database is None:
        raise Refused(3118, "the database does not exist")
    if one.backup_type == "differential":
        return restore_differential(database, one, truth)
    return restore_log(database, one, truth, **stop)
