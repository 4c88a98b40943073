# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The buttons against the playbooks that they start: files, variables, choices, types, secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .playing import CONTROLLER, ROOT

DATA = yaml.safe_load((CONTROLLER / "templates.yml").read_text("utf-8"))
QUESTIONS: dict[str, dict[str, Any]] = DATA["controller_questions"]
BUTTONS: list[dict[str, Any]] = DATA["controller_templates"]
SECRETS = {
    "sql_backup": "mssql_backup_password",
    "sql_restore": "mssql_restore_password",
    "sql_admin": "mssql_admin_password",
    "store_write": "store_write_password",
    "store_read": "store_read_password",
    "store_prune": "store_prune_password",
}
each_button = pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button["name"])
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question["variable"])


def plays(button: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / button["playbook"]).read_text("utf-8"))
    return found


def _entries(value: Any, tags: frozenset[str], inherited: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Every task in it, wherever it is nested; with tags, those that bear one of them."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            here = inherited | set(one.get("tags", []))
            if not tags or tags & here or "ansible.builtin.import_playbook" in one:
                yield one
            for nested in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always"):
                yield from _entries(one.get(nested, []), tags, here)


def _files(value: Any, folder: Path, tags: frozenset[str]) -> Iterator[Path]:
    """The files of tasks that these tasks lead to."""
    for task in _entries(value, tags):
        for how in ("import", "include"):
            role = task.get(f"ansible.builtin.{how}_role")
            if role:
                place = ROOT / "roles" / role["name"].rpartition(".")[2] / "tasks"
                yield from _with_all_it_leads_to(place / f"{role.get('tasks_from', 'main')}.yml")
            if f"ansible.builtin.{how}_playbook" in task:
                inner = folder / str(task[f"ansible.builtin.{how}_playbook"])
                yield inner
                yield from _files(yaml.safe_load(inner.read_text("utf-8")), inner.parent, tags)
            if f"ansible.builtin.{how}_tasks" in task:
                yield from _with_all_it_leads_to(folder / str(task[f"ansible.builtin.{how}_tasks"]))


def _with_all_it_leads_to(path: Path) -> Iterator[Path]:
    yield path
    yield from _files(yaml.safe_load(path.read_text("utf-8")), path.parent, frozenset())


def text_of(button: dict[str, Any]) -> str:
    """The playbook and all that it carries out, without comments."""
    playbook = ROOT / button["playbook"]
    files = dict.fromkeys(_files(plays(button), playbook.parent, frozenset(button.get("tags", []))))
    text = "\n".join(path.read_text("utf-8") for path in [playbook, *files])
    return re.sub(r"^\s*#.*", "", text, flags=re.MULTILINE)


def choices(playbook: Path) -> dict[str, list[str]]:
    """What the playbook's own preflight accepts, without what the playbook says itself."""
    text, found = playbook.read_text("utf-8"), {}
    for name, said in re.findall(r"'(\w+)': \[([^\]]*)\]", text):
        found[name] = re.findall(r"'(\w+)'", said)
    for play in yaml.safe_load(text):
        for task in play.get("tasks", []):
            said = task.get("vars", {}).get("preflight_choices", {})
            found |= said if isinstance(said, dict) else {}
        if "ansible.builtin.import_playbook" in play:
            inner = choices(playbook.parent / play["ansible.builtin.import_playbook"])
            found |= {name: offered for name, offered in inner.items() if name not in play.get("vars", {})}
    return found


@each_button
def test_the_playbook_of_a_button_exists(button: dict[str, Any]) -> None:
    assert (ROOT / button["playbook"]).is_file()


@each_button
def test_every_answer_is_a_variable_that_the_playbook_reads(button: dict[str, Any]) -> None:
    text = text_of(button)
    for name in button["asks"]:
        assert QUESTIONS[name]["variable"] == name
        assert re.search(rf"(?<![\w'.]){name}(?=\W*(\||}}}}|\bis\b|\]| ==))", text), f"{name} is asked and never read"


@each_button
def test_a_choice_offers_what_the_playbook_accepts(button: dict[str, Any]) -> None:
    text, accepted = text_of(button), choices(ROOT / button["playbook"])
    for name in button["asks"]:
        question = QUESTIONS[name]
        if set(question.get("choices", [])) == {"true", "false"}:
            # A button answers with a text; only with this filter is "false" not true.
            reads = re.findall(rf"(?<![\w'.]){name} \|[^}}]*", text)
            assert reads and all("| bool" in read for read in reads), f"{name} is read as a text: {reads}"
        elif "choices" in question:
            assert sorted(accepted[name]) == sorted(question["choices"])
        else:
            assert question["type"] == "text" and name not in accepted


@each_button
def test_what_the_playbook_demands_is_asked(button: dict[str, Any]) -> None:
    demanded = {name for name in choices(ROOT / button["playbook"]) if name != "backup_server"}
    assert demanded <= set(button["asks"])


@each_button
def test_a_button_holds_the_secrets_that_its_roles_read_and_no_other(button: dict[str, Any]) -> None:
    text = text_of(button)
    needed = {secret for secret, variable in SECRETS.items() if re.search(rf"\b{variable}\b", text)}
    assert needed == set(button["secrets"]) & set(SECRETS)
    assert set(button["secrets"]) <= {*SECRETS, "hosts"}


@each_question
def test_a_default_is_an_answer_that_could_be_given(question: dict[str, Any]) -> None:
    """AWX does not check this; a launch without a person would then be refused, or do what nobody chose."""
    default = question.get("default")
    if question["type"] == "multiplechoice":
        assert question["required"], "an empty answer is no choice"
        assert default is None or default in question["choices"]
        assert all(isinstance(choice, str) for choice in question["choices"])
    else:
        assert default == "" and question["min"] <= question["max"]
        assert question["required"] or question["min"] == 0


def test_no_answer_can_decide() -> None:
    """What stands for a decision is no question of any button."""
    assert not {name for name in QUESTIONS if re.search(r"confirm|decision|accept|go\b|sign|persons", name)}


def test_every_playbook_has_a_button_or_a_reason_for_none() -> None:
    there = {f"playbooks/{path.name}" for path in (ROOT / "playbooks").glob("*.yml")}
    without = set(DATA["controller_without_button"])
    assert there == {button["playbook"] for button in BUTTONS} | without
    assert not without & {button["playbook"] for button in BUTTONS}


def test_names_are_unique() -> None:
    names = [button["name"] for button in BUTTONS]
    assert len(names) == len(set(names))


def test_the_secrets_of_the_environment_stand_in_for_the_vault_of_the_example() -> None:
    def names(path: Path) -> set[str]:
        return set(yaml.safe_load(path.read_text("utf-8")))

    assert names(CONTROLLER / "vault.yml") == names(ROOT / "inventory/example/group_vars/all/vault.yml")
