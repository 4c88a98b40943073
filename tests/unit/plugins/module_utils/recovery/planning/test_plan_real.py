# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real backup files, read from their bytes and planned as SQL Server's users found them to be restored."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_history import BackupHistory
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    BrokenLogChain,
    NoFullBackup,
    RecoveryError,
    TargetOutOfReach,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan import (
    LATEST,
    RestorePlan,
    Target,
    at_time,
    restore_plan,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.recoverable import recoverable

PROJECT = Path(__file__).resolve().parents[6]
ARCHIVE = (
    Path(os.environ.get("DEADPOOL_FIXTURES") or PROJECT.parent / "shared" / "fixtures")
    / "backups"
    / "real-backups.tar.xz"
)
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def real() -> dict[str, list[BackupSet]]:
    """Folder -> the backup sets in it, by the reader."""
    if not ARCHIVE.is_file():
        pytest.skip(f"no real backup files at {ARCHIVE}; DEADPOOL_FIXTURES names another folder")
    folders: dict[str, list[BackupSet]] = {}
    for name, content in _files():
        sets = read_backup_file(_reader(content), len(content), name).sets
        folders.setdefault(name.rsplit("/", 1)[0], []).extend(sets)
    return folders


def _files() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(ARCHIVE) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is not None and member.name.endswith((".bak", ".trn")):
                yield member.name[member.name.index("pub/") + 4 :], stream.read()


def _reader(content: bytes) -> Callable[[int, int], bytes]:
    stream = io.BytesIO(content)

    def read(offset: int, length: int) -> bytes:
        stream.seek(offset)
        return stream.read(length)

    return read


def of(real: dict[str, list[BackupSet]], folder: str) -> list[BackupSet]:
    """The sets of a folder and the folders below it."""
    return [one for name, sets in real.items() if f"/{folder}/" in f"/{name}/" for one in sets]


def files(plan: RestorePlan) -> list[str]:
    """The names of a plan's files."""
    return [path.rsplit("/", 1)[-1] for path in plan.files]


def gapless(plan: RestorePlan, sets: list[BackupSet]) -> None:
    """Each log begins at or before where the one before ended, and the differential is the full's own."""
    by_guid = {one.backup_set_guid: one for one in sets}
    used = [by_guid[str(step.backup_set_guid)] for step in plan.steps[:-1]]
    assert used[0].backup_type == "full"
    lsn = used[0].last_lsn
    for one in used[1:]:
        if one.backup_type == "differential":
            assert one.differential_base_guid == used[0].backup_set_guid
        else:
            assert one.first_lsn <= lsn < one.last_lsn
        lsn = one.last_lsn


def test_restoretimeclean_takes_five_files(real: dict[str, list[BackupSet]]) -> None:
    """dbatools: the whole directory is a full, a differential and three logs."""
    sets = of(real, "RestoreTimeClean")
    plan = restore_plan(sets, "RestoreTimeClean", now=NOW)
    assert files(plan) == [
        "RestoreTimeClean.bak",
        "RestoreTimeClean2.bak",
        "RestoreTimeClean2_1.trn",
        "RestoreTimeClean2_2.trn",
        "RestoreTimeClean2_3.trn",
    ]
    gapless(plan, sets)


def test_stopat_takes_the_log_that_holds_the_instant(real: dict[str, list[BackupSet]]) -> None:
    sets = of(real, "StopAt")
    plan = restore_plan(sets, "StopAt", at_time("2020-05-12T13:32:00+01:00", None), now=NOW)
    assert files(plan) == ["StopAt.bak", "StopAt_1.trn", "StopAt_2.trn", "StopAt_21.trn"]
    assert {step.stop_at for step in plan.steps if step.action == "restore_log"} == {"2020-05-12T13:32:00.000"}
    assert files(restore_plan(sets, "StopAt", now=NOW))[-1] == "StopAt_23.trn"
    gapless(plan, sets)


def test_stopat_without_its_fourth_log_is_refused_by_name(real: dict[str, list[BackupSet]]) -> None:
    """The hole is that of SQL Server's own message: the log begins at LSN 19000000021500001."""
    sets = [one for one in of(real, "StopAt") if not one.path.endswith("StopAt_21.trn")]
    with pytest.raises(BrokenLogChain, match="from LSN 19000000019300001 to 19000000021500001 is missing"):
        restore_plan(sets, "StopAt", at_time("2020-05-12T13:34:00+01:00", None), now=NOW)
    assert files(restore_plan(sets, "StopAt", now=NOW))[-1] == "StopAt_2.trn"


def test_simplerecovery_takes_two_files(real: dict[str, list[BackupSet]]) -> None:
    """dbatools: at 2018-04-06 10:37:44 the full and the first differential, and no exact instant is promised."""
    plan = restore_plan(
        of(real, "SimpleRecovery"), "SimpleBackTest", at_time("2018-04-06T10:37:44+01:00", None), now=NOW
    )
    assert files(plan) == ["SimpleBacktest.bak", "SimpleBackTest_1.bak"]
    assert plan.reaches.isoformat() == "2018-04-06T10:35:32+01:00"
    assert "cannot be reached" in plan.warnings[0]
    assert files(restore_plan(of(real, "SimpleRecovery"), "SimpleBackTest", now=NOW))[-1] == "SimpleBackTest_2.bak"


def test_doublediffing_takes_the_newest_differential_only(real: dict[str, list[BackupSet]]) -> None:
    sets = of(real, "DoubleDiffing")
    plan = restore_plan(sets, "doublediff", now=NOW)
    assert files(plan) == ["difftest-full.bak", "difftest-diff2.bak"]
    gapless(plan, sets)


def test_olamsfilter_complex_is_one_history_in_three_folders(real: dict[str, list[BackupSet]]) -> None:
    """The last logs hold nothing that the differential has not; their times prove how far it reaches."""
    sets = of(real, "OlaMsFilter/complex")
    plan = restore_plan(sets, "OlaMsFilterTest", now=NOW)
    assert files(plan) == ["test_FULL_20160629_142200.bak", "test_DIFF_20160629_142800.bak"]
    assert plan.reaches.isoformat() == "2018-07-02T08:17:56+01:00"
    without = [one for one in sets if "142800" not in one.path]
    longer = restore_plan(without, "OlaMsFilterTest", now=NOW)
    assert longer.reaches_lsn == plan.reaches_lsn
    gapless(longer, without)
    assert len(longer.files) > 2


def test_restoretimestripe_needs_both_folders(real: dict[str, list[BackupSet]]) -> None:
    sets = of(real, "RestoreTimeStripe")
    plan = restore_plan(sets, "RestoreTimeStripe", now=NOW)
    assert [len(step.files) for step in plan.steps] == [2, 2, 2, 2, 0]
    assert files(plan)[:2] == ["RestoreTimeStripe2.bak", "RestoreTimeStripe2a.bak"]
    gapless(plan, sets)
    half = [one for one in sets if "/Stripe1/" in one.path]
    with pytest.raises(NoFullBackup, match="media family 2 of 2 is missing"):
        restore_plan(half, "RestoreTimeStripe", now=NOW)


def test_a_copys_own_backup_is_not_replaced_by_its_originals(real: dict[str, list[BackupSet]]) -> None:
    """stripetest was once restored from RestoreTimeStripe; its only own backup has a password."""
    every = [one for sets in real.values() for one in sets]
    with pytest.raises(NoFullBackup, match="none of its own backups can be restored"):
        restore_plan(every, "stripetest", now=NOW)


def test_every_database_gives_a_plan_or_a_whole_refusal(real: dict[str, list[BackupSet]]) -> None:
    """All files in one heap, at every second that matters, each with every single file left out."""
    every = [one for sets in real.values() for one in sets]
    history = BackupHistory(every)
    for database in history.databases:
        own = [one for one in every if one.database_name == database]
        moments = {one.backup_start_date + timedelta(seconds=step) for one in own for step in (-1, 0, 1, 30)}
        targets = [LATEST, *(Target(kind="time", time=when) for when in moments)]
        for left_out in (None, *(one.path for one in own)):
            sets = [one for one in every if one.path != left_out]
            if not any(one.database_name == database for one in sets):
                continue
            for target in targets:
                _plan_or_refusal(BackupHistory(sets), database, target, sets)


def _plan_or_refusal(history: BackupHistory, database: str, target: Target, sets: list[BackupSet]) -> None:
    try:
        plan = restore_plan(history, database, target, now=NOW)
    except RecoveryError as refusal:
        assert isinstance(refusal, (NoFullBackup, BrokenLogChain, TargetOutOfReach))
        assert database in refusal.msg and refusal.hint
        return
    gapless(plan, sets)
    windows = recoverable(history, database).windows
    if target.time is not None:
        inside = any(window.start <= target.time <= window.end for window in windows)
        assert inside == (plan.reaches == target.time)
