# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller is killed while the failover rolls forward; the next run of the same command has it as far as if
nothing had happened, and still restoring."""

from __future__ import annotations

import random
from typing import Any

import pytest

from .conftest import Hospital
from .killing import LIVES, Killing, points, wanted

pytestmark = pytest.mark.long

APPLY = "ics.deadpool.standby : Apply what arrived, and leave every database ready for more"


@pytest.fixture(scope="module")
def standby(hospital: Hospital) -> Killing:
    """Seeded with a full backup; two logs have come since."""
    for kind in ("full", "log"):
        hospital.backup(kind)
    assert hospital.play("playbooks/standby.yml").code == 0
    for _number in range(2):
        hospital.backup("log")
    reached: list[Any] = []

    def proof() -> None:
        assert set(hospital.databases("failover").values()) == {"RESTORING"}
        rows = hospital.sql(
            "failover", "SELECT database_id, redo_start_lsn FROM sys.master_files WHERE database_id > 4"
        )
        found = sorted((row[0], row[1]) for row in rows if row[1] is not None)
        reached.append(found)
        assert found and found == reached[0], "as far as the undisturbed run, and no farther"

    return Killing(hospital, ("playbooks/standby.yml",), proof)


@pytest.fixture(scope="module")
def events(standby: Killing) -> list[str]:
    return standby.undisturbed()


def test_killed_at_every_beginning_and_end_of_a_task(standby: Killing, events: list[str]) -> None:
    for number in wanted(events):
        standby.killed_at(number)


def test_killed_within_the_restore(standby: Killing, events: list[str]) -> None:
    for _number in range(5):
        standby.killed_within(APPLY, round(random.uniform(0.1, 3), 2))


@pytest.mark.parametrize("life", range(LIVES))
@pytest.mark.parametrize("kind", ["start", "end"])
def test_killed_time_after_time(standby: Killing, events: list[str], kind: str, life: int) -> None:
    standby.live(points(events, kind, life))
