# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps retention from deleting: doubt about fulls, clocks, holds, and backups that stopped coming."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.holds import holds
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.leftovers import StoredFile
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention import (
    Known,
    refuse_a_wrong_clock,
    retention,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_policy import RetentionPolicy
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.retention_verdict import Retention

from .hospital_life import WIB, Database, moment

DAY = timedelta(days=1)
NOW = moment(0) + 35 * DAY


@pytest.fixture(scope="module")
def sets() -> list[BackupSet]:
    """Five weeks: a full on the first day of each, a log every day."""
    life = Database()
    for day in range(35):
        life.commit()
        if day % 7 == 0:
            life.full()
        life.wait(86_000_000)
        life.commit()
        life.log()
    return life.sets


def judged(sets: list[BackupSet], *more: StoredFile, now: datetime = NOW, rows: Any = (), **options: Any) -> Retention:
    verified = options.pop("verified", dict.fromkeys([one.path for one in sets], "sound"))
    files = [StoredFile(one.path, one.size, one.backup_finish_date) for one in sets]
    known = Known(tuple(sets), verified=verified)
    return retention([*files, *more], known, RetentionPolicy(**options), now, holds(list(rows), WIB))


def fulls_left(done: Retention) -> int:
    return sum(one.backup_type == "full" and one.verdict == "keep" for one in done.verdicts)


def test_nothing_goes_before_the_full_that_stays_is_verified(sets: list[BackupSet]) -> None:
    asked = judged(sets, verified={})
    assert not asked.order and len(asked.to_verify) == 1
    assert all("not proven sound" in (one.withheld or "") for one in asked.databases)
    assert not judged(sets, verified=dict.fromkeys(asked.to_verify, "cannot be told: no checksums")).order
    assert judged(sets, verified=dict.fromkeys(asked.to_verify, "sound")).order
    assert judged(sets, verified={}, require_verified=False).order


def test_a_least_number_of_fulls_stays_with_what_hangs_on_them(sets: list[BackupSet]) -> None:
    assert [fulls_left(judged(sets, minimum_fulls=number)) for number in (1, 4, 5, 9)] == [2, 4, 5, 5]
    assert not judged(sets, minimum_fulls=9).order


def test_an_age_per_type_only_adds(sets: list[BackupSet]) -> None:
    assert fulls_left(judged(sets, keep_days={"full": 30})) == 5 - 1
    assert judged(sets, keep_days={"full": 1}).order == judged(sets).order


def test_a_database_that_is_no_longer_backed_up_is_left_alone(sets: list[BackupSet]) -> None:
    later = NOW + 30 * DAY
    assert not judged(sets, now=later).order
    retired = judged(sets, now=later, retired=frozenset({"sales"}))
    assert retired.order and fulls_left(retired) == 2


def test_a_backup_from_the_future_stops_everything(sets: list[BackupSet]) -> None:
    refuse_a_wrong_clock(sets, NOW, WIB)
    with pytest.raises(InvalidInput, match="a clock is wrong"):
        refuse_a_wrong_clock(sets, NOW - 3 * DAY, WIB)


@pytest.mark.parametrize(
    ("modified", "also", "verdict"),
    [
        (NOW - 3 * DAY, NOW, "leftover"),
        (NOW - DAY / 2, NOW, "unknown"),
        (None, NOW, "unknown"),
        (NOW - 3 * DAY, NOW + DAY, "unknown"),  # the store's clock is ahead
    ],
)
def test_what_a_broken_upload_left_goes_only_by_a_clock_that_can_be_right(
    sets: list[BackupSet], modified: datetime | None, also: datetime, verdict: str
) -> None:
    done = judged(sets, StoredFile("/x.bak.part", 5, modified), StoredFile("/todo.txt", 1, also))
    assert {one.path: one.verdict for one in done.verdicts}["/x.bak.part"] == verdict
    assert ("/x.bak.part" in done.order) == (verdict == "leftover")


def test_a_store_whose_clock_is_behind_has_no_leftovers(sets: list[BackupSet]) -> None:
    known = Known(tuple(sets))
    files = [StoredFile(one.path, one.size, moment(0) - 9 * DAY) for one in sets]
    done = retention([*files, StoredFile("/x.part", 5, NOW - 3 * DAY)], known, RetentionPolicy(), NOW)
    assert not done.order


def test_a_hold_on_a_time_keeps_every_instant_of_it(sets: list[BackupSet]) -> None:
    day = (NOW - 27 * DAY).date()
    row = {"database": "Sales", "from": str(day), "to": str(day), "reason": "audit", "until": "2099-01-01"}
    done = judged(sets, rows=[row])
    windows = done.databases[0].windows_after
    begin = datetime.combine(day, datetime.min.time(), WIB)
    assert any(one.start <= begin and one.end >= begin + DAY for one in windows), windows
    assert done.order, "the rest goes"


@pytest.mark.parametrize(
    "row",
    [
        "Sales",
        {"database": "Sales"},
        {"database": "Sales", "reason": "x"},
        {"reason": "x", "until": "2099-01-01"},
        {"database": "Sales", "path": "/x", "reason": "x", "until": "2099-01-01"},
        {"database": "Sales", "reason": "x", "until": "soon"},
        {"databas": "Sales", "reason": "x", "until": "2099-01-01"},
        {"database": "Sales", "from": "2026-01-02", "reason": "x", "until": "2099-01-01"},
    ],
)
def test_a_hold_that_is_not_understood_is_an_error(row: Any) -> None:
    with pytest.raises(InvalidInput, match="hold 1"):
        holds([row], WIB)


def test_what_stays_stays_the_next_time() -> None:
    """The full of a fork in between made the oldest one look needed, and went; the oldest went a week later."""
    life = Database()
    life.commit()
    for during in (1, 0):
        life.full(during=during)
        life.wait(61_000)
        life.restore_to(0, False)
    life.full(during=1)
    life.wait(61_000)
    life.log()
    now = moment(life.clock) + timedelta(minutes=1)
    window = (now - moment(150_000)) / DAY
    done = judged(life.sets, now=now, window_days=window, minimum_fulls=1)
    left = [one for one in life.sets if one.path not in done.order]
    assert len(done.order) == 2 and not judged(left, now=now, window_days=window, minimum_fulls=1).order
