# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A decision names one plan and no other."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision import (
    plan_digest,
    require_decision,
    require_extension,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DatabaseInUse, InvalidInput

PLAN: dict[str, Any] = {
    "database": "Pharmacy",
    "reaches_lsn": 9_999_999_999_999_999_999_999_999,
    "data_loss_seconds": 124.0,
    "recovery_fork_id": None,
    "steps": [{"action": "recover", "database": "Pharmacy", "files": [], "replace": False}],
}


def test_the_way_through_json_does_not_change_the_digest() -> None:
    again = json.loads(json.dumps(PLAN))
    again["data_loss_seconds"] = 124
    again["digest"] = "whatever it says itself"
    del again["recovery_fork_id"]
    assert plan_digest(again) == plan_digest(PLAN)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("database",), "Billing"),
        (("reaches_lsn",), 9_999_999_999_999_999_999_999_998),
        (("data_loss_seconds",), 125.0),
        (("steps", 0, "replace"), True),
        (("steps", 0, "files"), ["/x.bak"]),
    ],
)
def test_any_other_plan_has_another_digest(path: tuple[Any, ...], value: Any) -> None:
    other = copy.deepcopy(PLAN)
    place: Any = other
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert plan_digest(other) != plan_digest(PLAN)


def test_without_replace_nothing_is_overwritten() -> None:
    with pytest.raises(DatabaseInUse, match="Pharmacy: srv:1433 has a database of that name in state ONLINE"):
        require_decision(PLAN, "ONLINE", False, [plan_digest(PLAN)], "srv:1433")


def test_replace_alone_is_no_decision() -> None:
    with pytest.raises(DatabaseInUse, match="is not the one that was confirmed"):
        require_decision(PLAN, "ONLINE", True, [])


def test_the_decision_for_another_plan_does_not_count() -> None:
    with pytest.raises(DatabaseInUse):
        require_decision(PLAN, "ONLINE", True, [plan_digest({**PLAN, "database": "Billing"})])


def test_replace_and_the_digest_of_the_plan_are_a_decision() -> None:
    require_decision(PLAN, "ONLINE", True, ["another", f" {plan_digest(PLAN).upper()} "])


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
