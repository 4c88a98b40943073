# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller is killed before and after every task of a recovery; the same command run again ends as an undisturbed
run does: every row that a backup holds, every module at work, and nothing to clean up by hand."""

from __future__ import annotations

import random
import time

import pytest

from .conftest import Hospital
from .killing import LIVES, Killing, first, points, wanted

RESTORE = "ics.deadpool.restore : Restore every database"


@pytest.fixture(scope="module")
def recovery(hospital: Hospital) -> Killing:
    for kind in ("full", "log"):
        hospital.backup(kind)
    time.sleep(1)
    hospital.simulator("kill", "production")

    def proof() -> None:
        assert hospital.report()["outcome"] in ("success", "already_there")
        judged = hospital.judge()
        assert judged.code == 0, judged.text

    command = ("playbooks/recovery.yml", "-e", "target=failover", "-e", "recovery_confirmed=true")
    return Killing(hospital, command, proof, dead=("production",))


@pytest.fixture(scope="module")
def events(recovery: Killing) -> list[str]:
    return recovery.undisturbed()


@pytest.mark.slow
@pytest.mark.parametrize(
    "where",
    [
        pytest.param(f"start of {RESTORE}", marks=pytest.mark.long),
        pytest.param("end of Restore every database", marks=pytest.mark.long),
        "end of Write the new server into the files",
    ],
)
def test_killed_at_a_turning_point(recovery: Killing, events: list[str], where: str) -> None:
    recovery.killed_at(first(events, where))


@pytest.mark.long
def test_killed_within_the_restore(recovery: Killing) -> None:
    for _number in range(8):
        recovery.killed_within(RESTORE, round(random.uniform(0.1, 6), 2))


@pytest.mark.long
def test_killed_at_every_beginning_and_end_of_a_task(recovery: Killing, events: list[str]) -> None:
    for number in wanted(events):
        recovery.killed_at(number)


@pytest.mark.long
@pytest.mark.parametrize("life", range(LIVES))
@pytest.mark.parametrize("kind", ["start", "end"])
def test_killed_time_after_time(recovery: Killing, events: list[str], kind: str, life: int) -> None:
    recovery.live(points(events, kind, life))
