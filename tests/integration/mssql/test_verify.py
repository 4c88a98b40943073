# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_verify against simulated SQL Servers: proof, and what is not proof."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from .conftest import Instance, MakeSales, Sales


@pytest.fixture
def recovered(make_sales: MakeSales, failover: Instance) -> tuple[Sales, dict[str, Any]]:
    sales = make_sales()
    sales.write("a")
    sales.back_up("full")
    sales.write("b")
    sales.back_up("log")
    plan = sales.plan(failover)
    result = failover.run("restore", plans=[plan], source_directory=str(sales.folder))
    assert not result.get("failed"), result
    return sales, plan


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {one["item"]: one["verdict"] for one in result["verdicts"]}


def test_a_recovery_is_proven(recovered: tuple[Sales, dict[str, Any]], failover: Instance) -> None:
    sales, plan = recovered
    canary = {
        "database": sales.name,
        "schema": "dbo",
        "table": "Sale",
        "time_column": "WrittenAt",
        "utc": True,
        "nothing_later": True,
    }
    result = failover.run("verify", plans=[plan], canaries=[canary], checkdb=True)
    assert not result.get("failed"), result["msg"]
    assert not result["changed"]
    assert verdicts(result) == dict.fromkeys(
        ["online", "multi_user", "read_write", "reached", "orphaned_users", "checkdb", "last_transaction"], "proven"
    )
    assert result["last_transactions"][sales.name].endswith("+00:00")


def test_a_row_that_came_after_the_target_time_is_no_proof(make_sales: MakeSales, failover: Instance) -> None:
    sales = make_sales()
    sales.back_up("full")
    time.sleep(1.1)  # backup files know whole seconds
    sales.write("a")
    at = sales.server.sql("SELECT SYSDATETIME()")[0][0]
    time.sleep(1.1)
    sales.back_up("log")
    plan = sales.plan(failover, target_time=at.isoformat(timespec="milliseconds"))
    assert not failover.run("restore", plans=[plan], source_directory=str(sales.folder)).get("failed")
    canary = {"database": sales.name, "schema": "dbo", "table": "Sale", "time_column": "WrittenAt", "utc": True}
    questions: dict[str, Any] = {"plans": [plan], "canaries": [{**canary, "nothing_later": True}]}
    good = failover.run("verify", **questions)
    assert not good.get("failed"), good["msg"]
    sales.write("b")  # on production, which does not matter
    assert not failover.run("verify", **questions).get("failed")
    failover.sql("INSERT INTO dbo.Sale (Text, WrittenAt) VALUES (N'b', SYSUTCDATETIME())", database=sales.name)
    bad = failover.run("verify", **questions)
    assert bad["failed"]
    assert verdicts(bad)["last_transaction"] == "not_proven"
    assert not failover.run("verify", plans=[plan], canaries=[{**canary, "nothing_later": False}]).get("failed")


def test_another_plan_is_not_proven(recovered: tuple[Sales, dict[str, Any]], failover: Instance) -> None:
    sales, _plan = recovered
    sales.write("c")
    sales.back_up("log")
    later = sales.plan(failover, replace=True)
    result = failover.run("verify", plans=[later])
    assert result["failed"]
    assert verdicts(result)["reached"] == "not_proven"
    assert "was not restored" in result["msg"]


def test_a_database_that_is_not_there_is_not_proven(failover: Instance) -> None:
    result = failover.run("verify", databases=["Nowhere"])
    assert result["failed"]
    assert "there is no such database" in result["msg"]


def test_nothing_asked_is_no_success(failover: Instance) -> None:
    assert failover.run("verify")["failed"]


def test_orphaned_users_are_found_and_repaired(make_sales: MakeSales, production: Instance, failover: Instance) -> None:
    sales = make_sales()
    for server in (production, failover):  # each gives the login a SID of its own
        server.sql("CREATE LOGIN [Ph]]armacy'☃] WITH PASSWORD = N'Secret-1', CHECK_POLICY = OFF")
    production.sql("CREATE LOGIN [only here] WITH PASSWORD = N'Secret-1', CHECK_POLICY = OFF")
    for user in ("[Ph]]armacy'☃]", "[only here]"):
        production.sql(f"CREATE USER {user} FOR LOGIN {user}", database=sales.name)
    sales.back_up("full")
    plan = sales.plan(failover)
    assert not failover.run("restore", plans=[plan], source_directory=str(sales.folder)).get("failed")

    found = failover.run("verify", databases=[sales.name])
    assert found["failed"]
    assert sorted(one["user"] for one in found["orphaned_users"]) == ["Ph]armacy'☃", "only here"]
    assert not found["changed"]

    repaired = failover.run("verify", databases=[sales.name], repair_orphaned_users=True)
    assert repaired["failed"]  # one has no login here
    assert repaired["changed"]
    assert {one["user"]: one["repaired"] for one in repaired["orphaned_users"]} == {
        "Ph]armacy'☃": True,
        "only here": False,
    }
    assert "Create the login only here with SID = 0x" in repaired["msg"]
    sid = next(one["sid"] for one in repaired["orphaned_users"] if one["user"] == "only here")
    failover.sql(f"CREATE LOGIN [only here] WITH PASSWORD = N'Secret-1', SID = {sid}, CHECK_POLICY = OFF")
    again = failover.run("verify", databases=[sales.name], repair_orphaned_users=True)
    assert not again.get("failed"), again["msg"]
    assert not again["changed"]


def program(name: str, **others: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("login", "host", "database", "since"))
    return {"program": name, **blank, "sessions": 1, **others}


def test_the_server_sees_who_works_with_it(recovered: tuple[Sales, dict[str, Any]], failover: Instance) -> None:
    sales, _plan = recovered
    connection = failover.connect(sales.name, program="MyHospital Pharmacy")
    try:
        here = [program("MyHospital Pharmacy", login="sa", database=sales.name)]
        result = failover.run("verify", expect_programs=here)
        assert not result.get("failed"), result["msg"]
        assert result["sessions"][0]["program_name"] == "MyHospital Pharmacy"
        for wrong in (
            program("MyHospital Billing"),
            program("MyHospital Pharmacy", login="pharmacy"),
            program("MyHospital Pharmacy", sessions=2),
            program("MyHospital Pharmacy", since="2099-01-01T00:00:00+07:00"),
        ):
            assert failover.run("verify", expect_programs=[wrong])["failed"]
        forbidden = failover.run("verify", forbid_programs=["MyHospital Pharmacy", "MyHospital Billing"])
        assert [one["verdict"] for one in forbidden["verdicts"]] == ["not_proven", "proven"]
    finally:
        connection.close()


def test_it_waits_for_a_program_to_come(failover: Instance) -> None:
    opened: list[Any] = []
    timer = threading.Timer(0.7, lambda: opened.append(failover.connect(program="Late")))
    timer.start()
    try:
        result = failover.run("verify", expect_programs=[program("Late")], wait_seconds=10)
        assert not result.get("failed"), result["msg"]
    finally:
        timer.join()
        opened[0].close()


def test_who_may_not_see_the_sessions_proves_nothing(failover: Instance) -> None:
    failover.sql("CREATE LOGIN blind WITH PASSWORD = N'Secret-1', CHECK_POLICY = OFF")
    login: dict[str, Any] = {"login_user": "blind", "login_password": "Secret-1"}
    questions: list[dict[str, Any]] = [{"forbid_programs": ["Late"]}, {"expect_programs": [program("Late")]}]
    for question in questions:
        result = failover.run("verify", **{**login, **question})
        assert result["failed"]
        assert "may not see the sessions of others" in result["msg"]
