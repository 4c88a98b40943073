# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The dead server comes back: it is closed, never backed up as if nothing had happened, and can be gone back to."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Hospital

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def recovered(hospital: Hospital) -> Hospital:
    hospital.backup("full")
    hospital.backup("log")
    hospital.simulator("kill", "production")
    run = hospital.recover()
    assert run.code == 0, run.text
    return hospital


def test_an_unknown_server_is_refused(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log", "-e", "backup_server=application")
    assert run.code != 0 and run.says('backup_server is "application", which is none of production, failover', "HINT:")


def test_the_schedule_is_told_which_server_is_in_use(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log")
    assert run.code != 0
    assert run.says("RSSQL01 was left at", "for RSSQL02", "It does not answer.", "-e backup_server=failover"), run.text


def test_the_server_in_use_is_backed_up(hospital: Hospital) -> None:
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log", "-e", "backup_server=failover")
    assert run.code == 0, run.text
    again = hospital.recover()
    assert again.code == 0 and again.changed == 0, again.text


def test_when_it_comes_back_it_is_closed_and_its_last_rows_are_kept(hospital: Hospital) -> None:
    hospital.simulator("start", "production")
    assert set(hospital.databases("production").values()) == {"ONLINE"}
    for expected in ("It had come back and was closed.", "It is closed."):
        run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log")
        assert run.code != 0 and run.says(expected), run.text
        assert set(hospital.databases("production").values()) == {"RESTORING"}
    kept = hospital.state / "hosts" / "production"
    tails = [path.name for path in kept.rglob("*-left/**/*.trn")]
    assert len(tails) == 4
    assert not {path.name for path in Path(hospital.site["store"]["folder"]).rglob("*.trn")} & set(tails)


def test_the_way_back_overwrites_only_with_a_decision(hospital: Hospital) -> None:
    back = ("playbooks/recovery.yml", "-e", "target=production", "-e", "recovery_confirmed=true")
    run = hospital.play(*back)
    assert run.code != 0 and run.says("would", "overwrite", "HINT:"), run.text
    assert set(hospital.databases("failover").values()) == {"ONLINE"}
    run = hospital.play(*back, "-e", "recovery_replace=true")
    assert run.code == 0, run.text
    assert set(hospital.databases("production").values()) == {"ONLINE"}
    assert set(hospital.databases("failover").values()) == {"RESTORING"}
    judged = hospital.judge("--server", "production")
    assert judged.code == 0, judged.text


def test_after_the_way_back_the_schedule_is_as_before(hospital: Hospital) -> None:
    hospital.backup("log")
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log", "-e", "backup_server=failover")
    assert run.code != 0 and run.says("RSSQL02 was left at", "for RSSQL01"), run.text
