# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_instance against a simulated SQL Server: what is set, what is told, and that a second run changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.instance import (
    agent_remarks,
    database_changes,
    path_remarks,
    setting_changes,
)

from .conftest import Instance, MakeSales

LINUX = {"ProductVersion": "15.0.4385.2", "Edition": "Standard Edition (64-bit)", "Version": "... on Linux (Debian)"}
WINDOWS = {**LINUX, "Version": "... on Windows Server 2019"}
OPTION = {"value": 0, "value_in_use": 0, "is_dynamic": True}


def values(server: Instance) -> dict[str, tuple[int, int]]:
    rows = server.sql("SELECT name, value, value_in_use FROM sys.configurations")
    return {name: (value, in_use) for name, value, in_use in rows}


def of_database(server: Instance, name: str) -> tuple[str, str]:
    query = "SELECT recovery_model_desc, page_verify_option_desc FROM sys.databases WHERE name = ?"
    return tuple(server.sql(query, name)[0])


def test_a_server_is_settled_once_and_shown_before(make_sales: MakeSales, production: Instance) -> None:
    sales = make_sales(recovery_model="SIMPLE")
    quoted = "[" + sales.name.replace("]", "]]") + "]"
    production.sql(f"ALTER DATABASE {quoted} SET PAGE_VERIFY NONE")
    production.sql("EXECUTE sp_configure 'backup checksum default', 0; RECONFIGURE")
    wanted: dict[str, Any] = {"databases": [sales.name, "Not there"], "backup_directory": "/elsewhere"}
    looked = production.run("instance", check_mode=True, **wanted)
    assert looked["changed"] and of_database(production, sales.name) == ("SIMPLE", "NONE")
    assert values(production)["backup checksum default"] == (0, 0)
    done = production.run("instance", **wanted)
    assert done["changed"] and done["changes"] == looked["changes"] and done["diff"] == looked["diff"]
    assert of_database(production, sales.name) == ("FULL", "CHECKSUM")
    names = ("backup checksum default", "backup compression default", "remote admin connections")
    assert {values(production)[name] for name in names} == {(1, 1)}
    assert {(one["part"], one["item"]) for one in done["remarks"]} >= {
        ("databases", sales.name), ("absent", "Not there"), ("paths", "backup"),
    }  # fmt: skip
    assert done["accounts"] == {"engine": "mssql", "agent": "mssql"}
    again = production.run("instance", **wanted)
    assert not again["changed"] and again["changes"] == [] and again["diff"]["after"] == ""
    (warning,) = again["warnings"]
    assert sales.name in warning and "Take a full backup now" in warning, "until there is one, every run says so"
    (warning,) = production.run("instance", **wanted, inventory=["inventory/rs-uji"])["warnings"]
    assert "ansible-playbook -i inventory/rs-uji playbooks/backup.yml -e backup_type=full" in warning
    sales.back_up("full")
    assert not production.run("instance", **wanted)["warnings"]


def test_a_failover_that_restores_is_left_alone(make_sales: MakeSales, production: Instance) -> None:
    sales = make_sales()
    sales.back_up("full")
    quoted = "[" + sales.name.replace("]", "]]") + "]"
    production.sql(f"BACKUP LOG {quoted} TO DISK = N'{sales.folder}/tail.trn' WITH NORECOVERY")
    told = production.run("instance", databases=[sales.name])
    assert not [one for one in told["changes"] + told["remarks"] if one["item"] == sales.name]


def test_a_login_without_the_right_is_refused_before_anything(production: Instance) -> None:
    production.sql("CREATE LOGIN settles_nothing WITH PASSWORD = 'Long-enough-1'")
    with pytest.raises(RecoveryError, match="CONTROL SERVER"):
        production.run("instance", login_user="settles_nothing", login_password="Long-enough-1")


def test_a_value_that_is_no_number_is_refused(production: Instance) -> None:
    with pytest.raises(InvalidInput, match="is no number"):
        production.run("instance", settings={"backup checksum default": "perhaps"})


def test_what_one_change_fails_at_stops_no_other(production: Instance) -> None:
    production.sql("EXECUTE sp_configure 'remote login timeout (s)', 10; RECONFIGURE")
    settings = {"remote query timeout (s)": -5, "remote login timeout (s)": 11}
    told = production.run("instance", settings=settings)
    assert told["failed"] and "remote query timeout" in told["msg"]
    assert values(production)["remote login timeout (s)"] == (11, 11)


def test_a_setting_that_an_old_server_does_not_know_is_told() -> None:
    old = {**WINDOWS, "ProductVersion": "11.0.7001.0"}
    changes, remarks = setting_changes({"backup checksum default": 1, "no such": 1}, [], old)
    assert not changes and "SQL Server 2014" in remarks[0].msg and "spelling" in remarks[1].hint


def test_what_waits_for_a_restart_is_told() -> None:
    row = {**OPTION, "name": "remote access", "is_dynamic": False}
    changes, remarks = setting_changes({"remote access": 1}, [row], LINUX)
    assert len(changes) == 1 and "restarted" in remarks[0].msg
    changes, remarks = setting_changes({"remote access": 1}, [{**row, "value": 1}], LINUX)
    assert not changes and "restarted" in remarks[0].msg
    changes, remarks = setting_changes({"x": 1}, [{**OPTION, "name": "x", "value": 1}], LINUX)
    assert [one.statement for one in changes] == ["RECONFIGURE"] and not remarks


def test_an_edition_that_cannot_compress_is_left_as_it_is() -> None:
    express = {**LINUX, "Edition": "Express Edition (64-bit)"}
    row = {**OPTION, "name": "backup compression default"}
    changes, remarks = setting_changes({"backup compression default": 1}, [row], express)
    assert not changes and "cannot compress" in remarks[0].msg
    assert "has none" in agent_remarks([], express)[0].msg


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"recovery_model_desc": "BULK_LOGGED"}, "log backup now"),
        ({"recovery_model_desc": "BULK_LOGGED", "last_log_backup_lsn": None}, "full backup now"),
        ({"recovery_model_desc": "SIMPLE"}, "full backup now"),
        ({"last_log_backup_lsn": None}, "full backup now"),
        ({"page_verify_option_desc": "NONE", "is_read_only": True}, "Let it be written to"),
        ({"page_verify_option_desc": "TORN_PAGE_DETECTION"}, "Rebuild"),
        ({}, ""),
    ],
)
def test_what_a_database_still_needs(changed: dict[str, Any], expected: str) -> None:
    row = {
        "name": "Sales", "state_desc": "ONLINE", "is_in_standby": False, "is_read_only": False,
        "page_verify_option_desc": "CHECKSUM", "recovery_model_desc": "FULL", "last_log_backup_lsn": 37, **changed,
    }  # fmt: skip
    _changes, remarks = database_changes(["sales"], [row])
    assert [expected in one.hint for one in remarks] == ([True] if expected else [])


def test_folders_are_compared_as_the_system_does_and_told_with_their_command() -> None:
    paths = {f"InstanceDefault{kind}Path": "D:\\Data\\" for kind in ("Data", "Log", "Backup")}
    wanted = {"data": "d:/data", "log": "", "backup": "E:\\Backup"}
    (remark,) = path_remarks(wanted, {**WINDOWS, **paths})
    assert remark.item == "backup" and "Management Studio" in remark.hint
    (remark,) = path_remarks(wanted, {**LINUX, **paths})
    assert "mssql-conf set filelocation.defaultbackupdir E:\\Backup" in remark.hint


@pytest.mark.parametrize(
    ("row", "server", "expected"),
    [
        (None, LINUX, "sqlagent.enabled"),
        ({"status_desc": "Stopped"}, WINDOWS, "net start SQLAgent$HIS"),
        ({"startup_type_desc": "Manual"}, WINDOWS, "start= auto"),
        ({}, WINDOWS, ""),
    ],
)
def test_an_agent_that_does_not_run_is_told(row: dict[str, Any] | None, server: dict[str, Any], expected: str) -> None:
    agent = {"servicename": "SQL Server Agent (HIS)", "status_desc": "Running", "startup_type_desc": "Automatic"}
    remarks = agent_remarks([] if row is None else [{**agent, **row}], server)
    assert [expected in one.hint for one in remarks] == ([True] if expected else [])
