# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Monday: old backups go, nothing brings them back, and the hospital is recovered from what stays: one story."""

from __future__ import annotations

import json
import shutil

import pytest

from .conftest import Hospital

pytestmark = pytest.mark.slow
#: A blink: everything before the last two fulls may go.
BLINK = ("-e", "recovery_window_days=0.00001")


def fulls(hospital: Hospital) -> set[str]:
    return {path.name for path in hospital.store.rglob("*MyHospitalBilling_FULL_*.bak")}


def test_check_mode_shows_the_windows_and_deletes_nothing(hospital: Hospital) -> None:
    for kind in ("full", "log", "full", "full", "log"):
        hospital.backup(kind)
    run = hospital.play("playbooks/prune.yml", "--check", *BLINK)
    assert run.code == 0, run.text
    assert run.says("MyHospitalBilling", "before any instant from", "after any instant from"), run.text
    assert len(fulls(hospital)) == 3


def test_old_backups_go_and_are_not_shipped_again(hospital: Hospital) -> None:
    """One command for the store and for a second one, a folder, that lacks the newest full and so keeps an older."""
    second = hospital.state / "offsite"
    shutil.copytree(hospital.store, second)
    newest = sorted(second.rglob("*MyHospitalBilling_FULL_*.bak"))[-1]
    newest.unlink()
    stores = json.dumps({"prune_other_stores": [{"folder": str(second), "limit_percent": 90}]})
    run = hospital.play("playbooks/prune.yml", *BLINK, "-e", stores)
    assert run.code == 0, run.text
    assert len(fulls(hospital)) == 2 and len(list(second.rglob("*MyHospitalBilling_FULL_*.bak"))) == 2
    assert len(list(second.rglob("*MyHospitalPharmacy_FULL_*.bak"))) == 2 and run.says(f"== store {second}"), run.text
    report = hospital.report("prune")
    assert report["outcome"] == "success" and any("any instant from" in line for line in report["retention"])
    assert "Old backups" in (hospital.run_folder("prune") / "report.html").read_text()
    hospital.backup("log")
    assert len(fulls(hospital)) == 2, "what was deleted came back from production's disk"
    again = hospital.play("playbooks/prune.yml", *BLINK)
    assert again.code == 0 and again.changed == 0, again.text


def test_the_hospital_is_recovered_from_what_stays(hospital: Hospital) -> None:
    hospital.simulator("kill", "production")
    run = hospital.recover()
    assert run.code == 0, run.text
    judged = hospital.judge()
    assert judged.code == 0, judged.text
