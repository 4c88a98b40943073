# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logins, users that lost theirs, roles and permissions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.engine.events import SqlError
from simulator.engine.instance import Instance

from .conftest import Client

SID = "0x0102030405060708090A0B0C0D0E0F10"


def test_logins_are_made_and_changed(client: Client, instance: Instance) -> None:
    client.run(
        f"CREATE LOGIN nurse WITH PASSWORD = N'Tr\u00e9s-secret-9', SID = {SID}, DEFAULT_DATABASE = msdb,"
        f" CHECK_EXPIRATION = OFF, CHECK_POLICY = ON"
    )
    row = client.rows(
        "SELECT sid, type_desc, is_disabled, default_database_name, is_policy_checked,"
        " LEN(CONVERT(varchar(200), password_hash, 2)) FROM sys.sql_logins WHERE name = 'nurse'"
    )
    assert row == [(bytes.fromhex(SID[2:]), "SQL_LOGIN", False, "msdb", True, 140)]
    assert Client(instance, "nurse", "Tr\u00e9s-secret-9").value("SELECT DB_NAME()") == "msdb"
    client.run("ALTER LOGIN nurse DISABLE")
    with pytest.raises(SqlError, match="18470"):
        Client(instance, "nurse", "Tr\u00e9s-secret-9")
    client.run(
        "ALTER LOGIN nurse ENABLE; ALTER LOGIN nurse WITH PASSWORD = 'Other-secret-1', NAME = doctor,"
        " DEFAULT_DATABASE = master"
    )
    assert (
        Client(instance, "doctor", "Other-secret-1").value("SELECT ORIGINAL_LOGIN() + SUSER_SNAME() + SYSTEM_USER")
        == "doctor" * 3
    )
    assert client.refused("DROP LOGIN doctor") == [15434]


def test_hashes_can_be_carried_to_another_server(client: Client, other: Instance) -> None:
    client.run("CREATE LOGIN nurse WITH PASSWORD = 'x', CHECK_POLICY = OFF")
    sid, hashed = client.rows(
        "SELECT CONVERT(varchar(200), sid, 1), CONVERT(varchar(300), password_hash, 1) FROM sys.sql_logins"
        " WHERE name = 'nurse'"
    )[0]
    Client(other).run(f"CREATE LOGIN nurse WITH PASSWORD = {hashed} HASHED, SID = {sid}, CHECK_POLICY = OFF")
    assert Client(other, "nurse", "x").value("SELECT CONVERT(varchar(200), SUSER_SID(), 1)") == sid


REFUSALS = [
    ("CREATE LOGIN sa WITH PASSWORD = 'Long-enough-1'", [15025]),
    ("CREATE LOGIN weak WITH PASSWORD = 'short'", [15118]),
    ("CREATE LOGIN a WITH PASSWORD = 'x', CHECK_POLICY = OFF, SID = 0x01", [15419]),
    ("CREATE LOGIN a WITH PASSWORD = 'x', CHECK_POLICY = OFF, DEFAULT_DATABASE = nowhere", [15010]),
    ("CREATE LOGIN a", [102]),
    ("CREATE LOGIN [D\\u] FROM WINDOWS", [15401]),
    ("ALTER LOGIN nobody DISABLE", [15151]),
    ("DROP LOGIN nobody", [15151]),
    ("DROP LOGIN sa", [15151]),
    ("ALTER SERVER ROLE nothing ADD MEMBER sa", [15151]),
    ("ALTER SERVER ROLE sysadmin ADD MEMBER nobody", [15151]),
    ("CREATE USER u FOR LOGIN nobody", [15007]),
    ("CREATE USER guest WITHOUT LOGIN", [15023]),
    ("CREATE USER u WITH PASSWORD = 'x'", [33233]),
    ("ALTER USER nobody WITH LOGIN = sa", [15151]),
    ("ALTER USER dbo WITH LOGIN = sa", [15150]),
    ("DROP USER dbo", [15150]),
    ("DROP USER nobody", [15151]),
    ("ALTER ROLE nothing ADD MEMBER guest", [15151]),
    ("ALTER ROLE db_owner ADD MEMBER nobody", [15151]),
    ("ALTER ROLE db_owner ADD MEMBER dbo", [15405]),
    ("DROP ROLE db_owner", [15150]),
    ("GRANT SELECT ON dbo.Nowhere TO guest", [15151]),
    ("GRANT SELECT TO nobody", [15151]),
    ("GRANT VIEW SERVER STATE TO sa", [4621]),
]


@pytest.mark.parametrize(("statement", "numbers"), REFUSALS, ids=[statement for statement, _ in REFUSALS])
def test_refusals(hospital: Client, statement: str, numbers: list[int]) -> None:
    assert hospital.refused(statement) == numbers


def test_a_database_is_closed_to_strangers(hospital: Client, login: Callable[..., Client]) -> None:
    stranger = login("stranger")
    assert stranger.refused("USE Hospital") == [916]
    assert stranger.refused("SELECT * FROM Hospital.dbo.Patients") == [916]
    assert stranger.value("SELECT HAS_DBACCESS('Hospital')") == 0
    assert stranger.value("SELECT COUNT(*) FROM sys.databases WHERE name = 'Hospital'") == 1
    with pytest.raises(SqlError, match="4060"):
        Client(hospital.instance, "stranger", "x", "Hospital")


def test_reading_and_writing_are_rights(hospital: Client, login: Callable[..., Client]) -> None:
    reader = login("reader", "Hospital", roles=("db_datareader",))
    reader.run("USE Hospital")
    assert reader.value("SELECT COUNT(*) FROM Patients") == 3
    assert reader.refused("DELETE FROM Patients") == [229]
    assert reader.refused("CREATE TABLE T (x int)") == [262]
    hospital.run("USE Hospital; GRANT DELETE ON dbo.Patients TO reader")
    reader.run("DELETE FROM Patients WHERE Id = 1")
    hospital.run("DENY SELECT ON OBJECT::dbo.Patients TO reader")
    assert reader.refused("SELECT * FROM Patients") == [229]
    hospital.run("REVOKE SELECT ON dbo.Patients FROM reader")
    assert reader.value("SELECT COUNT(*) FROM Patients") == 2


def test_roles_of_ones_own(hospital: Client, login: Callable[..., Client]) -> None:
    clerk = login("clerk", "Hospital")
    hospital.run(
        "USE Hospital; CREATE ROLE desk; GRANT SELECT ON SCHEMA::dbo TO desk; ALTER ROLE desk ADD MEMBER clerk"
    )
    assert clerk.value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3
    clerk.run("USE Hospital")
    assert clerk.rows("SELECT IS_MEMBER('desk'), IS_ROLEMEMBER('db_owner'), USER_NAME()") == [(1, 0, "clerk")]
    assert hospital.refused("DROP ROLE desk") == [15144]
    hospital.run("ALTER ROLE desk DROP MEMBER clerk; DROP ROLE desk")
    assert clerk.refused("SELECT * FROM Patients") == [229]


def test_server_rights(client: Client, login: Callable[..., Client]) -> None:
    watcher = login("watcher")
    assert watcher.refused("SELECT * FROM sys.dm_exec_requests") == [300]
    assert watcher.value("SELECT COUNT(*) FROM sys.dm_exec_sessions") == 1
    assert watcher.value("SELECT COUNT(*) FROM sys.server_principals WHERE type = 'S'") == 2
    assert watcher.value("SELECT COUNT(*) FROM sys.master_files WHERE database_id > 2") == 0
    client.run("GRANT VIEW SERVER STATE, VIEW ANY DEFINITION TO watcher")
    assert watcher.value("SELECT COUNT(*) FROM sys.dm_exec_sessions") >= 2
    assert watcher.value("SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE')") == 1
    assert watcher.refused("KILL 51") == [6102]
    assert watcher.refused("CREATE DATABASE x") == [262]
    assert watcher.refused("CREATE LOGIN y WITH PASSWORD = 'x', CHECK_POLICY = OFF") == [15247]
    assert watcher.refused("EXEC xp_create_subdir '/tmp/x'") == [229]
    assert watcher.value("SELECT IS_SRVROLEMEMBER('sysadmin')") == 0
    client.run("ALTER SERVER ROLE sysadmin ADD MEMBER watcher")
    assert watcher.value("SELECT IS_SRVROLEMEMBER('dbcreator')") == 1


def test_orphaned_users_after_a_restore(
    hospital: Client, other: Instance, login: Callable[..., Client], tmp_path: Path
) -> None:
    login("nurse", "Hospital", roles=("db_datareader",))
    hospital.run(f"BACKUP DATABASE Hospital TO DISK = '{tmp_path}/h.bak'")
    target = Client(other)
    target.run("CREATE LOGIN nurse WITH PASSWORD = 'x', CHECK_POLICY = OFF")
    target.run(
        f"RESTORE DATABASE Hospital FROM DISK = '{tmp_path}/h.bak' WITH MOVE 'Hospital' TO 'h.mdf', MOVE"
        f" 'Hospital_log' TO 'h.ldf'"
    )
    orphans = (
        "SELECT p.name FROM Hospital.sys.database_principals AS p LEFT JOIN sys.server_principals AS s ON s.sid = p.sid"
        " WHERE s.sid IS NULL AND p.authentication_type_desc = 'INSTANCE' AND p.principal_id > 4"
    )
    assert target.rows(orphans) == [("nurse",)]
    assert Client(other, "nurse", "x").refused("USE Hospital") == [916]
    target.run("USE Hospital; ALTER USER nurse WITH LOGIN = nurse")
    assert target.rows(orphans) == []
    assert Client(other, "nurse", "x").value("SELECT COUNT(*) FROM Hospital.dbo.Patients") == 3


def test_the_owner_is_dbo(hospital: Client, login: Callable[..., Client]) -> None:
    owner = login("owner")
    hospital.run("ALTER AUTHORIZATION ON DATABASE::Hospital TO owner")
    owner.run("USE Hospital; DELETE FROM Patients; ALTER DATABASE Hospital SET RECOVERY SIMPLE")
    assert owner.value("SELECT USER_NAME()") == "dbo"
    owner.run("USE master")
    owner.close()
    assert hospital.refused("DROP LOGIN owner") == [15174]


def test_a_password_is_compared_with_its_hash(client: Client) -> None:
    client.run("CREATE LOGIN nurse WITH PASSWORD = 'Long-enough-1'")
    compared = "SELECT PWDCOMPARE({}, {}) FROM sys.sql_logins WHERE name = 'nurse'"
    assert client.value(compared.format("N'Long-enough-1'", "password_hash")) == 1
    assert client.value(compared.format("N'long-enough-1'", "password_hash")) == 0
    assert client.value(compared.format("N'x'", "NULL")) is None
