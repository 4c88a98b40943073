# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints how far a restore is while the module of the same name works, and fetches files for it beside it.

The module appends events to a file; a thread beside it reads them. The module stays a child of Ansible's worker: an
interrupted playbook takes it along, and SQL Server then ends the statement and keeps the database RESTORING.
"""

from __future__ import annotations

import contextvars
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible_collections.ics.deadpool.plugins.module_utils.clients.arrivals import Announcer
from ansible_collections.ics.deadpool.plugins.module_utils.shell import failure
from ansible_collections.ics.deadpool.plugins.plugin_utils.module_building import part_of
from ansible_collections.ics.deadpool.plugins.plugin_utils.restore_fetch import Fetch
from ansible_collections.ics.deadpool.plugins.plugin_utils.restore_watch import RestoreWatch
from ansible_collections.ics.deadpool.plugins.plugin_utils.site_policy import plans_of, refuse_undecided

_MODULE = "ics.deadpool.mssql_restore"


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        args, variables = dict(self._task.args), task_vars or {}
        where, journal = args.pop("fetch", None), args.pop("journal", None)
        try:
            refuse_undecided(self, variables)
            fetch = None if where is None else Fetch(self, variables, where, plans_of(args))
        except Exception as error:
            return {"failed": True, **failure(error)}
        here = fetch is not None or self._connection.transport == "local"
        with _own_file(args.get("progress_file"), here) as progress, _own_file(None, here) as arrivals:
            watch = RestoreWatch(progress if here else None, journal)
            watch.start()
            try:
                if fetch is None:
                    result.update(self._restored(args, progress, arrivals, variables))
                else:
                    result.update(self._beside(fetch, args, progress, arrivals, variables))
            finally:
                watch.stop()
        return result

    def _restored(
        self, args: dict[str, Any], progress: str | None, arrivals: str | None, variables: dict[str, Any]
    ) -> dict[str, Any]:
        """On this host the module ends with us, by the lock on ``arrivals``; there is nothing to wait for."""
        if progress:
            args["progress_file"] = progress
        if arrivals is None or self._task.check_mode:
            return self._execute_module(module_name=_MODULE, module_args=args, task_vars=variables)
        announcer = Announcer(arrivals)
        try:
            announcer.everything()
            args["arrivals_file"] = arrivals
            return self._execute_module(module_name=_MODULE, module_args=args, task_vars=variables)
        finally:
            announcer.close()

    def _beside(
        self, fetch: Fetch, args: dict[str, Any], progress: str | None, arrivals: str | None, variables: dict[str, Any]
    ) -> dict[str, Any]:
        """The connection of the task is for who fetches; the restore has one of its own, to this host."""
        if self._task.check_mode:
            would = fetch.all_at_once()
            done = would if would.get("failed") else self._on_controller(args, variables)
            return {**done, "transfers": fetch.transfers}
        announcer = Announcer(str(arrivals))
        try:
            module_args = {**args, "progress_file": progress, "arrivals_file": arrivals}
            with _aside(lambda: self._on_controller(module_args, variables)) as outcome:
                fetch.run(announcer)
            return {**outcome, "transfers": fetch.transfers}
        finally:
            announcer.close()

    def _on_controller(self, args: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        local = {**variables, "ansible_python_interpreter": _interpreter(variables)}
        task = self._task.copy()
        task.args = args
        connection = connection_loader.get("ansible.builtin.local", self._play_context)
        action = part_of(self, "ansible.builtin.normal", task, connection)
        connection._shell.tmpdir = None
        result: dict[str, Any] = action._execute_module(module_name=_MODULE, module_args=args, task_vars=local)
        return result


def _interpreter(variables: dict[str, Any]) -> str:
    """The controller's Python for modules, as for a task that is delegated to localhost."""
    hosts = variables.get("hostvars") or {}
    own = hosts.get("localhost", {}) if hasattr(hosts, "get") else {}
    return str(own.get("ansible_python_interpreter") or sys.executable)


@contextmanager
def _aside(work: Any) -> Iterator[dict[str, Any]]:
    """Does ``work`` in a thread; at the end of the block waits for it, and its result is in the dictionary."""
    outcome: dict[str, Any] = {}
    problems: list[BaseException] = []

    def run() -> None:
        try:
            outcome.update(work())
        except BaseException as error:  # a thread's own would be lost
            problems.append(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), name="restore", daemon=True)
    thread.start()
    yield outcome
    thread.join()
    if problems:
        raise problems[0]


@contextmanager
def _own_file(given: str | None, here: bool) -> Iterator[str | None]:
    """The file that was named, or one of our own on this host."""
    if given or not here:
        yield given
        return
    handle, path = tempfile.mkstemp(prefix="restore-", suffix=".jsonl", dir=constants.DEFAULT_LOCAL_TMP)
    os.close(handle)
    try:
        yield path
    finally:
        os.unlink(path)
