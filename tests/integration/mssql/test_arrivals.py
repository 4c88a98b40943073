# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restoring while files still arrive: what is told to the restore, in which order, and what it does of it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.arrivals import Announcer

from .conftest import Instance, MakeSales, Sales

pytestmark = pytest.mark.slow


@pytest.fixture
def announcer(tmp_path: Path) -> Iterator[Announcer]:
    made = Announcer(str(tmp_path / "arrivals"))
    yield made
    made.close()


class Restoring(threading.Thread):
    """mssql_restore of some databases into which the files are moved one by one."""

    def __init__(self, failover: Instance, plans: list[dict[str, Any]], folder: Path, **options: Any) -> None:
        super().__init__(daemon=True)
        self.result: dict[str, Any] = {}
        self._work = lambda: failover.run(
            "restore", plans=plans, source_directory=str(folder / "incoming"),
            arrivals_file=str(folder / "arrivals"), **options,
        )  # fmt: skip

    def run(self) -> None:
        self.result = self._work()

    def done(self) -> dict[str, Any]:
        self.join(60)
        assert not self.is_alive()
        return self.result


def arrive(sales: Sales, path: str, folder: Path) -> None:
    target = folder / "incoming" / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(sales.folder / path.lstrip("/"), target)


def until(failover: Instance, name: str, wanted: str) -> None:
    deadline = time.monotonic() + 20
    while failover.state_of(name) != wanted:
        assert time.monotonic() < deadline, failover.state_of(name)
        time.sleep(0.05)


def test_a_database_begins_with_its_first_file(
    sales: Sales, failover: Instance, announcer: Announcer, tmp_path: Path
) -> None:
    plan = sales.plan(failover)
    full, log = plan["files"]
    restoring = Restoring(failover, [plan], tmp_path)
    restoring.start()
    time.sleep(0.3)
    assert failover.state_of(sales.name) == "absent", "a file that nobody announced is not waited for in vain"
    arrive(sales, full, tmp_path)
    announcer.arrived([full])
    until(failover, sales.name, "RESTORING")
    arrive(sales, log, tmp_path)
    announcer.arrived([log])
    done = restoring.done()
    assert not done.get("failed") and sales.texts(failover) == ["one"]
    assert done["databases"][0]["waited_for_files"] > 0


def test_what_is_there_is_given_up_for_a_whole_chain_only(
    sales: Sales, failover: Instance, announcer: Announcer, tmp_path: Path
) -> None:
    """A database that is online is not overwritten by a full whose log then cannot be had."""
    first = Restoring(failover, [sales.plan(failover)], tmp_path)
    for path in sales.plan(failover)["files"]:
        arrive(sales, path, tmp_path)
    announcer.everything()
    first.start()
    first.done()
    assert sales.texts(failover) == ["one"]
    failover.sql("INSERT INTO dbo.Sale (Text, WrittenAt) VALUES ('ours', SYSUTCDATETIME())", database=sales.name)
    sales.write("two")
    sales.back_up("log")
    plan = sales.plan(failover, replace=True)
    (tmp_path / "second").mkdir()
    second = Announcer(str(tmp_path / "second" / "arrivals"))
    again = Restoring(failover, [plan], tmp_path / "second", replace=True, confirmed_plan=[plan["digest"]])
    again.start()
    arrive(sales, plan["files"][0], tmp_path / "second")
    second.arrived(plan["files"][:1])
    time.sleep(0.3)
    second.failed(sales.name, "its bytes are not those of its digest\nHINT: Look at the store.")
    done = again.done()
    second.close()
    assert done["failed"] and "its bytes are not those of its digest" in done["msg"]
    assert done["hint"] == "Look at the store."
    assert sales.texts(failover) == ["one", "ours"]


def test_one_database_stops_and_the_other_goes_on(
    sales: Sales, make_sales: MakeSales, failover: Instance, announcer: Announcer, tmp_path: Path
) -> None:
    other = make_sales()
    other.back_up("full")
    plans = [sales.plan(failover), other.plan(failover)]
    restoring = Restoring(failover, plans, tmp_path)
    restoring.start()
    arrive(sales, plans[0]["files"][0], tmp_path)
    announcer.arrived(plans[0]["files"][:1])
    announcer.failed(sales.name, "cut off")
    for path in plans[1]["files"]:
        arrive(other, path, tmp_path)
    announcer.arrived(plans[1]["files"])
    done = restoring.done()
    assert [one.get("failed", False) for one in done["databases"]] == [True, False]
    assert "1 of 2 databases were not restored" in done["msg"] and "run the same command again" in done["hint"]
    assert (failover.state_of(sales.name), failover.state_of(other.name)) == ("RESTORING", "ONLINE")
    # the same plan once more, with what was missing: it goes on behind the full
    arrive(sales, plans[0]["files"][1], tmp_path)
    resumed = failover.run("restore", plan=plans[0], source_directory=str(tmp_path / "incoming"))
    assert resumed["databases"][0]["steps_done_before"] == 1 and sales.texts(failover) == ["one"]


def test_a_restore_ends_with_who_began_it(
    sales: Sales, failover: Instance, announcer: Announcer, tmp_path: Path
) -> None:
    """Its playbook was killed: waiting would be for ever, and going on in the way of the next run."""
    plan = sales.plan(failover)
    restoring = Restoring(failover, [plan], tmp_path)
    restoring.start()
    arrive(sales, plan["files"][0], tmp_path)
    announcer.arrived(plan["files"][:1])
    until(failover, sales.name, "RESTORING")
    announcer.close()
    done = restoring.done()
    assert done["failed"] and "has ended" in done["msg"]
    assert failover.state_of(sales.name) == "RESTORING"


def test_the_first_plan_begins_first(make_sales: MakeSales, failover: Instance) -> None:
    shops = [make_sales() for _unused in range(3)]
    for shop in shops:
        shop.back_up("full")
    plans = [shop.plan(failover) for shop in shops]
    for plan, shop in zip(plans, shops, strict=True):
        for step in plan["steps"]:
            step["files"] = [str(shop.folder / path.lstrip("/")) for path in step["files"]]
    done = failover.run("restore", plans=plans, parallel=1)
    starts = [one["started"] for one in done["databases"]]
    ends = [one["ended"] for one in done["databases"]]
    assert starts == sorted(starts) and all(end <= start for end, start in zip(ends, starts[1:], strict=False))
