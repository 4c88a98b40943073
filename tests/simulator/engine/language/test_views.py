# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""System views: documented columns, and what they say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from simulator.engine import views
from simulator.engine.instance import Instance
from simulator.engine.views.registry import FILLERS

from .conftest import Client

REFERENCE = (
    Path(os.environ.get("DEADPOOL_REFERENCE", Path(__file__).parents[5] / "shared/reference"))
    / "sql_server_catalog.json"
)
DRIVEN = [*FILLERS, *views.msdb_tables()]


@pytest.mark.parametrize("name", DRIVEN)
def test_every_view_can_be_read(hospital: Client, name: str) -> None:
    answer = hospital.run(f"SELECT * FROM {name}")
    assert answer.names == [field.name for field in views.fields(name)]
    assert len(answer.rows) == hospital.value(f"SELECT COUNT(*) FROM {name} AS v")


def documented() -> list[tuple[str, list[dict[str, str]]]]:
    if not REFERENCE.exists():
        return []
    return [(name, entry["columns"]) for name, entry in json.loads(REFERENCE.read_text())["objects"].items()]


@pytest.mark.skipif(not documented(), reason="the reference of documented columns is not here")
def test_columns_are_as_documented() -> None:
    for name, columns in documented():
        known = {field.name.lower(): field for field in views.fields(name)}
        for column in columns:
            expected = views.field(f"{column['name']} {column['type']}")
            assert known[column["name"].lower()].type == expected.type, (name, column["name"])


def test_databases(hospital: Client) -> None:
    query = (
        "SELECT d.name, d.database_id, d.state_desc, d.user_access_desc, r.family_guid, r.last_log_backup_lsn,"
        " SUSER_SNAME(d.owner_sid)"
        " FROM sys.databases AS d LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id"
        " ORDER BY d.database_id"
    )
    rows = hospital.rows(query)
    assert [row[:2] for row in rows] == [("master", 1), ("tempdb", 2), ("model", 3), ("msdb", 4), ("Hospital", 5)]
    assert (
        rows[4][2:4] == ("ONLINE", "MULTI_USER")
        and rows[4][4] is not None
        and rows[4][5] is None
        and rows[4][6] == "sa"
    )


def test_names_and_numbers_of_things(hospital: Client) -> None:
    assert hospital.rows("SELECT DB_ID(), DB_NAME(), DB_ID('nowhere'), DB_NAME(1), OBJECT_ID('dbo.nothing')") == [
        (5, "Hospital", None, "master", None)
    ]
    number = hospital.value("SELECT OBJECT_ID(N'dbo.Patients', N'U')")
    assert hospital.rows(
        f"SELECT OBJECT_NAME({number}), OBJECT_SCHEMA_NAME({number}), OBJECT_ID('Hospital..Patients')"
    ) == [("Patients", "dbo", number)]
    assert hospital.rows(
        "SELECT SCHEMA_ID('dbo'), SCHEMA_NAME(1), COL_LENGTH('dbo.Patients', 'Name'), TYPE_NAME(56)"
    ) == [(1, "dbo", 100, "int")]


def test_columns_of_a_table(hospital: Client) -> None:
    rows = hospital.rows(
        "SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity FROM sys.columns AS c"
        " JOIN sys.types AS t ON t.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID('dbo.Patients')"
        " ORDER BY c.column_id"
    )
    assert rows == [
        ("Id", "int", 4, 10, 0, False, True), ("Name", "nvarchar", 100, 0, 0, False, False), ("Born", "date", 3, 10,
        0, True, False),
        ("Fee", "decimal", 9, 10, 2, False, False), ("Seen", "datetime2", 7, 23, 3, True, False),
    ]  # fmt: skip


def test_rows_of_tables_and_keys(hospital: Client) -> None:
    query = (
        "SELECT s.name, t.name, SUM(p.rows) FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
        " JOIN sys.partitions AS p ON p.object_id = t.object_id AND p.index_id IN (0, 1) GROUP BY s.name, t.name"
    )
    assert hospital.rows(query) == [("dbo", "Patients", 3)]
    assert hospital.rows(
        "SELECT type_desc, is_primary_key FROM sys.indexes WHERE object_id = OBJECT_ID('Patients')"
    ) == [("CLUSTERED", True)]
    assert hospital.value("SELECT definition FROM sys.default_constraints") == "(1.5)"
    assert hospital.value("SELECT last_value FROM sys.identity_columns") == 3


def test_sessions_and_connections(client: Client, instance: Instance) -> None:
    other = Client(instance)
    row = client.rows(
        "SELECT program_name, host_name, login_name, status, DB_NAME(database_id), client_interface_name,"
        " host_process_id FROM sys.dm_exec_sessions WHERE session_id = @@SPID"
    )
    assert row == [("tests", "desk", "sa", "running", "master", "ODBC", 4711)]
    assert client.value("SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE is_user_process = 1") == 2
    assert (
        client.value("SELECT client_net_address FROM sys.dm_exec_connections WHERE session_id = @@SPID") == "127.0.0.1"
    )
    other.close()
    assert client.value("SELECT COUNT(*) FROM sys.dm_exec_sessions") == 1


def test_volumes(hospital: Client) -> None:
    query = (
        "SELECT DISTINCT v.volume_mount_point, v.total_bytes, v.available_bytes FROM sys.master_files AS f"
        " CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v"
    )
    rows = hospital.rows(query)
    assert len(rows) == 1 and 0 < rows[0][2] <= rows[0][1]
    assert hospital.value("SELECT available_bytes FROM sys.dm_os_volume_stats(DB_ID(), 1)") > 0
    assert hospital.run("EXEC xp_fixeddrives").rows


def test_files(client: Client, tmp_path: Path) -> None:
    (tmp_path / "x.bak").write_bytes(b"x")
    assert client.rows(f"SELECT * FROM sys.dm_os_file_exists('{tmp_path}/x.bak')") == [(True, False, True)]
    assert client.rows(f"EXEC xp_fileexist '{tmp_path}'") == [(0, 1, 1)]
    assert (
        client.value(
            f"DECLARE @there int; EXEC master.dbo.xp_fileexist '{tmp_path}/x.bak', @there OUTPUT; SELECT @there"
        )
        == 1
    )
    client.run(f"EXECUTE master.dbo.xp_create_subdir N'{tmp_path}/a/b'")
    assert (
        client.rows(f"EXEC xp_dirtree '{tmp_path}', 0, 1")[:2] == [("a", 1, 0), ("other", 1, 0)]
        or (tmp_path / "a/b").is_dir()
    )
    assert client.refused(f"EXEC xp_create_subdir '{tmp_path}/x.bak/y'") == [22048]


def test_server_properties(client: Client) -> None:
    row = client.rows(
        "SELECT @@SERVERNAME, SERVERPROPERTY('ProductVersion'), CAST(SERVERPROPERTY('EngineEdition') AS int),"
        " SERVERPROPERTY('InstanceName'),"
        " CONVERT(nvarchar(4000), SERVERPROPERTY(N'InstanceDefaultDataPath')), SERVERPROPERTY('Nothing')"
    )[0]
    assert row[:4] == ("PROD", "15.0.4385", 3, None) and row[4].endswith("/data/") and row[5] is None
    assert client.value("SELECT @@VERSION").startswith("Microsoft SQL Server 2019")
    assert client.rows("SELECT DATABASEPROPERTYEX('master', 'Status'), DATABASEPROPERTYEX('nowhere', 'Status')") == [
        ("ONLINE", None)
    ]


def test_configuration(client: Client) -> None:
    assert client.refused("EXEC sp_configure 'xp_cmdshell', 1") == [15123]
    answer = client.run(
        "EXEC sp_configure 'show advanced options', 1; RECONFIGURE; EXEC sp_configure 'max server memory', 4096"
    )
    assert answer.numbers == [15457, 15457]
    assert client.rows("SELECT value, value_in_use FROM sys.configurations WHERE name = 'max server memory (MB)'") == [
        (4096, 2147483647)
    ]
    assert client.run("RECONFIGURE WITH OVERRIDE; EXEC sp_configure 'max server memory (MB)'").rows == [
        ("max server memory (MB)", 128, 2147483647, 4096, 4096)
    ]


def test_agent_tables_are_there_and_empty(client: Client) -> None:
    for name in ("sysjobs", "sysjobschedules", "sysschedules", "sysjobhistory", "sysjobsteps"):
        assert client.rows(f"SELECT * FROM msdb.dbo.{name}") == []
    assert client.run("SELECT job_id, enabled FROM msdb..sysjobs").types == ["uniqueidentifier", "tinyint"]


def test_endpoints(client: Client) -> None:
    assert client.rows("SELECT endpoint_id, name FROM sys.tcp_endpoints ORDER BY endpoint_id") == [
        (1, "Dedicated Admin Connection"), (4, "TSQL Default TCP"),
    ]  # fmt: skip
    present = client.value(
        "SELECT COUNT(*) FROM sys.dm_exec_connections c JOIN sys.endpoints e ON e.endpoint_id = c.endpoint_id"
    )
    assert present == 1
