# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_backup against a simulated SQL Server."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pyodbc
import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput

from .conftest import Instance, MakeSales

pytestmark = pytest.mark.slow


def test_each_type_is_confirmed_by_the_server_and_is_what_the_file_says(make_sales: MakeSales) -> None:
    sales = make_sales()
    sales.write("one")
    taken = [sales.back_up("full", backup_name="Name's", backup_description="☃")]
    sales.write("two")
    taken.append(sales.back_up("differential"))
    taken.append(sales.back_up("log"))
    assert [one["backup_type"] for one in taken] == ["full", "differential", "log"]
    assert taken[0]["backup_name"] == "Name's"
    assert taken[2]["last_lsn"] > taken[2]["first_lsn"]
    by_guid = {one["backup_set_guid"]: one for one in sales.history()}
    for one in taken:
        in_file = by_guid[one["backup_set_guid"]]
        assert Path(one["files"][0]).exists()
        for key in ("first_lsn", "last_lsn", "checkpoint_lsn", "family_guid", "database_name", "server_name"):
            assert in_file[key] == one[key], key
        assert in_file["has_backup_checksums"]
        file_time, our_time = (datetime.fromisoformat(x["backup_start_date"]) for x in (in_file, one))
        assert abs(file_time - our_time) < timedelta(seconds=1)
        assert our_time.utcoffset() == timedelta(hours=7)


def test_files_lie_where_ola_hallengren_puts_them(make_sales: MakeSales, production: Instance) -> None:
    sales = make_sales(name="Sales")
    path = sales.back_up("full")["files"][0]
    relative = str(Path(path).relative_to(sales.folder))
    assert re.fullmatch(r"SQL1/Sales/FULL/SQL1_Sales_FULL_\d{8}_\d{6}\.bak", relative)
    stamp = datetime.strptime(relative[-19:-4], "%Y%m%d_%H%M%S")
    now = production.sql("SELECT SYSDATETIME()")[0][0]
    assert abs(now - stamp) < timedelta(seconds=60)


def test_two_backups_within_a_second_do_not_share_a_file(make_sales: MakeSales) -> None:
    sales = make_sales()
    sales.back_up("full")
    files = [sales.back_up("log")["files"][0] for _ in range(3)]
    assert len(set(files)) == 3


def test_check_mode_says_what_it_would_do_and_does_nothing(make_sales: MakeSales, production: Instance) -> None:
    sales = make_sales()
    result = production.run(
        "backup", check_mode=True, databases=[sales.name], backup_type="full", directory=str(sales.folder)
    )
    assert result["changed"]
    assert any(text.startswith("BACKUP DATABASE [Sale's]] ") for text in result["statements"])
    assert not list(sales.folder.rglob("*"))
    assert not production.sql("SELECT 1 FROM msdb.dbo.backupset WHERE database_name = ?", sales.name)


def test_one_failure_does_not_keep_the_others_from_their_backup(make_sales: MakeSales, production: Instance) -> None:
    good, simple, other = make_sales(), make_sales(recovery_model="SIMPLE"), make_sales()
    for sales in (good, other):
        sales.back_up("full")
    result = production.run(
        "backup",
        databases=[good.name, simple.name, "Nowhere", other.name],
        backup_type="log",
        directory=str(good.folder),
    )
    assert result["failed"]
    assert result["changed"]
    assert [one["database_name"] for one in result["backups"]] == [good.name, other.name]
    assert [one["database"] for one in result["not_backed_up"]] == [simple.name, "Nowhere"]
    assert "2 of 4 databases have no new backup" in result["msg"]
    assert "SIMPLE" in result["msg"]
    assert "no such database" in result["msg"]
    assert "HINT: " in result["msg"]


def test_a_log_backup_before_the_first_full_is_refused_by_the_server(
    make_sales: MakeSales, production: Instance
) -> None:
    sales = make_sales()
    result = production.run("backup", databases=[sales.name], backup_type="log", directory=str(sales.folder))
    assert result["failed"]
    assert "Msg 4214" in result["msg"]
    assert "full backup first" in result["hint"]
    assert not result["backups"]


def test_a_folder_that_cannot_be_made_is_a_failure(make_sales: MakeSales, production: Instance, tmp_path: Path) -> None:
    sales = make_sales()
    (tmp_path / "file").write_text("in the way")
    result = production.run("backup", databases=[sales.name], backup_type="full", directory=str(tmp_path / "file"))
    assert result["failed"]
    assert "Msg 3201" in result["msg"]


def test_copy_only_leaves_the_chain_alone(make_sales: MakeSales) -> None:
    sales = make_sales()
    full = sales.back_up("full")
    copy = sales.back_up("full", copy_only=True)
    assert copy["is_copy_only"]
    assert "/FULL_COPY_ONLY/" in copy["files"][0]
    sales.write("x")
    assert sales.back_up("differential")["differential_base_guid"] == full["backup_set_guid"]


def test_a_differential_copy_is_refused(make_sales: MakeSales) -> None:
    with pytest.raises(InvalidInput, match="cannot be copy-only"):
        make_sales().back_up("differential", copy_only=True)


def test_the_tail_keeps_the_last_row_and_closes_the_database(
    make_sales: MakeSales, production: Instance, failover: Instance
) -> None:
    """Applications are inside and come back at once; whoever is thrown out has lost nothing that he committed."""
    sales = make_sales()
    sales.back_up("full")
    stop = threading.Event()
    committed: list[str] = []

    def write() -> None:
        while not stop.is_set():
            try:
                connection = production.connect(sales.name, program="module")
                while not stop.is_set():
                    text = f"row {len(committed)}"
                    connection.execute("INSERT INTO dbo.Sale (Text, WrittenAt) VALUES (?, SYSUTCDATETIME())", text)
                    committed.append(text)
            except pyodbc.Error:
                pass

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(committed) < 20:
            time.sleep(0.01)
        tail = sales.back_up("log", tail=True)
    finally:
        stop.set()
        writer.join(20)
    assert production.run("info", gather_subset=["databases"])["database_states"][sales.name]["state"] == "RESTORING"
    again = production.run("backup", databases=[sales.name], backup_type="log", tail=True, directory=str(sales.folder))
    assert again["closed_before"] == [sales.name] and not again["changed"] and not again.get("failed")
    result = failover.run("restore", plan=sales.plan(failover), source_directory=str(sales.folder))
    assert not result.get("failed"), result
    # What was committed but not answered any more is there too, and was then written once more.
    kept = sales.texts(failover)
    assert set(committed) <= set(kept) <= {*committed, f"row {len(committed)}"} and len(tail["files"]) == 1
    assert failover.sql("SELECT user_access_desc FROM sys.databases WHERE name = ?", sales.name)[0][0] == "MULTI_USER"


def test_a_tail_that_cannot_be_written_leaves_the_database_open(make_sales: MakeSales, production: Instance) -> None:
    sales = make_sales()
    sales.back_up("full")
    (sales.folder / "SQL1").chmod(0o755)
    log = next(sales.folder.rglob("FULL")).parent / "LOG"
    log.write_text("a file where a folder should be")
    result = production.run("backup", databases=[sales.name], backup_type="log", tail=True, directory=str(sales.folder))
    assert result["failed"]
    state, access = production.sql("SELECT state_desc, user_access_desc FROM sys.databases WHERE name = ?", sales.name)[
        0
    ]
    assert (state, access) == ("ONLINE", "MULTI_USER")


def test_a_full_backup_has_no_tail(production: Instance, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no tail"):
        production.run("backup", databases=["x"], backup_type="full", tail=True, directory=str(tmp_path))
