# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_restore where something is wrong: what is refused, and what stands after a failure."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import mssql_restore_all
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, StatementFailed

from .conftest import Instance, MakeSales, Sales
from .restoring import SAVED, chain, overwrite, restore

pytestmark = pytest.mark.slow


@pytest.fixture
def sales(make_sales: MakeSales) -> Sales:
    return chain(make_sales)


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
    assert failover.state_of(sales.name) == "RESTORING"
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
@pytest.mark.parametrize("module", ["restore", "verify", "drill_drop"])
def test_what_is_no_plan_is_refused(failover: Instance, broken: dict[str, Any], module: str) -> None:
    with pytest.raises(InvalidInput, match="is not a restore plan"):
        failover.run(module, plans=[broken])


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
    assert failover.state_of(sales.name) == "absent"
