# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_addumpdevice, sp_dropdevice and sp_readerrorlog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.events import Done, Event
from simulator.engine.messages import error
from simulator.engine.query import types
from simulator.engine.statements.result_table import table

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

Values = dict[str, Any]


def add_device(execution: Execution, values: Values) -> Iterator[Event]:
    instance, name = execution.session.instance, str(values["logicalname"])
    if not execution.session.rights.has_role("diskadmin"):
        raise error(15247)
    if str(values["devtype"]).lower() != "disk":
        raise error(40510, f"sp_addumpdevice '{values['devtype']}'")
    with instance.lock:
        if name.lower() in (known.lower() for known in instance.state.devices):
            raise error(15026, name)
        instance.state.devices[name] = str(values["physicalname"])
        instance.save()
    yield Done(None)


def drop_device(execution: Execution, values: Values) -> Iterator[Event]:
    instance, wanted = execution.session.instance, str(values["logicalname"]).lower()
    if not execution.session.rights.has_role("diskadmin"):
        raise error(15247)
    with instance.lock:
        name = next((known for known in instance.state.devices if known.lower() == wanted), None)
        if name is None:
            raise error(15012, values["logicalname"])
        path = instance.state.devices.pop(name)
        instance.save()
    if str(values.get("delfile") or "").lower() == "delfile":
        instance.resolve(path, instance.backup_directory).unlink(missing_ok=True)
    yield Done(None)


def read_error_log(execution: Execution, values: Values) -> Iterator[Event]:
    """Only the present log (p1 = 0) of the engine (p2 = 1), filtered by up to two words."""
    if not execution.session.rights.has_role("securityadmin"):
        raise error(15247)
    if int(values.get("p1") or 0) != 0 or int(values.get("p2") or 1) != 1:
        raise error(40510, "sp_readerrorlog of an older log")
    words = [str(values[key]).lower() for key in ("p3", "p4") if values.get(key)]
    rows = [
        (moment, source, text)
        for moment, source, text in execution.session.instance.error_log.entries()
        if all(word in text.lower() for word in words)
    ]
    columns = [("LogDate", types.DATETIME), ("ProcessInfo", types.nvarchar(12)), ("Text", types.nvarchar(4000))]
    yield from table(columns, rows)
