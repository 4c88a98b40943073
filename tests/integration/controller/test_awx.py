# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWX as code, without AWX: what the modules of awx.awx say to every task, and who can reach what."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import yaml

from .playing import CONTROLLER, Task, refusals, tasks
from .test_templates import BUTTONS

AWX = CONTROLLER / "awx/awx.yml"
#: What moves the hospital's work, or says that it goes on.
MOVING = {f"playbooks/{name}.yml" for name in ("recovery", "switchover", "failback", "go")}
MOVING |= {"controller/awx/record_decision.yml"}
LOOKING = {f"RS Contoh: {button['name']}" for button in BUTTONS if button.get("looks")}
SERVER = {"controller_host": "http://127.0.0.1:9", "validate_certs": False}


@cache
def all_tasks() -> tuple[Task, ...]:
    return tuple(task for task in tasks(AWX) if task.module.startswith("awx."))


def calls(module: str) -> list[dict[str, Any]]:
    return [task.arguments for task in all_tasks() if task.module == f"awx.awx.{module}"]


def named(module: str, ending: str) -> dict[str, Any]:
    (found,) = [call for call in calls(module) if call["name"].endswith(ending)]
    return found


def test_every_task_passes_its_module_and_would_connect() -> None:
    assert len(all_tasks()) > 40
    said = refusals(list(all_tasks()), **SERVER)
    assert not {str(task): why for task, why in zip(all_tasks(), said, strict=True) if why}


#: A module, a change of its arguments, and what it then says: were one of these taken, the test above proved nothing.
WRONG = [
    ("job_template", {"playbok": "playbooks/backup.yml"}, "Unsupported parameters"),
    ("job_template", {"job_type": "dry"}, "value of job_type must be one of"),
    ("job_template", {"name": None}, "missing required arguments: name"),
    ("job_template", {"survey_spec": "none"}, "unable to convert to dict"),
    ("project", {"scm_type": "mercurial"}, "value of scm_type must be one of"),
    ("role", {"role": "approve"}, "value of role must be one of"),
    ("role", {"role": None}, "missing required arguments: role"),
    ("inventory", {"kind": "smarter"}, "value of kind must be one of"),
    ("inventory_source", {"source": "git"}, "value of source must be one of"),
    ("credential", {"credential_type": None}, "missing required arguments: credential_type"),
    ("notification_template", {"notification_type": "pigeon"}, "value of notification_type must be one of"),
    ("workflow_job_template", {"nodes": []}, "Unsupported parameters"),
    ("schedule", {"name": None}, "missing required arguments: name"),
    ("schedule", {"rule": "FREQ=DAILY"}, "Unsupported parameters"),
    ("execution_environment", {"pull": "sometimes"}, "value of pull must be one of"),
]


@pytest.mark.parametrize(("module", "change", "said"), WRONG, ids=lambda value: str(value)[:30])
def test_a_wrong_argument_is_refused(module: str, change: dict[str, Any], said: str) -> None:
    task = next(task for task in all_tasks() if task.module == f"awx.awx.{module}")
    changed = {key: value for key, value in {**task.arguments, **change}.items() if value is not None}
    (answer,) = refusals([replace(task, arguments=changed)], **SERVER)
    assert said in answer


# The nodes of a workflow: the module takes any, so its documentation is what they are held to.


@cache
def node_options() -> dict[str, Any]:
    module = importlib.import_module("ansible_collections.awx.awx.plugins.modules.workflow_job_template")
    options: dict[str, Any] = yaml.safe_load(module.DOCUMENTATION)["options"]["workflow_nodes"]["suboptions"]
    return options


_TYPES: dict[str, type | tuple[type, ...]] = {"dict": dict, "list": list, "str": str, "int": int, "bool": bool}


def faults(value: dict[str, Any], options: dict[str, Any], where: str = "") -> list[str]:
    """What the documentation of the options says against a value."""
    found = [f"{where}{key}: there is no such option" for key in value if key not in options]
    found += [
        f"{where}{key}: is required" for key, option in options.items() if option.get("required") and key not in value
    ]
    for key, option in options.items():
        if key not in value:
            continue
        one: Any = value[key]
        if not isinstance(one, _TYPES[option["type"]]):
            found.append(f"{where}{key}: {one!r} is no {option['type']}")
            continue
        if one not in option.get("choices", [one]):
            found.append(f"{where}{key}: {one!r} is none of {option['choices']}")
        inside: list[Any] = one if isinstance(one, list) else [one]
        for item in inside if "suboptions" in option else []:
            found += faults(item, option["suboptions"], f"{where}{key}.")
    return found


def workflows() -> list[dict[str, Any]]:
    return calls("workflow_job_template")


each_workflow = pytest.mark.parametrize("number", range(3))


def test_there_is_a_workflow_for_each_way_to_move_the_work() -> None:
    assert [one["name"].rpartition("(")[2] for one in workflows()] == ["recovery)", "switchover)", "failback)"]


@each_workflow
def test_every_node_fits_the_documentation(number: int) -> None:
    nodes = workflows()[number]["workflow_nodes"]
    assert len(nodes) == 7 and [fault for node in nodes for fault in faults(node, node_options())] == []


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({}, "identifier: is required"),
        ({"identifier": "a", "extra_vars": {}}, "extra_vars: there is no such option"),
        ({"identifier": "a", "job_type": "dry"}, "job_type: 'dry' is none of"),
        (
            {"identifier": "a", "unified_job_template": {"timeout": "soon"}},
            "unified_job_template.timeout: 'soon' is no int",
        ),
        ({"identifier": "a", "related": {"succes_nodes": []}}, "related.succes_nodes: there is no such option"),
        (
            {"identifier": "a", "related": {"success_nodes": [{"name": "b"}]}},
            "success_nodes.name: there is no such option",
        ),
    ],
)
def test_a_wrong_node_is_found(node: dict[str, Any], said: str) -> None:
    assert said in "\n".join(faults(node, node_options()))


# Who can reach what.


def ways(start: str, nodes: dict[str, dict[str, Any]], seen: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every way through the workflow from a node on."""
    onward = [one["identifier"] for links in nodes[start]["related"].values() for one in links]
    return [way for one in onward for way in ways(one, nodes, (*seen, start))] or [(*seen, start)]


@each_workflow
def test_only_an_approval_leads_to_its_record_and_only_a_yes_goes_on(number: int) -> None:
    nodes = {node["identifier"]: node for node in workflows()[number]["workflow_nodes"]}
    links = [
        (one, kind, to["identifier"]) for one, n in nodes.items() for kind, some in n["related"].items() for to in some
    ]
    assert {kind for _, kind, _ in links} == {"success_nodes"}
    (start,) = set(nodes) - {to for _, _, to in links}
    for decision in (1, 2):
        assert [one for one, _, to in links if to == f"record_{decision}"] == [f"decision_{decision}"]
    for way in ways(start, nodes):
        assert way[0] == "plan" and ("go" not in way or "act" in way) and ("decision_2" not in way or "act" in way)


@each_workflow
def test_an_approval_is_not_waited_for_without_end(number: int) -> None:
    nodes = workflows()[number]["workflow_nodes"]
    approvals = [n for n in nodes if n["unified_job_template"]["type"] == "workflow_approval"]
    assert [n["identifier"] for n in approvals] == ["decision_1", "decision_2"]
    assert all(300 <= n["unified_job_template"]["timeout"] <= 3600 for n in approvals)


@each_workflow
def test_a_workflow_first_looks_and_then_does_the_same(number: int) -> None:
    buttons = {call["name"]: call for call in calls("job_template")}
    names = {n["identifier"]: n["unified_job_template"]["name"] for n in workflows()[number]["workflow_nodes"]}
    plan, act = buttons[names["plan"]], buttons[names["act"]]
    assert plan["playbook"] == act["playbook"] and (plan["job_tags"], act["job_tags"]) == ("plan", "")
    assert workflows()[number]["survey_spec"] == act["survey_spec"]


def test_no_button_decides() -> None:
    for call in calls("job_template"):
        assert not [name for name in call.get("extra_vars", {}) if "confirm" in name or name.startswith("decision")]


def test_the_key_lies_with_the_jobs_that_record_and_nowhere_else() -> None:
    holders = [call for call in calls("job_template") if "RS Contoh: keputusan" in call["credentials"]]
    assert {call["playbook"] for call in holders} == {"controller/awx/record_decision.yml"} and len(holders) == 2
    assert {call["extra_vars"]["record_number"] for call in holders} == {1, 2}
    assert {right for _, right, on in granted() if on in {call["name"] for call in holders}} == {"read"}


@each_workflow
def test_every_node_names_a_template_that_exists_in_the_organisation_it_names(number: int) -> None:
    of_project = {call["name"]: call["organization"] for call in calls("project")}
    there = {call["name"]: of_project[call["project"]] for call in calls("job_template")}
    for node in workflows()[number]["workflow_nodes"]:
        wanted = node["unified_job_template"]
        if wanted["type"] == "job_template":
            assert there[wanted["name"]] == wanted["organization"]["name"]


def test_nothing_but_its_questions_is_asked_when_a_button_is_pressed() -> None:
    for call in [*calls("job_template"), *calls("workflow_job_template")]:
        asked = [key for key, value in call.items() if key.startswith("ask_") and value]
        assert not asked, f"{call['name']}: {asked}"
        assert {"ask_variables_on_launch", "ask_limit_on_launch", "ask_tags_on_launch"} <= set(call)


def test_nothing_of_a_recovery_is_sliced_or_run_twice_at_once() -> None:
    for call in calls("job_template"):
        assert call["job_slice_count"] == 1
        assert not call["allow_simultaneous"] or call["job_tags"] == "plan" or call["name"] in LOOKING
    assert not [one for one in workflows() if one["allow_simultaneous"]]


def granted() -> set[tuple[str, str, str]]:
    """Team, right, on what."""
    found = set()
    for call in calls("role"):
        for team in [*call.get("teams", []), *([call["team"]] if "team" in call else [])]:
            on = [*call.get("job_templates", []), *call.get("workflows", [])]
            on += [call["organization"]] if "organization" in call else []
            found |= {(team, call["role"], one) for one in on}
    return found


def test_edp_starts_the_workflow_and_cannot_approve_edit_or_run_what_lies_inside() -> None:
    rights = {(right, on) for team, right, on in granted() if team.endswith("EDP")}
    inner = {call["name"] for call in calls("job_template") if call["playbook"] in MOVING}
    assert {("execute", one["name"]) for one in workflows()} <= rights
    assert {right for right, _ in rights} == {"execute", "read"}
    assert not {on for right, on in rights if right == "execute"} & inner


def test_the_it_manager_approves_and_cannot_start() -> None:
    rights = {(right, on) for team, right, on in granted() if team.endswith("IT Manager")}
    assert {("approval", one["name"]) for one in workflows()} <= rights and "execute" not in {
        right for right, _ in rights
    }


def test_ics_maintains_without_being_able_to_approve() -> None:
    rights = {(right, on) for team, right, on in granted() if team == "ICS"}
    assert rights and not {right for right, _ in rights} & {
        "admin",
        "workflow_admin",
        "approval",
        "execute",
        "credential_admin",
    }
    (decisions,) = {one["organization"] for one in workflows()}
    assert {on for _, on in rights} == {call["name"] for call in calls("organization")} - {decisions}
    kept = [*calls("inventory"), *calls("credential"), *calls("workflow_job_template")]
    assert {call["organization"] for call in kept} == {decisions}
    for call in calls("job_template"):
        if call["playbook"] in MOVING:
            assert call["project"] in {p["name"] for p in calls("project") if p["organization"] == decisions}


def test_the_recovery_runs_a_tag_and_fetches_nothing_in_an_emergency() -> None:
    everyday, recovery = calls("project")
    assert everyday["scm_branch"] != recovery["scm_branch"]
    for call in (everyday, recovery):
        assert call["scm_update_on_launch"] is False and call["allow_override"] is False


def test_passwords_are_handed_over_in_the_environment_alone() -> None:
    types = [call for call in calls("credential_type") if not call["name"].startswith("Keputusan")]
    for call in types:
        assert set(call["injectors"]) == {"env"} and list(call["injectors"]["env"].values()) == ["{{ password }}"]
        assert all(field["secret"] for field in call["inputs"]["fields"])
    given = {name for call in types for name in call["injectors"]["env"]}
    read = (CONTROLLER / "vault.yml").read_text("utf-8")
    assert given and all(f"'{name}'" in read for name in given)
