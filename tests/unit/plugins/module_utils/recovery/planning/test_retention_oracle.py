# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Retention over random lives of a database: whatever instant of the promised window is asked for, the planner reaches
after the deletions what it reached before, wherever they break off; and what it plans is carried out to the truth.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

pytest.importorskip("hypothesis")

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.holds import Hold
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.leftovers import StoredFile
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import LATEST, RestorePlan, Target
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention import Known, retention
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_policy import RetentionPolicy
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_verdict import Retention
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .carrying_out import carried_out, planned
from .hospital_life import WIB, Database, moment, numbers
from .remains import Remains
from .retention_lives import Judged, old_lives
from .strategies import remains

CASES = int(os.environ.get("DEADPOOL_CASES", "60"))
oracle = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    derandomize=CASES <= 400,
)
STRANGE = StoredFile("/todo.txt", 7)


def end(life: Remains) -> datetime:
    return moment(life.end) + timedelta(minutes=1)


def judged(life: Remains, window: timedelta, *, holds: tuple[Hold, ...] = (), minimum: int = 0) -> Retention:
    """The retention of what is left of a life, for a window that is as short as the life."""
    files = {one.path: StoredFile(one.path, one.size) for one in life.sets}
    verified = {one.path: "sound" for one in life.sets if one.path not in life.unusable}
    policy = RetentionPolicy(window_days=window / timedelta(days=1), minimum_fulls=minimum)
    known = Known(life.sets, unusable=life.unusable, verified=verified)
    return retention([*files.values(), STRANGE], known, policy, end(life), holds)


def without(life: Remains, paths: set[str]) -> Remains:
    return replace(life, sets=tuple(one for one in life.sets if one.path not in paths))


def answer(life: Remains, target: Target) -> tuple[object, ...] | None:
    """Where the plan leads, and to what data: None where it refuses."""
    plan = planned(life, target) if life.sets else None
    if not isinstance(plan, RestorePlan):
        return None
    return plan.reaches, plan.reaches_lsn, plan.family_guid, tuple(numbers(carried_out(plan, life).records))


def targets(life: Remains, since: datetime, somewhere: list[int]) -> list[Target]:
    length = max(1, (end(life) - since) // timedelta(milliseconds=1))
    return [LATEST, *(Target(kind="time", time=since + timedelta(milliseconds=at % length)) for at in somewhere)]


def same_in_the_window(life: Remains, after: Remains, since: datetime, somewhere: list[int]) -> None:
    if not any(one.database_name == "Sales" for one in life.sets):
        return
    for target in targets(life, since, somewhere):
        before = answer(life, target)
        now = answer(after, target)
        if target.time is None or (before and before[0] == target.time):
            # A smaller log may serve as well: the LSN where it ends is nobody's wish.
            assert _data(now) == _data(before), f"{target}: {before} became {now}"
        else:
            assert now is None or now[0] != target.time, f"{target}: {before} became {now}"


def _data(found: tuple[object, ...] | None) -> object:
    return found and (found[0], *found[2:])


INSTANTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)
#: Most lives last some minutes.
WINDOW = st.sampled_from([1, 3, 10, 30, 100]).map(lambda seconds: timedelta(seconds=seconds))
#: Of these lives something is old in most; a property that is only ever asked of what deletes nothing is hollow.
MOST = 0.5


class Share:
    """How many of the lives that were drawn had something deleted; how often nothing went for want of a full to rely
    on (a database made anew that has none yet, only damaged ones left); and how often the proof had to step in."""

    def __init__(self) -> None:
        self.lives = self.deleting = self.unproven = self.doubted = 0

    def count(self, done: Retention) -> Retention:
        self.lives += 1
        self.deleting += bool(done.order)
        reasons = [one.withheld or "" for one in done.databases]
        self.unproven += any("relied on" in one for one in reasons)
        self.doubted += any("would change" in one for one in reasons)
        return done

    def is_no_hollow_one(self) -> None:
        assert self.deleting >= MOST * self.lives, vars(self)
        assert self.doubted <= 0.01 * self.lives, f"the proof behind the cut steps in too often: {vars(self)}"


def test_the_window_is_the_same_afterwards() -> None:
    share = Share()

    @oracle
    @given(old_lives(), INSTANTS)
    def of_any_life(old: Judged, somewhere: list[int]) -> None:
        life, window = old.life, old.window
        done = share.count(judged(life, window, minimum=old.minimum))
        after = without(life, set(done.order))
        same_in_the_window(life, after, end(life) - window, somewhere)
        assert not judged(after, window, minimum=old.minimum).order, "applied twice is applied once"

    of_any_life()
    share.is_no_hollow_one()


def test_it_may_break_off_anywhere() -> None:
    """After every single step of the deletion, not at one of them."""
    share = Share()

    @settings(oracle, max_examples=max(1, CASES // 2))
    @given(old_lives(), INSTANTS)
    def of_any_life(old: Judged, somewhere: list[int]) -> None:
        life, window = old.life, old.window
        done = share.count(judged(life, window, minimum=old.minimum))
        for at in range(len(done.order)):
            left = without(life, set(done.order[:at]))
            same_in_the_window(life, left, end(life) - window, somewhere[:2])
            no_dangling_differential(life, left)
            again = judged(left, window, minimum=old.minimum)
            assert set(again.order) <= set(done.order[at:]), "what stayed the first time goes the second time"
            same_in_the_window(life, without(left, set(again.order)), end(life) - window, somewhere[:1])

    of_any_life()
    share.is_no_hollow_one()


def no_dangling_differential(life: Remains, left: Remains) -> None:
    bases = {one.backup_set_guid for one in left.sets if one.backup_type == "full"}
    gone = {one.backup_set_guid for one in life.sets} - {one.backup_set_guid for one in left.sets}
    dangling = [one.path for one in left.sets if one.differential_base_guid in gone - bases]
    appended = {one.path for one in life.sets if one.position > 1}
    assert not set(dangling) - appended, "a differential without its full"


@oracle
@given(remains(30), WINDOW, st.integers(0, 2), INSTANTS)
def test_a_life_of_any_kind_and_length(life: Remains, window: timedelta, minimum: int, somewhere: list[int]) -> None:
    """Few of these are old; they are stranger."""
    done = judged(life, window, minimum=minimum)
    after = without(life, set(done.order))
    same_in_the_window(life, after, end(life) - window, somewhere)
    assert not judged(after, window, minimum=minimum).order


@oracle
@given(remains(), WINDOW, st.integers(0, 100))
def test_a_hold_keeps_a_file_and_what_it_needs(life: Remains, window: timedelta, which: int) -> None:
    if not life.sets:
        return
    held = life.sets[which % len(life.sets)]
    hold = Hold("audit", end(life) + timedelta(days=1), path=held.path)
    done = judged(life, window, holds=(hold,))
    assert held.path not in done.order
    before = [one.path for one in life.sets if one.backup_set_guid == held.differential_base_guid]
    assert not set(before) & set(done.order)
    over = Hold("audit", end(life) - timedelta(seconds=1), path=held.path)
    assert judged(life, window, holds=(over,)).order == judged(life, window).order


@oracle
@given(remains(), WINDOW)
def test_every_file_has_a_verdict_and_the_unknown_is_never_touched(life: Remains, window: timedelta) -> None:
    done = judged(life, window)
    assert {one.path for one in done.verdicts} == {one.path for one in life.sets} | {STRANGE.path}
    assert all(one.reason for one in done.verdicts)
    assert [one.path for one in done.verdicts if one.verdict == "unknown"] == [STRANGE.path]
    assert {one.path for one in done.verdicts if one.verdict == "delete"} == set(done.order)
    assert len(done.order) == len(set(done.order))


def weeks(count: int) -> tuple[BackupSet, ...]:
    """A full each Sunday, a differential each day, four logs a day."""
    life = Database()
    for day in range(7 * count):
        life.commit()
        life.full() if day % 7 == 0 else life.differential()
        for _unused in range(4):
            life.wait(21_600_000 - 1000)
            life.commit()
            life.log()
    return tuple(life.sets)


def test_a_hospitals_weeks_are_cut_behind_the_last_full_before_the_window() -> None:
    sets = weeks(5)
    life = Remains((), sets, {})
    now = moment(0) + timedelta(days=35, hours=1)
    files = [StoredFile(one.path, one.size) for one in sets]
    verified = {one.path: "sound" for one in sets}
    done = retention(files, Known(sets, verified=verified), RetentionPolicy(), now)
    kept = [one for one in life.sets if one.path not in done.order]
    fulls = [one for one in kept if one.backup_type == "full"]
    assert [one.backup_start_date.astimezone(WIB).day for one in fulls] == [13, 20]
    (sales,) = done.databases
    assert sales.windows_after[0].start <= now - timedelta(days=14) and not sales.useless
