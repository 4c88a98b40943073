# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""@@ variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.engine.events import SqlType
from simulator.engine.product import EDITIONS, RELEASES
from simulator.engine.query import types
from simulator.engine.query.model import refuse

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

_TEXT = types.nvarchar(128)


def version_text(session: EngineSession) -> str:
    version = session.instance.version
    number = ".".join(str(part) for part in version)
    return (
        f"Microsoft SQL Server {RELEASES[version[0]].name} - {number} (X64) (simulated)\n"
        f"\t{EDITIONS[session.instance.settings.edition].name} on Linux (simulated)"
    )


def global_variable(session: EngineSession, name: str) -> tuple[SqlType, Any]:
    found = _values(session).get(name.upper())
    if found is None:
        raise refuse(137, name)
    return found


def _values(session: EngineSession) -> dict[str, tuple[SqlType, Any]]:
    return {
        "@@SPID": (SqlType("smallint"), session.spid),
        "@@SERVERNAME": (_TEXT, session.instance.name),
        "@@SERVICENAME": (
            _TEXT,
            session.instance.name.split("\\")[1] if "\\" in session.instance.name else "MSSQLSERVER",
        ),
        "@@VERSION": (types.nvarchar(300), version_text(session)),
        "@@TRANCOUNT": (types.INT, session.transaction.count),
        "@@ROWCOUNT": (types.INT, session.rowcount),
        "@@ERROR": (types.INT, session.error_number),
        "@@IDENTITY": (SqlType("numeric", precision=38), session.last_identity),
        "@@LANGUAGE": (_TEXT, session.settings.language),
        "@@LANGID": (SqlType("smallint"), 0),
        "@@DATEFIRST": (SqlType("tinyint"), 7),
        "@@MAX_PRECISION": (SqlType("tinyint"), 38),
        "@@MICROSOFTVERSION": (types.INT, session.instance.version[0] << 24 | session.instance.version[2]),
        "@@NESTLEVEL": (types.INT, 0),
        "@@OPTIONS": (types.INT, 5496),
        "@@LOCK_TIMEOUT": (types.INT, session.settings.lock_timeout),
        "@@FETCH_STATUS": (types.INT, 0),
        "@@TEXTSIZE": (types.INT, 2147483647),
        "@@PROCID": (types.INT, 0),
        "@@MAX_CONNECTIONS": (types.INT, 32767),
        "@@REMSERVER": (_TEXT, None),
    }
