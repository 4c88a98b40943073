# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_info against a simulated SQL Server."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.database_state import DatabaseState
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, StatementFailed
from ansible_collections.ics.deadpool.plugins.modules import mssql_info

from .conftest import Instance, MakeSales


def test_every_subset(make_sales: MakeSales, production: Instance) -> None:
    sales = make_sales()
    backup = sales.back_up("full")
    info = production.run("info", gather_subset=["all"])
    server = info["server"]
    assert server["server_name"] == "SQL1"
    assert server["utc_offset_minutes"] == 420
    assert datetime.fromisoformat(server["local_time"]).utcoffset() == timedelta(hours=7)
    assert server["version"].startswith("15.0.")
    assert server["default_data_directory"]

    database = next(one for one in info["databases"] if one["name"] == sales.name)
    assert (database["state"], database["recovery_model"], database["is_system"]) == ("ONLINE", "FULL", False)
    assert {file["type"] for file in database["files"]} == {"ROWS", "LOG"}
    assert all(file["size"] > 0 for file in database["files"])
    assert database["family_guid"] == backup["family_guid"]
    assert {"master", "tempdb", "model", "msdb"} <= {one["name"] for one in info["databases"] if one["is_system"]}

    assert all(volume["available_bytes"] > 0 for volume in info["volumes"]) and info["volumes"]
    assert any(session["program_name"] == "ics.deadpool" for session in info["sessions"])
    assert any(login["name"] == "sa" and login["sid"] == "0x01" for login in info["logins"])
    newest = [one for one in info["last_backups"] if one["database_name"] == sales.name]
    assert [one["backup_set_guid"] for one in newest] == [backup["backup_set_guid"]]
    assert isinstance(info["jobs"], list)
    json.dumps(info)


def test_states_are_what_the_planner_reads(make_sales: MakeSales, production: Instance) -> None:
    sales = make_sales()
    info = production.run("info", gather_subset=["databases"], databases=[sales.name])
    assert list(info["database_states"]) == [sales.name]
    state = DatabaseState.from_dict(json.loads(json.dumps(info["database_states"][sales.name])))
    assert state.state == "ONLINE"
    assert state.family_guid
    assert len(state.files) == 2


def test_an_unknown_database_is_named(production: Instance) -> None:
    with pytest.raises(InvalidInput, match="there is no database Nowhere") as caught:
        production.run("info", databases=["Nowhere"])
    assert "There are: " in caught.value.hint


def test_every_key_is_documented(production: Instance) -> None:
    import yaml

    documented = set(yaml.safe_load(mssql_info.RETURN))
    assert set(production.run("info", gather_subset=["all"])) <= documented


def test_who_may_not_see_sessions_is_told_so(production: Instance) -> None:
    production.sql("CREATE LOGIN blind WITH PASSWORD = N'Secret-1', CHECK_POLICY = OFF")
    account = {"login_user": "blind", "login_password": "Secret-1"}
    try:
        with pytest.raises(StatementFailed, match="may not see the sessions of others") as caught:
            production.run("info", gather_subset=["sessions"], **account)
        assert "VIEW SERVER STATE" in caught.value.hint
        assert production.run("info", gather_subset=["server"], **account)["reachable"]
        production.sql("GRANT VIEW SERVER STATE TO blind")
        assert production.run("info", gather_subset=["sessions"], **account)["sessions"]
    finally:
        # A closed connection's session ends a moment later; until then its login cannot be dropped (15434).
        deadline = time.monotonic() + 10
        while production.sql("SELECT 1 FROM sys.dm_exec_sessions WHERE login_name = N'blind'"):
            assert time.monotonic() < deadline, "a session stays"
            time.sleep(0.05)
        production.sql("DROP LOGIN blind")
