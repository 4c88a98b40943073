# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The failover follows production, heals itself, and is minutes from work when production dies: one story in order."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyodbc
import pytest

from .conftest import Hospital, Run

pytestmark = pytest.mark.slow


def follow(hospital: Hospital, *arguments: str) -> Run:
    run = hospital.play("playbooks/standby.yml", *arguments)
    assert run.code == 0, run.text
    return run


def journal(hospital: Hospital) -> list[dict[str, Any]]:
    """What the newest run of standby.yml wrote down."""
    return [json.loads(line) for line in (hospital.run_folder("standby") / "journal.jsonl").read_text().splitlines()]


def restored_types(report: dict[str, Any]) -> set[str]:
    return {step["backup_type"] for database in report["databases"] for step in database["steps"]}


def test_the_failover_is_seeded_and_stays_restoring(hospital: Hospital) -> None:
    hospital.backup("full")
    hospital.backup("log")
    looked = hospital.play("playbooks/standby.yml", "--check")
    assert looked.code == 0, looked.text
    assert hospital.databases("failover") == {}
    run = follow(hospital)
    assert run.says("MyHospitalBilling: rolled forward to", "minutes behind"), run.text
    assert set(hospital.databases("failover").values()) == {"RESTORING"}
    report = hospital.report("standby")
    assert report["outcome"] == "success" and restored_types(report) == {"full", "log"}
    incoming = Path(hospital.site["servers"]["failover"]["incoming"])
    assert not [path for path in incoming.rglob("*") if path.is_file()], "what was applied fills no disk"


def test_nothing_new_changes_nothing(hospital: Hospital) -> None:
    run = follow(hospital)
    assert run.changed == 0, run.text
    assert set(hospital.databases("failover").values()) == {"RESTORING"}


def test_only_what_is_new_is_applied_and_people_may_read_it(hospital: Hospital) -> None:
    hospital.backup("log")
    follow(hospital, "-e", "standby_mode=standby")
    report = hospital.report("standby")
    steps = [[step["action"] for step in one["steps"]] for one in report["databases"]]
    assert steps == [["restore_log", "stand_by"]] * len(steps)
    rows = hospital.sql("failover", "SELECT COUNT(*) FROM dbo.Invoices", "MyHospitalBilling")
    assert rows[0][0] > 0
    with pytest.raises(pyodbc.Error, match="3906"):
        hospital.sql("failover", "DELETE FROM dbo.Invoices", "MyHospitalBilling")
    ended = [entry for entry in journal(hospital) if entry["event"] == "database_restored"]
    assert len(ended) == len(steps) and all(0 < entry["data"]["behind_minutes"] < 60 for entry in ended)


@pytest.mark.long
def test_a_delay_keeps_what_is_young_away(hospital: Hospital) -> None:
    begun = time.time()
    hospital.backup("log")
    run = follow(hospital, "-e", f"standby_delay_minutes={(time.time() - begun + 20) / 60:.3f}")
    assert run.changed == 0, run.text
    follow(hospital)
    assert restored_types(hospital.report("standby")) == {"log"}


def test_a_broken_chain_is_begun_anew_without_anybody(hospital: Hospital) -> None:
    """Someone switched to SIMPLE and back: no log leads on from where the failover stands."""
    for model in ("SIMPLE", "FULL"):
        hospital.sql("production", f"ALTER DATABASE [MyHospitalPharmacy] SET RECOVERY {model}")
    hospital.backup("full")
    hospital.backup("log")
    follow(hospital)
    report = hospital.report("standby")
    steps = {one["database"]: [step["backup_type"] for step in one["steps"]] for one in report["databases"]}
    assert steps["MyHospitalPharmacy"] == ["full", "log"]
    assert steps["MyHospitalBilling"] == ["log"] * 2 or "full" not in steps["MyHospitalBilling"]
    assert set(hospital.databases("failover").values()) == {"RESTORING"}


def test_when_production_dies_only_the_last_logs_are_left(hospital: Hospital) -> None:
    hospital.backup("log")
    hospital.simulator("kill", "production")
    run = hospital.recover()
    assert run.code == 0, run.text
    report = hospital.report()
    assert report["outcome"] == "success"
    assert all([step["action"] for step in one["steps"]] == ["restore_log", "recover"] for one in report["databases"])
    judged = hospital.judge()
    assert judged.code == 0, judged.text


def test_what_was_recovered_is_never_rolled_over(hospital: Hospital) -> None:
    run = hospital.play("playbooks/standby.yml")
    assert run.code != 0
    assert run.says("online, so somebody may work there. Nothing was changed.", "HINT:"), run.text
    assert set(hospital.databases("failover").values()) == {"ONLINE"}
    assert hospital.judge().code == 0
