# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller is killed on the way back to production; the same command run again brings every row that the modules
were told is safe, and closes the failover."""

from __future__ import annotations

import pytest

from .conftest import Hospital
from .killing import LIVES, Killing, points, wanted

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def failback(hospital: Hospital) -> Killing:
    """Production died, the failover took over, and production is repaired and closed."""
    for kind in ("full", "log"):
        hospital.backup(kind)
    hospital.simulator("kill", "production")
    run = hospital.recover()
    assert run.code == 0, run.text
    hospital.simulator("start", "production")
    run = hospital.play("playbooks/fence.yml")
    assert run.code == 0, run.text
    run = hospital.play("playbooks/backup.yml", "-e", "backup_type=log", "-e", "backup_server=failover")
    assert run.code == 0, run.text

    def proof() -> None:
        assert set(hospital.databases("production").values()) == {"ONLINE"}
        assert set(hospital.databases("failover").values()) == {"RESTORING"}
        judged = hospital.judge("--server", "production")
        assert judged.code == 0, judged.text

    return Killing(hospital, ("playbooks/failback.yml", "-e", "recovery_confirmed=true"), proof)


@pytest.fixture(scope="module")
def events(failback: Killing) -> list[str]:
    return failback.undisturbed()


def test_killed_at_every_beginning_and_end_of_a_task(failback: Killing, events: list[str]) -> None:
    for number in wanted(events):
        failback.killed_at(number)


@pytest.mark.parametrize("life", range(LIVES))
@pytest.mark.parametrize("kind", ["start", "end"])
def test_killed_time_after_time(failback: Killing, events: list[str], kind: str, life: int) -> None:
    failback.live(points(events, kind, life))
