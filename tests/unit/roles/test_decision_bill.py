# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bill says of the server that was not chosen: the reason of the last question that it was asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.bill import bill

TASKS = Path(__file__).resolve().parents[3] / "roles/decision/tasks/main.yml"
SKIPPED: dict[str, Any] = {"skipped": True, "skip_reason": "Conditional result was False"}
ALIVE: dict[str, Any] = {"reachable": True, "database_states": {}}
REFUSED: dict[str, Any] = {"msg": "Sales: there is no room on E:.\nHINT: make some."}


def other_answer(**asked: dict[str, Any]) -> Any:
    (task,) = (one for one in yaml.safe_load(TASKS.read_text("utf-8")) if "choices" in str(one))
    template = task["vars"]["decision_other_answer"].strip().removeprefix("{{").removesuffix("}}")
    return jinja2.Environment(autoescape=True).compile_expression(template)(**asked)


@pytest.mark.parametrize(
    ("first", "disks", "plan", "refusal"),
    [
        ({"reachable": False, "unreachable_reason": "no answer"}, SKIPPED, SKIPPED, "no answer"),
        ({"msg": "login failed"}, SKIPPED, SKIPPED, "login failed"),
        (ALIVE, {"msg": "it may not see its disks"}, SKIPPED, "it may not see its disks"),
        (ALIVE, ALIVE, REFUSED, "Sales: there is no room on E:."),
        (ALIVE, ALIVE, {"plans": []}, ""),
    ],
    ids=["dead", "half dead", "no disks told", "no plan", "a plan"],
)
def test_its_own_reason(first: Any, disks: Any, plan: Any, refusal: str) -> None:
    answer = other_answer(restore_plan_other=first, decision_other=disks, decision_other_plan=plan)
    assert bill("production", "SQL1", answer).refusal == refusal
