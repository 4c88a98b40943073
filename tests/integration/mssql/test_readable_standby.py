# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A warm standby that people may read between two logs, and that takes the next log in spite of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyodbc
import pytest

from .conftest import Instance, Sales

pytestmark = pytest.mark.slow


def follow(sales: Sales, failover: Instance, **options: Any) -> dict[str, Any]:
    plan = sales.plan(failover, reseed=True)
    done = failover.run(
        "restore", plan=plan, source_directory=str(sales.folder), recover=False, reseed=True,
        standby_directory=str(failover.folder), **options,
    )  # fmt: skip
    assert not done.get("failed"), done
    return dict(done["databases"][0])


def how(failover: Instance, name: str) -> tuple[Any, ...]:
    rows = failover.sql("SELECT state_desc, is_in_standby, user_access_desc FROM sys.databases WHERE name = ?", name)
    return tuple(rows[0])


def test_it_can_be_read_and_not_written_to(sales: Sales, failover: Instance) -> None:
    done = follow(sales, failover)
    assert [step["action"] for step in done["steps"]] == ["restore_database", "restore_log", "stand_by"]
    assert how(failover, sales.name) == ("ONLINE", True, "MULTI_USER")
    assert sales.texts(failover) == ["one"]
    with pytest.raises(pyodbc.Error, match="3906"):
        failover.sql("DELETE FROM dbo.Sale", database=sales.name)


def test_nothing_new_changes_nothing(sales: Sales, failover: Instance) -> None:
    follow(sales, failover)
    assert follow(sales, failover)["changed"] is False
    assert sales.texts(failover) == ["one"]


def test_a_reader_stands_in_the_way_of_a_restore(sales: Sales, failover: Instance) -> None:
    """As in SQL Server: 3101; and ours throws the reader out."""
    follow(sales, failover)
    sales.write("two")
    log = sales.back_up("log")["files"][0]
    reader = failover.connect(sales.name)
    assert len(reader.execute("SELECT Text FROM dbo.Sale").fetchall()) == 1
    name = sales.name.replace("]", "]]")
    with pytest.raises(pyodbc.Error, match="3101"):
        failover.sql(f"RESTORE LOG [{name}] FROM DISK = ? WITH NORECOVERY", log)
    done = follow(sales, failover)
    assert [step["action"] for step in done["steps"]] == ["restore_log", "stand_by"]
    with pytest.raises(pyodbc.Error):
        reader.execute("SELECT Text FROM dbo.Sale")
    assert sales.texts(failover) == ["one", "two"]
    assert how(failover, sales.name) == ("ONLINE", True, "MULTI_USER")


def test_a_recovery_goes_on_from_a_standby_that_is_read(sales: Sales, failover: Instance) -> None:
    follow(sales, failover)
    sales.write("two")
    sales.back_up("log")
    reader = failover.connect(sales.name)
    plan = sales.plan(failover)
    assert [step["action"] for step in plan["steps"]] == ["restore_log", "recover"]
    done = failover.run("restore", plan=plan, source_directory=str(sales.folder))
    assert not done.get("failed"), done
    reader.close()
    assert how(failover, sales.name) == ("ONLINE", False, "MULTI_USER")
    assert sales.texts(failover) == ["one", "two"]


def test_a_recovery_without_anything_new_opens_it(sales: Sales, failover: Instance) -> None:
    follow(sales, failover)
    plan = sales.plan(failover)
    assert [step["action"] for step in plan["steps"]] == ["recover"]
    done = failover.run("restore", plan=plan, source_directory=str(sales.folder))
    assert not done.get("failed"), done
    assert how(failover, sales.name) == ("ONLINE", False, "MULTI_USER")


def test_a_standby_whose_log_cannot_be_read_stays_readable(sales: Sales, failover: Instance) -> None:
    follow(sales, failover)
    sales.write("two")
    path = Path(sales.back_up("log")["files"][0])
    plan = sales.plan(failover)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes(8192) + whole[middle + 8192 :])
    done = failover.run(
        "restore", plan=plan, source_directory=str(sales.folder), recover=False,
        standby_directory=str(failover.folder),
    )  # fmt: skip
    assert done["failed"], done
    assert how(failover, sales.name)[2] == "MULTI_USER"


def test_a_seeded_database_that_nobody_could_read_becomes_readable(sales: Sales, failover: Instance) -> None:
    """The site changed its mind: standby_mode from norecovery to standby, with nothing new on the store."""
    plan = sales.plan(failover)
    failover.run("restore", plan=plan, source_directory=str(sales.folder), recover=False)
    assert how(failover, sales.name)[0] == "RESTORING"
    assert [step["action"] for step in follow(sales, failover)["steps"]] == ["stand_by"]
    assert sales.texts(failover) == ["one"]
