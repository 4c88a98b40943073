# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DROP of tables, views, indexes and schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.engine import views
from simulator.engine.binding import Binding
from simulator.engine.catalog import Catalog, Table, View
from simulator.engine.events import Done, Event
from simulator.engine.handles import Handle
from simulator.engine.messages import error
from simulator.engine.query.model import quote, refuse
from simulator.engine.statements.writing import changing_catalog, named_object, require_right
from simulator.engine.tsql import schema as ddl
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


def drop(execution: Execution, node: ddl.Drop) -> Iterator[Event]:
    for name in node.names:
        _drop_one(execution, node, name)
    yield Done(None)


def _drop_one(execution: Execution, node: ddl.Drop, name: tree.Name) -> None:
    if node.kind == "INDEX":
        _drop_index(execution, node, name[0])
        return
    if node.kind == "SCHEMA":
        _drop_schema(execution, node, name[0])
        return
    binding = Binding(execution, (), target=name)
    _, schema, plain = binding.split(name)
    if views.find(schema, plain) is not None:
        raise refuse(3708, "drop", node.kind.lower(), ".".join(name), node.kind.lower(), line=node.line)
    catalog = binding.handle.catalog if execution.session.instance.exists(binding.home) else Catalog()
    found = catalog.find(schema, plain)
    if found is None:
        if node.if_exists:
            return
        raise refuse(3701, "drop", node.kind.lower(), ".".join(name), line=node.line)
    is_table = isinstance(found, Table)
    if is_table != (node.kind == "TABLE"):
        actual = "table" if is_table else "view"
        raise refuse(3705, node.kind, ".".join(name), ".".join(name), actual, actual.upper(), line=node.line)
    require_right(execution, binding.handle, "ALTER")
    with changing_catalog(execution, binding.handle) as changed:
        drop_stored(binding.handle, changed, found)


def drop_stored(handle: Handle, catalog: Catalog, found: Table | View) -> None:
    if isinstance(found, View):
        del catalog.views[found.object_id]
        return
    for other in catalog.tables.values():
        if other.object_id != found.object_id and any(
            (key.schema.lower(), key.table.lower()) == (found.schema.lower(), found.name.lower())
            for key in other.foreign_keys
        ):
            raise error(3726, found.name)
    handle.connection.execute(f"DROP TABLE main.{quote(found.stored_name)}")
    del catalog.tables[found.object_id]


def _drop_index(execution: Execution, node: ddl.Drop, name: str) -> None:
    binding = Binding(execution, (), target=node.table)
    handle, table = named_object(binding, node.table, 4902)
    key = (
        next((key for key in table.keys if key.name.lower() == name.lower()), None)
        if isinstance(table, Table)
        else None
    )
    if key is None or not isinstance(table, Table):
        if node.if_exists:
            return
        raise refuse(3701, "drop", "index", f"{'.'.join(node.table)}.{name}", line=node.line)
    if key.kind != "INDEX":
        raise refuse(3723, f"{'.'.join(node.table)}.{name}", key.kind, line=node.line)
    require_right(execution, handle, "ALTER")
    with changing_catalog(execution, handle) as catalog:
        handle.connection.execute(f"DROP INDEX main.{quote(f'{table.stored_name}.{key.name}')}")
        catalog.tables[table.object_id] = replace(table, keys=tuple(other for other in table.keys if other is not key))


def _drop_schema(execution: Execution, node: ddl.Drop, name: str) -> None:
    handle = execution.session.handle()
    require_right(execution, handle, "ALTER ANY SCHEMA")
    with changing_catalog(execution, handle) as catalog:
        found = catalog.schema_named(name)
        if found is None or found[0] <= 4:
            if node.if_exists and found is None:
                return
            raise refuse(15151, "drop", "schema", name, line=node.line)
        objects: list[Table | View] = [*catalog.tables.values(), *catalog.views.values()]
        held = next((other for other in objects if other.schema.lower() == name.lower()), None)
        if held is not None:
            raise refuse(3729, "drop schema", name, held.name, line=node.line)
        del catalog.schemas[found[0]]
