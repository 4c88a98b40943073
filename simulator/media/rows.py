# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A backup set as the rows of RESTORE HEADERONLY, FILELISTONLY and LABELONLY."""

from __future__ import annotations

import uuid
from typing import Any

from simulator.media import configuration as bits
from simulator.media.configuration import Configuration, FileEntry
from simulator.media.label import COPY_ONLY, Label
from simulator.media.reader import MediaSet
from simulator.media.sealing import CERTIFICATE, PLAIN, KeyRecord, Packing

Row = dict[str, Any]

_TYPES = {
    "D": (1, "DATABASE"),
    "L": (2, "TRANSACTION LOG"),
    "F": (4, "FILE"),
    "I": (5, "DATABASE DIFFERENTIAL"),
    "G": (6, "FILE DIFFERENTIAL"),
    "P": (7, "PARTIAL"),
    "Q": (8, "PARTIAL DIFFERENTIAL"),
}
_DISK = 2


def label_row(label: Label, packing: Packing = PLAIN) -> Row:
    family = uuid.UUID(int=label.media_family_id << 96)
    return {
        "MediaName": label.media_name or None,
        "MediaSetId": label.media_set_id,
        "FamilyCount": label.family_count,
        "FamilySequenceNumber": label.family_sequence_number,
        "MediaFamilyId": str(family),
        "MediaSequenceNumber": label.media_sequence_number,
        "MediaLabelPresent": 0,
        "MediaDescription": label.media_description or None,
        "SoftwareName": label.software_name,
        "SoftwareVendorId": label.vendor,
        "MediaDate": label.media_date,
        "Mirror_Count": label.mirror_count,
        "IsCompressed": packing.compressed,
        "IsEncrypted": packing.key is not None,  # no column of LABELONLY: for msdb's backupmediaset
    }


def header_row(found: MediaSet) -> Row:
    """HEADERONLY in its documented order. A set that was never finished is called so, as SQL Server does."""
    configuration = found.configuration
    if configuration is None:
        raise ValueError("a backup set without configuration has no header row")
    row = _who(found, configuration) | _what(found, configuration) | _flags(found, configuration)
    row |= _forks(configuration) | {"BackupSetGUID": found.header.backup_set_guid} | _encryptor(found.packing.key)
    if not found.complete:
        row["BackupName"] = "*** INCOMPLETE ***"
    return row


def _who(found: MediaSet, configuration: Configuration) -> Row:
    header = found.header
    return {
        "BackupName": header.name or None,
        "BackupDescription": header.description or None,
        "BackupType": _TYPES[configuration.kind][0] if configuration.kind in _TYPES else None,
        "ExpirationDate": header.expiration_date,
        "Compressed": int(found.packing.compressed),
        "Position": header.position,
        "DeviceType": _DISK,
        "UserName": header.user_name,
        "ServerName": configuration.server_name,
        "DatabaseName": configuration.database_name,
        "DatabaseVersion": configuration.database_version,
        "DatabaseCreationDate": configuration.creation_date,
    }


def _what(found: MediaSet, configuration: Configuration) -> Row:
    return {
        "BackupSize": configuration.backup_size,
        "FirstLSN": configuration.first_lsn or 0,
        "LastLSN": configuration.last_lsn or 0,
        "CheckpointLSN": configuration.checkpoint_lsn or 0,
        "DatabaseBackupLSN": configuration.database_backup_lsn or 0,
        "BackupStartDate": configuration.start_date,
        "BackupFinishDate": configuration.finish_date,
        "SortOrder": configuration.sort_order,
        "CodePage": 0,
        "UnicodeLocaleId": configuration.unicode_locale_id,
        "UnicodeComparisonStyle": configuration.unicode_comparison_style,
        "CompatibilityLevel": configuration.compatibility_level,
        "SoftwareVendorId": found.header.vendor,
        "SoftwareVersionMajor": configuration.major,
        "SoftwareVersionMinor": configuration.minor,
        "SoftwareVersionBuild": configuration.build,
        "MachineName": found.header.machine_name,
    }


def _flags(found: MediaSet, configuration: Configuration) -> Row:
    flags = configuration.flags
    return {
        "Flags": flags & 0x1FF,
        "BindingID": configuration.binding_id,
        "RecoveryForkID": configuration.fork_id,
        "Collation": "SQL_Latin1_General_CP1_CI_AS",
        "FamilyGUID": configuration.family_guid,
        "HasBulkLoggedData": bool(flags & 1),
        "IsSnapshot": bool(flags & 2),
        "IsReadOnly": bool(flags & 4),
        "IsSingleUser": bool(flags & 8),
        "HasBackupChecksums": bool(flags & bits.HAS_CHECKSUMS),
        "IsDamaged": bool(flags & bits.IS_DAMAGED),
        "BeginsLogChain": configuration.kind == "L" and configuration.first_lsn == configuration.chain_origin,
        "HasIncompleteMetaData": bool(flags & bits.IS_INCOMPLETE),
        "IsForceOffline": bool(flags & bits.IS_NORECOVERY),
        "IsCopyOnly": bool(found.header.attributes & COPY_ONLY),
    }


def _forks(configuration: Configuration) -> Row:
    spans = (configuration.first_lsn or 0) < (configuration.previous_fork_lsn or 0)
    return {
        "FirstRecoveryForkID": configuration.previous_fork_id if spans else configuration.fork_id,
        "ForkPointLSN": configuration.previous_fork_lsn if spans else None,
        "RecoveryModel": recovery_model(configuration.status),
        "DifferentialBaseLSN": configuration.differential_base_lsn,
        "DifferentialBaseGUID": configuration.differential_base_guid,
        "BackupTypeDescription": _TYPES.get(configuration.kind, (0, None))[1],
        "BackupSetGUID": None,
        "CompressedBackupSize": configuration.compressed_size or configuration.backup_size,
        "Containment": 0,
    }


def _encryptor(key: KeyRecord | None) -> Row:
    return {
        "KeyAlgorithm": key.algorithm if key else None,
        "EncryptorThumbprint": key.thumbprint if key else None,
        "EncryptorType": CERTIFICATE if key else None,
    }


def recovery_model(status: int) -> str:
    if status & bits.TRUNCATE_LOG:
        return "SIMPLE"
    return "BULK-LOGGED" if status & bits.SELECT_INTO else "FULL"


def file_rows(configuration: Configuration) -> tuple[Row, ...]:
    names = {group.file_group_id: group.name for group in configuration.groups}
    return tuple(_file_row(entry, names.get(entry.file_group_id)) for entry in configuration.files)


def _file_row(entry: FileEntry, group: str | None) -> Row:
    data = entry.kind == 1
    return {
        "LogicalName": entry.logical_name,
        "PhysicalName": entry.physical_name,
        "Type": "D" if data else "L",
        "FileGroupName": group if data else None,
        "Size": entry.size,
        "MaxSize": entry.max_size,
        "FileID": entry.file_id,
        "CreateLSN": 0,
        "DropLSN": 0,
        "UniqueID": entry.unique_id,
        "ReadOnlyLSN": 0,
        "ReadWriteLSN": 0,
        "BackupSizeInBytes": entry.backup_size if data else 0,
        "SourceBlockSize": entry.source_block_size,
        "FileGroupID": entry.file_group_id,
        "LogGroupGUID": None,
        "DifferentialBaseLSN": entry.differential_base_lsn if data else 0,
        "DifferentialBaseGUID": entry.differential_base_guid,
        "IsReadOnly": False,
        "IsPresent": True,
        "TDEThumbprint": None,
        "SnapshotURL": None,
    }
