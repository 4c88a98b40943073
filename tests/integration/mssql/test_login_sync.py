# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_login_sync between two simulated SQL Servers: who could log in there can log in here, and nothing leaks."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pyodbc
import pytest

from .conftest import Instance

_numbers = itertools.count(1)
NASTY = "O'Neill] -- "


def source(production: Instance) -> dict[str, Any]:
    return {key: production.login[key] for key in ("login_host", "login_port", "login_user", "login_password")}


def follow(failover: Instance, production: Instance, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return failover.run("login_sync", check_mode, source=source(production), **options)


def let_in(server: Instance, login: str, password: str, database: str = "master") -> bool:
    text = f"DRIVER=FreeTDS;SERVER=127.0.0.1;PORT={server.port};UID={{{login}}};PWD={password};DATABASE={database};"
    try:
        pyodbc.connect(text + "TDS_Version=7.4;Encryption=require;", timeout=30).close()
    except pyodbc.Error:
        return False
    return True


def quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


@pytest.fixture
def clerk(production: Instance) -> str:
    """A login of production with a name that is hard to quote."""
    name = f"{NASTY}{next(_numbers)}"
    production.sql(f"CREATE LOGIN {quoted(name)} WITH PASSWORD = 'First-Pass-1', CHECK_POLICY = ON")
    production.sql(f"ALTER SERVER ROLE bulkadmin ADD MEMBER {quoted(name)}")
    production.sql(f"GRANT VIEW SERVER STATE TO {quoted(name)}")
    production.sql(f"DENY VIEW ANY DATABASE TO {quoted(name)}")
    return name


def row(server: Instance, login: str) -> Any:
    rows = server.sql(
        "SELECT sid, password_hash, is_disabled, is_policy_checked FROM sys.sql_logins WHERE name = ?", login
    )
    return tuple(rows[0]) if rows else None


def test_whoever_could_log_in_there_can_log_in_here(production: Instance, failover: Instance, clerk: str) -> None:
    looked = follow(failover, production, check_mode=True)
    assert looked["changed"] and row(failover, clerk) is None
    done = follow(failover, production)
    assert done["changed"] and row(failover, clerk) == row(production, clerk)
    assert let_in(failover, clerk, "First-Pass-1")
    assert [text for text in looked["statements"] if "LOGIN" in text] == [
        text for text in done["statements"] if "LOGIN" in text
    ]
    rights = failover.sql(
        "SELECT x.state, x.permission_name FROM sys.server_permissions AS x JOIN sys.server_principals AS p"
        " ON p.principal_id = x.grantee_principal_id WHERE p.name = ? AND x.permission_name <> 'CONNECT SQL'",
        clerk,
    )
    assert {tuple(one) for one in rights} == {("G", "VIEW SERVER STATE"), ("D", "VIEW ANY DATABASE")}
    again = follow(failover, production)
    assert not again["changed"] and again["diff"]["after"] == ""


def test_a_new_password_and_a_disabled_login_follow(production: Instance, failover: Instance, clerk: str) -> None:
    follow(failover, production)
    production.sql(f"ALTER LOGIN {quoted(clerk)} WITH PASSWORD = 'Second-Pass-2'")
    assert follow(failover, production)["changed"]
    assert let_in(failover, clerk, "Second-Pass-2") and not let_in(failover, clerk, "First-Pass-1")
    assert row(failover, clerk) == row(production, clerk), "the rules for passwords are on again"
    production.sql(f"ALTER LOGIN {quoted(clerk)} DISABLE")
    assert not follow(failover, production, fenced_logins=[clerk])["changed"]
    assert follow(failover, production)["changed"] and not let_in(failover, clerk, "Second-Pass-2")


def test_no_hash_and_no_command_leaves_the_servers(production: Instance, failover: Instance, clerk: str) -> None:
    hashed = row(production, clerk)[1].hex()
    job = f"Secret {next(_numbers)}"
    production.sql(f"EXECUTE msdb.dbo.sp_add_job @job_name = N'{job}'")
    step = f"@job_name = N'{job}', @step_name = N's', @command = N'PRINT ''it''''s-secret'''"
    production.sql(f"EXECUTE msdb.dbo.sp_add_jobstep {step}")
    text = json.dumps(follow(failover, production)).lower()
    assert "0x..." in text and job.lower() in text
    assert hashed not in text and "s-secret" not in text
    commands = failover.sql("SELECT command FROM msdb.dbo.sysjobsteps WHERE step_name = 's'")
    assert [one[0] for one in commands] == ["PRINT 'it''s-secret'"]


def test_a_namesake_that_owns_nothing_makes_way(production: Instance, failover: Instance, clerk: str) -> None:
    failover.sql(f"CREATE LOGIN {quoted(clerk)} WITH PASSWORD = 'Made-By-Hand-1'")
    sid = row(failover, clerk)[0]
    follow(failover, production)
    assert row(failover, clerk) == row(production, clerk)
    aside = failover.sql("SELECT name, is_disabled FROM sys.server_principals WHERE sid = ?", sid)[0]
    assert tuple(aside) == (f"{clerk}_was_{sid.hex()[:8].upper()}", True)
    back = production.run("login_sync", True, source=source(failover))
    assert not [one for one in back["changes"] if one["item"] == aside[0]], "nobody needs it on the other server"


def test_a_namesake_with_belongings_stays_until_told(production: Instance, failover: Instance, clerk: str) -> None:
    failover.sql(f"CREATE LOGIN {quoted(clerk)} WITH PASSWORD = 'Made-By-Hand-1'")
    before = row(failover, clerk)
    own = f"Own{next(_numbers)}"
    failover.sql(f"CREATE DATABASE {own}; ALTER AUTHORIZATION ON DATABASE::{own} TO {quoted(clerk)}")
    told = follow(failover, production)
    (remark,) = [one for one in told["remarks"] if one["item"] == clerk]
    assert f"owns the database {own}" in remark["msg"] and "logins_rename" in remark["hint"]
    assert row(failover, clerk) == before
    follow(failover, production, rename_logins=[clerk])
    assert row(failover, clerk) == row(production, clerk)
    owner = failover.sql(f"SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = '{own}'")[0][0]
    assert owner.startswith(f"{clerk}_was_"), "it keeps what is its own"


def test_sa_is_not_touched_under_whatever_name(production: Instance, failover: Instance) -> None:
    session = production.connect()
    session.execute("ALTER LOGIN sa WITH NAME = boss")
    try:
        told = failover.run("login_sync", source={**source(production), "login_user": "boss"})
    finally:
        session.execute("ALTER LOGIN boss WITH NAME = sa")
        session.close()
    assert not [one for one in told["changes"] if one["item"] in ("boss", "sa")]
    assert "boss" not in [one["name"] for one in told["record"]["logins"]]


def test_jobs_come_disabled_and_follow(production: Instance, failover: Instance) -> None:
    name = f"Close the day's books {next(_numbers)}"
    quote = name.replace("'", "''")
    production.sql(f"EXECUTE msdb.dbo.sp_add_job @job_name = N'{quote}', @description = N'd'")
    for number, text in enumerate(("PRINT ''a''", "PRINT ''b''"), 1):
        production.sql(
            f"EXECUTE msdb.dbo.sp_add_jobstep @job_name = N'{quote}', @step_name = N's{number}',"
            f" @command = N'{text}', @on_success_action = {3 if number == 1 else 1}, @retry_attempts = 2"
        )
    production.sql(
        f"EXECUTE msdb.dbo.sp_add_jobschedule @job_name = N'{quote}', @name = N'nightly', @freq_type = 4,"
        " @freq_interval = 1, @active_start_time = 13000"
    )
    done = follow(failover, production)
    assert {"name": name, "enabled": True} in done["record"]["jobs"]
    assert failover.sql("SELECT enabled FROM msdb.dbo.sysjobs WHERE name = ?", name)[0][0] == 0
    assert not follow(failover, production)["changed"]
    production.sql(
        f"EXECUTE msdb.dbo.sp_update_jobstep @job_name = N'{quote}', @step_id = 2, @command = N'PRINT ''c'''"
    )
    assert follow(failover, production)["changed"] and not follow(failover, production)["changed"]
    steps = failover.sql(
        "SELECT s.command, s.on_success_action, s.retry_attempts FROM msdb.dbo.sysjobsteps AS s"
        " JOIN msdb.dbo.sysjobs AS j ON j.job_id = s.job_id WHERE j.name = ? ORDER BY s.step_id",
        name,
    )
    assert [tuple(one) for one in steps] == [("PRINT 'a'", 3, 2), ("PRINT 'c'", 1, 2)]
    failover.sql(f"EXECUTE msdb.dbo.sp_update_job @job_name = N'{quote}', @enabled = 1")
    told = follow(failover, production)
    assert not told["changed"]
    assert any(one["item"] == name and "runs on both servers" in one["msg"] for one in told["remarks"])
    assert not any(one["item"] == name for one in follow(failover, production, spare_jobs=[name])["remarks"])
    failover.sql(f"EXECUTE msdb.dbo.sp_update_job @job_name = N'{quote}', @enabled = 0")


def test_settings_that_do_not_belong_to_the_machine_follow(production: Instance, failover: Instance) -> None:
    production.sql("EXECUTE sp_configure 'show advanced options', 1; RECONFIGURE")
    for option, value in (("xp_cmdshell", 1), ("backup compression default", 1), ("max server memory (MB)", 4096)):
        production.sql(f"EXECUTE sp_configure '{option}', {value}; RECONFIGURE")
    told = follow(failover, production, parts=["settings"])
    values = dict(map(tuple, failover.sql("SELECT name, value_in_use FROM sys.configurations")))
    assert values["xp_cmdshell"] == 1 and values["backup compression default"] == 1
    assert values["max server memory (MB)"] != 4096 and values["show advanced options"] == 0
    assert [one["item"] for one in told["remarks"]] == ["max server memory (MB)"]
    assert not follow(failover, production, parts=["settings"])["changed"]


def test_what_cannot_be_copied_is_told(production: Instance, failover: Instance) -> None:
    production.sql("EXECUTE sp_addlinkedserver @server = N'ARCHIVE', @srvproduct = N'', @provider = N'MSOLEDBSQL',"
                   " @datasrc = N'archive.lan'")  # fmt: skip
    production.sql("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Str0ng-Enough'")
    production.sql("CREATE CERTIFICATE ForBackups WITH SUBJECT = 'backups'")
    told = follow(failover, production, parts=["linked_servers", "certificates"])
    found = {one["part"]: one for one in told["remarks"]}
    assert "archive.lan" in found["linked_servers"]["msg"] and "sp_addlinkedsrvlogin" in found["linked_servers"]["hint"]
    assert "ForBackups" in found["certificates"]["item"] and "PRIVATE KEY" in found["certificates"]["hint"]
    assert not told["changed"]
    failover.sql("EXECUTE sp_addlinkedserver @server = N'ARCHIVE', @srvproduct = N'', @provider = N'MSOLEDBSQL',"
                 " @datasrc = N'elsewhere.lan'")  # fmt: skip
    (other,) = follow(failover, production, parts=["linked_servers"])["remarks"]
    assert "it leads to elsewhere.lan" in other["msg"]
    production.sql("DROP CERTIFICATE ForBackups; DROP MASTER KEY")


def test_whoever_may_not_read_hashes_is_refused(production: Instance, failover: Instance) -> None:
    name = f"viewer{next(_numbers)}"
    production.sql(f"CREATE LOGIN {name} WITH PASSWORD = 'Only-Looks-1'; GRANT VIEW ANY DEFINITION TO {name}")
    with pytest.raises(Exception, match="may not read hashed passwords"):
        failover.run("login_sync", source={**source(production), "login_user": name, "login_password": "Only-Looks-1"})


def test_one_login_that_fails_stops_no_other(production: Instance, failover: Instance, clerk: str) -> None:
    other = f"zz{next(_numbers)}"
    production.sql(f"CREATE LOGIN {other} WITH PASSWORD = 'Some-Pass-1'")
    failover.sql(f"CREATE LOGIN {quoted(clerk)} WITH PASSWORD = 'Made-By-Hand-1'")
    before = row(failover, clerk)
    taken = f"{clerk}_was_{before[0].hex()[:8].upper()}"
    failover.sql(f"CREATE LOGIN {quoted(taken)} WITH PASSWORD = 'Made-By-Hand-1'")
    told = follow(failover, production)
    assert told["failed"] and "15025" in told["msg"] and "HINT:" in told["msg"]
    assert row(failover, clerk) == before and row(failover, other) == row(production, other)
    failover.sql(f"DROP LOGIN {quoted(taken)}")
    assert not follow(failover, production).get("failed")
    assert row(failover, clerk) == row(production, clerk)
