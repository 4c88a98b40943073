# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files written by real SQL Servers: the reader must find in them what is known to be there."""

from __future__ import annotations

import json
import os
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.pages import PAGE, is_sound, is_stamped
from simulator.media import rows
from simulator.media.reader import MediaFile

FIXTURES = Path(os.environ.get("DEADPOOL_FIXTURES", Path(__file__).parents[4] / "shared" / "fixtures"))
ARCHIVE = FIXTURES / "backups" / "real-backups.tar.xz"

pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason=f"real backup files are not at {ARCHIVE}")

LABEL = ("MediaFamilyId", "MediaSequenceNumber", "MediaSetId", "FamilyCount", "FamilySequenceNumber", "SoftwareName")
HEADER = [
    "BackupName",
    "BackupDescription",
    "BackupType",
    "Position",
    "UserName",
    "ServerName",
    "DatabaseName",
    "DatabaseVersion",
    "DatabaseCreationDate",
    "BackupSize",
    "FirstLSN",
    "LastLSN",
    "CheckpointLSN",
    "DatabaseBackupLSN",
    "BackupStartDate",
    "BackupFinishDate",
    "SortOrder",
    "UnicodeLocaleId",
    "UnicodeComparisonStyle",
    "CompatibilityLevel",
    "SoftwareVendorId",
    "SoftwareVersionMajor",
    "SoftwareVersionMinor",
    "SoftwareVersionBuild",
    "MachineName",
    "BindingID",
    "RecoveryForkID",
    "FamilyGUID",
    "HasBulkLoggedData",
    "IsSnapshot",
    "IsReadOnly",
    "IsSingleUser",
    "HasBackupChecksums",
    "IsDamaged",
    "BeginsLogChain",
    "HasIncompleteMetaData",
    "FirstRecoveryForkID",
    "ForkPointLSN",
    "RecoveryModel",
    "DifferentialBaseLSN",
    "DifferentialBaseGUID",
    "BackupSetGUID",
]
FILES = ("FileID", "LogicalName", "PhysicalName", "Type", "Size", "MaxSize", "FileGroupName", "SourceBlockSize")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("real")
    with tarfile.open(ARCHIVE) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python before 3.11.4 has none
        archive.extractall(folder)
    expected = json.loads((folder / "pub" / "expected.json").read_text("utf-8"))
    found = [(folder / "pub" / one["file"], one) for one in expected]
    plain = [one for one in found if one[0].open("rb").read(4) == b"TAPE"]
    assert len(plain) > 60
    return plain


def same(ours: Any, theirs: Any) -> bool:
    """Their empty values are null where a column shows zero."""
    ours = ours.isoformat() if isinstance(ours, datetime) else ours
    return ours == theirs or (not ours and not theirs)


def test_labels(real: list[tuple[Path, dict[str, Any]]]) -> None:
    for path, expected in real:
        with MediaFile(path) as media:
            row = rows.label_row(media.label)
            assert [row[name] for name in LABEL] == [expected["label"][name] for name in LABEL], path
            assert media.label.block_size == expected["label"]["BlockSize"]


def test_headers(real: list[tuple[Path, dict[str, Any]]]) -> None:
    for path, expected in real:
        with MediaFile(path) as media:
            assert len(media.sets) == len(expected["sets"]), path
            for found, one in zip(media.sets, expected["sets"], strict=True):
                row = rows.header_row(found)
                wrong = {name: (row[name], one.get(name)) for name in HEADER if not same(row[name], one.get(name))}
                assert not wrong, (path, wrong)


def test_file_lists(real: list[tuple[Path, dict[str, Any]]]) -> None:
    for path, expected in real:
        with MediaFile(path) as media:
            for found, one in zip(media.sets, expected["sets"], strict=True):
                assert found.configuration
                for row, file in zip(rows.file_rows(found.configuration), one["FileList"], strict=True):
                    known = file | {"FileID": file["FileId"]}
                    assert [row[name] for name in FILES] == [known[name] for name in FILES], path


def test_structure_ends_where_the_file_ends(real: list[tuple[Path, dict[str, Any]]]) -> None:
    for path, _ in real:
        with MediaFile(path) as media:
            assert media.intact, path


def test_stream_checksums(real: list[tuple[Path, dict[str, Any]]]) -> None:
    checked = 0
    for path, _ in real:
        with MediaFile(path) as media:
            for stream in (stream for found in media.sets for stream in found.streams):
                for _piece in media.data(stream):
                    pass
                checked += stream.checksum is not None
    assert checked > 5


def test_page_checksums(real: list[tuple[Path, dict[str, Any]]]) -> None:
    """The formula that stamps our own pages, on pages that SQL Server stamped."""
    checked = 0
    for path, expected in real:
        if expected.get("data_zeroed"):
            continue
        with MediaFile(path) as media:
            for stream in (stream for found in media.sets for stream in found.streams if stream.kind == "MQDA"):
                for data in media.data(stream):
                    for at in range(0, len(data), PAGE):
                        page = data[at : at + PAGE]
                        if is_stamped(page):
                            assert is_sound(page), (path, at)
                            checked += 1
    assert checked > 1000
