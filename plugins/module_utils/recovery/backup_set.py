# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The value that everything speaks of: one backup set, as one backup file holds it.

Field names are the columns of RESTORE HEADERONLY, LABELONLY and FILELISTONLY in snake_case; ``backup_type`` alone is
a word instead of SQL Server's number, because options, file names and reports use the word too.

A striped backup set stands in several files: each gives one :class:`BackupSet` with the same ``backup_set_guid`` and
``media_set_id`` and another ``family_sequence_number``. ``chain`` puts the stripes together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
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
    differential_base_lsn: int | None = None
    differential_base_guid: str | None = None


@dataclass(frozen=True)
class BackupSet:
    """One backup set on one file.

    LSNs are integers (numeric(25,0): VLF * 10^15 + block * 10^5 + slot). Times are aware: the server's local time with
    its UTC offset from the file; where the file does not know the offset they are naive and ``time_zone_known`` is
    False. GUIDs are lower-case text with hyphens.
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
    complete: bool = True  # False: the closing configuration is missing; LSNs are preliminary
    files: tuple[DatabaseFile, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON and Ansible carry: times as ISO 8601 text, LSNs as integers."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> BackupSet:
        """The reverse of :meth:`to_dict`. Unknown keys are left out, so that newer writers stay readable."""
        known = {field.name for field in fields(cls)}
        kept = {key: value for key, value in values.items() if key in known}
        for key in ("backup_start_date", "backup_finish_date", "database_creation_date"):
            if isinstance(kept.get(key), str):
                kept[key] = datetime.fromisoformat(kept[key])
        kept["files"] = tuple(DatabaseFile(**row) for row in kept.get("files", ()))
        return cls(**kept)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
