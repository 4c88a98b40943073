# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_restore against simulated SQL Servers: what is restored, what is refused, and what stands after a failure."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pyodbc
import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import mssql_restore_all
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    DatabaseInUse,
    InvalidInput,
    StatementFailed,
)

from .conftest import Instance, MakeSales, Sales


@pytest.fixture
def sales(make_sales: MakeSales) -> Sales:
    """Full, differential and three logs; one row that is in none of them."""
    sales = make_sales()
    sales.write("in full")
    sales.back_up("full")
    sales.write("in differential")
    sales.back_up("differential")
    for n in (1, 2, 3):
        sales.write(f"in log {n}")
        sales.back_up("log")
    sales.write("lost")
    return sales


SAVED = ["in full", "in differential", "in log 1", "in log 2", "in log 3"]


def restore(sales: Sales, target: Instance, plan: dict[str, Any], **options: Any) -> dict[str, Any]:
    return target.run("restore", plans=[plan], source_directory=str(sales.folder), **options)


def overwrite(sales: Sales, target: Instance) -> tuple[dict[str, Any], dict[str, Any]]:
    """A plan over the database that is there, and the options of the decision for it."""
    from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision import plan_digest

    plan = sales.plan(target, replace=True, restore_again=True)
    return plan, {"replace": True, "confirmed_plan": [plan_digest(plan)]}


def state_of(target: Instance, sales: Sales) -> str:
    rows = target.sql("SELECT state_desc FROM sys.databases WHERE name = ?", sales.name)
    return str(rows[0][0]) if rows else "absent"


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
    assert state_of(failover, sales) == "absent"


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
    assert state_of(failover, sales) == "RESTORING"
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


def test_what_was_taken_offline_goes_back_to_work_when_the_restore_cannot_begin(
    sales: Sales, production: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file vanishes after it was looked at."""
    plan, decision = overwrite(sales, production)
    path = sales.folder / plan["files"][0].lstrip("/")
    look = mssql_restore_all._look_first

    def look_and_lose(*arguments: Any) -> None:
        look(*arguments)
        path.rename(path.with_suffix(".gone"))

    monkeypatch.setattr(mssql_restore_all, "_look_first", look_and_lose)
    result = restore(sales, production, plan, **decision)
    assert result["failed"]
    assert "Msg 3201" in result["msg"]
    assert "The database is ONLINE now" in result["hint"]
    assert any("SET OFFLINE" in text for text in result["statements"])
    assert sales.texts() == [*SAVED, "lost"]


def test_a_missing_file_is_noticed_before_anything_is_touched(sales: Sales, production: Instance) -> None:
    plan, decision = overwrite(sales, production)
    path = sales.folder / plan["files"][-1].lstrip("/")
    path.rename(path.with_suffix(".gone"))
    with pytest.raises(StatementFailed, match=r"Msg 3201") as caught:
        restore(sales, production, plan, **decision)
    assert "server itself opens that path" in caught.value.hint
    assert sales.texts() == [*SAVED, "lost"]


def test_a_file_with_another_content_is_noticed_before_anything_is_touched(sales: Sales, production: Instance) -> None:
    plan, decision = overwrite(sales, production)
    first, last = (sales.folder / plan["files"][n].lstrip("/") for n in (-2, -1))
    last.write_bytes(first.read_bytes())
    with pytest.raises(InvalidInput, match="and the plan wants backup set"):
        restore(sales, production, plan, **decision)
    last.write_text("this is no backup")
    with pytest.raises(StatementFailed, match=r"Msg 324\d"):
        restore(sales, production, plan, **decision)
    assert sales.texts() == [*SAVED, "lost"]


def test_a_failing_step_says_where_the_database_stands_and_can_be_resumed(sales: Sales, failover: Instance) -> None:
    plan = sales.plan(failover)
    path = sales.folder / plan["files"][-1].lstrip("/")
    good = path.read_bytes()
    path.write_bytes(_damaged(good))
    result = restore(sales, failover, plan)
    path.write_bytes(good)
    assert result["failed"]
    assert f"step {len(plan['steps']) - 1} of {len(plan['steps'])}, RESTORE LOG from /" in result["msg"]
    assert "Msg 3" in result["msg"]
    assert f"RESTORING now, {len(plan['steps']) - 2} of {len(plan['steps'])} steps stand" in result["hint"]
    assert state_of(failover, sales) == "RESTORING"
    result = restore(sales, failover, plan)
    assert not result.get("failed"), result["msg"]
    assert sales.texts(failover) == SAVED


def _damaged(content: bytes) -> bytes:
    """Turns one bit over in the stream of the log (MQTL): the file's header stays readable."""
    at = content.index(b"MQTL") + 300
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_several_databases_at_once_and_one_that_fails(
    make_sales: MakeSales, failover: Instance, tmp_path: Path
) -> None:
    several = [make_sales() for _ in range(3)]
    for sales in several:
        sales.write("first row")
        sales.back_up("full")
        sales.write("second row")
        sales.back_up("log")
    store = tmp_path / "store"
    plans = [sales.plan(failover) for sales in several]
    for sales in several:
        for path in sales.folder.rglob("*.[bt][ar][kn]"):
            target = store / path.relative_to(sales.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    broken = store / plans[1]["files"][-1].lstrip("/")
    broken.write_bytes(_damaged(broken.read_bytes()))
    progress = tmp_path / "progress.jsonl"
    result = failover.run("restore", plans=plans, source_directory=str(store), parallel=2, progress_file=str(progress))
    assert result["failed"]
    assert [bool(one.get("failed")) for one in result["databases"]] == [False, True, False]
    assert "1 of 3 databases were not restored" in result["msg"]
    assert several[0].texts(failover) == several[2].texts(failover) == ["first row", "second row"]
    events = [json.loads(line) for line in progress.read_text("utf-8").splitlines()]
    started = [event for event in events if event["event"] == "step_started"]
    assert {event["database"] for event in started} == {sales.name for sales in several}
    assert [event["event"] for event in events].count("database_ended") == 2
    assert [event["event"] for event in events].count("database_failed") == 1


@pytest.mark.parametrize("broken", [{}, {"database": "x"}, {"database": "x", "steps": [{"nonsense": 1}]}])
def test_what_is_no_plan_is_refused(failover: Instance, broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="is not a restore plan"):
        failover.run("restore", plans=[broken])


def test_two_plans_for_one_database_are_refused(sales: Sales, failover: Instance) -> None:
    plan = sales.plan(failover)
    with pytest.raises(InvalidInput, match="two plans"):
        failover.run("restore", plans=[plan, plan], source_directory=str(sales.folder))


def test_a_server_that_dies_in_the_middle_goes_on_when_it_is_back(sales: Sales, tmp_path: Path) -> None:
    target = Instance("SQL3", tmp_path / "third")
    target.start()
    try:
        plan = sales.plan(target)
        progress = tmp_path / "progress.jsonl"
        over = threading.Event()

        def kill() -> None:
            while not over.is_set():
                if progress.exists() and progress.read_text("utf-8").count("step_ended") >= 2:
                    target.kill()
                    return

        killer = threading.Thread(target=kill)
        killer.start()
        result = restore(sales, target, plan, progress_file=str(progress))
        over.set()
        killer.join(10)
        if result.get("failed"):  # it may have been faster than the killer
            assert "127.0.0.1" in result["msg"]
            assert "HINT: " in result["msg"]
        target.start()
        again = sales.plan(target)
        result = restore(sales, target, again)
        assert not result.get("failed"), result["msg"]
        assert sales.texts(target) == SAVED
    finally:
        target.stop()


def test_a_login_without_the_right_is_told_which_it_lacks(sales: Sales, failover: Instance) -> None:
    failover.sql("CREATE LOGIN nobody WITH PASSWORD = N'Secret-1', CHECK_POLICY = OFF")
    plan = sales.plan(failover)
    login = {"login_user": "nobody", "login_password": "Secret-1"}
    try:
        result = restore(sales, failover, plan, **login)
    except StatementFailed as error:
        result = {"failed": True, "msg": str(error)}
    assert result["failed"]
    assert "dbcreator" in result["msg"]
    assert state_of(failover, sales) == "absent"
