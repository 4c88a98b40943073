# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans from the bytes of backup files, carried out step by step by the simulated SQL Server.

A database lives at random: it commits, is backed up in all ways, is itself restored to earlier instants. Then files are
lost, and every plan must be accepted and give exactly the rows that were committed by the instant promised.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import (
    LATEST,
    DatabaseState,
    RestorePlan,
    RestoreStep,
    Target,
    restore_plan,
)

from simulator.engine.events import SqlError
from tests.simulator.engine.storage.ward import Ward

pytestmark = pytest.mark.slow

LIVES = int(os.environ.get("DEADPOOL_LIVES", "25"))
WIB = timezone(timedelta(hours=7))
Rows = list[tuple[int, str]]
KINDS = ["commit"] * 7 + ["full", "differential", "log", "log", "log", "copy_only", "appended", "striped", "fork"]


@dataclass
class Life:
    """The ward's database, what it held after each change, and the backup files it left."""

    ward: Ward
    random: Random
    held: list[tuple[datetime, Rows]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def live(self, steps: int) -> None:
        self.back_up("full", self.new_file())
        for _ in range(steps):
            self.pass_time()
            kind = self.random.choice(KINDS)
            if kind == "commit":
                self.ward.admit(self.random.randint(1, 3))
                self.note()
            elif kind == "fork":
                self.restore_itself()
            elif kind == "copy_only":
                self.back_up("full", self.new_file(), copy_only=True)
            elif kind == "appended":
                self.back_up("log", "appended.trn")
            elif kind == "striped":
                self.back_up("log", self.new_file(), self.new_file())
            else:
                self.back_up(kind, self.new_file())

    def pass_time(self) -> None:
        self.ward.clock.now += timedelta(milliseconds=self.random.choice([300, 700, 1300, 5000, 90_000]))

    def note(self) -> None:
        self.held.append((self.now, self.ward.rows()))

    @property
    def now(self) -> datetime:
        return self.ward.clock.now.astimezone(WIB)

    def new_file(self) -> str:
        return f"{len(self.files)}.bak"

    def back_up(self, kind: str, *names: str, **options: Any) -> None:
        names = tuple(f"stripe{number}_{name}" for number, name in enumerate(names)) if len(names) > 1 else names
        boot = self.ward.source.boot
        if (kind == "differential" and boot.base is None) or (kind == "log" and boot.last_log_backup is None):
            return
        self.ward.backup(kind, *names, **options)
        self.files += [name for name in names if name not in self.files]

    def restore_itself(self) -> None:
        """To an earlier instant, by the planner's own plan, and life goes on there."""
        when, _ = self.random.choice(self.held) if self.held else (self.now, [])
        plan = planned(self, self.history(), Target(kind="time", time=when + timedelta(milliseconds=100)))
        if not isinstance(plan, RestorePlan):
            return
        self.ward.restored["Ward"] = self.ward.source
        carry_out(self, plan, "Ward")
        self.ward.source = self.ward.restored.pop("Ward")
        self.note()
        self.pass_time()

    def history(self, without: frozenset[str] = frozenset()) -> list[BackupSet]:
        """What the bytes of the files say."""
        sets: list[BackupSet] = []
        for name in self.files:
            content = (self.ward.folder / name).read_bytes() if name not in without else b""
            if content:
                sets += read_backup_file(_reader(content), len(content), name).sets
        return sets

    def at(self, when: datetime) -> Rows:
        """The rows that the database held at an instant."""
        rows: Rows = []
        for noted, content in self.held:
            if noted <= when:
                rows = content
        return rows


def _reader(content: bytes):  # type: ignore[no-untyped-def]
    return lambda offset, length: content[offset : offset + length]


def planned(
    life: Life, history: list[BackupSet], target: Target, state: DatabaseState | None = None
) -> RestorePlan | RecoveryError:
    try:
        now = life.now + timedelta(hours=1)
        return restore_plan(history, "Ward", target, now=now, restored_to=state, replace=True, restore_again=True)
    except RecoveryError as refusal:
        return refusal


def carry_out(life: Life, plan: RestorePlan, name: str, most: int | None = None) -> None:
    """All steps, or the first ``most``."""
    stopped = False
    for step in plan.steps[:most]:
        if step.action == "recover":
            life.ward.recover(name)
            continue
        try:
            stopped = _restore(life, step, name)
        except SqlError as refused:
            if not (step.may_be_passed and stopped and refused.messages[0].number in (4305, 4335)):
                raise


def _restore(life: Life, step: RestoreStep, name: str) -> bool:
    if step.action == "restore_database":
        life.ward.restore(name, *step.files, position=step.position, replace=True)
        return False
    stop_at = datetime.fromisoformat(step.stop_at) if step.stop_at else None
    options = {"stop_at_mark": step.stop_at_mark, "stop_before_mark": step.stop_before_mark, "stop_at": stop_at}
    return life.ward.restore_log(name, *step.files, position=step.position, **options).stop_reached


def state_of(life: Life, name: str, last: RestoreStep) -> DatabaseState:
    """What mssql_info would say of a database in RESTORING state."""
    info = life.ward.restored[name].info
    return DatabaseState(
        state=info.state,
        redo_start_lsn=info.redo_start_lsn,
        redo_start_fork_guid=info.redo_start_fork_guid,
        differential_base_guid=info.differential_base_guid,
        family_guid=info.family_guid,
        last_restored_set_guid=last.backup_set_guid,
        last_stop_at=datetime.fromisoformat(last.stop_at) if last.stop_at else None,
    )


@pytest.fixture(params=range(LIVES))
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Life]:
    ward = Ward(tmp_path)
    made = Life(ward, Random(request.param))
    made.note()
    made.live(18)
    yield made
    ward.close()


def targets(life: Life) -> list[Target]:
    """The latest, and instants all over the life."""
    moments = [when + timedelta(milliseconds=100) for when, _ in life.held]
    chosen = life.random.sample(moments, min(5, len(moments)))
    return [LATEST, *(Target(kind="time", time=when) for when in chosen)]


def expected(life: Life, plan: RestorePlan, history: list[BackupSet]) -> Rows | None:
    """The rows of the instant; of the latest those that the last backup of the plan holds, where it is the newest."""
    if plan.target["kind"] == "time":
        return life.at(plan.reaches)
    newest = max(history, key=lambda one: (one.backup_start_date, one.last_lsn))
    source = life.ward.source.info
    # LSNs of two forks may be equal by chance: only on the source's own fork do they mean that nothing came after.
    nothing_later = (newest.recovery_fork_id, newest.last_lsn) == (source.recovery_fork_guid, source.last_lsn)
    return life.at(life.now) if nothing_later and plan.reaches_lsn >= newest.last_lsn else None


def test_plans_are_accepted_and_give_the_rows_of_the_instant(life: Life) -> None:
    for number, target in enumerate(targets(life)):
        lost = frozenset(life.random.sample(life.files, number % 3 if len(life.files) > 3 else 0))
        history = life.history(lost)
        plan = planned(life, history, target)
        if isinstance(plan, RestorePlan):
            carry_out(life, plan, f"plan{number}")
            rows = expected(life, plan, history)
            assert rows is None or life.ward.rows(f"plan{number}") == rows


def test_an_interrupted_plan_goes_on_where_it_stopped(life: Life) -> None:
    for number, target in enumerate(targets(life)):
        history = life.history()
        plan = planned(life, history, target)
        if not isinstance(plan, RestorePlan) or len(plan.steps) < 3:
            continue
        done = life.random.randint(1, len(plan.steps) - 2)
        name = f"broken{number}"
        carry_out(life, plan, name, done)
        rest = planned(life, history, target, state_of(life, name, plan.steps[done - 1]))
        assert isinstance(rest, RestorePlan)
        assert rest.steps == plan.steps[done:] or rest.steps[0].action != "restore_database"
        carry_out(life, rest, name)
        carry_out(life, plan, f"whole{number}")
        assert life.ward.rows(name) == life.ward.rows(f"whole{number}")


def test_a_path_is_followed_over_a_fork_without_a_full_on_it(tmp_path: Path) -> None:
    """Restored to an instant, and no full since: the latest needs the old full, half an old log, and the new log."""
    ward = Ward(tmp_path)
    life = Life(ward, Random(1))
    life.note()
    life.back_up("full", life.new_file())
    for _ in range(4):
        ward.clock.now += timedelta(seconds=40)
        ward.admit(2)
        life.note()
    wanted = life.held[2][0] + timedelta(milliseconds=100)
    ward.clock.now += timedelta(seconds=40)
    life.back_up("log", life.new_file())
    plan = planned(life, life.history(), Target(kind="time", time=wanted))
    assert isinstance(plan, RestorePlan)
    ward.restored["Ward"] = ward.source
    carry_out(life, plan, "Ward")
    ward.source = ward.restored.pop("Ward")
    assert ward.rows() == life.at(wanted)
    for _ in range(2):
        ward.clock.now += timedelta(seconds=40)
        ward.admit(3)
    life.note()
    life.back_up("log", life.new_file())
    plan = planned(life, life.history(), LATEST)
    assert isinstance(plan, RestorePlan)
    assert [bool(step.stop_before_mark) for step in plan.steps] == [False, True, False, False]
    carry_out(life, plan, "copy")
    assert life.ward.rows("copy") == life.ward.rows() == life.held[-1][1]
    ward.close()
