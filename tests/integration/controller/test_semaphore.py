# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Semaphore as code: the playbook against a stand-in of its API, twice."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .playing import CONTROLLER, ROOT, Played, play
from .semaphore_double import TOKEN, Semaphore, faults, serving

pytestmark = pytest.mark.slow

PLAYBOOK = CONTROLLER / "semaphore/semaphore.yml"
MOVING = {f"playbooks/{name}.yml" for name in ("recovery", "switchover", "failback", "go")}
Made = tuple[Semaphore, Played, Played]


def staffed() -> Semaphore:
    semaphore = Semaphore()
    for number, name in enumerate(("edp.budi", "manajer.dewi", "ics.andi"), start=2):
        semaphore.people.append({"id": number, "username": name})
    return semaphore


@pytest.fixture(scope="module")
def made() -> Made:
    """The playbook, twice."""
    semaphore = staffed()
    with serving(semaphore) as address:
        first, second = (play(PLAYBOOK, semaphore_url=address, semaphore_token=TOKEN) for _ in range(2))
    return semaphore, first, second


def entries(semaphore: Semaphore, project: str, kind: str) -> list[dict[str, Any]]:
    (number,) = [one["id"] for one in semaphore.entries["/projects"] if one["name"].endswith(project)]
    return semaphore.entries[f"/project/{number}/{kind}"]


def test_everything_is_understood_and_the_second_run_changes_nothing(made: Made) -> None:
    semaphore, first, second = made
    assert not semaphore.refused
    assert len(first.changed) == len(semaphore.changes) > 25 and not second.changed
    assert not [line for line in semaphore.changes if line.startswith("PUT")]


def test_what_differs_is_changed_and_nothing_else(made: Made) -> None:
    semaphore = copy.deepcopy(made[0])
    with serving(semaphore) as address:
        entries(semaphore, "harian", "templates")[0]["playbook"] = "playbooks/other.yml"
        entries(semaphore, "PEMULIHAN", "users")[0]["role"] = "owner"
        semaphore.changes.clear()
        play(PLAYBOOK, semaphore_url=address, semaphore_token=TOKEN)
    assert len(semaphore.changes) == 2 and all(line.startswith("PUT") for line in semaphore.changes)
    assert entries(semaphore, "harian", "templates")[0]["playbook"] == "playbooks/backup.yml"
    assert entries(semaphore, "PEMULIHAN", "users")[0]["role"] == "task_runner"


def test_buttons_of_a_recovery_lie_in_a_project_of_their_own(made: Made) -> None:
    daily = {one["playbook"] for one in entries(made[0], "harian", "templates")}
    recovery = {one["playbook"] for one in entries(made[0], "PEMULIHAN", "templates")}
    assert recovery == MOVING and "playbooks/backup.yml" in daily and not daily & recovery


def test_nothing_may_be_changed_when_a_task_is_started(made: Made) -> None:
    for project in ("harian", "PEMULIHAN"):
        for one in entries(made[0], project, "templates"):
            allowed = {key: value for key, value in {**one, **one["task_params"]}.items() if key.startswith("allow_")}
            assert len(allowed) == 8 and not {key for key, value in allowed.items() if value} - {"allow_parallel_tasks"}


def test_the_plan_only_looks(made: Made) -> None:
    plans = [one for one in entries(made[0], "PEMULIHAN", "templates") if one["name"].startswith("Rencana")]
    assert len(plans) == 3 and {tuple(json.loads(plan["arguments"])) for plan in plans} == {("--tags=plan",)}


def test_a_button_is_given_its_own_secrets_in_the_environment(made: Made) -> None:
    (prune,) = [one for one in entries(made[0], "harian", "environment") if "prune" in one["name"]]
    assert [(one["name"], one["type"]) for one in prune["secrets"]] == [("DEADPOOL_STORE_PRUNE_PASSWORD", "env")]


def test_nobody_but_the_owner_may_edit_the_recovery(made: Made) -> None:
    roles = {one["username"]: one["role"] for one in entries(made[0], "PEMULIHAN", "users")}
    assert roles == {"edp.budi": "task_runner", "manajer.dewi": "guest", "ics.andi": "guest"}


def test_the_stand_in_refuses_what_semaphore_would() -> None:
    project = {"name": "a", "project_id": 1}
    asked = Semaphore()
    assert asked.answer("POST", "/project/2/keys", {**project, "type": "none"})[0] == 400
    assert asked.answer("POST", "/project/1/inventory", {**project, "type": "folder"})[0] == 400
    assert faults({"survey_vars": [{"nam": "a"}]}, {"survey_vars": list}, "templates")


def with_ansible(address: str, **more: str) -> subprocess.CompletedProcess[str]:
    """With ansible-playbook, as an engineer would."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(PLAYBOOK)]
    command += ["-e", json.dumps({"semaphore_url": address, **more})]
    environment = {**os.environ, "SEMAPHORE_TOKEN": TOKEN, "ANSIBLE_NOCOLOR": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.slow
def test_without_a_token_it_says_what_to_do() -> None:
    done = with_ansible("http://127.0.0.1:9/api", semaphore_token="")
    assert done.returncode != 0 and "HINT: make one under your user in Semaphore" in done.stdout


@pytest.mark.long
def test_ansible_itself_makes_the_same(made: Made) -> None:
    semaphore = staffed()
    with serving(semaphore) as address:
        first, second = with_ansible(address), with_ansible(address)
    assert first.returncode == 0, first.stdout
    assert second.returncode == 0 and "changed=0" in second.stdout, second.stdout
    assert semaphore.entries == made[0].entries


def test_schedules_bear_the_zone_of_the_site_and_the_answers(made: Made) -> None:
    schedules = {one["name"]: one for one in entries(made[0], "harian", "schedules")}
    full = schedules["full Sun 02:00"]
    assert full["cron_format"] == "CRON_TZ=Asia/Jakarta 0 2 * * 0" and full["active"]
    assert json.loads(full["task_params"]["environment"]) == {"backup_type": "full"}
    assert all(one["cron_format"].startswith("CRON_TZ=") for one in schedules.values())
    assert not entries(made[0], "PEMULIHAN", "schedules"), "no clock starts a recovery"
