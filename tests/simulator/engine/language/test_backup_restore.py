# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""BACKUP and RESTORE: messages, options and their conflicts, rights, history."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.engine.events import Done, Message, SqlError
from simulator.engine.instance import Instance

from .conftest import MOVE, Client


def test_messages_come_each_with_a_done(hospital: Client, files: Path) -> None:
    events = hospital.run(f"BACKUP DATABASE Hospital TO DISK = N'{files}/a.bak' WITH CHECKSUM, STATS = 25").events
    assert all(isinstance(event, Message) for event in events[::2]) and all(
        isinstance(event, Done) for event in events[1::2]
    )
    messages = [event for event in events if isinstance(event, Message)]
    assert {message.number for message in messages[:-3]} == {3211}
    assert messages[-4].text == "100 percent processed."
    assert [message.number for message in messages[-3:]] == [4035, 4035, 3014]
    assert re.fullmatch(
        r"BACKUP DATABASE successfully processed \d+ pages in \d+\.\d{3} seconds \(\d+\.\d{3} MB/sec\)\.",
        messages[-1].text,
    )


def test_without_stats_there_is_no_percentage(hospital: Client, files: Path) -> None:
    assert 3211 not in hospital.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/a.bak'").numbers


def test_history_in_msdb(backed_up: Client, files: Path) -> None:
    rows = backed_up.rows(
        "SELECT s.type, s.database_name, s.server_name, s.is_copy_only, s.has_backup_checksums, s.position,"
        " m.physical_device_name,"
        " m.family_sequence_number FROM msdb.dbo.backupset AS s JOIN msdb.dbo.backupmediafamily AS m ON"
        " m.media_set_id = s.media_set_id"
        " ORDER BY s.backup_set_id"
    )
    assert [(row[0], row[4], row[6]) for row in rows] == [
        ("D", True, f"{files}/full.bak"), ("I", False, f"{files}/diff.bak"), ("L", False, f"{files}/log.trn"),
    ]  # fmt: skip
    assert {row[1:4] for row in rows} == {("Hospital", "PROD", False)}
    full, diff, log = backed_up.rows(
        "SELECT first_lsn, last_lsn, checkpoint_lsn, database_backup_lsn, differential_base_lsn FROM msdb.dbo.backupset"
    )
    assert diff[4] == full[2] and log[3] == full[2] and log[0] <= full[1] < log[1]
    assert backed_up.value("SELECT time_zone FROM msdb.dbo.backupset WHERE type = 'D'") == 28
    assert backed_up.value("SELECT COUNT(*) FROM msdb.dbo.backupfile") == 6


def test_the_whole_way(backed_up: Client, other: Instance, files: Path) -> None:
    target = Client(other)
    target.run(f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH NORECOVERY, {MOVE}, STATS = 5")
    assert target.rows("SELECT state_desc FROM sys.databases WHERE name = 'Hospital'") == [("RESTORING",)]
    target.run(f"RESTORE DATABASE Hospital FROM DISK = '{files}/diff.bak' WITH NORECOVERY")
    target.run(f"RESTORE LOG Hospital FROM DISK = '{files}/log.trn' WITH RECOVERY")
    assert target.rows("SELECT Name FROM Hospital.dbo.Patients WHERE Id > 3 ORDER BY Id") == [("Dewi",), ("Eka",)]
    history = (
        "SELECT h.restore_type, h.recovery, s.database_name, s.server_name FROM msdb.dbo.restorehistory h"
        " JOIN msdb.dbo.backupset s ON s.backup_set_id = h.backup_set_id ORDER BY h.restore_history_id"
    )
    assert target.rows(history) == [
        ("D", False, "Hospital", "PROD"),
        ("I", False, "Hospital", "PROD"),
        ("L", True, "Hospital", "PROD"),
    ]
    assert target.value("SELECT destination_phys_name FROM msdb.dbo.restorefile WHERE file_number = 1").endswith(
        "h.mdf"
    )


def test_recovery_is_a_statement_of_its_own(backed_up: Client, other: Instance, files: Path) -> None:
    target = Client(other)
    target.run(f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH NORECOVERY, {MOVE}")
    assert target.refused("USE Hospital") == [927]
    assert target.refused("SELECT * FROM Hospital.dbo.Patients")[0] == 927
    assert target.run("RESTORE DATABASE Hospital WITH RECOVERY").numbers == [3014]
    assert target.refused("RESTORE DATABASE Hospital WITH RECOVERY") == [3153, 3013]


def test_media_can_be_read(backed_up: Client, files: Path) -> None:
    answer = backed_up.run(f"RESTORE HEADERONLY FROM DISK = '{files}/full.bak'")
    row = dict(zip(answer.names, answer.rows[0], strict=True))
    assert (row["BackupType"], row["DatabaseName"], row["ServerName"], row["HasBackupChecksums"]) == (
        1,
        "Hospital",
        "PROD",
        True,
    )
    assert answer.types[answer.names.index("FirstLSN")] == "numeric"
    assert "LastValidRestoreTime" not in answer.names  # of SQL Server 2022
    files_of = backed_up.run(f"RESTORE FILELISTONLY FROM DISK = '{files}/full.bak'")
    assert [(row[0], row[2]) for row in files_of.rows] == [("Hospital", "D"), ("Hospital_log", "L")]
    label = backed_up.run(f"RESTORE LABELONLY FROM DISK = '{files}/full.bak'")
    assert label.rows[0][label.names.index("FamilyCount")] == 1
    assert backed_up.run(f"RESTORE VERIFYONLY FROM DISK = '{files}/full.bak' WITH CHECKSUM").numbers == [3262]


CONFLICTS = [
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH DIFFERENTIAL, COPY_ONLY", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH INIT, NOINIT", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH FORMAT, NOFORMAT", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH FORMAT, NOINIT", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH SKIP, NOSKIP", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH CHECKSUM, NO_CHECKSUM", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH STOP_ON_ERROR, CONTINUE_AFTER_ERROR", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH COMPRESSION, NO_COMPRESSION", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH EXPIREDATE = '2030-01-01', RETAINDAYS = 3", [3031, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH NORECOVERY", [3032, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH NO_TRUNCATE", [3032, 3013]),
    ("BACKUP LOG Hospital TO DISK = '{0}' WITH DIFFERENTIAL", [3032, 3013]),
    ("BACKUP LOG Hospital TO DISK = '{0}' WITH NORECOVERY, STANDBY = 'x'", [3031, 3013]),
    ("BACKUP LOG Hospital TO DISK = '{0}' WITH NORECOVERY, COPY_ONLY", [3031, 3013]),
    ("RESTORE DATABASE Hospital FROM DISK = '{0}' WITH RECOVERY, NORECOVERY", [3031, 3013]),
    ("RESTORE DATABASE Hospital FROM DISK = '{0}' WITH STANDBY = 'x', NORECOVERY", [3031, 3013]),
    ("RESTORE DATABASE Hospital FROM DISK = '{0}' WITH STANDBY = 'x', RECOVERY", [3031, 3013]),
    ("RESTORE LOG Hospital FROM DISK = '{0}' WITH STOPAT = '2030-01-01', STOPATMARK = 'm'", [3031, 3013]),
    ("RESTORE LOG Hospital FROM DISK = '{0}' WITH STOPATMARK = 'l', STOPBEFOREMARK = 'm'", [3031, 3013]),
    ("RESTORE LOG Hospital FROM DISK = '{0}' WITH PARTIAL", [3032, 3013]),
    ("RESTORE HEADERONLY FROM DISK = '{0}' WITH NORECOVERY", [3032, 3013]),
    ("RESTORE FILELISTONLY FROM DISK = '{0}' WITH REPLACE", [3032, 3013]),
    ("RESTORE LABELONLY FROM DISK = '{0}' WITH FILE = 1", [3032, 3013]),
    ("RESTORE VERIFYONLY FROM DISK = '{0}' WITH STOPAT = '2030-01-01'", [3032, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH FASTER", [155]),
    ("RESTORE DATABASE Hospital FROM DISK = '{0}' WITH FASTER", [155]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH STATS = 0", [3217, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH BLOCKSIZE = 1000", [3253, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH BLOCKSIZE = 131072", [3250, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = ''", [3044, 3013]),
    ("BACKUP DATABASE Hospital TO MyDevice", [3206, 3013]),
    ("BACKUP DATABASE Nowhere TO DISK = '{0}'", [911, 3013]),
    ("BACKUP DATABASE tempdb TO DISK = '{0}'", [3147, 3013]),
    ("BACKUP LOG master TO DISK = '{0}'", [4212, 3013]),
    ("BACKUP DATABASE master TO DISK = '{0}' WITH DIFFERENTIAL", [3024, 3013]),
    ("BACKUP LOG msdb TO DISK = '{0}'", [4208, 3013]),
    ("BACKUP LOG Hospital TO DISK = '{0}'", [4214, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH DIFFERENTIAL", [3035, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '/nowhere/at/all.bak'", [3201, 3013]),
    ("BACKUP DATABASE Hospital", [3207, 3013]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH", [156]),
    ("BACKUP DATABASE Hospital TO DISK = '{0}' WITH ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE ="
    " c)", [15151, 3013]),
    ("BACKUP DATABASE Hospital TO URL = 'https://x/y.bak'", [3289, 3013]),
    ("RESTORE DATABASE Hospital FROM DISK = '/nowhere/at/all.bak'", [3102, 3013]),
    ("USE master; RESTORE DATABASE Hospital FROM DISK = '/nowhere/at/all.bak'", [3201, 3013]),
    ("RESTORE LOG Nowhere FROM DISK = '/nowhere/at/all.bak'", [3201, 3013]),
    ("RESTORE DATABASE Nowhere WITH RECOVERY", [3118, 3013]),
    ("RESTORE DATABASE Nowhere WITH NORECOVERY", [3207, 3013]),
    ("RESTORE DATABASE tempdb FROM DISK = '{0}'", [3147, 3013]),
    ("RESTORE HEADERONLY FROM DISK = '/nowhere/at/all.bak'", [3201, 3013]),
    ("RESTORE DATABASE x FROM DISK = '{0}' WITH FILE = 0", [3217, 3013]),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "numbers"), CONFLICTS, ids=[statement for statement, _ in CONFLICTS])
def test_what_is_refused_has_its_number(hospital: Client, files: Path, statement: str, numbers: list[int]) -> None:
    assert hospital.refused(statement.format(files / "x.bak")) == numbers


def test_not_a_backup(client: Client, files: Path) -> None:
    (files / "text.bak").write_text("hello " * 1000)
    for statement in ("RESTORE HEADERONLY", "RESTORE FILELISTONLY", "RESTORE VERIFYONLY", "RESTORE DATABASE x"):
        assert client.refused(f"{statement} FROM DISK = '{files}/text.bak'") == [3241, 3013]


def test_not_inside_a_transaction(hospital: Client, files: Path) -> None:
    hospital.run("BEGIN TRAN")
    assert hospital.refused(f"BACKUP DATABASE Hospital TO DISK = '{files}/x.bak'")[0] == 3021
    assert hospital.refused(f"RESTORE DATABASE x FROM DISK = '{files}/x.bak'")[0] == 3021
    assert hospital.refused("CREATE DATABASE x") == [226]


def test_a_database_in_use(backed_up: Client, instance: Instance, files: Path) -> None:
    visitor = Client(instance, database="Hospital")
    restore = f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH REPLACE"
    assert backed_up.refused(restore) == [3101, 3013]
    assert backed_up.refused(f"BACKUP LOG Hospital TO DISK = '{files}/t.trn' WITH NORECOVERY") == [3101, 3013]
    visitor.run("USE master")
    assert backed_up.refused(f"USE Hospital; {restore}") == [3102, 3013]
    backed_up.run(f"USE master; {restore}")
    assert backed_up.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3


def test_the_tail_of_the_log(backed_up: Client, files: Path) -> None:
    backed_up.run("INSERT Hospital.dbo.Patients (Name) VALUES (N'tail')")
    assert backed_up.refused(f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH NORECOVERY") == [
        3159,
        3013,
    ]
    backed_up.run(f"BACKUP LOG Hospital TO DISK = '{files}/tail.trn' WITH NORECOVERY")
    assert backed_up.value("SELECT state_desc FROM sys.databases WHERE name = 'Hospital'") == "RESTORING"
    backed_up.run(f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH NORECOVERY")
    for name in ("log", "tail"):
        backed_up.run(f"RESTORE LOG Hospital FROM DISK = '{files}/{name}.trn' WITH NORECOVERY")
    backed_up.run("RESTORE DATABASE Hospital WITH RECOVERY")
    assert backed_up.value("SELECT COUNT(*) FROM Hospital.dbo.Patients WHERE Name = 'tail'") == 1


def test_standby_can_be_read(backed_up: Client, other: Instance, files: Path) -> None:
    target = Client(other)
    target.run(f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH STANDBY = '{files}/undo.dat', {MOVE}")
    assert target.rows("SELECT state_desc, is_in_standby, is_read_only FROM sys.databases WHERE name = 'Hospital'") == [
        ("ONLINE", True, True)
    ]
    assert target.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3
    assert target.refused("DELETE FROM Hospital.dbo.Patients") == [3906]
    target.run(f"RESTORE LOG Hospital FROM DISK = '{files}/log.trn' WITH STANDBY = '{files}/undo.dat'")
    assert target.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 5


def test_variables_name_databases_and_files(hospital: Client, files: Path) -> None:
    hospital.run(
        f"DECLARE @d sysname = N'Hospital', @f nvarchar(260) = N'{files}/v.bak'; BACKUP DATABASE @d TO DISK ="
        f" @f WITH NAME = @d"
    )
    assert hospital.value("SELECT name FROM msdb.dbo.backupset") == "Hospital"


def test_names_that_try_to_break_out(client: Client, files: Path) -> None:
    client.run("CREATE DATABASE [O'Neill]]; DROP--\u2603]")
    client.run(f"BACKUP DATABASE [O'Neill]]; DROP--\u2603] TO DISK = N'{files}/o''x.bak'")
    assert client.value("SELECT database_name FROM msdb.dbo.backupset") == "O'Neill]; DROP--\u2603"


def test_history_can_be_deleted(backed_up: Client) -> None:
    backed_up.run(
        "DECLARE @d datetime = DATEADD(day, 1, GETDATE()); EXEC msdb.dbo.sp_delete_backuphistory @oldest_date = @d"
    )
    for table in ("backupset", "backupfile", "backupmediafamily", "backupmediaset"):
        assert backed_up.value(f"SELECT COUNT(*) FROM msdb.dbo.{table}") == 0


def test_logical_devices(hospital: Client, files: Path) -> None:
    hospital.run(f"EXEC sp_addumpdevice 'disk', 'Weekly', '{files}/weekly.bak'")
    hospital.run("BACKUP DATABASE Hospital TO weekly WITH INIT")
    assert hospital.rows("SELECT name, type_desc, physical_name FROM sys.backup_devices") == [
        ("Weekly", "DISK", f"{files}/weekly.bak")
    ]
    assert hospital.run("RESTORE HEADERONLY FROM Weekly").rows
    assert hospital.refused("EXEC sp_addumpdevice 'disk', 'WEEKLY', 'x'") == [15026]
    hospital.run("EXEC sp_dropdevice 'Weekly', 'delfile'")
    assert hospital.refused("EXEC sp_dropdevice 'Weekly'") == [15012]
    assert not (files / "weekly.bak").exists()


def test_the_error_log_tells_of_backups_and_logins(backed_up: Client, instance: Instance, files: Path) -> None:
    with pytest.raises(SqlError, match="18456"):
        Client(instance, "sa", "wrong")
    rows = backed_up.rows("EXEC sp_readerrorlog 0, 1, N'backed up'")
    assert [row[2].split(":")[0] for row in rows] == [
        "Database backed up. Database", "Database differential changes were backed up. Database",
        "Log was backed up. Database",
    ]  # fmt: skip
    assert f"{files}/full.bak" in rows[0][2] and rows[0][1].startswith("spid")
    assert "Password did not match" in backed_up.rows("EXEC sp_readerrorlog @p3 = N'Login failed'")[0][2]


def test_times_to_stop_at_are_read_in_many_forms(hospital: Client, files: Path) -> None:
    for moment in ("2020-04-15T00:00:00", "20200415 00:00", "Apr 15, 2020 12:00 AM", "04/15/2020 00:00:00.5"):
        refused = hospital.refused(f"RESTORE LOG Nowhere FROM DISK = '{files}/x' WITH STOPAT = '{moment}'")
        assert refused == [3201, 3013], moment
    assert hospital.refused(f"RESTORE LOG Nowhere FROM DISK = '{files}/x' WITH STOPAT = 'soon'") == [3217, 3013]
    assert str(hospital.value("SELECT CAST('Apr 15, 2020 1:05 PM' AS datetime2(0))")) == "2020-04-15 13:05:00"


def test_compression(hospital: Client, other: Instance, files: Path) -> None:
    hospital.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/packed.bak' WITH COMPRESSION, CHECKSUM")
    hospital.run("EXEC sp_configure 'backup compression default', 1; RECONFIGURE")
    hospital.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/default.bak'")
    hospital.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/plain.bak' WITH NO_COMPRESSION")
    for name, compressed in (("packed", 1), ("default", 1), ("plain", 0)):
        answer = hospital.run(f"RESTORE HEADERONLY FROM DISK = '{files}/{name}.bak'")
        header = dict(zip(answer.names, answer.rows[0], strict=True))
        assert header["Compressed"] == compressed
        assert (header["CompressedBackupSize"] < header["BackupSize"]) is bool(compressed)
        label = hospital.run(f"RESTORE LABELONLY FROM DISK = '{files}/{name}.bak'")
        assert label.rows[0][label.names.index("IsCompressed")] == bool(compressed)
    assert hospital.refused(f"BACKUP LOG Hospital TO DISK = '{files}/plain.bak' WITH COMPRESSION") == [3098, 3013]
    sizes = hospital.rows("SELECT backup_size, compressed_backup_size FROM msdb.dbo.backupset ORDER BY backup_set_id")
    assert [size > packed for size, packed in sizes] == [True, True, False]
    target = Client(other)
    assert target.run(f"RESTORE VERIFYONLY FROM DISK = '{files}/packed.bak'").numbers == [3262]
    target.run(f"RESTORE DATABASE Hospital FROM DISK = '{files}/packed.bak' WITH {MOVE}")
    assert target.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3
