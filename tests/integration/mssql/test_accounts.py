# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_accounts: logins with the rights they need, with one SID on both servers, and no password in any answer."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pyodbc
import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

from .conftest import Instance, MakeSales

_numbers = itertools.count(1)
SECRET = "It's-secret-1"


def account(**others: Any) -> dict[str, Any]:
    return {
        "name": f"O'Neill] backup {next(_numbers)}",
        "password": SECRET,
        "permissions": ["VIEW SERVER STATE", "VIEW ANY DEFINITION"],
        "roles": ["db_backupoperator"],
        "msdb_roles": ["db_datareader"],
        **others,
    }


def quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def open_as(server: Instance, login: str, password: str = SECRET) -> pyodbc.Connection:
    text = f"DRIVER=FreeTDS;SERVER=127.0.0.1;PORT={server.port};UID={{{login}}};PWD={{{password}}};"
    return pyodbc.connect(text + "TDS_Version=7.4;Encryption=require;", timeout=30, autocommit=True)


def sid(server: Instance, name: str) -> Any:
    rows = server.sql("SELECT sid FROM sys.server_principals WHERE name = ?", name)
    return rows[0][0] if rows else None


def test_an_account_is_made_once_and_can_do_its_work(make_sales: MakeSales, production: Instance) -> None:
    sales, one = make_sales(), account()
    wanted: dict[str, Any] = {"accounts": [one], "databases": [sales.name]}
    looked = production.run("accounts", check_mode=True, **wanted)
    assert looked["changed"] and sid(production, one["name"]) is None
    done = production.run("accounts", **wanted)
    assert done["changes"] == looked["changes"] and not done["warnings"]
    assert done["sids"] == {one["name"]: "0x" + sid(production, one["name"]).hex().upper()}
    again = production.run("accounts", **wanted)
    assert not again["changed"] and not again["remarks"]
    login = {"login_user": one["name"], "login_password": SECRET}
    backup: dict[str, Any] = {"databases": [sales.name], "backup_type": "full", "directory": str(sales.folder), **login}
    for place in production.run("backup", check_mode=True, **backup)["backups"]:
        Path(place["files"][0]).parent.mkdir(parents=True)  # its host does that: this login may not
    made = production.run("backup", **backup)
    assert not made.get("failed"), made
    with pytest.raises(pyodbc.Error, match=r"permission|denied"):
        connection = open_as(production, one["name"])
        connection.execute(f"SELECT * FROM {quoted(sales.name)}.dbo.Sale").fetchall()


def test_no_answer_holds_a_password(production: Instance) -> None:
    one = account()
    texts = [json.dumps(production.run("accounts", check_mode=look, accounts=[one])) for look in (True, False)]
    weak = production.run("accounts", accounts=[account(password="we'ak")])
    assert weak["failed"]
    for text in [*texts, json.dumps(weak)]:
        assert "secret-1" not in text and "we'ak" not in text and "we''ak" not in text
        assert "PASSWORD = N'...'" in text or "PASSWORD" not in text


def test_both_servers_have_the_same_sid(production: Instance, failover: Instance) -> None:
    one = account()
    early = failover.run("accounts", accounts=[one], sids={})
    assert early["failed"] and "not on the other server yet" in early["msg"] and sid(failover, one["name"]) is None
    sids = production.run("accounts", accounts=[one])["sids"]
    assert failover.run("accounts", accounts=[one], sids=sids)["changed"]
    assert sid(failover, one["name"]) == sid(production, one["name"])
    open_as(failover, one["name"]).close()
    assert not failover.run("accounts", accounts=[one], sids=sids)["changed"]


def test_a_namesake_with_another_sid_is_refused_and_gets_nothing(production: Instance, failover: Instance) -> None:
    one = account()
    failover.sql(f"CREATE LOGIN {quoted(one['name'])} WITH PASSWORD = 'Made-by-hand-1'")
    sids = production.run("accounts", accounts=[one])["sids"]
    told = failover.run("accounts", accounts=[one], sids=sids)
    assert told["failed"] and "logins_rename" in told["hint"] and not told["changed"]
    open_as(failover, one["name"], "Made-by-hand-1").close()


def test_a_new_password_is_given_and_more_rights_are_told(production: Instance) -> None:
    one = account()
    production.run("accounts", accounts=[one])
    production.sql(f"ALTER LOGIN {quoted(one['name'])} WITH PASSWORD = 'Changed-by-hand-1'")
    production.sql(f"ALTER SERVER ROLE dbcreator ADD MEMBER {quoted(one['name'])}")
    production.sql(f"GRANT ALTER ANY LOGIN TO {quoted(one['name'])}")
    production.sql(f"USE msdb; ALTER ROLE db_backupoperator ADD MEMBER {quoted(one['name'])}")
    told = production.run("accounts", accounts=[one])
    assert [change["what"] for change in told["changes"]] == ["give it its password"]
    open_as(production, one["name"]).close()
    assert {remark["part"] for remark in told["remarks"]} == {"more"}
    told_of = " ".join(remark["msg"] for remark in told["remarks"])
    assert "dbcreator, ALTER ANY LOGIN" in told_of and "db_backupoperator" in told_of


def test_what_was_disabled_or_denied_stays_so_and_is_told(production: Instance) -> None:
    one = account()
    production.run("accounts", accounts=[one])
    production.sql(f"ALTER LOGIN {quoted(one['name'])} DISABLE; DENY VIEW SERVER STATE TO {quoted(one['name'])}")
    told = production.run("accounts", accounts=[one])
    assert not told["changed"] and len(told["warnings"]) == 2
    assert any("ENABLE" in text for text in told["warnings"]) and any("REVOKE" in text for text in told["warnings"])


def test_an_orphan_is_mapped_and_an_owner_needs_no_user(make_sales: MakeSales, production: Instance) -> None:
    sales, owned, one = make_sales(), make_sales(), account()
    name = quoted(one["name"])
    production.sql(f"CREATE LOGIN {name} WITH PASSWORD = 'Gone-soon-1'")
    production.sql(f"CREATE USER {name} FOR LOGIN {name}", database=sales.name)
    production.sql(f"DROP LOGIN {name}")
    production.run("accounts", accounts=[one])
    production.sql(f"ALTER AUTHORIZATION ON DATABASE::{quoted(owned.name)} TO {name}")
    told = production.run("accounts", accounts=[one], databases=[sales.name, owned.name])
    assert [change["what"] for change in told["changes"]] == [
        f"map its user to it in {sales.name}", f"add it to db_backupoperator in {sales.name}",
    ]  # fmt: skip
    assert not production.run("accounts", accounts=[one], databases=[sales.name, owned.name])["changed"]


def test_a_member_of_sysadmin_needs_nothing_granted(production: Instance) -> None:
    one = account(server_roles=["sysadmin"], roles=[], msdb_roles=[])
    told = production.run("accounts", accounts=[one])
    assert [change["what"] for change in told["changes"]] == ["create it", "make it a member of sysadmin"]
    with pytest.raises(RecoveryError, match="cannot be made by itself"):
        production.run("accounts", accounts=[one], login_user=one["name"], login_password=SECRET)


def test_one_that_fails_stops_no_other(production: Instance) -> None:
    weak, good = account(password="weak"), account()
    told = production.run("accounts", accounts=[weak, good])
    assert told["failed"] and told["msg"].count("15118") == 1 and "1 could not be done" in told["msg"]
    assert sid(production, good["name"]) is not None and sid(production, weak["name"]) is None
