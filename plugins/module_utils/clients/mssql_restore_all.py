# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several databases at once: everything is looked at before anything is touched, then each goes its own way."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from ..recovery.errors import InvalidInput, RecoveryError
from ..recovery.restore_step import given_plan
from .mssql import Server
from .mssql_restore import Restore, RestoreOptions
from .restore_media import must_be_readable
from .restore_progress import ProgressFile, Running, Watch

#: What is told of a database as soon as it is done with.
_TOLD = (
    "database",
    "seconds",
    "msg",
    "already_there",
    "state",
    "reaches",
    "behind_minutes",
    "started",
    "waited_for_files",
)


class Refused(RecoveryError):
    """Several things are wrong; nothing was touched."""


def restore_all(
    params: dict[str, Any], plans: Sequence[dict[str, Any]], options: RestoreOptions, parallel: int, *, dry: bool
) -> dict[str, Any]:
    """Carries out plans (``RestorePlan.to_dict``). Fails with every reason, unless all databases succeeded."""
    progress = ProgressFile(None if dry else params.get("progress_file"))
    servers: list[Server] = []
    watch = Watch(lambda: Server(params), options.arrivals, servers)
    try:
        restores = [_restore(params, plan, options, dry, servers) for plan in _distinct(plans)]
        begun = time.monotonic()
        _look_first(restores, options, dry)
        looked = round(time.monotonic() - begun, 3)
        if not dry:
            watch.start()
        outcomes = _in_parallel(restores, parallel, progress, watch)
    except BaseException:
        for server in servers:
            server.cancel()  # a thread may still wait for the server
        raise
    finally:
        watch.stop()
        progress.close()
        for server in servers:
            server.close()
    return _result(outcomes, restores, looked, watch.note)


def _distinct(plans: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    names = [str(plan.get("database", "")).casefold() for plan in plans]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"{twice[0]}: two plans restore the same database.", hint="Give one plan per database.")
    if not plans:
        raise InvalidInput(
            "plans: there is none, so nothing was restored.",
            hint="Plan first and decide on the plan: run the playbook from its beginning, without --start-at-task.",
        )
    return plans


def _restore(
    params: dict[str, Any], raw: dict[str, Any], options: RestoreOptions, dry: bool, servers: list[Server]
) -> Restore:
    plan = given_plan(raw)
    server = Server(params, dry=dry)
    servers.append(server)
    return Restore(server, plan, raw, options)


def _look_first(restores: Sequence[Restore], options: RestoreOptions, dry: bool) -> None:
    """Nothing is touched before every plan fits its database and the server has read the header of every file (but of
    those that are still to arrive, each is read right before it is restored)."""
    wrong: list[RecoveryError] = []
    for restore in restores:
        try:
            left = restore.check()
            if not dry and not options.arrivals.still_come:
                must_be_readable(restore.server, left.steps, options.source_directory)
        except RecoveryError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        hints = dict.fromkeys(error.hint for error in wrong)
        raise Refused("\n".join(error.msg for error in wrong), hint=" ".join(hints))


def _in_parallel(
    restores: Sequence[Restore], parallel: int, progress: ProgressFile, watch: Watch
) -> list[dict[str, Any]]:
    """In the order of the plans. Daemon threads: whoever interrupts the module is not kept waiting for a RESTORE."""
    waiting = deque(enumerate(restores))
    outcomes: list[dict[str, Any]] = [{} for _unused in restores]

    def work() -> None:
        while True:
            try:
                number, restore = waiting.popleft()
            except IndexError:
                return
            outcomes[number] = _outcome(restore, progress, watch)

    threads = [threading.Thread(target=work, daemon=True) for _unused in range(min(parallel, len(restores)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _outcome(restore: Restore, progress: ProgressFile, watch: Watch) -> dict[str, Any]:
    database = restore.plan.database
    started, begun = _now(), time.monotonic()
    try:
        running = Running(progress, restore.server.session_id, len(restore.plan.steps))
        watch.add(running)
        outcome = restore.run(running)
    except RecoveryError as error:
        outcome = {"database": database, "changed": bool(restore.steps), "failed": True, "steps": restore.steps}
        outcome.update(msg=error.msg, hint=error.hint)
    except Exception as error:  # whatever it is, the other databases go on and this one is named
        outcome = {"database": database, "changed": bool(restore.steps), "failed": True, "steps": restore.steps}
        outcome.update(msg=f"{database}: {type(error).__name__}: {error}", hint="This was not foreseen; report it.")
    outcome.update(started=started, ended=_now(), seconds=round(time.monotonic() - begun, 3))
    outcome["waited_for_files"] = round(restore.waited, 3)
    event = "database_failed" if outcome.get("failed") else "database_ended"
    told = {key: outcome[key] for key in _TOLD if key in outcome}
    progress.write(event, **told, steps=len(outcome["steps"]))
    return outcome


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def _result(outcomes: list[dict[str, Any]], restores: Sequence[Restore], looked: float, note: str) -> dict[str, Any]:
    failed = [one for one in outcomes if one.get("failed")]
    result: dict[str, Any] = {
        "changed": any(one["changed"] for one in outcomes),
        "databases": outcomes,
        "already_there": all(one.get("already_there", False) for one in outcomes),
        "preflight_seconds": looked,
        "statements": [text for restore in restores for text in restore.server.statements],
    }
    if note:
        result["progress_note"] = note
    if failed:
        hints = dict.fromkeys(one["hint"] for one in failed)
        fact = "\n".join(one["msg"] for one in failed)
        if len(outcomes) > 1:
            fact = f"{len(failed)} of {len(outcomes)} databases were not restored:\n{fact}"
        result.update(failed=True, msg=f"{fact}\nHINT: {' '.join(hints)}", hint=" ".join(hints))
    return result
