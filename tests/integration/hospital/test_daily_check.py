# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every morning in a hospital: faults show as lines, and doing what a line says ends it. One story in order."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DatabaseInUse, InvalidInput
from ansible_collections.ics.deadpool.plugins.modules import (
    ftp_audit,
    host_paths_info,
    mssql_drill_drop,
    mssql_info,
    site_check,
)

from .conftest import Hospital

pytestmark = pytest.mark.slow

SUBSETS = ["server", "databases", "volumes", "logins", "backups", "jobs", "certificates"]
SCHEDULE = [{"kind": "log", "at": "*:00/15"}]
Spec = dict[str, dict[str, Any]]


def asked(module: Any, **given: Any) -> dict[str, Any]:
    """A module as the playbook calls it, in this process."""
    defaults = {name: option.get("default") for name, option in module.ARGUMENT_SPEC.items()}
    return dict(module.run({**defaults, **given}, False))


def server(hospital: Hospital, role: str) -> dict[str, Any]:
    facts, login = hospital.site["servers"][role], hospital.site["logins"]["restore"]
    return {
        "login_host": facts["address"],
        "login_port": facts["port"],
        "login_user": login,
        "login_password": hospital.secrets["logins"][login],
    }


def checked(hospital: Hospital) -> dict[str, dict[str, Any]]:
    """The lines, by their item and subject: what playbooks/daily_check.yml asks and judges."""
    site, reports = hospital.site, hospital.state / "reports"
    servers = {
        role: asked(mssql_info, **server(hospital, role), gather_subset=SUBSETS, allow_unreachable=True)
        for role in ("production", "failover")
    }
    account = hospital.secrets["store"]["reader"]
    try:
        store = asked(
            ftp_audit,
            host=site["store"]["address"],
            port=site["store"]["port"],
            tls="explicit",
            username=account["login"],
            password=account["password"],
            ca_path=site["ca"],
            directory="/rs-contoh-sehat",
            record_file=str(reports / ".audit.json"),
        )
    except Exception as error:
        store = {"failed": True, "msg": str(error)}
    places = {
        role: {
            "data_directory": facts["data"],
            "log_directory": facts["log"],
            "backup_directory": facts["backup"],
        }
        for role, facts in site["servers"].items()
    }
    before = datetime.now(timezone.utc).isoformat()
    folders = asked(host_paths_info, paths=[str(hospital.store)])
    result = asked(
        site_check,
        site=site["name"],
        databases=site["databases"],
        schedule=SCHEDULE,
        **servers,
        store=store,
        hosts={"production": folders, "failover": folders, "backup_storage": folders},
        hosts_asked=[before, datetime.now(timezone.utc).isoformat()],
        production_places=places["production"],
        failover_places=places["failover"],
        reports_directory=str(reports),
        page=str(reports / "status.html"),
        language="en",
    )
    return {":".join(part for part in (line["item"], line["subject"]) if part): line for line in result["lines"]}


def level(lines: dict[str, dict[str, Any]], *keys: str) -> list[str]:
    return [lines[key]["level"] for key in keys]


def fix(lines: dict[str, dict[str, Any]], key: str) -> str:
    return str(lines[key]["fix"]["en"])


def test_a_drill_restores_proves_measures_and_leaves_nothing(hospital: Hospital) -> None:
    hospital.backup("full")
    hospital.sql("failover", "CREATE DATABASE [Somebodys]")
    run = hospital.play("playbooks/drill.yml")
    assert run.code == 0 and run.says("deadpool_drill_MyHospitalBilling restored and online"), run.text
    assert set(hospital.databases("failover")) == {"Somebodys"}
    incoming = Path(hospital.site["servers"]["failover"]["incoming"])
    assert not [path for path in incoming.rglob("*") if path.is_file()]
    (folder,) = (hospital.state / "reports").glob("*-drill")
    report = json.loads((folder / "report.json").read_text())
    assert report["outcome"] == "success"
    proven = {row["item"] for row in report["verdicts"]}
    assert {"checkdb", "last_transaction", "reached", "online"} <= proven
    (rates,) = (hospital.state / "reports").glob(".rates-*.json")
    assert {row["kind"] for row in json.loads(rates.read_text())} == {"full", "recover", "fetch"}


def test_what_a_drill_did_not_restore_is_never_dropped(hospital: Hospital) -> None:
    (folder,) = (hospital.state / "reports").glob("*-drill")
    entries = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    (plans,) = [entry["data"]["plans"] for entry in entries if entry["event"] == "planned"]
    somebodys = {**plans[0], "database": "Somebodys"}
    with pytest.raises(DatabaseInUse, match="did not restore"):
        asked(mssql_drill_drop, **server(hospital, "failover"), plans=[somebodys])
    own = {**plans[0], "database": plans[0]["source_database"].upper()}
    with pytest.raises(InvalidInput, match="under its own name"):
        asked(mssql_drill_drop, **server(hospital, "production"), plans=[own])
    assert asked(mssql_drill_drop, **server(hospital, "failover"), plans=plans)["dropped"] == []
    assert "Somebodys" in hospital.databases("failover") and len(hospital.databases("production")) == 4


def test_a_dead_server_is_a_line_and_no_failure_of_the_run(hospital: Hospital) -> None:
    hospital.simulator("kill", "failover")
    run = hospital.play("playbooks/daily_check.yml")
    assert run.code == 0, run.text
    assert run.says("Gawat: Server cadangan: RSSQL02 tidak menjawab", "Lakukan: Hidupkan RSSQL02", "CRITICAL:"), (
        run.text
    )
    assert run.says("Tidak diketahui: Login dan SID", "Baik: Bisa dipulihkan sampai, MyHospitalBilling"), run.text
    page = (hospital.state / "reports/status.html").read_text()
    assert "<h1>Bisa dipulihkan sampai" in page and "Hidupkan RSSQL02" in page
    hospital.simulator("start", "failover")
    assert level(checked(hospital), "failover", "version", "disk") == ["OK", "OK", "OK"]


def test_each_line_ends_when_that_is_done_which_it_says(hospital: Hospital) -> None:
    lines = checked(hospital)
    assert (
        level(lines, "drill", "rto", "plan", "verified", "hash", "clock", "recoverable:MyHospitalBilling") == ["OK"] * 7
    )
    assert lines["logins"]["level"] == "CRITICAL" and "[myhospital_billing] WITH SID = 0x" in fix(lines, "logins")
    sid = fix(lines, "logins").split("SID = ")[1].split()[0]
    password = hospital.secrets["logins"]["myhospital_billing"].replace("'", "''")
    hospital.sql("failover", "DROP LOGIN [myhospital_billing]")
    hospital.sql("failover", f"CREATE LOGIN [myhospital_billing] WITH PASSWORD = N'{password}', SID = {sid}")

    hospital.sql("failover", "CREATE DATABASE [MyHospitalBilling]")
    lines = checked(hospital)
    assert level(lines, "logins", "standby") == ["OK", "CRITICAL"]
    hospital.sql("failover", fix(lines, "standby").split("then ")[1].split(" on ")[0])

    hospital.simulator("stop", "store")
    lines = checked(hospital)
    assert level(lines, "standby", "store", "verified", "recoverable:MyHospitalBilling") == [
        "OK", "CRITICAL", "UNKNOWN", "UNKNOWN",
    ]  # fmt: skip
    hospital.simulator("start", "store")
    assert level(checked(hospital), "store", "verified") == ["OK", "OK"]


def test_the_next_backup_mends_what_a_night_spoilt(hospital: Hospital) -> None:
    """A file damaged on the store, a log taken by another program, a setting changed."""
    store = hospital.store
    damaged = next(path for path in store.rglob("*Pharmacy_FULL_*.bak"))
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    (hospital.state / "reports/.audit.json").unlink()
    hospital.sql("production", "BACKUP LOG [MyHospitalBilling] TO DISK = N'NUL' WITH NAME = N'Other tool'")
    hospital.sql("production", "ALTER DATABASE [MyHospitalLaboratory] SET PAGE_VERIFY NONE")
    lines = checked(hospital)
    assert level(lines, "verified", "hash", "foreign", "settings") == ["CRITICAL"] * 3 + ["WARNING"]
    assert "Other tool" in lines["foreign"]["fact"]["en"] and "login sa" in lines["foreign"]["fact"]["en"]
    path = fix(lines, "verified").split("move ")[1].split(" out of")[0]
    shutil.move(store / path.removeprefix("/"), hospital.state / "aside.bak")
    hospital.sql("production", fix(lines, "settings"))
    run = hospital.backup("log")
    assert run.says("MyHospitalBilling: a log backup by Other tool to NUL, so nobody has it, login sa"), run.text
    assert list(store.rglob("*Billing_FULL_*.bak"))[1:], "a full of its own, at once"
    lines = checked(hospital)
    kept = ("verified", "hash", "foreign", "settings", "shipped", "plan", "present")
    assert level(lines, *kept) == ["OK"] * len(kept), lines
    assert [line["level"] for line in lines.values() if line["item"] == "recoverable"] == ["OK"] * 4
