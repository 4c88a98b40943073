# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A hospital in a state that can be had again as often as wanted, and a controller that is killed on purpose."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .conftest import Hospital

CALLBACKS = Path(__file__).resolve().parents[1] / "repoint" / "crash" / "callbacks"
#: A whole matrix takes hours: every so many beginnings and ends of tasks, from that one on.
EVERY, FIRST = (int(os.environ.get(f"DEADPOOL_KILL_{name}", "1")) for name in ("EVERY", "FIRST"))
#: Or in so many lives: the l-th is killed at the l-th point, and every so many later, and only then runs to its end.
LIVES = int(os.environ.get("DEADPOOL_KILL_LIVES", "12"))
#: A beginning or an end of a task by its name, and which of that name: a run that resumes has others between.
Point = tuple[str, int]
KILL_AT_THE_N_TH = '[ "$(grep -cxF -- "$CRASH_WHERE" "$CRASH_LOG")" -ne "$CRASH_TIMES" ] || kill -9 $PPID'


class Killing:
    """One command on a hospital that begins as it was when this was made. ``dead`` is what does not run there;
    ``proof`` raises where the end is not that of an undisturbed run."""

    def __init__(
        self, hospital: Hospital, command: tuple[str, ...], proof: Callable[[], None], dead: tuple[str, ...] = ()
    ) -> None:
        self.hospital, self.command, self.proof = hospital, command, proof
        self.events = hospital.state.parent / "events"
        self._kept = hospital.state.parent / "kept"
        everybody = ["production", "failover", "store", *hospital.site["modules"]]
        self._alive = [name for name in everybody if name not in dead]
        hospital.simulator("stop")
        shutil.copytree(hospital.state, self._kept, symlinks=True, ignore=shutil.ignore_patterns("*.control"))

    def again(self) -> None:
        self.hospital.simulator("stop")
        shutil.rmtree(self.hospital.state)
        shutil.copytree(self._kept, self.hospital.state, symlinks=True)
        for name in self._alive:
            self.hospital.simulator("start", name)

    def undisturbed(self) -> list[str]:
        """The beginnings and ends of tasks, counted."""
        self.again()
        assert self._run({}) == 0
        self.proof()
        return self.events.read_text().splitlines()

    def killed_at(self, number: int) -> None:
        """At the n-th beginning or end of a task."""
        self.again()
        assert self._run({"CRASH_AT_EVENT": str(number)}) == -9, f"event {number} did not come"
        self._once_more(f"event {number}, {self.events.read_text().splitlines()[-1]}")

    def killed_within(self, task: str, seconds: float) -> None:
        """So many seconds after a task began."""
        self.again()
        command = f"(sleep {seconds}; kill -9 $PPID) > /dev/null 2>&1 &"
        code = self._run({"CRASH_WHERE": f"start of {task}", "CRASH_COMMAND": command})
        if code == -9:  # else it was faster
            self._once_more(f"{seconds} s after the beginning of {task}")

    def live(self, points: Sequence[Point]) -> None:
        """Killed at one point after another, on what the kills before left. A point that does not come, because its
        work was done, is the first of a new life."""
        while points:
            self.again()
            points = points[self._life(points) :]

    def _life(self, points: Sequence[Point]) -> int:
        """How many of the points are done with."""
        for number, (event, times) in enumerate(points):
            crash = {"CRASH_WHERE": event, "CRASH_TIMES": str(times), "CRASH_COMMAND": KILL_AT_THE_N_TH}
            if self._run(crash) == 0:
                self.proof()
                print(f"did not come after {number} kills: {event}, time {times}: well", flush=True)
                return number or 1
            print(f"killed as the {number + 1}. of a life: {event}, time {times}", flush=True)
        self._once_more(f"{len(points)} points up to {points[-1]}")
        return len(points)

    def _once_more(self, where: str) -> None:
        run = self.hospital.play(*self.command)
        assert run.code == 0, f"killed at {where}:\n{run.text}"
        try:
            self.proof()
        except AssertionError as error:
            raise AssertionError(f"killed at {where}: {error}\n{run.text}") from error
        print(f"killed at {where}: well")

    def _run(self, crash: dict[str, str]) -> int:
        self.events.write_text("")
        variables = {
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "killer",
            "CRASH_PLAY": "",
            "CRASH_LOG": str(self.events),
            **crash,
        }
        run = self.hospital.play(*self.command, env=variables)
        assert run.code in (0, -9), run.text
        return run.code


def points(events: list[str], kind: str, life: int) -> list[Point]:
    """What one life of that kind, "start" or "end", is killed at."""
    every = [(event, events[: number + 1].count(event)) for number, event in enumerate(events)]
    return [point for point in every if point[0].startswith(kind)][life::LIVES]


def wanted(events: list[str]) -> Iterator[int]:
    """The numbers of the events to kill at."""
    yield from range(FIRST, len(events) + 1, EVERY)


def first(events: list[str], where: str) -> int:
    """The number of the first event that begins so."""
    return 1 + next(number for number, event in enumerate(events) if event.startswith(where))
