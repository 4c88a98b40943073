# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tasks of controller/, asked of a process of their own (engine.py).

Ansible's loader changes for good how collections are imported, which is no business of the other tests of this process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
CONTROLLER = ROOT / "controller"


@dataclass(frozen=True)
class Task:
    """One call of a module, its arguments filled in."""

    file: str
    name: str
    module: str
    arguments: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file}: {self.name} ({self.arguments.get('name', '')})"


class Refused(Exception):
    """A task failed, and the play would stop."""


@dataclass(frozen=True)
class Played:
    """What became of a play."""

    changed: list[str]


@cache
def _engine() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))


def _asked(work: Callable[..., Any], *arguments: Any) -> Any:
    return _engine().submit(_with_environment, dict(os.environ), work, *arguments).result(timeout=300)


def _with_environment(environment: dict[str, str], work: Callable[..., Any], *arguments: Any) -> Any:
    os.environ.clear()
    os.environ.update(environment)
    return work(*arguments)


@cache
def tasks(playbook: Path) -> list[Task]:
    """Every task of the playbook, each time that a loop repeats it, whatever its condition: each must be right."""
    found: list[Task] = _asked(_tasks, playbook)
    return found


def _tasks(playbook: Path) -> list[Task]:
    from . import engine

    return list(engine.tasks(playbook))


def refusals(asked: list[Task], **more: Any) -> list[str]:
    """What the modules say against their arguments, one after the other; empty where one would connect."""
    said: list[str] = _asked(_refusals, asked, more)
    return said


def _refusals(asked: list[Task], more: Mapping[str, Any]) -> list[str]:
    from . import engine

    return [engine.refusal(task, **more) for task in asked]


def play(playbook: Path, **known: Any) -> Played:
    """Carries the playbook out. Raises Refused where a task fails."""
    changed: list[str] = _asked(_play, playbook, known)
    return Played(changed)


def _play(playbook: Path, known: Mapping[str, Any]) -> list[str]:
    from . import engine

    return engine.Play(playbook, **known).changed
