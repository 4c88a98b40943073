# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_restore against simulated SQL Servers: what is restored, what needs a decision, and how it goes on."""

from __future__ import annotations

import json
import threading
import time

import pyodbc
import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DatabaseInUse

from .conftest import Instance, MakeSales, Sales
from .restoring import SAVED, chain, overwrite, restore

pytestmark = pytest.mark.slow


@pytest.fixture
def sales(make_sales: MakeSales) -> Sales:
    return chain(make_sales)


def test_all_that_was_backed_up_is_back(sales: Sales, failover: Instance) -> None:
    plan = sales.plan(failover)
    result = restore(sales, failover, plan)
    assert not result.get("failed"), result
    assert result["changed"]
    done = result["databases"][0]
    assert done["state"] == "ONLINE"
    assert [step["action"] for step in done["steps"]] == [step["action"] for step in plan["steps"]]
    assert all(step["seconds"] >= 0 and step["statement"] for step in done["steps"])
    assert sales.texts(failover) == SAVED
    assert result["statements"][-1].startswith("RESTORE DATABASE [Sale's]] ")


def test_a_point_in_time_is_reached(make_sales: MakeSales, failover: Instance, production: Instance) -> None:
    sales = make_sales()
    sales.back_up("full")
    time.sleep(1.1)  # backup files know whole seconds
    sales.write("wanted")
    time.sleep(0.3)
    at = production.sql("SELECT SYSDATETIME()")[0][0]
    time.sleep(0.3)
    sales.write("unwanted")
    time.sleep(1.1)
    sales.back_up("log")
    plan = sales.plan(failover, target_time=at.isoformat(timespec="milliseconds"))
    assert plan["steps"][-2]["stop_at"]
    result = restore(sales, failover, plan)
    assert not result.get("failed"), result
    assert sales.texts(failover) == ["wanted"]
    verified = failover.run("verify", plans=[plan])
    assert not verified.get("failed"), verified["msg"]


def test_done_again_it_changes_nothing(sales: Sales, failover: Instance) -> None:
    assert not restore(sales, failover, sales.plan(failover)).get("failed")
    again = sales.plan(failover)
    assert again["already_there"]
    result = restore(sales, failover, again)
    assert not result["changed"]
    assert result["already_there"]
    assert result["statements"] == []


def test_check_mode_touches_nothing(sales: Sales, failover: Instance) -> None:
    plan = sales.plan(failover)
    result = restore(sales, failover, plan, check_mode=True)
    assert not result.get("failed"), result
    assert result["changed"]
    assert len(result["statements"]) == len(plan["steps"])
    assert failover.state_of(sales.name) == "absent"


def test_an_online_database_is_not_overwritten_without_a_decision(sales: Sales, production: Instance) -> None:
    plan, decision = overwrite(sales, production)
    for options in ({}, {"replace": True}, {"replace": True, "confirmed_plan": ["0" * 64]}):
        with pytest.raises(DatabaseInUse, match=r"ONLINE|confirmed"):
            restore(sales, production, plan, **options)
    assert sales.texts() == [*SAVED, "lost"]
    changed = json.loads(json.dumps(plan))
    changed["steps"] = changed["steps"][:1] + changed["steps"][-1:]
    with pytest.raises(DatabaseInUse, match="is not the one that was confirmed"):
        restore(sales, production, changed, **decision)
    assert sales.texts() == [*SAVED, "lost"]


def test_a_decision_overwrites_and_throws_everybody_out(sales: Sales, production: Instance) -> None:
    """Applications that reconnect at once are no obstacle."""
    over = threading.Event()
    thrown_out: list[str] = []

    def work() -> None:
        while not over.is_set():
            try:
                connection = production.connect(sales.name, program="MyHospital")
                while not over.is_set():
                    connection.execute("SELECT COUNT(*) FROM dbo.Sale").fetchone()
            except pyodbc.Error as error:
                thrown_out.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.3)
        plan, decision = overwrite(sales, production)
        result = restore(sales, production, plan, **decision)
    finally:
        over.set()
        for thread in threads:
            thread.join(10)
    assert not result.get("failed"), result["msg"]
    assert thrown_out
    assert sales.texts() == SAVED
    access = production.sql("SELECT user_access_desc FROM sys.databases WHERE name = ?", sales.name)
    assert access[0][0] == "MULTI_USER"


@pytest.mark.parametrize("done", range(1, 6))
def test_an_interrupted_restore_goes_on_with_the_same_plan(sales: Sales, failover: Instance, done: int) -> None:
    plan = sales.plan(failover)
    cut = {**plan, "steps": plan["steps"][:done]}
    first = restore(sales, failover, cut)
    assert not first.get("failed"), first["msg"]
    assert failover.state_of(sales.name) == "RESTORING"
    result = restore(sales, failover, plan)
    assert not result.get("failed"), result["msg"]
    assert result["databases"][0]["steps_done_before"] == done
    assert len(result["databases"][0]["steps"]) == len(plan["steps"]) - done
    assert sales.texts(failover) == SAVED


def test_an_interrupted_restore_goes_on_with_a_new_plan(sales: Sales, failover: Instance) -> None:
    plan = sales.plan(failover)
    restore(sales, failover, {**plan, "steps": plan["steps"][:3]})
    again = sales.plan(failover)
    assert again["steps"][0]["action"] == "restore_log"
    result = restore(sales, failover, again)
    assert not result.get("failed"), result["msg"]
    assert sales.texts(failover) == SAVED
