# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""mssql_fence and mssql_handover: who is kept out of an old server, and what changes hands with the work."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pyodbc
import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import mssql_fence

from .conftest import Instance

_numbers = itertools.count(1)
SECRET = "Some-Pass-1"


def connect(server: Instance, login: str, database: str, program: str = "MyHospital Pharmacy") -> pyodbc.Connection:
    text = f"DRIVER=FreeTDS;SERVER=127.0.0.1;PORT={server.port};UID={login};PWD={SECRET};DATABASE={database};"
    return pyodbc.connect(f"{text}APP={program};TDS_Version=7.4;Encryption=require;", autocommit=True, timeout=30)


class Ward:
    """A database with a module that is connected to it, an account of backups, and a job."""

    def __init__(self, server: Instance) -> None:
        number = next(_numbers)
        self.server, self.database, self.module = server, f"Ward{number}", f"ward_module{number}"
        self.backup, self.job = f"ward_backup{number}", f"Nightly {number}"
        server.sql(f"CREATE DATABASE {self.database}")
        server.sql("CREATE TABLE dbo.Bed (Id int)", database=self.database)
        for login, role in ((self.module, "db_datawriter"), (self.backup, "db_backupoperator")):
            server.sql(f"CREATE LOGIN {login} WITH PASSWORD = '{SECRET}'")
            server.sql(f"CREATE USER {login} FOR LOGIN {login}; ALTER ROLE {role} ADD MEMBER {login}",
                       database=self.database)  # fmt: skip
        server.sql(f"EXECUTE msdb.dbo.sp_add_job @job_name = N'{self.job}'")

    def fence(self, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        return self.server.run("fence", check_mode, databases=[self.database], spare_logins=[self.backup], **more)

    def job_runs(self) -> bool:
        return bool(self.server.sql("SELECT enabled FROM msdb.dbo.sysjobs WHERE name = ?", self.job)[0][0])


@pytest.fixture
def ward(production: Instance) -> Iterator[Ward]:
    ward = Ward(production)
    yield ward
    production.sql(f"DROP DATABASE {ward.database}")
    production.sql(f"EXECUTE msdb.dbo.sp_delete_job @job_name = N'{ward.job}'")


def test_no_module_writes_any_more_and_backups_still_can(ward: Ward) -> None:
    inside = connect(ward.server, ward.module, ward.database)
    inside.execute("INSERT INTO dbo.Bed VALUES (1)")
    looked = ward.fence(check_mode=True)
    assert looked["disabled_logins"] == [ward.module] and ward.job in looked["disabled_jobs"] and ward.job_runs()
    done = ward.fence()
    assert not done.get("failed"), done
    assert done["disabled_logins"] == [ward.module]
    assert done["ended_sessions"] == [f"{ward.module} (MyHospital Pharmacy)"]
    assert [one["verdict"] for one in done["verdicts"]] == ["proven"] and not ward.job_runs()
    with pytest.raises(pyodbc.Error):
        inside.execute("INSERT INTO dbo.Bed VALUES (2)")
    with pytest.raises(pyodbc.Error, match=r"18456|18470"):
        connect(ward.server, ward.module, ward.database)
    connect(ward.server, ward.backup, ward.database).close()
    assert not ward.fence()["changed"]


def test_a_module_that_comes_as_sa_cannot_be_kept_out_and_is_told(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its login cannot be disabled: it comes back, and a fence that it climbs over is none."""
    monkeypatch.setattr(mssql_fence, "_PATIENCE", 0.3)
    enough = threading.Event()

    def come_back() -> None:
        while not enough.is_set():
            try:
                session = ward.server.connect(ward.database, program="MyHospital Cashier")
                while not enough.wait(0.02):
                    session.execute("SELECT 1")
            except pyodbc.Error:
                pass

    module = threading.Thread(target=come_back)
    module.start()
    try:
        told = ward.fence(programs=["MyHospital Cashier"])
        for _ in range(20):
            if told.get("failed"):
                break
            told = ward.fence(programs=["MyHospital Cashier"])
    finally:
        enough.set()
        module.join()
    assert (
        told["failed"] and "sa (MyHospital Cashier) can write to it" in told["msg"] and "HINT: Stop that" in told["msg"]
    )


def test_a_job_that_is_spared_goes_on(ward: Ward) -> None:
    assert ward.job not in ward.fence(spare_jobs=[ward.job])["disabled_jobs"] and ward.job_runs()


def test_a_server_without_the_database_has_nothing_to_fence(production: Instance) -> None:
    done = production.run("fence", databases=["Nowhere"], jobs=False)
    assert not done["changed"] and done["verdicts"] == []


def test_what_was_fenced_is_opened_again(ward: Ward) -> None:
    done = ward.fence()
    wishes = {"enable_logins": done["disabled_logins"], "enable_jobs": [ward.job]}
    looked = ward.server.run("handover", True, **wishes)
    assert looked["changed"] and not ward.job_runs()
    assert ward.server.run("handover", **wishes)["changed"] and ward.job_runs()
    connect(ward.server, ward.module, ward.database).close()
    assert not ward.server.run("handover", **wishes)["changed"]
    ward.server.run("handover", disable_jobs=[ward.job, "one that is not there"])
    assert not ward.job_runs()


def test_a_database_goes_back_to_its_owner(ward: Ward, production: Instance) -> None:
    owner = f"owner{next(_numbers)}"
    production.sql(f"CREATE LOGIN {owner} WITH PASSWORD = '{SECRET}'")
    wishes = {"owners": {ward.database: owner, "Nowhere": owner}}
    assert production.run("handover", **wishes)["changed"]
    rows = production.sql("SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = ?", ward.database)
    assert rows[0][0] == owner and not production.run("handover", **wishes)["changed"]


def test_an_owner_that_is_not_here_or_is_a_user_there_is_told(ward: Ward) -> None:
    told = ward.server.run("handover", owners={ward.database: "nobody"}, enable_jobs=["none"], enable_logins=["none"])
    assert not told["changed"]
    assert {one["part"] for one in told["remarks"]} == {"owners", "jobs", "logins"}
    (other,) = ward.server.run("handover", owners={ward.database: ward.module})["remarks"]
    assert "15110" in other["msg"]
