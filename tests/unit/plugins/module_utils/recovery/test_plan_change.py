# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan that was decided on holds for its rest, with logs that came since, and for nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_change import (
    plan_changes,
    plans_digest,
    require_decided,
    require_extension,
)

FULL = {"action": "restore_full", "backup_set_guid": "full-1", "position": 1}
LOGS = [{"action": "restore_log", "backup_set_guid": f"log-{number}", "position": 1} for number in range(4)]


def plan(*steps: dict[str, Any], database: str = "Pharmacy") -> dict[str, Any]:
    return {"database": database, "reaches": "03:00", "steps": [*steps, {"action": "recover"}]}


DECIDED = plan(FULL, LOGS[0], LOGS[1])


@pytest.mark.parametrize(
    "now",
    [
        DECIDED,
        plan(LOGS[0], LOGS[1]),
        plan(LOGS[1]),
        plan(),
        plan(FULL, LOGS[0], LOGS[1], LOGS[2]),
        plan(LOGS[1], LOGS[2], LOGS[3]),
        plan(LOGS[2]),
    ],
)
def test_the_rest_and_what_came_since_need_no_other_decision(now: dict[str, Any]) -> None:
    require_decided([DECIDED], [now])


@pytest.mark.parametrize(
    "now",
    [
        plan({**FULL, "backup_set_guid": "full-2"}, LOGS[0], LOGS[1]),
        plan(FULL, LOGS[0]),
        plan(FULL, LOGS[1]),
        plan(FULL),
        plan(LOGS[0]),
        plan(LOGS[1], LOGS[0]),
        plan(FULL, LOGS[0], {**LOGS[1], "stop_at": "02:00"}),
        plan({**LOGS[1], "stop_at": "02:00"}),
        plan({**LOGS[0], "stop_at": "02:00"}),
        plan(LOGS[0], LOGS[1], FULL),
    ],
)
def test_another_plan_needs_another_decision(now: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="Pharmacy") as refused:
        require_decided([DECIDED], [now])
    assert "decide again" in refused.value.hint


def test_each_database_must_have_been_decided_on() -> None:
    told = "\n".join(plan_changes([DECIDED], [plan(FULL, database="Billing")]))
    assert "Pharmacy: was decided on, and is planned no more" in told
    assert "Billing: is planned, and was not decided on" in told


def test_one_digest_names_all_plans_in_their_order() -> None:
    assert len({plans_digest(["a", "b"]), plans_digest(["b", "a"]), plans_digest(["a"]), plans_digest(["a,b"])}) == 4


def steps(*guids: str, **options: object) -> list[dict[str, object]]:
    logs = [{"action": "restore_log", "backup_set_guid": guid, "position": 1, **options} for guid in guids]
    return [*logs, {"action": "recover"}]


def test_a_decision_covers_the_tail_that_came_behind_its_plan() -> None:
    decided = [{"database": "Sales", "steps": steps("one", "two")}]
    require_extension(decided, [{"database": "Sales", "steps": steps("one", "two")}])
    require_extension(decided, [{"database": "Sales", "steps": steps("one", "two", "tail")}])


@pytest.mark.parametrize(
    "plan",
    [
        {"database": "Sales", "steps": steps("one", "tail")},
        {"database": "Sales", "steps": steps("one")},
        {"database": "Sales", "steps": steps("one", "two", "tail", stop_at="2026-11-24T03:00:00.000")},
        {"database": "Archive", "steps": steps("one", "two")},
    ],
    ids=["another log", "less", "another stop", "another database"],
)
def test_a_decision_covers_nothing_else(plan: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="since the decision its plan has changed"):
        require_extension([{"database": "Sales", "steps": steps("one", "two")}], [plan])
