# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_addlinkedserver and sp_dropserver: linked servers are known by name, nobody connects to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.events import Done, Event
from simulator.engine.messages import error

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]
ARGUMENTS = ("server!", "srvproduct", "provider", "datasrc", "location", "provstr", "catalog")


def _require_right(execution: Execution) -> None:
    rights = execution.session.rights
    if not (rights.has_role("setupadmin") or rights.may_server("ALTER ANY LINKED SERVER")):
        raise error(15247)


def add_linked_server(execution: Execution, values: Values) -> Iterator[Event]:
    _require_right(execution)
    instance, name = execution.session.instance, str(values["server"])
    with instance.lock:
        known = (instance.name, *instance.state.linked_servers)
        if name.lower() in (one.lower() for one in known):
            raise error(15028, name)
        given = {key: values[key] for key in ARGUMENTS[1:] if values.get(key) is not None}
        instance.state.linked_servers[name] = {**given, "modified": instance.timestamp()}
        instance.save()
    yield Done(None)


def drop_server(execution: Execution, values: Values) -> Iterator[Event]:
    _require_right(execution)
    instance, wanted = execution.session.instance, str(values["server"]).lower()
    with instance.lock:
        found = [name for name in instance.state.linked_servers if name.lower() == wanted]
        if not found:
            raise error(15015, values["server"])
        del instance.state.linked_servers[found[0]]
        instance.save()
    yield Done(None)
