# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps what every module of the collection returned in a run, one line of JSON each, in the file $DEADPOOL_RETURNS."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: returns
type: aggregate
short_description: Keep what modules returned
description: Writes what every module of ics.deadpool returned into the file that the variable DEADPOOL_RETURNS names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "returns"

    def v2_runner_on_ok(self, result: Any) -> None:
        collection, _dot, name = result._task.action.rpartition(".")
        if collection == "ics.deadpool" and "censored" not in result._result:
            with open(os.environ["DEADPOOL_RETURNS"], "a", encoding="utf-8") as file:
                file.write(json.dumps({"module": name, "returned": result._result}, default=str) + "\n")

    v2_runner_item_on_ok = v2_runner_on_ok
