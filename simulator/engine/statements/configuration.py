# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_configure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.events import Done, Event
from simulator.engine.instance_state import CONFIGURATION
from simulator.engine.messages import error, message
from simulator.engine.query import types
from simulator.engine.statements.result_table import table

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]


def configure(execution: Execution, values: Values) -> Iterator[Event]:
    state = execution.session.instance.state
    advanced = state.value("show advanced options")
    shown = {name: row for name, row in CONFIGURATION.items() if advanced or not row[5]}
    if "configname" not in values:
        yield from _options(execution, list(shown))
        return
    wanted = str(values["configname"]).lower()
    found = [name for name in shown if name.lower().startswith(wanted)]
    exact = [name for name in found if name.lower() == wanted]
    found = exact or found
    if len(found) != 1:
        raise error(15123, values["configname"])
    if "configvalue" not in values:
        yield from _options(execution, found)
        return
    yield from _change_option(execution, found[0], int(values["configvalue"]))


def _change_option(execution: Execution, name: str, value: int) -> Iterator[Event]:
    instance = execution.session.instance
    if not execution.session.rights.may_server("ALTER SETTINGS"):
        raise error(15247)
    _, default, low, high, *_ = CONFIGURATION[name]
    if not low <= value <= high:
        raise error(15129, value, name)
    before = instance.state.configured.get(name, default)
    with instance.lock:
        instance.state.configured[name] = value
        instance.save()
    yield message(15457, name, before, value)
    yield Done(None)


def _options(execution: Execution, names: list[str]) -> Iterator[Event]:
    state = execution.session.instance.state
    columns = [
        ("name", types.nvarchar(35)),
        *((name, types.INT) for name in ("minimum", "maximum", "config_value", "run_value")),
    ]
    rows = [
        (
            name,
            CONFIGURATION[name][2],
            CONFIGURATION[name][3],
            state.configured.get(name, CONFIGURATION[name][1]),
            state.value(name),
        )
        for name in sorted(names)
    ]
    yield from table(columns, rows)
