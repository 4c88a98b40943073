# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Drops the databases that a drill restored, and never another: asked of the server, database by database."""

from __future__ import annotations

from collections.abc import Sequence

from ..recovery import tsql
from ..recovery.database_state import DatabaseState, same_guid
from ..recovery.errors import DatabaseInUse, InvalidInput, NotProven
from ..recovery.restore_step import RestorePlan
from .mssql import Server
from .mssql_state import database_state


def drop_all(server: Server, plans: Sequence[RestorePlan]) -> list[str]:
    """The names that were dropped. Everything is looked at before anything is touched."""
    there = []
    for plan in plans:
        _refuse_a_source(plan)
        state = database_state(server, plan.database)
        if state.exists:
            _refuse_another(server.where, plan, state)
            there.append(plan.database)
    for name in there:
        server.execute(tsql.drop_database(name), about=name)
        if not server.dry and database_state(server, name).exists:
            raise NotProven(
                f"{name}: DROP DATABASE ended without an error, and {server.where} has it still.",
                hint="Drop it by hand, so that it does not fill the disk.",
            )
    return there


def _refuse_a_source(plan: RestorePlan) -> None:
    if plan.database.casefold() == plan.source_database.casefold():
        raise InvalidInput(
            f"{plan.database}: this plan restores a database under its own name; that is no drill.",
            hint="Plan with rename; only what a drill restored under another name is dropped.",
        )


def _refuse_another(where: str, plan: RestorePlan, state: DatabaseState) -> None:
    """It must be what this plan restored: its last backup set is one of the plan's, or no restore of it began well."""
    planned = {same_guid(step.backup_set_guid) for step in plan.steps if step.backup_set_guid}
    last = same_guid(state.last_restored_set_guid)
    if last in planned or (last is None and state.state == "RESTORING"):
        return
    raise DatabaseInUse(
        f"{plan.database}: {where} has a database of that name which this drill did not restore. It was not dropped.",
        hint="Look whose it is. If it was left over by an earlier drill, drop it by hand.",
    )
