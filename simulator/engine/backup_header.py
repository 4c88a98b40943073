# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a backup says of itself: header and configuration, made from the database's boot record."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from simulator.engine import lsn
from simulator.engine.boot import BULK_LOGGED, SIMPLE, Boot, new_guid
from simulator.engine.database_core import DatabaseCore
from simulator.engine.database_info import database_files
from simulator.engine.facts import BackupOptions, DatabaseFile, InstanceFacts
from simulator.engine.pages import FILE_ID, PAGE
from simulator.media import configuration as bits
from simulator.media.configuration import Configuration, FileEntry, FileGroup
from simulator.media.label import COPY_ONLY, DIFFERENTIAL, FULL_OR_LOG, SetHeader

_LETTERS = {"full": "D", "differential": "I", "log": "L"}
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=timezone.utc)
_QUARTER = timedelta(minutes=15)
_LOG_MAXIMUM = 2 << 40


@dataclass
class Extent:
    """From where to where a set reaches, in log positions, and what it holds. Filled in as the backup goes on."""

    first: int
    last: int
    checkpoint: int
    pages_of: dict[int, int] = field(default_factory=dict)  # data file -> pages
    data_size: int = 0  # of the data file
    log_bytes: int = 0
    finish: datetime | None = None  # UTC
    size: int = 0
    compressed_size: int = 0


class Description:
    """One backup's identity; ``configuration`` gives it as it stands, preliminary or final."""

    def __init__(self, database: DatabaseCore, kind: str, options: BackupOptions, facts: InstanceFacts) -> None:
        self.database = database
        self.kind = kind
        self.options = options
        self.facts = facts
        self.files = database_files(database)
        self.guid = new_guid()
        self.start = (facts.clock or database.clock)()
        self.flags = bits.ALWAYS
        # As they are when the backup begins: a full backup becomes the base only afterwards.
        self.boot = Boot(**vars(database.boot))

    def local(self, moment: datetime | None) -> datetime | None:
        return (moment + self.facts.utc_offset).replace(tzinfo=None, microsecond=0) if moment else None

    def header(self, position: int) -> SetHeader:
        attributes = DIFFERENTIAL if self.kind == "differential" else FULL_OR_LOG
        if self.options.copy_only:
            attributes = COPY_ONLY
        return SetHeader(
            position=position,
            backup_set_guid=self.guid,
            attributes=attributes,
            start_date=self.local(self.start),
            major=self.facts.version[0],
            minor=self.facts.version[1],
            time_zone=self.facts.utc_offset // _QUARTER,
            name=self.options.name,
            description=self.options.description,
            user_name=self.facts.user_name,
            machine_name=self.facts.machine_name,
            expiration_date=self.options.expires,
        )

    def configuration(self, extent: Extent) -> Configuration:
        boot, facts = self.boot, self.facts
        differential = self.kind == "differential"
        origin, last_log = self._chain(extent)
        return Configuration(
            kind=_LETTERS[self.kind],
            database_name=boot.name,
            server_name=facts.server_name,
            flags=self._flags(),
            major=facts.version[0],
            minor=facts.version[1],
            build=facts.version[2],
            first_lsn=lsn.numeric(extent.first),
            last_lsn=lsn.numeric(extent.last),
            checkpoint_lsn=lsn.numeric(extent.checkpoint),
            database_backup_lsn=lsn.shown(boot.database_backup),
            creation_date=self.local(boot.create_date),
            start_date=self.local(self.start),
            finish_date=self.local(extent.finish),
            compatibility_level=boot.compatibility_level,
            database_id=self.database.database_id,
            database_version=facts.database_version,
            backup_size=extent.size,
            compressed_size=extent.compressed_size,
            binding_id=boot.database_guid,
            fork_lsn=lsn.numeric(extent.last),
            fork_id=boot.fork,
            previous_fork_lsn=lsn.shown(boot.forks[0].point) if len(boot.forks) > 1 else None,
            previous_fork_id=boot.forks[1].guid if len(boot.forks) > 1 else None,
            current_base_guid=boot.base_guid,
            family_guid=boot.family_guid,
            status=self._status(),
            chain_origin=lsn.shown(origin),
            differential_base_lsn=lsn.shown(boot.base) if differential else None,
            differential_base_guid=boot.base_guid if differential else None,
            last_log_backup_lsn=lsn.shown(last_log),
            groups=(FileGroup(1, "PRIMARY"),),
            data_files=len(self.files) - 1,
            files=(*(self._data_file(file, extent) for file in self.files[:-1]), self._log_file(extent)),
        )

    def _chain(self, extent: Extent) -> tuple[int | None, int | None]:
        """A full or differential backup that begins a log chain says so already."""
        begins = self.begins_chain()
        origin = extent.first if begins else self.boot.log_chain_origin
        return origin, extent.first if begins or self.kind == "log" else self.boot.last_log_backup

    def begins_chain(self) -> bool:
        boot = self.boot
        return (
            boot.recovery_model != SIMPLE and not boot.keeps_log and self.kind != "log" and not self.options.copy_only
        )

    def becomes_base(self) -> bool:
        return self.kind == "full" and not self.options.copy_only

    def _flags(self) -> int:
        flags = self.flags
        flags |= bits.HAS_CHECKSUMS if self.options.checksum else 0
        flags |= bits.ON_DIFFERENTIALS if self.kind == "differential" else 0
        flags |= 4 if self.boot.is_read_only else 0
        return flags | (8 if self.boot.user_access == "SINGLE_USER" else 0)

    def _status(self) -> int:
        status = bits.PAGE_CHECKSUM if self.boot.page_verify == "CHECKSUM" else 0
        status |= {SIMPLE: bits.TRUNCATE_LOG, BULK_LOGGED: bits.SELECT_INTO}.get(self.boot.recovery_model, 0)
        return status | (bits.TORN_PAGE if self.boot.page_verify == "TORN_PAGE_DETECTION" else 0)

    def _data_file(self, file: DatabaseFile, extent: Extent) -> FileEntry:
        boot, pages = self.boot, extent.pages_of.get(file.file_id, 0)
        # The closing configuration of a full backup names itself as the base; the preliminary one cannot yet.
        new_base = self.becomes_base() and extent.finish is not None
        base = extent.first if new_base else boot.base
        base_time = self.start if new_base else boot.base_time
        return FileEntry(
            file_id=file.file_id,
            kind=1,
            logical_name=file.logical_name,
            physical_name=file.physical_name,
            size=max(file.size, extent.data_size) if file.file_id == FILE_ID else file.size,
            flags=0x84 if self.kind == "full" else 4,
            pages=pages,
            source_block_size=self.facts.sector_size,
            file_group_id=1,
            differential_base_lsn=lsn.shown(base),
            differential_base_guid=self.guid if new_base else boot.base_guid,
            unique_id=file.unique_id,
            checkpoint_lsn=lsn.numeric(extent.checkpoint),
            last_lsn=lsn.numeric(extent.last),
            second_checkpoint_lsn=lsn.numeric(extent.checkpoint),
            backup_size=pages * PAGE,
            base_time=(base_time - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10 if base_time else 0,
        )

    def _log_file(self, extent: Extent) -> FileEntry:
        file = self.files[-1]
        return FileEntry(
            file_id=file.file_id,
            kind=2,
            logical_name=file.logical_name,
            physical_name=file.physical_name,
            size=file.size,
            source_block_size=self.facts.sector_size,
            max_size=_LOG_MAXIMUM,
            unique_id=file.unique_id,
            checkpoint_lsn=lsn.numeric(extent.checkpoint),
            last_lsn=lsn.numeric(extent.last),
            second_checkpoint_lsn=lsn.numeric(extent.checkpoint),
            backup_size=extent.log_bytes if extent.finish else 0,
        )
