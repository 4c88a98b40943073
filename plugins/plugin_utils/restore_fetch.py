# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetches the files of plans, portion by portion, onto the host of a task, and announces each."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.ics.deadpool.plugins.module_utils.clients.arrivals import Announcer
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.fetch_batches import fetch_batches
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.restore_step import given_plan
from ansible_collections.ics.deadpool.plugins.plugin_utils.module_building import part_of

_TRANSFER = "ics.deadpool.ftp_transfer"


class Fetch:
    """The transfers of one restore. Where a portion fails its database gets no more, and the others go on."""

    def __init__(
        self, action: ActionBase, task_vars: dict[str, Any], options: dict[str, Any], plans: list[dict[str, Any]]
    ) -> None:
        self._action, self._task_vars, self._options = action, task_vars, options
        self._batches = fetch_batches([given_plan(plan) for plan in plans])
        self.transfers: list[dict[str, Any]] = []

    def all_at_once(self) -> dict[str, Any]:
        """For check mode: what would be fetched."""
        files = [path for batch in self._batches for path in batch.files]
        return self._transfer(files, [])

    def run(self, announcer: Announcer) -> None:
        stopped: set[str] = set()
        for number, batch in enumerate(self._batches):
            if batch.database in stopped:
                continue
            # Room for everything is looked for once, before the first byte.
            later = [path for one in self._batches[1:] for path in one.files] if number == 0 else []
            done = self._transfer(list(batch.files), later)
            if done.get("failed") or done.get("unreachable"):
                everything = done.get("unreachable") or done.get("error") in ("StoreUnreachable", "NoSpace")
                announcer.failed(None if everything else batch.database, str(done.get("msg", "it failed")))
                if everything:
                    return
                stopped.add(batch.database)
                continue
            announcer.arrived(batch.files)

    def _transfer(self, files: list[str], later: list[str]) -> dict[str, Any]:
        """As a task of its own would: the action plugin knows Windows hosts from others."""
        task = self._action._task.copy()
        task.args = {**self._options, "direction": "fetch", "paths": files, "paths_later": later}
        task.action = _TRANSFER
        action = part_of(self._action, _TRANSFER, task, self._action._connection)
        try:
            done: dict[str, Any] = action.run(task_vars=self._task_vars)
        except Exception as error:  # a lost connection: the databases that have their files are restored nevertheless
            return {"failed": True, "unreachable": True, "msg": f"the host that fetches: {error}"}
        self.transfers += done.get("transfers", [])
        return done
