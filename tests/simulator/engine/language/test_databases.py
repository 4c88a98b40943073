# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases come, change their state and go; and what survives a crash."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from simulator.engine.events import SqlError
from simulator.engine.instance import Instance, Settings

from .conftest import PASSWORD, Client, start


def test_create_with_files_and_drop(client: Client, tmp_path: Path) -> None:
    client.run(
        f"CREATE DATABASE Lab ON PRIMARY (NAME = lab_data, FILENAME = '{tmp_path}/lab.mdf', SIZE = 8MB,"
        f" FILEGROWTH = 64MB)"
        f" LOG ON (NAME = lab_log, FILENAME = '{tmp_path}/lab.ldf') COLLATE SQL_Latin1_General_CP1_CI_AS"
    )
    files = client.rows(
        "SELECT name, physical_name, type_desc FROM sys.master_files WHERE database_id = DB_ID('Lab') ORDER BY file_id"
    )
    assert files == [("lab_data", f"{tmp_path}/lab.mdf", "ROWS"), ("lab_log", f"{tmp_path}/lab.ldf", "LOG")]
    assert client.refused("CREATE DATABASE lab") == [1801]
    client.run("DROP DATABASE Lab")
    assert not (tmp_path / "lab.mdf").exists()
    assert client.refused("DROP DATABASE Lab") == [3701]
    client.run("DROP DATABASE IF EXISTS Lab")


def test_files_that_cannot_be_made(client: Client, tmp_path: Path) -> None:
    (tmp_path / "there.mdf").write_bytes(b"x")
    file = "CREATE DATABASE Lab ON (NAME = a, FILENAME = '{}') LOG ON (NAME = b, FILENAME = '{}')"
    assert client.refused(file.format(tmp_path / "there.mdf", tmp_path / "l.ldf"))[-1] == 1802
    assert client.refused(file.format("/nowhere/x.mdf", tmp_path / "l.ldf"))[-1] == 1802
    assert client.value("SELECT COUNT(*) FROM sys.databases WHERE name = 'Lab'") == 0


def test_system_databases_stay(client: Client) -> None:
    for name in ("master", "msdb", "tempdb", "model"):
        assert client.refused(f"DROP DATABASE {name}") == [3708]
    assert client.refused("ALTER DATABASE master SET SINGLE_USER") == [5058, 5069]


def test_a_database_in_use_cannot_be_dropped(hospital: Client) -> None:
    assert hospital.refused("DROP DATABASE Hospital") == [3702]
    other = Client(hospital.instance)
    assert other.refused("DROP DATABASE Hospital") == [3702]
    hospital.run("USE master; DROP DATABASE Hospital")


def test_recovery_model_and_other_options(hospital: Client) -> None:
    for model in ("SIMPLE", "BULK_LOGGED", "FULL"):
        hospital.run(f"ALTER DATABASE Hospital SET RECOVERY {model}")
        assert hospital.value("SELECT recovery_model_desc FROM sys.databases WHERE name = 'Hospital'") == model
    hospital.run("ALTER DATABASE CURRENT SET PAGE_VERIFY NONE, COMPATIBILITY_LEVEL = 140")
    assert hospital.rows(
        "SELECT page_verify_option_desc, compatibility_level FROM sys.databases WHERE name = 'Hospital'"
    ) == [("NONE", 140)]
    assert hospital.refused("ALTER DATABASE Hospital SET COMPATIBILITY_LEVEL = 170") == [15048, 5069]
    assert hospital.refused("ALTER DATABASE Nowhere SET RECOVERY FULL") == [5011, 5069]
    assert hospital.refused("ALTER DATABASE Hospital SET FASTER ON") == [102]


def test_single_user_throws_others_out(hospital: Client, instance: Instance) -> None:
    visitor = Client(instance, database="Hospital")
    visitor.run("BEGIN TRAN; DELETE FROM Patients")
    administrator = Client(instance)
    assert administrator.run("ALTER DATABASE Hospital SET SINGLE_USER WITH ROLLBACK IMMEDIATE").numbers == [5060]
    assert visitor.refused("SELECT 1") == [596]
    assert hospital.refused("SELECT 1") == [596]
    administrator.run("USE Hospital")
    assert administrator.value("SELECT COUNT(*) FROM Patients") == 3
    with pytest.raises(SqlError, match="4060"):
        Client(instance, database="Hospital")
    third = Client(instance)
    assert third.refused("USE Hospital") == [924]
    assert third.refused("ALTER DATABASE Hospital SET MULTI_USER") == [5064, 5069]
    administrator.run("ALTER DATABASE Hospital SET MULTI_USER")
    third.run("USE Hospital")


def test_no_wait(hospital: Client, instance: Instance) -> None:
    administrator = Client(instance)
    assert administrator.refused("ALTER DATABASE Hospital SET SINGLE_USER WITH NO_WAIT") == [5070, 5069]
    assert administrator.value("SELECT user_access_desc FROM sys.databases WHERE name = 'Hospital'") == "MULTI_USER"


def test_single_user_waits_for_the_others_to_leave(hospital: Client, instance: Instance) -> None:
    threading.Timer(0.3, hospital.close).start()
    began = time.monotonic()
    Client(instance).run("ALTER DATABASE Hospital SET SINGLE_USER")
    assert 0.2 < time.monotonic() - began < 10


def test_kick_out_a_running_statement(hospital: Client, instance: Instance) -> None:
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(hospital.ask("WAITFOR DELAY '00:01:00'")))
    waiting.start()
    time.sleep(0.2)
    Client(instance).run("ALTER DATABASE Hospital SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
    waiting.join(10)
    assert not waiting.is_alive() and answers[0].errors[-1].number == 596


def test_restricted_user(hospital: Client, instance: Instance, login) -> None:  # type: ignore[no-untyped-def]
    hospital.run("USE master")
    nurse = login("nurse", "Hospital", roles=("db_datareader",))
    nurse.run("USE Hospital")
    hospital.run("ALTER DATABASE Hospital SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE")
    assert nurse.refused("SELECT 1") == [596]
    assert Client(instance, "nurse", "x").refused("USE Hospital") == [923]
    hospital.run("USE Hospital; ALTER DATABASE Hospital SET MULTI_USER")
    Client(instance, "nurse", "x").run("USE Hospital")


def test_offline_and_online(hospital: Client, instance: Instance) -> None:
    hospital.run("USE master; ALTER DATABASE Hospital SET OFFLINE WITH ROLLBACK IMMEDIATE")
    assert hospital.value("SELECT state_desc FROM sys.databases WHERE name = 'Hospital'") == "OFFLINE"
    assert hospital.refused("USE Hospital") == [942]
    assert hospital.value("SELECT HAS_DBACCESS('Hospital')") == 0
    hospital.run("ALTER DATABASE Hospital SET ONLINE")
    assert hospital.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3


def test_read_only(hospital: Client) -> None:
    hospital.run("USE master; ALTER DATABASE Hospital SET READ_ONLY WITH ROLLBACK IMMEDIATE; USE Hospital")
    assert hospital.refused("DELETE FROM Patients") == [3906]
    hospital.run("USE master; ALTER DATABASE Hospital SET READ_WRITE; USE Hospital; DELETE FROM Patients")


def test_renaming(hospital: Client) -> None:
    hospital.run("USE master; ALTER DATABASE Hospital MODIFY NAME = Clinic")
    assert hospital.value("SELECT COUNT(*) FROM Clinic.dbo.Patients") == 3
    assert hospital.refused("USE Hospital") == [911]


def test_kill(hospital: Client, instance: Instance) -> None:
    victim = Client(instance, database="Hospital")
    victim.run("BEGIN TRAN; DELETE FROM Patients")
    hospital.run(f"KILL {victim.session.spid}")
    assert hospital.value("SELECT COUNT(*) FROM Patients") == 3
    hospital.run("DELETE FROM Patients WHERE Id = 1")
    assert hospital.refused(f"KILL {victim.session.spid}") == [6106]
    assert hospital.refused(f"KILL {hospital.session.spid}") == [6104]
    assert hospital.refused("KILL 5") == [6107]


def test_a_stopped_instance_comes_up_as_it_was(tmp_path: Path) -> None:
    instance = start(tmp_path / "a")
    client = Client(instance)
    client.run(
        "CREATE DATABASE Lab; CREATE LOGIN nurse WITH PASSWORD = 'x', CHECK_POLICY = OFF; EXEC sp_configure"
        " 'backup checksum default', 1; RECONFIGURE"
    )
    client.run("CREATE TABLE Lab.dbo.T (x int); INSERT Lab.dbo.T VALUES (1); BEGIN TRAN; INSERT Lab.dbo.T VALUES (2)")
    instance.stop()
    again = Instance.start(Settings(tmp_path / "a", "PROD"))
    try:
        found = Client(again)
        assert found.rows("SELECT x FROM Lab.dbo.T") == [(1,)]
        assert found.value("SELECT value_in_use FROM sys.configurations WHERE name = 'backup checksum default'") == 1
        Client(again, "nurse", "x")
    finally:
        again.stop()


def test_a_new_instance_needs_a_password(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="password of sa"):
        Instance.start(Settings(tmp_path / "b", "PROD"))


def test_logins_are_refused_for_a_reason(instance: Instance, client: Client) -> None:
    for login, password, database, numbers in (
        ("sa", "wrong", "", [18456]), ("nobody", PASSWORD, "", [18456]), ("sa", PASSWORD, "Nowhere", [4060, 18456]),
    ):  # fmt: skip
        with pytest.raises(SqlError) as refusal:
            Client(instance, login, password, database)
        assert [message.number for message in refusal.value.messages] == numbers
    assert client.value("SELECT COUNT(*) FROM sys.dm_exec_sessions") == 1


def test_a_disk_that_is_full(hospital: Client, instance: Instance, tmp_path: Path) -> None:
    instance.disk._setting.write_text(str(instance.disk.used() + 3000))
    free = hospital.value(
        "SELECT DISTINCT v.available_bytes FROM sys.master_files f CROSS APPLY"
        " sys.dm_os_volume_stats(f.database_id, f.file_id) v"
    )
    assert free <= 3000
    assert hospital.refused("CREATE DATABASE Big")[0] == 1802
    answer = hospital.ask(f"BACKUP DATABASE Hospital TO DISK = '{instance.backup_directory}/x.bak'")
    assert answer.errors and answer.errors[-1].number == 3013
    assert hospital.value("SELECT COUNT(*) FROM msdb.dbo.backupset") == 0


def test_checkdb(hospital: Client, instance: Instance) -> None:
    assert hospital.run("DBCC CHECKDB").numbers[-1] == 2528
    assert hospital.run("DBCC CHECKDB ('Hospital') WITH NO_INFOMSGS, ALL_ERRORMSGS").messages == []
    hospital.run(
        "INSERT Patients (Name) SELECT REPLICATE(N'x', 50) FROM Patients a, Patients b, Patients c, Patients d"
    )
    hospital.run("CHECKPOINT; USE master; ALTER DATABASE Hospital SET OFFLINE")
    file = Path(hospital.value("SELECT physical_name FROM sys.master_files WHERE name = 'Hospital'"))
    data = bytearray(file.read_bytes())
    data[-3000] ^= 1
    file.write_bytes(data)
    hospital.run("ALTER DATABASE Hospital SET ONLINE")
    numbers = hospital.ask("DBCC CHECKDB (Hospital) WITH NO_INFOMSGS").numbers
    assert {8928, 8939, 8989} <= set(numbers)
    assert hospital.refused("DBCC CHECKDB (Nowhere)") == [911]
    assert hospital.refused("DBCC CHECKIT") == [2526]
