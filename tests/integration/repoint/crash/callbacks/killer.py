# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kills the controller at the n-th beginning or end of a task of the transaction, or runs a command where one is named,
or only counts them."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: killer
type: aggregate
short_description: kills the controller on purpose
description: For tests alone.
options: {}
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "killer"

    def __init__(self) -> None:
        super().__init__()
        self._within = False
        self._seen = 0

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._within = play.get_name().startswith(os.environ.get("CRASH_PLAY", "Point every"))

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._count(f"start of {task.get_name()}")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._count(f"end of {result.task_name} on {result._host}")

    v2_runner_on_failed = v2_runner_on_ok

    def _count(self, what: str) -> None:
        if not self._within:
            return
        self._seen += 1
        with open(os.environ["CRASH_LOG"], "a", encoding="utf-8") as log:
            log.write(what + "\n")
        if what.startswith(os.environ.get("CRASH_WHERE") or "-"):
            subprocess.run(["/bin/sh", "-c", os.environ["CRASH_COMMAND"]], check=True)
        if self._seen == int(os.environ.get("CRASH_AT_EVENT") or 0):
            os.kill(os.getpid(), signal.SIGKILL)
