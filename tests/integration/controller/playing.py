# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tasks of controller/ as Ansible would carry them out, with their arguments filled in, and no server at the other end.

Ansible's own loader and templates read them; the modules themselves are called in this process and check their arguments
before they connect, and the connection is where they are stopped.
"""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from ansible.module_utils import urls
from ansible.module_utils.testing import patch_module_args
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

ROOT = Path(__file__).resolve().parents[3]
CONTROLLER = ROOT / "controller"
_WORDS = {"name", "loop", "loop_control", "vars", "when", "register", "no_log", "changed_when", "tags"}
_INCLUDES = ("ansible.builtin.import_tasks", "ansible.builtin.include_tasks")
# Without it Ansible finds no plugin by its full name.
init_plugin_loader([str(ROOT / "collections")])


@dataclass(frozen=True)
class Task:
    """One call of a module, its arguments filled in."""

    file: str
    name: str
    module: str
    arguments: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file}: {self.name} ({self.arguments.get('name', '')})"


def loaded(path: Path) -> Any:
    """A file of ours: its templates may be filled in."""
    loader = DataLoader()
    loader.set_basedir(str(path.parent))
    return loader.load_from_file(str(path), trusted_as_template=True)


def variables(playbook: Path) -> dict[str, Any]:
    """What the play begins with, its files of variables included."""
    (play,) = loaded(playbook)
    found: dict[str, Any] = {"ansible_playbook_python": "python3", "playbook_dir": str(playbook.parent)}
    for name in play["vars_files"]:
        found |= loaded(playbook.parent / name)
    return found | play["vars"]


def tasks(playbook: Path, known: Mapping[str, Any] | None = None) -> Iterator[Task]:
    """Every task of the playbook, each time that a loop repeats it. Conditions are not looked at: each task must be right."""
    (play,) = loaded(playbook)
    yield from _expanded(play["tasks"], playbook, {**variables(playbook), **(known or {})})


def _expanded(entries: list[dict[str, Any]], file: Path, known: dict[str, Any]) -> Iterator[Task]:
    for entry in entries:
        (module,) = [key for key in entry if key not in _WORDS]
        here = {**known, **entry.get("vars", {})}
        loop_var = entry.get("loop_control", {}).get("loop_var", "item")
        rounds = [{loop_var: item} for item in filled(entry["loop"], here, file)] if "loop" in entry else [{}]
        for one in rounds:
            if module in _INCLUDES:
                # What an include is given holds inside it, filled in where it is used.
                inner = file.parent / str(entry[module])
                yield from _expanded(loaded(inner), inner, {**here, **one})
            else:
                arguments = filled(entry[module], {**here, **one}, file)
                yield Task(file.name, str(filled(entry["name"], {**here, **one}, file)), module, arguments)


def filled(value: Any, known: dict[str, Any], file: Path) -> Any:
    """A value with its templates filled in, as plain data."""
    folder = file.parent.parent if file.parent.name == "tasks" else file.parent
    loader = DataLoader()
    loader.set_basedir(str(folder))
    templar = Templar(loader=loader, variables={**known, "ansible_search_path": [str(folder)]})
    return json.loads(json.dumps(templar.template(value)))


class Connected(BaseException):
    """A module took its arguments and went on to the server."""


def refusal(task: Task, **more: Any) -> str:
    """What the module says against its arguments; empty where it would connect."""
    *collection, name = task.module.split(".")
    module = importlib.import_module(f"ansible_collections.{'.'.join(collection)}.plugins.modules.{name}")
    said = io.StringIO()
    arguments = {**more, **task.arguments}
    stopped = mock.patch.object(urls.Request, "open", side_effect=Connected)
    with stopped, redirect_stdout(said), patch_module_args(arguments):
        try:
            module.main()
        except Connected:
            return ""
        except SystemExit:
            pass
    return str(json.loads(said.getvalue().strip().splitlines()[-1])["msg"])
