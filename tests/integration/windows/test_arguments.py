# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every task on a Windows module, written or rendered, takes the arguments of the installed collections."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter
import tree_sitter_powershell
import yaml

from tests.windows_double.host import PROJECT, WindowsDouble
from tests.windows_double.specs import COLLECTIONS, specification
from tests.windows_double.tasks import documents, task_faults, windows_tasks

_NAME = re.compile(rf"({'|'.join(map(re.escape, COLLECTIONS))})\.\w+")
POWERSHELL = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def tracked(*endings: str) -> list[Path]:
    found = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False).stdout
    paths = [PROJECT / line for line in found.splitlines()] or list(PROJECT.rglob("*"))
    return [path for path in paths if path.suffix in endings and path.is_file() and "windows_double" not in path.parts]


@pytest.mark.slow
def test_every_written_task_fits_its_module() -> None:
    wrong = [
        f"{path.relative_to(PROJECT)}: {fault}"
        for path in tracked(".yml", ".yaml", ".md", ".py")
        if path.suffix != ".py" or path.parent.name == "modules"
        for document in documents(path)
        for module, arguments in windows_tasks(document)
        for fault in task_faults(module, arguments)
    ]
    assert not wrong


#: A task and what is wrong with it: were one of these not found, the test above would prove nothing.
WRONG = [
    ("ansible.windows.win_copy: {src: a, dest: 'C:\\a', mode: '0644'}", "mode: there is no such option"),
    ("ansible.windows.win_service: {name: HIS, state: reloaded}", "state: 'reloaded' is none of"),
    ("ansible.windows.win_regedit: {name: Server, data: SQL02}", "path: is required"),
    ("ansible.windows.win_regedit: {path: 'HKLM:\\a', name: b, data: c, type: REG_SZ}", "type: 'REG_SZ' is none of"),
    (
        "ansible.windows.win_powershell: {script: x, sensitive_parameters: [{nam: a, value: b}]}",
        "sensitive_parameters[0].nam: there is no such option",
    ),
    ("ansible.windows.win_powershell: {script: x, depth: deep}", "depth: 'deep' is no whole number"),
    ("ansible.windows.win_acl: {path: a, user: b, rights: Read}", "type: is required"),
    ("ansible.windows.win_package: {path: a, state: present, arguments: {a: b}}", ""),
    ("microsoft.iis.web_app_pool: {name: HIS, state: recycled}", "state: 'recycled' is none of"),
    ("ansible.windows.win_copi: {src: a}", "no such module is installed"),
    ("ansible.windows.win_stat: path=C:\\a", "as a dictionary"),
    ("win_stat: {path: a}", "write the whole name"),
    ("ansible.windows.win_reg_stat: {path: a, key: b}", "given twice"),
    ("block: [{name: inside, ansible.windows.win_stat: {pth: a}}]", "pth: there is no such option"),
    ("action: {module: ansible.windows.win_stat, pth: a}", "pth: there is no such option"),
]


@pytest.mark.parametrize(("task", "expected"), WRONG)
def test_a_wrong_task_is_found(task: str, expected: str) -> None:
    found = [fault for module, given in windows_tasks(yaml.safe_load(task)) for fault in task_faults(module, given)]
    assert any(expected in fault for fault in found) if expected else not found


def test_a_right_task_with_templates_passes() -> None:
    task: dict[str, Any] = {
        "ansible.windows.win_service": {"name": "{{ a }}", "state": "{{ b }}", "start_mode": "auto"}
    }
    assert [task_faults(*one) for one in windows_tasks([{"name": "x", **task}])] == [[]]


def named_in_plugins() -> set[str]:
    texts = [
        node.value
        for path in (PROJECT / "plugins").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return {text for text in texts if _NAME.fullmatch(text)}


def test_the_double_checks_every_module_that_action_plugins_call(tmp_path: Path) -> None:
    """It refuses arguments that do not fit; so what the tests of the action plugins let through is checked too."""
    named = named_in_plugins()
    assert "ansible.windows.win_powershell" in named
    assert named <= set(WindowsDouble(tmp_path).answers)


def options_in_script(module: str) -> set[str]:
    """The names that the module's own PowerShell declares, beside what its documentation says."""
    namespace, collection, name = module.split(".")
    package = importlib.util.find_spec(f"ansible_collections.{namespace}.{collection}.plugins.modules")
    origins = list(package.submodule_search_locations or []) if package else []
    source = next(Path(origin, f"{name}.ps1") for origin in origins if Path(origin, f"{name}.ps1").is_file())
    text = source.read_bytes()
    legacy = re.findall(rb'Get-AnsibleParam .*?-name "(\w+)"', text)
    return {name.decode() for name in legacy} or set(_declared(POWERSHELL.parse(text).root_node))


def _declared(root: tree_sitter.Node) -> Iterator[str]:
    """The keys of the hash table ``options`` in ``$spec``."""
    for node in _all(root):
        if node.type == "hash_entry" and _key(node) == "options":
            inner = next(one for one in _all(node) if one.type == "hash_literal_body")
            yield from (_key(entry) for entry in inner.children if entry.type == "hash_entry")
            return


def _key(entry: tree_sitter.Node) -> str:
    return (entry.children[0].text or b"").decode().strip("'\"")


def _all(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from _all(child)


@pytest.mark.parametrize("module", sorted(named_in_plugins()))
def test_the_documentation_that_we_check_by_is_the_modules_own_specification(module: str) -> None:
    assert options_in_script(module) == set(specification(module))


@pytest.mark.parametrize("script", sorted((PROJECT / "plugins").rglob("*.ps1")), ids=lambda path: path.stem)
def test_our_scripts_are_powershell_and_take_parameters_only(script: Path) -> None:
    text = script.read_bytes()
    root = POWERSHELL.parse(text).root_node
    assert not root.has_error
    assert not re.search(rb"(?i)invoke-expression|\biex\b|\[scriptblock\]::create|{{|{%", text)
    assert b"param (" in text and b"$ErrorActionPreference = 'Stop'" in text
    assert POWERSHELL.parse(text.replace(b"}", b"", 1)).root_node.has_error, "the parser sees a missing brace"


@pytest.mark.parametrize("script", sorted((PROJECT / "plugins").rglob("*.ps1")), ids=lambda path: path.stem)
def test_what_runs_in_check_mode_relies_on_nothing_that_check_mode_skips(script: Path) -> None:
    """ansible.windows runs a script in check mode if it supports WhatIf, and then cmdlets that change something do
    nothing: a file with a password would stay."""
    text = script.read_text("utf-8")
    if "SupportsShouldProcess" in text:
        assert not re.search(
            r"(?im)^[^#\n]*\b(Remove|New|Set|Move|Copy|Rename|Clear|Out|Add)-(Item|Content|Acl|File)", text
        )


#: What our tasks do with each of their options on a Windows host was thought of; a new option must be.
CARRIED_OUT = {
    "app_repoint": "files old new new_names dns_keys backup_directory state stage validated",
    "app_restart": "applications server_name changed_files wait_seconds stage",
    "ftp_transfer": "host port username password tls ca_path validate_certs timeout folder bandwidth_limit "
    "direction files source_directory required_files paths paths_later destination_directory",
}
NOT_CARRIED_OUT = {"ftp_transfer": "other_stores verify connections retries progress_file"}


@pytest.mark.parametrize("module", CARRIED_OUT)
def test_every_option_of_our_tasks_was_thought_of(module: str) -> None:
    found = importlib.import_module(f"ansible_collections.ics.deadpool.plugins.modules.{module}").ARGUMENT_SPEC
    assert set(found) == {*CARRIED_OUT[module].split(), *NOT_CARRIED_OUT.get(module, "").split()}
