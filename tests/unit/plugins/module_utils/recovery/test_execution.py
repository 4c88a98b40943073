# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which steps of a plan are left: interrupted anywhere, a plan goes on exactly there, or says why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import execution
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.database_state import DatabaseState
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.execution import remaining, statement
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.restore_step import RestorePlan, RestoreStep

STOP = "2026-11-24T03:20:00.000"
FULL = RestoreStep("restore_database", "Sales", "full", "guid-full", ("/S/f.bak",), first_lsn=100, last_lsn=200)
DIFF = RestoreStep("restore_database", "Sales", "differential", "guid-diff", ("/S/d.bak",), first_lsn=300, last_lsn=400)
LOGS = tuple(
    RestoreStep("restore_log", "Sales", "log", f"guid-{n}", (f"/S/{n}.trn",), first_lsn=n * 100, last_lsn=n * 100 + 100)
    for n in (4, 5, 6)
)
STOPPED = (*LOGS[:2], replace(LOGS[2], stop_at=STOP))
RECOVER = RestoreStep("recover", "Sales")


def plan(*steps: RestoreStep, **values: Any) -> RestorePlan:
    reaches = datetime(2026, 11, 24, 3, 20, tzinfo=timezone.utc)
    return RestorePlan("Sales", "Sales", "SQL1", {"kind": "latest"}, steps, reaches, 700, **values)


WHOLE = plan(FULL, DIFF, *LOGS, RECOVER)


def restoring(redo: int | None, last: str | None, **values: Any) -> DatabaseState:
    return DatabaseState("RESTORING", "Sales", redo_start_lsn=redo, last_restored_set_guid=last, **values)


@pytest.mark.parametrize("done", range(6))
def test_interrupted_after_any_step_it_goes_on_with_the_next(done: int) -> None:
    restored = WHOLE.steps[:done]
    state = restoring(restored[-1].last_lsn, restored[-1].backup_set_guid) if restored else DatabaseState()
    left = remaining(WHOLE, state, [str(step.backup_set_guid) for step in restored])
    assert left.steps == WHOLE.steps[done:]
    assert left.done == done
    assert not left.overwrites


@pytest.mark.parametrize("done", range(1, 4))
def test_a_plan_that_goes_on_leaves_out_what_was_restored_since(done: int) -> None:
    left = remaining(plan(*LOGS, RECOVER), restoring(LOGS[done - 1].last_lsn, LOGS[done - 1].backup_set_guid), [])
    assert left.steps == (*LOGS[done:], RECOVER)


def test_a_stop_that_was_reached_is_done_and_another_is_not() -> None:
    stopped = plan(FULL, *STOPPED, RECOVER)
    guids = [str(step.backup_set_guid) for step in stopped.steps[:-1]]
    state = restoring(650, guids[-1], last_stop_at=datetime(2026, 11, 24, 3, 20, 0, 3000))
    assert remaining(stopped, state, guids).steps == (RECOVER,)
    earlier = replace(state, last_stop_at=datetime(2026, 11, 24, 3, 19))
    assert remaining(stopped, earlier, guids).steps == (STOPPED[2], RECOVER)


@pytest.mark.parametrize("state", ["ONLINE", "SUSPECT", "OFFLINE", "RECOVERY_PENDING"])
def test_what_is_there_would_be_overwritten(state: str) -> None:
    left = remaining(WHOLE, DatabaseState(state, "Sales"), ["guid-full", "guid-4"])
    assert left.overwrites
    assert left.steps == WHOLE.steps


def test_another_restore_under_the_name_would_be_overwritten() -> None:
    assert remaining(WHOLE, restoring(500, "guid-4"), ["another-full", "guid-4"]).overwrites
    assert remaining(WHOLE, restoring(500, "guid-4"), []).overwrites


def test_a_database_whose_tail_was_taken_after_an_earlier_restore_is_not_taken_for_an_interrupted_one() -> None:
    """It was restored from this very full backup once, worked with since, and now waits with its tail backed up."""
    guids = [str(step.backup_set_guid) for step in WHOLE.steps[:-1]]
    assert remaining(WHOLE, restoring(9_000, guids[-1]), guids).overwrites


@pytest.mark.parametrize(
    ("state", "match"),
    [
        (DatabaseState(), "RESTORING state, but the target's is absent"),
        (DatabaseState("ONLINE", "Sales"), "but the target's is ONLINE"),
        (restoring(350, "guid-x"), "rolled forward to LSN 350, and the plan's next log covers 400 to 500"),
    ],
)
def test_a_plan_that_goes_on_does_not_fit_anything_else(state: DatabaseState, match: str) -> None:
    with pytest.raises(InvalidInput, match=match) as caught:
        remaining(plan(*LOGS, RECOVER), state, [])
    assert caught.value.hint


def test_nothing_to_do_needs_a_database_that_is_online() -> None:
    assert remaining(plan(already_there=True), DatabaseState("ONLINE", "Sales"), []).steps == ()
    with pytest.raises(InvalidInput, match="but the database is RESTORING"):
        remaining(plan(already_there=True), restoring(700, None), [])


@pytest.mark.parametrize(
    ("path", "directory", "seen"),
    [
        ("/SQL1/Sales/LOG/1.trn", "/r", "/r/SQL1/Sales/LOG/1.trn"),
        ("/SQL1/Sales/LOG/1.trn", "/r/", "/r/SQL1/Sales/LOG/1.trn"),
        ("/SQL1/Sales/LOG/1.trn", "D:\\r", "D:\\r\\SQL1\\Sales\\LOG\\1.trn"),
        ("/1.trn", "\\\\nas\\r\\", "\\\\nas\\r\\1.trn"),
        ("/SQL1/Sales/LOG/1.trn", None, "/SQL1/Sales/LOG/1.trn"),
    ],
)
def test_where_the_server_sees_a_file(path: str, directory: str | None, seen: str) -> None:
    assert execution.source_path(path, directory) == seen


def test_statements() -> None:
    assert statement(FULL, "/r", replace=True) == (
        "RESTORE DATABASE [Sales] FROM DISK = N'/r/S/f.bak' WITH FILE = 1, REPLACE, NORECOVERY, STATS = 5"
    )
    assert "REPLACE" not in statement(DIFF, "/r", replace=True)
    assert f"STOPAT = N'{STOP}'" in statement(STOPPED[2], None)
    assert statement(RECOVER, "/r") == "RESTORE DATABASE [Sales] WITH RECOVERY"
    with pytest.raises(InvalidInput):
        statement(replace(RECOVER, action="drop"), None)


def test_a_step_counts_only_if_the_server_says_so() -> None:
    before = restoring(400, "guid-diff")
    good = restoring(500, "guid-4")
    assert execution.reached(LOGS[0], before, good) is None
    for wrong in (before, replace(good, redo_start_lsn=450), replace(good, state="ONLINE"), DatabaseState()):
        assert execution.reached(LOGS[0], before, wrong)
    assert execution.reached(RECOVER, good, DatabaseState("ONLINE", "Sales")) is None
    assert execution.reached(RECOVER, good, good)


def test_only_a_step_that_may_be_passed_is_passed() -> None:
    may = replace(STOPPED[2], may_be_passed=True)
    state = restoring(550, "guid-5")
    assert execution.was_passed(may, STOPPED[1], 4335, state)
    assert not execution.was_passed(may, STOPPED[1], 3241, state)
    assert not execution.was_passed(may, STOPPED[1], 4335, restoring(600, "guid-5"))
    assert not execution.was_passed(STOPPED[2], STOPPED[1], 4335, state)
