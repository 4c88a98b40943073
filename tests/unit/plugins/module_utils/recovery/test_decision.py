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
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import DatabaseInUse

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
