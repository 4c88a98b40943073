# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scripts of the role storage for Windows: they are PowerShell, and are given the parameters that they declare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter
import tree_sitter_powershell
import yaml

from tests.windows_double.host import PROJECT

ROLE = PROJECT / "roles/storage"
SCRIPTS = sorted((ROLE / "files/windows").glob("*.ps1"))
POWERSHELL = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))

pytestmark = pytest.mark.skipif(not ROLE.is_dir(), reason="roles are not shipped here")


def declared(script: Path) -> dict[str, bool]:
    """The parameters, and which of them must be given."""
    head = script.read_text("utf-8").partition("$ErrorActionPreference")[0]
    found = re.findall(r"(\[Parameter\(Mandatory\)\] )?(?:\[AllowEmptyString\(\)\] )?\[\w+(?:\[\])?\] \$(\w+)", head)
    return {name: bool(mandatory) for mandatory, name in found}


def calls() -> Iterator[tuple[str, dict[str, Any]]]:
    """Script and parameters of every task that runs one."""
    for path in (ROLE / "tasks/windows").glob("*.yml"):
        for task in yaml.safe_load(path.read_text("utf-8")):
            given = task.get("ansible.windows.win_powershell")
            if given:
                yield re.findall(r"windows/(\w+\.ps1)", given["script"])[0], given["parameters"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_powershell_and_takes_parameters_only(script: Path) -> None:
    text = script.read_bytes()
    assert not POWERSHELL.parse(text).root_node.has_error
    assert POWERSHELL.parse(text.replace(b"}", b"", 1)).root_node.has_error, "the parser sees a missing brace"
    assert not re.search(rb"(?i)invoke-expression|\biex\b|\[scriptblock\]::create|{{|{%", text)


def test_what_the_keeper_asks_of_a_program_is_looked_at() -> None:
    """A file whose owner changed and whose rights did not would otherwise never be looked at again."""
    text = (ROLE / "files/windows/keeper.ps1").read_text("utf-8")
    first, second = (text.index(f"icacls.exe $item.FullName {what}") for what in ("/setowner '*S-", "/reset"))
    assert "$LASTEXITCODE" in text[first:second] and "$LASTEXITCODE" in text[second:] and "/setowner $owner" in text


def test_no_name_that_a_windows_in_another_language_does_not_know_is_used() -> None:
    for path in [*SCRIPTS, *(ROLE / "tasks/windows").glob("*.yml")]:
        text = path.read_text("utf-8")
        assert not re.search(r"-DisplayGroup|BUILTIN\\|\bAdministrators\b|NT AUTHORITY|\bEveryone\b", text), path.name


def test_every_script_is_given_what_it_declares() -> None:
    found = dict(calls())
    assert set(found) == {path.name for path in SCRIPTS} - {"keeper.ps1"}
    for name, given in found.items():
        wanted = declared(ROLE / "files/windows" / name)
        assert set(given) == set(wanted), name
    keeper = (ROLE / "tasks/windows/keeper.yml").read_text("utf-8")
    assert set(re.findall(r'-(\w+) "\{\{', keeper)) - {"File"} == set(declared(ROLE / "files/windows/keeper.ps1"))
