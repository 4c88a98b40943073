# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HAS_PERMS_BY_NAME: one question about rights, whatever it is asked of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine.query.texts import parsename

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

_OF_SERVER = frozenset({"SERVER", "LOGIN"})


def has_permission(session: EngineSession, securable: str | None, kind: str | None, permission: str) -> int | None:
    wanted = permission.upper()
    if securable is None and kind is None:
        return int(session.rights.may_server(wanted))
    kind = (kind or "").upper()
    if kind in _OF_SERVER:
        return int(session.rights.may_server(wanted))
    if kind == "DATABASE":
        return _in_database(session, securable or session.database, wanted)
    if kind in {"OBJECT", "SCHEMA"}:
        return _on_object(session, securable or "", kind, wanted)
    return None


def _in_database(session: EngineSession, name: str, permission: str) -> int | None:
    if not session.instance.exists(name):
        return None
    if permission == "ANY":
        return int(session.rights.user(name) is not None)
    if permission == "CREATE DATABASE":
        return int(session.rights.may_server("CREATE ANY DATABASE"))
    return int(session.rights.may(permission, name))


def _on_object(session: EngineSession, name: str, kind: str, permission: str) -> int | None:
    handle = session.handle(parsename(name, 3) or session.database)
    if kind == "SCHEMA":
        found = handle.catalog.schema_named(name.strip("[]"))
        return None if found is None else int(session.rights.may(permission, handle.name, 0, found[1]))
    table = handle.catalog.find(parsename(name, 2) or "dbo", parsename(name, 1) or "")
    if table is None:
        return None
    return int(session.rights.may(permission, handle.name, table.object_id, table.schema))
