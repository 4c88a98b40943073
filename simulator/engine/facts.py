# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The values that go in and out of the storage: what an instance is, what a database is, what a backup did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from simulator.engine.certificates import Sealing
from simulator.engine.events import Message
from simulator.engine.misfortune import SOUND_DISK, DiskFaults
from simulator.media.tape import Opener, no_opener

#: Gives the present moment as an aware datetime in UTC.
Clock = Callable[[], datetime]
#: Told the percentage done (0..100, rising); what it raises aborts the backup or restore (cancel, kill).
Progress = Callable[[int], None]


def no_progress(_percent: int) -> None:
    """For callers that do not care."""


@dataclass(frozen=True)
class Device:
    """A backup device: ``name`` as the statement spelled it (messages quote it), ``path`` where its bytes are.

    ``path`` None is DISK = 'NUL': everything is written nowhere, and counts as a backup all the same.
    """

    name: str
    path: Path | None
    faults: DiskFaults = field(default=SOUND_DISK, compare=False, repr=False)
    opener: Opener = field(default=no_opener, compare=False, repr=False)  # of encrypted media

    @classmethod
    def disk(cls, path: Path | str) -> Device:
        return cls(str(path), None if str(path).upper() in ("NUL", "NUL:") else Path(path))


@dataclass(frozen=True)
class InstanceFacts:
    """What a backup file records about the instance that wrote it, and what a restore must know of its own."""

    server_name: str
    machine_name: str
    user_name: str = "sa"
    version: tuple[int, int, int] = (15, 0, 4385)
    database_version: int = 904  # of SQL Server 2019; a backup with a higher one is refused: 3169
    utc_offset: timedelta = timedelta(0)  # of the server's clock, now
    clock: Clock | None = None  # None: the database's own
    edition: str = "Developer Edition (64-bit)"
    sector_size: int = 512  # BLOCKSIZE when the statement names none: 512 or 4096
    capacity: Callable[[Path], int | None] = field(default=lambda _path: None)
    """Bytes that may still be written to the disk that holds a path (None: as many as the real disk takes)."""


@dataclass(frozen=True)
class DatabaseFile:
    """A row of sys.master_files. ``size`` in bytes; ``physical_name`` as people see it."""

    file_id: int
    type: str  # D data, L log
    logical_name: str
    physical_name: str
    size: int
    unique_id: str = ""


@dataclass(frozen=True)
class DatabaseInfo:
    """Everything the system views tell of a database. GUIDs lower case with hyphens, LSNs integers or None."""

    name: str
    database_id: int
    state: str  # ONLINE RESTORING RECOVERY_PENDING SUSPECT OFFLINE; a standby is ONLINE with is_in_standby
    recovery_model: str  # FULL BULK_LOGGED SIMPLE
    create_date: datetime  # UTC, aware
    family_guid: str
    database_guid: str
    recovery_fork_guid: str
    first_recovery_fork_guid: str | None
    fork_point_lsn: int | None
    redo_start_lsn: int | None  # only while RESTORING or standby
    redo_start_fork_guid: str | None
    last_log_backup_lsn: int | None  # None: the log chain is not begun, or SIMPLE
    differential_base_lsn: int | None
    differential_base_guid: str | None
    differential_base_time: datetime | None
    files: tuple[DatabaseFile, ...]
    page_verify: str = "CHECKSUM"
    compatibility_level: int = 150
    is_in_standby: bool = False
    is_read_only: bool = False
    user_access: str = "MULTI_USER"
    collation: str = "SQL_Latin1_General_CP1_CI_AS"
    last_lsn: int = 0  # the end of the log
    log_size: int = 0  # bytes
    log_used: int = 0
    log_reuse_wait: str = "NOTHING"  # LOG_BACKUP ACTIVE_BACKUP_OR_RESTORE
    standby_file: str | None = None


@dataclass(frozen=True)
class BackupOptions:
    """WITH options of BACKUP that concern the storage. ``init``: overwrite the sets; ``format``: a new media set."""

    copy_only: bool = False
    checksum: bool = False
    compression: bool | None = None  # None: as the medium is, or for a new one as the instance is configured
    compression_default: bool = False
    encryption: Sealing | None = None
    init: bool = False
    format: bool = False
    name: str = ""
    description: str = ""
    media_name: str = ""
    media_description: str = ""
    no_truncate: bool = False
    norecovery: bool = False
    standby: Path | None = None  # BACKUP LOG ... WITH STANDBY
    continue_after_error: bool = False
    block_size: int | None = None  # 512 1024 ... 65536; None: the device's sector size
    expires: datetime | None = None


@dataclass(frozen=True)
class FileResult:
    """Pages of one file, for message 4035 / 3014 ('Processed %d pages for database ... file ...')."""

    logical_name: str
    file_id: int
    pages: int


@dataclass(frozen=True)
class BackupResult:
    """What msdb's backup tables and the closing messages need. ``header`` is the row as RESTORE HEADERONLY shows it."""

    header: Mapping[str, object]
    file_list: tuple[Mapping[str, object], ...]
    label: Mapping[str, object]
    devices: tuple[Device, ...]
    files: tuple[FileResult, ...]
    pages: int
    seconds: float
    messages: tuple[Message, ...] = ()  # 3042 and the like, beyond the ordinary ones


@dataclass(frozen=True)
class RestoreOptions:
    """WITH options of RESTORE DATABASE and RESTORE LOG."""

    position: int = 1  # FILE = n
    move: tuple[tuple[str, str], ...] = ()  # (logical name, physical name), in the order of the statement
    replace: bool = False
    recovery: bool = True  # False: NORECOVERY
    standby: Path | None = None
    stop_at: datetime | None = None  # naive: in the clock of the server that took the backups
    stop_at_mark: str | None = None  # mark name or 'lsn:...'
    stop_before_mark: str | None = None
    mark_after: datetime | None = None
    checksum: bool = False  # CHECKSUM: the set must have checksums; they are verified wherever it has them
    no_checksum: bool = False
    continue_after_error: bool = False


@dataclass(frozen=True)
class RestoreResult:
    """``header`` as in :class:`BackupResult`; ``database`` state afterwards; messages such as 4322 to pass on."""

    header: Mapping[str, object] | None
    info: DatabaseInfo
    files: tuple[FileResult, ...]
    pages: int
    seconds: float
    stop_reached: bool = False
    messages: tuple[Message, ...] = ()
