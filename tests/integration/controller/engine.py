# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tasks of controller/ as Ansible would carry them out, but in one process, so that it takes seconds.

Ansible's own loader and templates read them, and the modules themselves are called with their arguments filled in. They
check them before they connect; where there is no server, the connection is where they are stopped.
"""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible.module_utils import urls
from ansible.module_utils.testing import patch_module_args
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader, init_plugin_loader
from ansible.template import Templar

from .playing import CONTROLLER, ROOT, Refused, Task

_WORDS = {"name", "loop", "loop_control", "vars", "when", "register", "no_log", "changed_when", "tags"}
_WORDS |= {"until", "retries", "delay"}
_CALLED = {f"ansible.builtin.{name}" for name in ("uri", "find", "command")} | {"ics.deadpool.schedule_info"}
_INCLUDES = ("ansible.builtin.import_tasks", "ansible.builtin.include_tasks")
# Without it Ansible finds no plugin by its full name.
init_plugin_loader([str(ROOT / "collections")])
filter_loader.add_directory(str(CONTROLLER / "semaphore"), with_subdir=True)


def loaded(path: Path) -> Any:
    """A file of ours: its templates may be filled in."""
    loader = DataLoader()
    loader.set_basedir(str(path.parent))
    return loader.load_from_file(str(path), trusted_as_template=True)


def variables(playbook: Path) -> dict[str, Any]:
    """What the play begins with, its files of variables included."""
    (play,) = loaded(playbook)
    found: dict[str, Any] = {"ansible_playbook_python": "python3", "playbook_dir": str(playbook.parent)}
    for name in play.get("vars_files", []):
        found |= loaded(playbook.parent / name)
    return found | play["vars"]


def tasks(playbook: Path, known: Mapping[str, Any] | None = None) -> Iterator[Task]:
    """Every task of the playbook, each time that a loop repeats it, whatever its condition: each must be right."""
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
                task = Task(file.name, str(filled(entry["name"], {**here, **one}, file)), module, arguments)
                if module.startswith("ics.deadpool."):
                    known[entry["register"]] = called(task)
                yield task


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
    with mock.patch.object(urls.Request, "open", side_effect=Connected):
        try:
            return str(called(task, **more)["msg"])
        except Connected:
            return ""


def called(task: Task, **more: Any) -> dict[str, Any]:
    """What the module answers."""
    *collection, name = task.module.split(".")
    builtin = collection == ["ansible", "builtin"]
    place = "ansible.modules" if builtin else f"ansible_collections.{'.'.join(collection)}.plugins.modules"
    module, said = importlib.import_module(f"{place}.{name}"), io.StringIO()
    with redirect_stdout(said), patch_module_args({**more, **task.arguments}), suppress(SystemExit):
        module.main()
    answer: dict[str, Any] = json.loads(said.getvalue().strip().splitlines()[-1])
    return answer


class Play:
    """A playbook that is carried out: what its tasks registered is known to those that follow."""

    def __init__(self, playbook: Path, **known: Any) -> None:
        (play,) = loaded(playbook)
        self.known = {**variables(playbook), **known}
        self.defaults = play["module_defaults"]
        self.changed: list[str] = []
        self._all(play["tasks"], playbook, {})

    def _all(self, entries: list[dict[str, Any]], file: Path, given: dict[str, Any]) -> None:
        for entry in entries:
            here = {**given, **entry.get("vars", {})}
            loop_var = entry.get("loop_control", {}).get("loop_var", "item")
            rounds = [{loop_var: one} for one in self._filled(entry["loop"], here, file)] if "loop" in entry else [{}]
            for one in rounds:
                self._once(entry, file, {**here, **one})

    def _once(self, entry: dict[str, Any], file: Path, here: dict[str, Any]) -> None:
        (module,) = [key for key in entry if key not in _WORDS]
        if "when" in entry and not self._filled("{{ " + entry["when"] + " }}", here, file):
            return
        if module in _INCLUDES:
            inner = file.parent / str(entry[module])
            self._all(loaded(inner), inner, here)
            return
        arguments = {**self.defaults.get(module, {}), **entry[module]} if isinstance(entry[module], dict) else {}
        task = Task(
            file.name, str(self._filled(entry["name"], here, file)), module, self._filled(arguments, here, file)
        )
        if module == "ansible.builtin.set_fact":
            self.known |= task.arguments
        elif module == "ansible.builtin.assert":
            that = task.arguments["that"] if isinstance(task.arguments["that"], list) else [task.arguments["that"]]
            if not all(
                that if isinstance(that[0], bool) else self._filled(["{{ " + one + " }}" for one in that], here, file)
            ):
                raise Refused(task.arguments["fail_msg"])
        elif module in _CALLED:
            answer = called(task)
            if answer.get("failed"):
                raise Refused(f"{task.name}: {answer}")
            self.changed += [task.name] if entry.get("changed_when") else []
            self.known |= {entry["register"]: answer} if "register" in entry else {}
            if "until" in entry and not self._filled("{{ " + entry["until"] + " }}", here, file):
                raise Refused(f"{task.name}: waited in vain")

    def _filled(self, value: Any, here: dict[str, Any], file: Path) -> Any:
        return filled(_trusted(value), {**self.known, **here}, file)


def _trusted(value: Any) -> Any:
    """A text that was put together here is as good as one of the file."""
    if isinstance(value, list):
        return [_trusted(one) for one in value]
    return TrustedAsTemplate().tag(value) if isinstance(value, str) else value
