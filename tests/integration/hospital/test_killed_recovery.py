# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller is killed before and after every task of a recovery; the same command run again ends as an undisturbed
run does: every row that a backup holds, every module at work, and nothing to clean up by hand."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from .conftest import Hospital

CALLBACKS = Path(__file__).resolve().parents[1] / "repoint" / "crash" / "callbacks"


class Disaster:
    """A hospital whose production server is dead, that can be had again as often as wanted."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self.events = hospital.state.parent / "events"
        self._kept = hospital.state.parent / "kept"
        self._others = ["failover", "store", *hospital.site["modules"]]
        for kind in ("full", "log"):
            hospital.backup(kind)
        time.sleep(1)
        hospital.simulator("kill", "production")
        hospital.simulator("stop")
        shutil.copytree(hospital.state, self._kept, symlinks=True, ignore=shutil.ignore_patterns("*.control"))

    def again(self) -> None:
        self.hospital.simulator("stop")
        shutil.rmtree(self.hospital.state)
        shutil.copytree(self._kept, self.hospital.state, symlinks=True)
        for name in self._others:
            self.hospital.simulator("start", name)

    def recover(self, killed_at: int = 0) -> int:
        """The exit code. Without a number the events of the run are counted only."""
        self.events.write_text("")
        variables = {
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "killer",
            "CRASH_PLAY": "",
            "CRASH_LOG": str(self.events),
            "CRASH_AT_EVENT": str(killed_at),
        }
        run = self.hospital.play(
            "playbooks/recovery.yml", "-e", "target=failover", "-e", "recovery_confirmed=true", env=variables
        )
        assert run.code in (0, -9), run.text
        return run.code

    def killed_at(self, number: int) -> None:
        self.again()
        assert self.recover(number) == -9, f"event {number} did not come"
        where = self.events.read_text().splitlines()[-1]
        run = self.hospital.recover()
        assert run.code == 0, f"killed at event {number}, {where}:\n{run.text}"
        assert self.hospital.report()["outcome"] in ("success", "already_there"), where
        judged = self.hospital.judge()
        assert judged.code == 0, f"killed at event {number}, {where}:\n{judged.text}"


@pytest.fixture(scope="module")
def disaster(hospital: Hospital) -> Disaster:
    return Disaster(hospital)


@pytest.fixture(scope="module")
def events(disaster: Disaster) -> list[str]:
    """The beginnings and ends of tasks of an undisturbed run."""
    disaster.again()
    assert disaster.recover() == 0
    return disaster.events.read_text().splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    "where",
    [
        "start of ics.deadpool.restore : Restore every database",
        "end of Restore every database",
        "end of Write the new server into the files",
    ],
)
def test_killed_at_a_turning_point(disaster: Disaster, events: list[str], where: str) -> None:
    disaster.killed_at(1 + next(number for number, event in enumerate(events) if event.startswith(where)))


@pytest.mark.long
def test_killed_at_every_beginning_and_end_of_a_task(disaster: Disaster, events: list[str]) -> None:
    for number in range(1, len(events) + 1):
        disaster.killed_at(number)
