# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The value that everything speaks of: one backup set, as one backup file holds it.

Field names are the columns of RESTORE HEADERONLY, LABELONLY and FILELISTONLY in snake_case; ``backup_type`` alone is
a word instead of SQL Server's number, because options, file names and reports use the word too.

A striped backup set stands in several files: each gives one :class:`BackupSet` with the same ``backup_set_guid`` and
``media_set_id`` and another ``family_sequence_number``. ``chain`` puts the stripes together.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any

#: BackupType of RESTORE HEADERONLY -> our word.
BACKUP_TYPES = {
    1: "full",
    2: "log",
    4: "file",
    5: "differential",
    6: "differential_file",
    7: "partial",
    8: "differential_partial",
}
_NUMBERS = {word: number for number, word in BACKUP_TYPES.items()}
_DESCRIPTIONS = {
    "full": "DATABASE",
    "log": "TRANSACTION LOG",
    "file": "FILE OR FILEGROUP",
    "differential": "DATABASE DIFFERENTIAL",
    "differential_file": "FILE DIFFERENTIAL",
    "partial": "PARTIAL",
    "differential_partial": "PARTIAL DIFFERENTIAL",
}
_DATES = ("backup_start_date", "backup_finish_date", "database_creation_date", "expiration_date", "set_write_date")


@dataclass(frozen=True)
class DatabaseFile:
    """One row of RESTORE FILELISTONLY. Sizes in bytes; LSNs as integers (numeric(25,0))."""

    logical_name: str
    physical_name: str
    type: str  # D data, L log, S FILESTREAM, F full-text
    size: int
    file_id: int = 0
    file_group_name: str | None = None
    max_size: int = 0
    backup_size_in_bytes: int = 0
    source_block_size: int = 512
    file_group_id: int = 0
    unique_id: str | None = None
    create_lsn: int = 0  # 0: the file is as old as the database
    differential_base_lsn: int | None = None
    differential_base_guid: str | None = None
    file_flags: int = 0  # as the file has them; their meaning is not known


@dataclass(frozen=True)
class BackupSet:
    """One backup set on one file.

    LSNs are integers (numeric(25,0): VLF * 10^15 + block * 10^5 + slot). Times are aware: the server's local time with
    its UTC offset from the file; where the file does not know the offset they are naive and ``time_zone_known`` is
    False. ``database_creation_date`` and ``expiration_date`` are always naive: their offset (summer time) is not the
    backup's, and a date that identifies a database must not move with it. GUIDs are lower-case text with hyphens.
    """

    path: str
    database_name: str
    server_name: str
    backup_type: str
    backup_set_guid: str
    first_lsn: int
    last_lsn: int
    checkpoint_lsn: int
    database_backup_lsn: int
    backup_start_date: datetime
    backup_finish_date: datetime | None = None
    size: int = 0  # of the file, bytes
    position: int = 1  # FILE = n
    media_set_id: str | None = None
    family_count: int = 1
    family_sequence_number: int = 1
    mirror_count: int = 1
    family_guid: str | None = None
    recovery_fork_id: str | None = None
    first_recovery_fork_id: str | None = None
    fork_point_lsn: int | None = None
    differential_base_lsn: int | None = None
    differential_base_guid: str | None = None
    is_copy_only: bool = False
    begins_log_chain: bool = False
    has_bulk_logged_data: bool = False
    has_backup_checksums: bool = False
    has_incomplete_meta_data: bool = False
    is_damaged: bool = False
    is_snapshot: bool = False
    is_read_only: bool = False
    is_single_user: bool = False
    is_password_protected: bool = False
    is_force_offline: bool = False  # taken WITH NORECOVERY
    is_tail_log: bool = False
    recovery_model: str = "FULL"
    backup_name: str | None = None
    backup_description: str | None = None
    user_name: str | None = None
    machine_name: str | None = None
    database_creation_date: datetime | None = None
    database_version: int = 0
    compatibility_level: int = 0
    software_version_major: int = 0
    software_version_minor: int = 0
    software_version_build: int = 0
    backup_size: int = 0  # uncompressed, bytes
    compressed_backup_size: int = 0
    compressed: bool = False
    block_size: int = 512
    time_zone_known: bool = True
    complete: bool = True  # False: the end of the set is missing; LSNs may be preliminary
    files: tuple[DatabaseFile, ...] = ()
    # What few ask for: further columns of RESTORE HEADERONLY ...
    expiration_date: datetime | None = None
    sort_order: int = 0
    unicode_locale_id: int = 0
    unicode_comparison_style: int = 0
    software_vendor_id: int = 0
    flags: int = 0
    binding_id: str | None = None
    # ... and what HEADERONLY does not show although the file has it.
    time_zone_quarter_hours: int | None = None  # east of UTC
    set_write_date: datetime | None = None
    set_attributes: int = 0
    set_offset: int = 0  # where the set begins, bytes from the start of the (uncompressed) media
    database_id: int = 0
    database_status: int = 0
    collation_id: int = 0
    sort_id: int = 0
    recovery_fork_stack: tuple[tuple[int, str], ...] = ()  # (LSN, recovery fork), the current one first
    current_differential_base_guid: str | None = None
    log_backup_chain_origin: int | None = None
    last_log_backup_lsn: int | None = None
    preliminary_lsns: tuple[int, int, int] | None = None  # first, last, checkpoint at the start, where they changed

    @property
    def backup_type_number(self) -> int:
        """BackupType as RESTORE HEADERONLY gives it."""
        return _NUMBERS[self.backup_type]

    @property
    def backup_type_description(self) -> str:
        """BackupTypeDescription as RESTORE HEADERONLY gives it."""
        return _DESCRIPTIONS[self.backup_type]

    @classmethod
    def of(cls, columns: dict[str, Any]) -> BackupSet:
        """The set with these columns; as the constructor, in a fifth of the time."""
        made = object.__new__(cls)
        vars(made).update(_DEFAULTS)
        vars(made).update(columns)
        if len(vars(made)) != len(_DEFAULTS) or not columns.keys() >= _REQUIRED:
            raise TypeError(f"wrong columns: {sorted(columns.keys() ^ _DEFAULTS.keys())}")
        return made

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON and Ansible carry: times as ISO 8601 text, LSNs as integers."""
        # Of 10,000 files: asdict() would take longer than reading them.
        values = dict(vars(self))
        for name in _DATES:
            if values[name] is not None:
                values[name] = values[name].isoformat()
        values["files"] = [dict(vars(file)) for file in self.files]
        values["recovery_fork_stack"] = [list(fork) for fork in self.recovery_fork_stack]
        values["preliminary_lsns"] = None if self.preliminary_lsns is None else list(self.preliminary_lsns)
        values["backup_type_number"] = self.backup_type_number
        values["backup_type_description"] = self.backup_type_description
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> BackupSet:
        """The reverse of :meth:`to_dict`. Unknown keys are left out, so that newer writers stay readable."""
        kept = {key: value for key, value in values.items() if key in _DEFAULTS}
        for key in _DATES:
            if isinstance(kept.get(key), str):
                kept[key] = datetime.fromisoformat(kept[key])
        for key in ("recovery_fork_stack", "preliminary_lsns"):
            if isinstance(kept.get(key), list):
                kept[key] = tuple(tuple(item) if isinstance(item, list) else item for item in kept[key])
        kept["files"] = tuple(
            DatabaseFile(**{key: value for key, value in row.items() if key in _FILE_COLUMNS})
            for row in kept.get("files", ())
        )
        return cls.of(kept)


_DEFAULTS = {field.name: field.default for field in fields(BackupSet)}
_REQUIRED = frozenset(name for name, default in _DEFAULTS.items() if default is MISSING)
_FILE_COLUMNS = frozenset(field.name for field in fields(DatabaseFile))
