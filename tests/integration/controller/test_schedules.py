# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is due on AWX and Semaphore is due at the very instants of the site's own list, in its zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_schedule import schedule
from dateutil.rrule import rrulestr

from .playing import CONTROLLER, ROOT, Task, tasks
from .test_templates import BUTTONS, QUESTIONS

RUNS = [
    *yaml.safe_load((ROOT / "roles/schedule/defaults/main.yml").read_text("utf-8"))["schedule_runs"],
    *yaml.safe_load((CONTROLLER / "templates.yml").read_text("utf-8"))["controller_runs"],
]
JAKARTA = ZoneInfo("Asia/Jakarta")
BEGIN = datetime(2026, 11, 22, tzinfo=JAKARTA)
WEEK = (BEGIN, BEGIN + timedelta(days=8))


@pytest.fixture(scope="module")
def due() -> dict[str, dict[str, Any]]:
    """The schedules of AWX, by what is due."""
    found: list[Task] = [task for task in tasks(CONTROLLER / "awx/awx.yml") if task.module == "awx.awx.schedule"]
    return {task.arguments["name"].partition(": ")[2]: task.arguments for task in found}


def instants(rule: str) -> list[datetime]:
    """As AWX reads it: the rule runs on the wall clock of the zone that DTSTART names."""
    zone = ZoneInfo(re.search(r"TZID=([^:]+):", rule)[1])  # type: ignore[index]
    start, end = (one.astimezone(zone).replace(tzinfo=None) for one in WEEK)
    naive = rrulestr(rule.replace(f";TZID={zone.key}", "").replace(" RRULE", "\nRRULE"))
    return [when.replace(tzinfo=zone) for when in naive.between(start, end, inc=True) if when < end]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run['kind']} {run['at']}")
def test_a_rule_of_awx_gives_the_instants_of_the_list(run: dict[str, Any], due: dict[str, dict[str, Any]]) -> None:
    wanted = schedule(run["at"]).between(*WEEK, JAKARTA)
    found = due[f"{run['kind']} {run['at']}"]
    assert wanted and instants(found["rrule"]) == wanted
    assert "INTERVAL=" in found["rrule"] and "TZID=" in found["rrule"] and not re.search(r"BYDAY=\d", found["rrule"])


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run['kind']} {run['at']}")
def test_what_is_due_presses_a_button_with_answers_that_it_takes(
    run: dict[str, Any], due: dict[str, dict[str, Any]]
) -> None:
    found = due[f"{run['kind']} {run['at']}"]
    (button,) = [one for one in BUTTONS if found["unified_job_template"].endswith(f": {one['name']}")]
    assert not button.get("recovery")
    # Nobody is there to answer: a question without an answer here must have a default.
    for name in button["asks"]:
        answer = found["extra_data"].get(name, QUESTIONS[name].get("default"))
        assert answer is not None and answer in QUESTIONS[name].get("choices", [answer])
    assert set(found["extra_data"]) <= set(button["asks"])


def test_nothing_is_due_that_no_list_names(due: dict[str, dict[str, Any]]) -> None:
    assert set(due) == {f"{run['kind']} {run['at']}" for run in RUNS}
