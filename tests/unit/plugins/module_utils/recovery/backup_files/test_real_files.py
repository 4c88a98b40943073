# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every real backup file gives every field that is known of it, in two small reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import BackupFile, read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet

LABEL = {
    "MediaFamilyId": "media_family_id",
    "MediaSequenceNumber": "media_sequence_number",
    "PasswordAlgorithm": "password_algorithm",
    "IsPasswordProtected": "is_password_protected",
    "MediaName": "media_name",
    "MediaDescription": "media_description",
    "SoftwareName": "software_name",
    "SoftwareVendorId": "software_vendor_id",
    "MediaDate": "media_date",
    "BlockSize": "block_size",
    "MediaSetId": "media_set_id",
    "FamilyCount": "family_count",
    "MirrorCount": "mirror_count",
    "FamilySequenceNumber": "family_sequence_number",
    "ContainerVersion": "container_version",
    "ContainerWord2": "container_word",
    "IsCompressed": "is_compressed",
}
SET = {
    "Position": "position",
    "BackupName": "backup_name",
    "BackupDescription": "backup_description",
    "UserName": "user_name",
    "SetWriteDate": "set_write_date",
    "TimeZoneQuarterHours": "time_zone_quarter_hours",
    "SoftwareVendorId": "software_vendor_id",
    "SsetAttributes": "set_attributes",
    "SsetOffset": "set_offset",
    "BackupSetGUID": "backup_set_guid",
    "ExpirationDate": "expiration_date",
    "MachineName": "machine_name",
    "Compressed": "compressed",
    "BackupType": "backup_type_number",
    "Flags": "flags",
    "HasBulkLoggedData": "has_bulk_logged_data",
    "IsSnapshot": "is_snapshot",
    "IsReadOnly": "is_read_only",
    "IsSingleUser": "is_single_user",
    "HasBackupChecksums": "has_backup_checksums",
    "IsDamaged": "is_damaged",
    "IsTailLog": "is_tail_log",
    "HasIncompleteMetaData": "has_incomplete_meta_data",
    "IsForceOffline(NORECOVERY)": "is_force_offline",
    "SoftwareVersionMajor": "software_version_major",
    "SoftwareVersionMinor": "software_version_minor",
    "SoftwareVersionBuild": "software_version_build",
    "FirstLSN": "first_lsn",
    "LastLSN": "last_lsn",
    "CheckpointLSN": "checkpoint_lsn",
    "DatabaseBackupLSN": "database_backup_lsn",
    "DatabaseCreationDate": "database_creation_date",
    "BackupStartDate": "backup_start_date",
    "BackupFinishDate": "backup_finish_date",
    "SortOrder": "sort_order",
    "CompatibilityLevel": "compatibility_level",
    "DatabaseId": "database_id",
    "DatabaseVersion": "database_version",
    "BackupSize": "backup_size",
    "DatabaseName": "database_name",
    "ServerName": "server_name",
    "UnicodeLocaleId": "unicode_locale_id",
    "UnicodeComparisonStyle": "unicode_comparison_style",
    "BindingID": "binding_id",
    "RecoveryForkID": "recovery_fork_id",
    "DbCurrentDifferentialBaseGUID": "current_differential_base_guid",
    "FamilyGUID": "family_guid",
    "DatabaseStatus": "database_status",
    "RecoveryModel": "recovery_model",
    "LogBackupChainOrigin": "log_backup_chain_origin",
    "DifferentialBaseLSN": "differential_base_lsn",
    "DifferentialBaseGUID": "differential_base_guid",
    "LastLogBackupLSN": "last_log_backup_lsn",
    "FirstRecoveryForkID": "first_recovery_fork_id",
    "ForkPointLSN": "fork_point_lsn",
    "BeginsLogChain": "begins_log_chain",
    "IsCopyOnly(SSET COPY bit)": "is_copy_only",
}
FILE = {
    "FileId": "file_id",
    "Type": "type",
    "LogicalName": "logical_name",
    "PhysicalName": "physical_name",
    "Size": "size",
    "MaxSize": "max_size",
    "FileGroupId": "file_group_id",
    "FileGroupName": "file_group_name",
    "SourceBlockSize": "source_block_size",
    "BackupSizeInBytes": "backup_size_in_bytes",
    "UniqueId": "unique_id",
    "DifferentialBaseLSN": "differential_base_lsn",
    "DifferentialBaseGUID": "differential_base_guid",
    "FileFlags": "file_flags",
}
#: Compared by hand below.
SPECIAL = {
    "IsPasswordProtected",
    "HeaderSource",
    "PreliminaryHeadDiffers",
    "BackupTypeChar",
    "SoftwareVersion",
    "RecoveryForkStack",
    "CollationId",
    "CompressedBackupSize",
    "FileList",
}
LETTERS = {"D": "full", "I": "differential", "L": "log"}


def read(path: Path) -> BackupFile:
    with path.open("rb", buffering=0) as file:

        def read_at(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        return read_backup_file(read_at, path.stat().st_size, str(path))


def plain(value: Any) -> Any:
    """As the expectation writes it: times without their zone."""
    return value.replace(tzinfo=None).isoformat() if isinstance(value, datetime) else value


def differences(found: Any, wanted: dict[str, Any], names: dict[str, str], where: str) -> list[str]:
    return [
        f"{where}.{theirs}: {plain(getattr(found, ours))!r}, not {wanted[theirs]!r}"
        for theirs, ours in names.items()
        if theirs in wanted and plain(getattr(found, ours)) != wanted[theirs]
    ]


def special_differences(found: BackupSet, wanted: dict[str, Any], where: str) -> list[str]:
    version = f"{found.software_version_major}.{found.software_version_minor}.{found.software_version_build}"
    lsns = ("FirstLSN", "LastLSN", "CheckpointLSN")
    pairs = {
        "HeaderSource": "MSLS" if found.complete else "MSCI",
        "PreliminaryHeadDiffers": dict(zip(lsns, found.preliminary_lsns)) if found.preliminary_lsns else None,
        "BackupTypeChar": next(letter for letter, word in LETTERS.items() if word == found.backup_type),
        "SoftwareVersion": version,
        "RecoveryForkStack": [list(entry) for entry in found.recovery_fork_stack],
        "CollationId": [found.collation_id, found.sort_id],
        "CompressedBackupSize": found.compressed_backup_size or None,
    }
    return [f"{where}.{name}: {ours!r}" for name, ours in pairs.items() if ours != wanted.get(name)]


@pytest.fixture(scope="module")
def readings(real_backups: Path, expected: list[dict[str, Any]]) -> list[tuple[dict[str, Any], BackupFile]]:
    return [(entry, read(real_backups / entry["file"])) for entry in expected]


def test_every_field_of_the_expectation(readings: list[tuple[dict[str, Any], BackupFile]]) -> None:
    wrong = []
    for wanted, found in readings:
        name = wanted["file"]
        wrong += differences(found.label, wanted["label"], LABEL, name)
        assert len(found.sets) == len(wanted["sets"]), name
        for position, (mine, theirs) in enumerate(zip(found.sets, wanted["sets"]), start=1):
            where = f"{name}#{position}"
            wrong += differences(mine, theirs, SET, where) + special_differences(mine, theirs, where)
            for ours, row in zip(mine.files, theirs["FileList"]):
                wrong += differences(ours, row, FILE, f"{where}.{row['LogicalName']}")
            assert len(mine.files) == len(theirs["FileList"]), where
    assert not wrong, "\n".join(wrong)


def test_no_field_of_the_expectation_is_left_out(expected: list[dict[str, Any]]) -> None:
    for entry in expected:
        assert set(entry["label"]) <= set(LABEL)
        for backup_set in entry["sets"]:
            assert set(backup_set) <= set(SET) | SPECIAL
            assert all(set(row) <= set(FILE) for row in backup_set["FileList"])


def test_all_are_whole_and_cost_two_small_reads(readings: list[tuple[dict[str, Any], BackupFile]]) -> None:
    for wanted, found in readings:
        assert found.complete and not found.notes, wanted["file"]
        assert found.reads <= len(found.sets) + 1, wanted["file"]
        assert found.bytes_read <= 50_000 * len(found.sets), wanted["file"]


def test_passwords(readings: list[tuple[dict[str, Any], BackupFile]]) -> None:
    protected = [wanted["file"] for wanted, found in readings if found.sets[0].is_password_protected]
    assert protected == ["lab/backuppassword/passwd.bak"]


def test_times_carry_the_offset_of_the_server(readings: list[tuple[dict[str, Any], BackupFile]]) -> None:
    for wanted, found in readings:
        for mine, theirs in zip(found.sets, wanted["sets"]):
            offset = timedelta(minutes=15 * theirs["TimeZoneQuarterHours"])
            assert mine.backup_start_date.utcoffset() == offset
            assert mine.backup_finish_date is not None and mine.backup_finish_date.utcoffset() == offset
            assert mine.database_creation_date is not None and mine.database_creation_date.tzinfo is None


def test_dictionaries_come_back_as_they_were(readings: list[tuple[dict[str, Any], BackupFile]]) -> None:
    for _unused, found in readings:
        for backup_set in found.to_dict()["sets"]:
            assert BackupSet.from_dict(backup_set) in found.sets


def test_stripes_share_the_media_set(readings: list[tuple[dict[str, Any], BackupFile]]) -> None:
    families: dict[str | None, set[int]] = {}
    for _unused, found in readings:
        if found.label.family_count == 2:
            families.setdefault(found.label.media_set_id, set()).add(found.label.family_sequence_number)
    assert len(families) == 8 and all(numbers == {1, 2} for numbers in families.values())
