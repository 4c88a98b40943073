# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Production is alive and is left all the same: its last transactions come along, and nobody can write there after."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Hospital

CALLBACKS = Path(__file__).resolve().parents[1] / "repoint" / "crash" / "callbacks"
pytestmark = pytest.mark.slow


def test_a_living_server_is_not_left_open(hospital: Hospital) -> None:
    hospital.backup("full")
    hospital.backup("log")
    before = hospital.configuration()
    run = hospital.recover("-e", "recovery_tail=false")
    assert run.code != 0
    assert run.says("may still work on RSSQL01, which answers. Nothing was changed.", "leave out recovery_tail=false")
    assert hospital.databases("failover") == {} and hospital.configuration() == before
    assert set(hospital.databases("production").values()) == {"ONLINE"}


def test_looking_closes_nothing(hospital: Hospital) -> None:
    run = hospital.recover("--check")
    assert run.code == 0, run.text
    assert set(hospital.databases("production").values()) == {"ONLINE"}


def test_whoever_decides_is_told_that_it_will_be_closed(hospital: Hospital) -> None:
    run = hospital.type_word("no", "playbooks/recovery.yml", "-e", "target=failover")
    assert run.code != 0
    assert run.says("RSSQL01 masih hidup", "It is alive: its databases will be closed after their last log is kept")
    assert set(hospital.databases("production").values()) == {"ONLINE"}


def test_killed_when_the_tail_was_taken_and_not_shipped(hospital: Hospital) -> None:
    """Production is closed and its last rows lie on its disk alone: the next run must not do without them."""
    variables = {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "killer",
        "CRASH_PLAY": "",
        "CRASH_LOG": str(hospital.state.parent / "events"),
        "CRASH_WHERE": "start of ics.deadpool.tail_log : Ship them",
        "CRASH_COMMAND": "kill -9 $PPID",
    }
    run = hospital.play(
        "playbooks/recovery.yml", "-e", "target=failover", "-e", "recovery_confirmed=true", env=variables
    )
    assert run.code == -9
    assert set(hospital.databases("production").values()) == {"RESTORING"}
    assert hospital.databases("failover") == {}


def test_not_one_row_is_lost_and_the_old_server_is_closed(hospital: Hospital) -> None:
    """Modules write until the moment they are thrown out; every row that was acknowledged is on the failover."""
    run = hospital.play("playbooks/switchover.yml", "-e", "recovery_confirmed=true")
    assert run.code == 0, run.text
    report = hospital.report()
    assert report["outcome"] == "success"
    assert set(hospital.databases("failover").values()) == {"ONLINE"}
    assert set(hospital.databases("production").values()) == {"RESTORING"}
    judged = hospital.judge()
    assert judged.code == 0 and judged.says("0 later rows are lost"), judged.text
    again = hospital.recover()
    assert again.code == 0 and again.changed == 0, again.text


def test_the_way_back_is_the_same_command(hospital: Hospital) -> None:
    """Failback: production, closed at its tail, takes the failover's backups and is the hospital's again."""
    run = hospital.play(
        "playbooks/recovery.yml",
        "-e",
        "target=production",
        "-e",
        "recovery_confirmed=true",
        "-e",
        "recovery_replace=true",
    )
    assert run.code == 0, run.text
    assert set(hospital.databases("production").values()) == {"ONLINE"}
    assert set(hospital.databases("failover").values()) == {"RESTORING"}
    judged = hospital.judge("--server", "production")
    assert judged.code == 0 and judged.says("0 later rows are lost"), judged.text
