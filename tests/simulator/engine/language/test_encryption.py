# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Master key, certificates, and backups that are nothing without them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_verify import verify_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

from simulator.engine.instance import Instance

from .conftest import MOVE, Client

SECRET = "Str0ng-Enough"
ENCRYPTED = "ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = BackupCert)"


@pytest.fixture
def keyed(hospital: Client) -> Client:
    hospital.run(f"USE master; CREATE MASTER KEY ENCRYPTION BY PASSWORD = '{SECRET}'")
    hospital.run("CREATE CERTIFICATE BackupCert WITH SUBJECT = 'Backups of the hospital', EXPIRY_DATE = '20991231'")
    return hospital


def header(client: Client, path: Path) -> dict[str, Any]:
    answer = client.run(f"RESTORE HEADERONLY FROM DISK = '{path}'")
    return dict(zip(answer.names, answer.rows[0], strict=True))


def test_keys_come_in_their_order(hospital: Client, files: Path) -> None:
    backup = f"BACKUP DATABASE Hospital TO DISK = '{files}/x.bak' WITH {ENCRYPTED}"
    hospital.run("USE master")
    assert hospital.refused(backup) == [15151, 3013]
    assert hospital.refused("CREATE CERTIFICATE BackupCert WITH SUBJECT = 'x'") == [15581]
    assert hospital.refused("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'weak'") == [15118]
    hospital.run(f"CREATE MASTER KEY ENCRYPTION BY PASSWORD = '{SECRET}'")
    assert hospital.refused(f"CREATE MASTER KEY ENCRYPTION BY PASSWORD = '{SECRET}'") == [15578]
    hospital.run("CREATE CERTIFICATE BackupCert WITH SUBJECT = 'x'")
    assert hospital.refused("CREATE CERTIFICATE BackupCert WITH SUBJECT = 'y'") == [15232]
    assert hospital.refused("DROP MASTER KEY") == [15580]
    assert hospital.refused("DROP CERTIFICATE Other") == [15151]
    assert hospital.refused(f"BACKUP CERTIFICATE Other TO FILE = '{files}/o.cer'") == [15151]
    hospital.run("DROP CERTIFICATE BackupCert; DROP MASTER KEY")
    assert hospital.refused(backup) == [15151, 3013]


def test_an_expired_certificate(keyed: Client, files: Path) -> None:
    keyed.run("CREATE CERTIFICATE Old WITH SUBJECT = 'x', START_DATE = '20200101', EXPIRY_DATE = '20210101'")
    expired = ENCRYPTED.replace("BackupCert", "Old")
    assert keyed.refused(f"BACKUP DATABASE Hospital TO DISK = '{files}/x.bak' WITH {expired}") == [3096, 3013]


def test_it_is_in_the_catalogue_and_survives_a_restart(keyed: Client) -> None:
    query = "SELECT name, subject, pvt_key_encryption_type, DATALENGTH(thumbprint) FROM master.sys.certificates"
    assert keyed.rows(query) == [("BackupCert", "Backups of the hospital", "MK", 20)]
    keyed.instance.stop()
    again = Client(Instance.start(keyed.instance.settings))
    assert again.rows(query) == [("BackupCert", "Backups of the hospital", "MK", 20)]
    assert again.value("SELECT COUNT(*) FROM master.sys.symmetric_keys") == 1
    again.instance.stop()


@pytest.mark.parametrize(
    ("algorithm", "compression"),
    [("AES_128", "COMPRESSION"), ("AES_256", "NO_COMPRESSION"), ("TRIPLE_DES_3KEY", "COMPRESSION")],
)
def test_header_marks(keyed: Client, files: Path, algorithm: str, compression: str) -> None:
    option = ENCRYPTED.replace("AES_256", algorithm)
    answer = keyed.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/x.bak' WITH {option}, {compression}")
    assert 33091 in answer.numbers  # the certificate was never backed up
    row = header(keyed, files / "x.bak")
    thumbprint = keyed.value("SELECT thumbprint FROM master.sys.certificates")
    assert (row["KeyAlgorithm"], row["EncryptorThumbprint"], row["EncryptorType"]) == (
        algorithm,
        thumbprint,
        "CERTIFICATE",
    )
    packed = compression == "COMPRESSION"
    assert row["Compressed"] == packed and (row["CompressedBackupSize"] < row["BackupSize"]) is packed
    assert keyed.run(f"RESTORE VERIFYONLY FROM DISK = '{files}/x.bak'").numbers == [3262]
    stored = "SELECT key_algorithm, encryptor_type FROM msdb.dbo.backupset"
    assert keyed.rows(stored) == [(algorithm, "CERTIFICATE")]


def test_nothing_can_be_read_from_the_bytes(keyed: Client, files: Path) -> None:
    keyed.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/x.bak' WITH {ENCRYPTED}, CHECKSUM")
    data = (files / "x.bak").read_bytes()
    for word in (b"TAPE", b"SQLite format", b"Patients", "Hospital".encode("utf-16-le"), b"MSLS"):
        assert word not in data
    # The collection calls it encrypted, and neither whole nor damaged.
    with pytest.raises(RecoveryError, match="encrypted"):
        read_backup_file(lambda offset, length: data[offset : offset + length], len(data), "x.bak")
    with pytest.raises(RecoveryError, match="encrypted"):
        verify_backup_file(lambda offset, length: data[offset : offset + length], len(data), "x.bak")


def test_without_the_certificate_nothing_goes_and_with_it_all(keyed: Client, other: Instance, files: Path) -> None:
    keyed.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/full.bak' WITH {ENCRYPTED}, COMPRESSION")
    keyed.run(f"BACKUP LOG Hospital TO DISK = '{files}/log.trn' WITH {ENCRYPTED}")
    target = Client(other)
    for statement in ("HEADERONLY", "FILELISTONLY", "LABELONLY", "VERIFYONLY"):
        assert target.refused(f"RESTORE {statement} FROM DISK = '{files}/full.bak'") == [33111, 3013]
    restore = f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH {MOVE}, NORECOVERY"
    assert target.refused(restore) == [33111, 3013]
    private = f"WITH PRIVATE KEY (FILE = '{files}/c.pvk', {{}}CRYPTION BY PASSWORD = '{SECRET}')"
    keyed.run(f"BACKUP CERTIFICATE BackupCert TO FILE = '{files}/c.cer' {private.format('EN')}")
    take = f"CREATE CERTIFICATE Moved FROM FILE = '{files}/c.cer' {private.format('DE')}"
    assert target.refused(take) == [15581]
    target.run(f"CREATE MASTER KEY ENCRYPTION BY PASSWORD = '{SECRET}'")
    assert target.refused(take.replace(SECRET, "Wr0ng-Password")) == [15465]
    assert target.refused(take.replace("c.cer", "missing.cer")) == [15208]
    target.run(f"CREATE CERTIFICATE Public FROM FILE = '{files}/c.cer'")
    assert target.refused(restore) == [33101, 3013]
    target.run("DROP CERTIFICATE Public")
    target.run(take)
    assert header(target, files / "full.bak")["DatabaseName"] == "Hospital"
    target.run(restore)
    target.run(f"RESTORE LOG Hospital FROM DISK = '{files}/log.trn' WITH RECOVERY")
    assert target.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3


def test_files_of_a_certificate(keyed: Client, files: Path) -> None:
    saved = "SELECT pvt_key_last_backup_date FROM master.sys.certificates"
    assert keyed.run(saved).rows == [(None,)]
    private = f"WITH PRIVATE KEY (FILE = '{files}/c.pvk', ENCRYPTION BY PASSWORD = '{SECRET}')"
    keyed.run(f"BACKUP CERTIFICATE BackupCert TO FILE = '{files}/c.cer' {private}")
    assert SECRET.encode() not in (files / "c.pvk").read_bytes()
    assert keyed.run(saved).rows != [(None,)]
    assert keyed.refused(f"BACKUP CERTIFICATE BackupCert TO FILE = '{files}/c.cer'") == [15240]
    answer = keyed.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/x.bak' WITH {ENCRYPTED}")
    assert 33091 not in answer.numbers


def test_encrypted_sets_stay_alone(keyed: Client, files: Path) -> None:
    keyed.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/plain.bak'")
    keyed.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/x.bak' WITH {ENCRYPTED}")
    for name in ("plain", "x"):
        assert keyed.refused(f"BACKUP LOG Hospital TO DISK = '{files}/{name}.bak' WITH {ENCRYPTED}") == [3095, 3013]
    assert keyed.refused(f"BACKUP LOG Hospital TO DISK = '{files}/x.bak'") == [3097, 3013]
    keyed.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/plain.bak' WITH FORMAT, {ENCRYPTED}")
    assert header(keyed, files / "plain.bak")["KeyAlgorithm"] == "AES_256"


def test_whose_they_are(keyed: Client) -> None:
    keyed.run("CREATE LOGIN operator WITH PASSWORD = 'Op-Secret-1'")
    operator = Client(keyed.instance, "operator", "Op-Secret-1")
    assert operator.refused("CREATE CERTIFICATE Mine WITH SUBJECT = 'x'") == [15247]
