# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the simulated SQL Server writes, the collection reads, and both say the same: they share no line of code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import BackupFile, read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_verify import verify_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DamagedBackup
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.verification import Verification

from simulator.engine.facts import Device
from simulator.engine.restore import file_list_rows, header_rows, label_row
from tests.simulator.engine.storage.ward import JAKARTA, Ward

#: Column of RESTORE HEADERONLY, and the name it has here.
HEADER = {
    "BackupName": "backup_name", "BackupDescription": "backup_description", "BackupType": "backup_type_number",
    "Position": "position", "UserName": "user_name", "ServerName": "server_name", "DatabaseName": "database_name",
    "DatabaseVersion": "database_version", "DatabaseCreationDate": "database_creation_date",
    "BackupSize": "backup_size", "FirstLSN": "first_lsn", "LastLSN": "last_lsn", "CheckpointLSN": "checkpoint_lsn",
    "DatabaseBackupLSN": "database_backup_lsn", "BackupStartDate": "backup_start_date",
    "BackupFinishDate": "backup_finish_date", "SortOrder": "sort_order", "UnicodeLocaleId": "unicode_locale_id",
    "UnicodeComparisonStyle": "unicode_comparison_style", "CompatibilityLevel": "compatibility_level",
    "SoftwareVendorId": "software_vendor_id", "SoftwareVersionMajor": "software_version_major",
    "SoftwareVersionMinor": "software_version_minor", "SoftwareVersionBuild": "software_version_build",
    "MachineName": "machine_name", "BindingID": "binding_id", "RecoveryForkID": "recovery_fork_id",
    "FamilyGUID": "family_guid", "HasBulkLoggedData": "has_bulk_logged_data", "IsSnapshot": "is_snapshot",
    "IsReadOnly": "is_read_only", "IsSingleUser": "is_single_user", "HasBackupChecksums": "has_backup_checksums",
    "IsDamaged": "is_damaged", "BeginsLogChain": "begins_log_chain",
    "HasIncompleteMetaData": "has_incomplete_meta_data", "IsForceOffline": "is_force_offline",
    "IsCopyOnly": "is_copy_only", "FirstRecoveryForkID": "first_recovery_fork_id", "ForkPointLSN": "fork_point_lsn",
    "RecoveryModel": "recovery_model", "DifferentialBaseLSN": "differential_base_lsn",
    "DifferentialBaseGUID": "differential_base_guid", "BackupTypeDescription": "backup_type_description",
    "BackupSetGUID": "backup_set_guid", "CompressedBackupSize": "compressed_backup_size", "Compressed": "compressed",
}  # fmt: skip
FILE = {
    "LogicalName": "logical_name", "PhysicalName": "physical_name", "Type": "type", "FileGroupName": "file_group_name",
    "Size": "size", "MaxSize": "max_size", "FileID": "file_id", "CreateLSN": "create_lsn", "UniqueID": "unique_id",
    "BackupSizeInBytes": "backup_size_in_bytes", "SourceBlockSize": "source_block_size",
    "FileGroupID": "file_group_id", "DifferentialBaseLSN": "differential_base_lsn",
    "DifferentialBaseGUID": "differential_base_guid",
}  # fmt: skip
LABEL = {
    "MediaName": "media_name", "MediaSetId": "media_set_id", "FamilyCount": "family_count",
    "FamilySequenceNumber": "family_sequence_number", "MediaFamilyId": "media_family_id",
    "MediaSequenceNumber": "media_sequence_number", "MediaDescription": "media_description",
    "SoftwareName": "software_name", "SoftwareVendorId": "software_vendor_id", "MediaDate": "media_date",
    "Mirror_Count": "mirror_count", "IsCompressed": "is_compressed",
}  # fmt: skip


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    yield made
    made.close()


def read(path: Path) -> BackupFile:
    data = path.read_bytes()
    return read_backup_file(lambda offset, length: data[offset : offset + length], len(data), str(path))


def verified(path: Path) -> Verification:
    data = path.read_bytes()
    return verify_backup_file(lambda offset, length: data[offset : offset + length], len(data), str(path))


def plain(value: Any) -> Any:
    """Both sides in the same words: bits as booleans, times without zone, GUIDs in lower case, numbers as integers."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    text = str(value)
    if not isinstance(value, (str, bytes)) and value is not None and text.lstrip("-").isdigit():
        return int(text)
    if isinstance(value, bool):
        return int(value)
    return value.lower() if isinstance(value, str) and len(value) == 36 else value


def differences(ours: object, theirs: dict[str, Any], names: dict[str, str]) -> list[str]:
    return [
        f"{column}: {getattr(ours, name)!r}, the server says {theirs[column]!r}"
        for column, name in names.items()
        if column in theirs and plain(getattr(ours, name)) != plain(theirs[column])
    ]


def agree(path: Path) -> BackupFile:
    """Reads the file both ways and compares every column that the server gives and the collection has."""
    found, device = read(path), Device.disk(path)
    assert found.complete, found.notes
    headers = header_rows([device])
    assert len(found.sets) == len(headers)
    wrong = differences(found.label, dict(label_row([device])), LABEL)
    for backup_set, header in zip(found.sets, headers, strict=True):
        wrong += differences(backup_set, dict(header), HEADER)
        for ours, row in zip(backup_set.files, file_list_rows([device], backup_set.position), strict=True):
            # Of log files FILELISTONLY shows zero where the bytes have the size of the log, or nothing.
            skipped = ("BackupSizeInBytes", "DifferentialBaseLSN") if row["Type"] == "L" else ()
            wrong += differences(ours, {name: value for name, value in row.items() if name not in skipped}, FILE)
    assert not wrong, "\n".join(wrong)
    return found


def by_kind(found: BackupFile) -> list[tuple[str, int]]:
    return [(one.backup_type, one.position) for one in found.sets]


@pytest.mark.parametrize("block_size", [512, 4096, 65536])
@pytest.mark.parametrize("checksum", [False, True])
@pytest.mark.parametrize("compression", [False, True])
def test_every_kind_of_backup(ward: Ward, block_size: int, checksum: bool, compression: bool) -> None:
    for number, kind in enumerate(("full", "log", "differential", "log")):
        name = f"{number}.bak"
        given = {"block_size": block_size, "checksum": checksum, "compression": compression}
        ward.backup(kind, name, **given, name=f"{kind} of the ward")
        found = agree(ward.folder / name)
        assert by_kind(found) == [(kind, 1)] and found.label.block_size == block_size
        assert found.sets[0].backup_start_date.utcoffset() == JAKARTA
        verdict = verified(ward.folder / name)
        assert verdict.damages == () and verdict.notes == ()
        allowed = ("sound",) if checksum or compression else ("sound", "cannot be told")
        assert verdict.verdict in allowed, verdict.reason
        ward.admit(5)


@pytest.mark.parametrize(("compression", "logs"), [(False, 30), (True, 3)])
def test_appended_sets(ward: Ward, compression: bool, logs: int) -> None:
    for kind in ("full", "log", "differential", *["log"] * logs):
        ward.backup(kind, "all.bak", checksum=True, compression=compression)
        ward.admit(1)
    found = agree(ward.folder / "all.bak")
    assert [one.position for one in found.sets] == list(range(1, 4 + logs))
    assert verified(ward.folder / "all.bak").verdict == "sound"


@pytest.mark.parametrize("compression", [False, True])
def test_stripes(ward: Ward, compression: bool) -> None:
    ward.admit(300)
    ward.backup("full", "one.bak", "two.bak", "three.bak", checksum=True, compression=compression)
    paths = [ward.folder / name for name in ("one.bak", "two.bak", "three.bak")]
    stripes: list[BackupSet] = [read(path).sets[0] for path in paths]
    assert [one.family_sequence_number for one in stripes] == [1, 2, 3]
    assert len({(one.media_set_id, one.backup_set_guid, one.first_lsn, one.last_lsn) for one in stripes}) == 1
    assert {verified(path).verdict for path in paths} == {"sound"}


def test_copy_only_and_simple(ward: Ward) -> None:
    ward.backup("full", "copy.bak", copy_only=True)
    assert agree(ward.folder / "copy.bak").sets[0].is_copy_only
    ward.source.set_recovery_model("SIMPLE")
    ward.backup("full", "simple.bak")
    assert agree(ward.folder / "simple.bak").sets[0].recovery_model == "SIMPLE"


def test_tail_of_the_log(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(3)
    ward.backup("log", "tail.trn", norecovery=True)
    found = agree(ward.folder / "tail.trn").sets[0]
    assert found.is_force_offline and found.is_tail_log


@pytest.mark.parametrize("compression", [False, True])
def test_a_backup_that_was_cut(ward: Ward, compression: bool) -> None:
    ward.admit(50)
    ward.backup("full", "full.bak", checksum=True, compression=compression)
    whole = (ward.folder / "full.bak").read_bytes()
    for length in range(2000, len(whole), len(whole) // 40):
        (ward.folder / "cut.bak").write_bytes(whole[:length])
        try:
            assert not read(ward.folder / "cut.bak").complete
        except DamagedBackup as damaged:
            assert length < 16384 and damaged.hint
        assert verified(ward.folder / "cut.bak").verdict == "damaged"


@pytest.mark.parametrize("compression", [False, True])
def test_a_page_that_rots_in_the_file(ward: Ward, compression: bool) -> None:
    ward.admit(50)
    ward.backup("full", "full.bak", checksum=True, compression=compression)
    raw = bytearray((ward.folder / "full.bak").read_bytes())
    raw[len(raw) // 2] ^= 4
    (ward.folder / "full.bak").write_bytes(raw)
    assert verified(ward.folder / "full.bak").verdict == "damaged"
