# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be called proven, and what may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import verdict
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.database_state import DatabaseState
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.restore_step import RestorePlan, RestoreStep
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.verdict import Verdict

REACHES = datetime(2026, 11, 24, 3, 20, tzinfo=timezone.utc)
STEPS = (
    RestoreStep("restore_database", "Sales", "full", "guid-full", ("/f.bak",), last_lsn=200),
    RestoreStep("restore_log", "Sales", "log", "guid-1", ("/1.trn",), last_lsn=300),
    RestoreStep("restore_log", "Sales", "log", "guid-2", ("/2.trn",), last_lsn=400, stop_at="2026-11-24T10:20:00.000"),
    RestoreStep("recover", "Sales"),
)
PLAN = RestorePlan(
    "Sales", "Sales", "SQL1", {"kind": "time"}, STEPS, REACHES, 400, recovery_fork_id="fork-a", family_guid="family"
)
STATE = DatabaseState(
    "ONLINE",
    "Sales",
    create_date=datetime(2026, 11, 24, 11, 0),
    family_guid="FAMILY",
    recovery_fork_guid="fork-b",
    fork_point_lsn=390,
    last_restored_set_guid="guid-2",
    last_restored_at=datetime(2026, 11, 24, 11, 1),
    last_stop_at=datetime(2026, 11, 24, 10, 20),
)
HISTORY: list[dict[str, Any]] = [
    {"backup_set_uuid": guid, "last_lsn": lsn} for guid, lsn in (("guid-2", 400), ("guid-1", 300), ("guid-full", 200))
]


def test_restored_as_planned() -> None:
    found = verdict.reached(PLAN, STATE, HISTORY)
    assert found.proven, found.fact


@pytest.mark.parametrize(
    ("state", "history", "fact"),
    [
        (DatabaseState(), HISTORY, "there is no such database"),
        (replace(STATE, family_guid="other"), HISTORY, "its family is other"),
        (replace(STATE, family_guid=None), HISTORY, "its family is None"),
        (STATE, [], "has no row for it"),
        (STATE, HISTORY[1:], "guid-2 (/2.trn) was not restored"),
        (STATE, [HISTORY[0], HISTORY[2]], "guid-1 (/1.trn) was not restored"),
        (STATE, [{"backup_set_uuid": "guid-9", "last_lsn": 500}, *HISTORY], "is guid-9, which is not the plan's last"),
        (replace(STATE, last_stop_at=None), HISTORY, "stopped at no time, and the plan says 2026-11-24T10:20"),
        (replace(STATE, last_stop_at=datetime(2026, 11, 24, 10, 19)), HISTORY, "stopped at 2026-11-24T10:19"),
        (replace(STATE, fork_point_lsn=410), HISTORY, "recovered at LSN 410, beyond the plan's 400"),
        (replace(STATE, create_date=datetime(2026, 11, 24, 12, 0)), HISTORY, "is older than the database"),
    ],
)
def test_anything_else_is_not_proven(state: DatabaseState, history: list[dict[str, Any]], fact: str) -> None:
    found = verdict.reached(PLAN, state, history)
    assert not found.proven
    assert fact in found.fact
    assert found.hint


def test_a_stop_that_was_not_planned_is_not_proven() -> None:
    latest = replace(PLAN, steps=(*STEPS[:2], replace(STEPS[2], stop_at=None), STEPS[3]))
    assert not verdict.reached(latest, STATE, HISTORY).proven
    assert verdict.reached(latest, replace(STATE, last_stop_at=None), HISTORY).proven


def test_a_step_that_may_be_passed_may_be_missing() -> None:
    plan = replace(
        PLAN, steps=(STEPS[0], replace(STEPS[1], stop_at=STEPS[2].stop_at), replace(STEPS[2], may_be_passed=True))
    )
    assert verdict.reached(plan, replace(STATE, last_restored_set_guid="guid-1"), HISTORY[1:]).proven


def test_a_database_that_was_there_already() -> None:
    there = replace(PLAN, steps=(), already_there=True)
    assert verdict.reached(there, STATE, HISTORY).proven
    assert not verdict.reached(there, STATE, []).proven
    assert not verdict.reached(there, STATE, HISTORY[1:]).proven


def test_the_database_that_the_newest_backups_are_of_needs_no_history_of_restores() -> None:
    """It was restored once, has gone on, and was backed up since: its last RESTORE lies far behind those backups."""
    there = replace(PLAN, steps=(), already_there=True, target={"kind": "latest"}, reaches_lsn=900)
    own = replace(STATE, recovery_fork_guid="FORK-A")
    assert verdict.reached(there, own, []).proven
    assert verdict.reached(there, own, HISTORY).proven
    assert not verdict.reached(there, STATE, HISTORY).proven
    assert not verdict.reached(replace(there, target={"kind": "time"}), own, HISTORY).proven


@pytest.mark.parametrize(
    ("state", "access", "read_only", "proven"),
    [
        ("ONLINE", "MULTI_USER", False, [True, True, True]),
        ("ONLINE", "SINGLE_USER", False, [True, False, True]),
        ("ONLINE", "MULTI_USER", True, [True, True, False]),
        ("RESTORING", "MULTI_USER", False, [False, False, False]),
        ("STANDBY", "MULTI_USER", True, [False, False, False]),
    ],
)
def test_online(state: str, access: str, read_only: bool, proven: list[bool]) -> None:
    assert [one.proven for one in verdict.online("Sales", state, access, read_only)] == proven


def test_the_last_transaction() -> None:
    def last(latest: datetime | None) -> Verdict:
        return verdict.last_transaction("Sales", "dbo.Rows", latest, 7, REACHES)

    assert last(REACHES).proven
    assert last(REACHES - timedelta(hours=1)).proven
    assert not last(REACHES + timedelta(milliseconds=1)).proven
    assert not last(None).proven


def test_one_missing_proof_is_a_failure_and_nothing_asked_is_no_success() -> None:
    good, bad = Verdict("online", "A", True, "ONLINE"), Verdict("online", "B", False, "it is SUSPECT", "Restore it.")
    assert verdict.not_proven([good]) is None
    error = verdict.not_proven([good, bad])
    assert error is not None
    assert error.msg == "1 of 2 are not proven:\nB: online: it is SUSPECT"
    assert error.hint == "Restore it."
    assert verdict.not_proven([]) is not None


def test_a_verdict_is_a_word() -> None:
    assert Verdict("online", "A", False, "x").to_dict()["verdict"] == "not_proven"
    assert Verdict("online", "A", True, "x").to_dict()["verdict"] == "proven"
