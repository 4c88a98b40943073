# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Galaxy, ansible-builder and ansible-rulebook want of a collection."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .playing import CONTROLLER, ROOT

RULEBOOKS = sorted((ROOT / "extensions/eda/rulebooks").glob("*.yml"))


def documentation(path: Path) -> dict[str, Any]:
    tree = ast.parse(path.read_text("utf-8"))
    (text,) = [
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "DOCUMENTATION"
        and isinstance(node.value, ast.Constant)
    ]
    found: dict[str, Any] = yaml.safe_load(str(text))
    return found


def test_an_action_group_holds_every_module_that_takes_its_login() -> None:
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text("utf-8"))["action_groups"]
    fragments = {"mssql": "ics.deadpool.mssql_login", "store": "ics.deadpool.ftp_store"}
    modules = {path.stem: documentation(path) for path in (ROOT / "plugins/modules").glob("*.py")}
    for group, fragment in fragments.items():
        wanted = {name for name, page in modules.items() if fragment in page.get("extends_documentation_fragment", [])}
        assert set(groups[group]) == wanted


def test_every_role_has_its_page() -> None:
    roles = [path.parent for path in (ROOT / "roles").glob("*/tasks") if any(path.iterdir())]
    assert roles and not [role.name for role in roles if not (role / "README.md").is_file()]


def test_a_default_is_of_its_type_before_any_template_is_filled_in() -> None:
    """Otherwise Galaxy shows no page of that role; a template is a text."""
    kinds: dict[str, Any] = {"int": int, "float": (int, float), "bool": bool}
    wrong = []
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for point in yaml.safe_load(path.read_text("utf-8"))["argument_specs"].values():
            for name, option in point.get("options", {}).items():
                kind = kinds.get(option.get("type", "str"), object)
                if "default" in option and not isinstance(option["default"], kind):
                    wrong.append(name)
    assert not wrong


def test_nothing_reads_the_dictionary_of_all_variables() -> None:
    """ansible-core 2.24 takes it away, and 2.21 says so in the midst of a recovery; there are lookups for it."""
    files = [path for folder in ("roles", "playbooks", "controller") for path in (ROOT / folder).rglob("*.y*ml")]
    dictionary = re.compile(r"(?<![\w.])vars(\[|\.get\b|\s*\|)|\bin vars\b")
    assert files and not [str(path) for path in files if dictionary.search(path.read_text("utf-8"))]


@pytest.mark.skipif(not importlib.util.find_spec("ansible_builder"), reason="ansible-builder is not installed")
@pytest.mark.parametrize("name", ["execution-environment.yml", "execution-environment-microsoft.yml"])
def test_ansible_builder_makes_its_context(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ansible_builder", "create", "-f", str(ROOT / name), "-c", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    (recipe,) = [path for path in tmp_path.iterdir() if path.name in ("Containerfile", "Dockerfile")]
    text = recipe.read_text("utf-8")
    assert "pyodbc.drivers()" in text and ("msodbcsql18" in text) == ("microsoft" in name)
    built = {path.name for path in (tmp_path / "_build").iterdir()}
    assert {"requirements.yml", "requirements.txt", "bindep.txt"} <= built


def test_the_image_holds_what_the_plugins_import_and_pip_does_not_bring() -> None:
    wanted = {"pyodbc", "pywinrm", "dnspython", "tzdata"}
    assert set((ROOT / "meta/ee-requirements.txt").read_text("utf-8").split()) == wanted
    locked = (ROOT / "requirements.lock").read_text("utf-8")
    assert all(f"\n{name}==" in locked for name in wanted)


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_a_rulebook_starts_a_workflow_and_can_do_nothing_else(path: Path) -> None:
    settings = yaml.safe_load((CONTROLLER / "awx/settings.yml").read_text("utf-8"))
    questions = yaml.safe_load((CONTROLLER / "templates.yml").read_text("utf-8"))["controller_questions"]
    for ruleset in yaml.safe_load(path.read_text("utf-8")):
        for rule in ruleset["rules"]:
            for action in rule["actions"]:
                ((kind, what),) = action.items()
                assert kind == "run_workflow_template" and what["include_events"] is False
                assert what["organization"] == settings["awx_decision_organization"]
                for name, value in what["job_args"]["extra_vars"].items():
                    assert value in questions[name]["choices"]


@pytest.mark.skipif(not importlib.util.find_spec("ansible_rulebook"), reason="ansible-rulebook is not installed")
@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_a_rulebook_fits_the_schema(path: Path) -> None:
    import jsonschema

    spec = importlib.util.find_spec("ansible_rulebook")
    assert spec and spec.origin
    schema = json.loads(Path(spec.origin).with_name("schema").joinpath("ruleset_schema.json").read_text("utf-8"))
    jsonschema.validate(yaml.safe_load(path.read_text("utf-8")), schema)
