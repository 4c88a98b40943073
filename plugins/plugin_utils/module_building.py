# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One module is put together at a time, where two threads of a task run modules.

Ansible reads a module's imports with Python's ast, and Python 3.11 counts its depth for all threads together: two at
once end with "AST constructor recursion depth mismatch".
"""

from __future__ import annotations

import threading
from typing import Any

from ansible.plugins.loader import action_loader

_BUILDING = threading.Lock()


def one_at_a_time(action: Any) -> Any:
    """The same action plugin; it waits while another one's module is put together."""
    build = action._configure_module

    def waiting(*args: Any, **more: Any) -> Any:
        with _BUILDING:
            return build(*args, **more)

    action._configure_module = waiting
    return action


def part_of(action: Any, plugin: str, task: Any, connection: Any) -> Any:
    """The action plugin that carries out a part of another one's task, while that runs modules itself."""
    made = action_loader.get(
        plugin,
        task=task,
        connection=connection,
        play_context=action._play_context,
        loader=action._loader,
        templar=action._templar,
        shared_loader_obj=action._shared_loader_obj,
    )
    return one_at_a_time(made)
