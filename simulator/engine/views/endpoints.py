# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sys.endpoints: the system's own. CREATE ENDPOINT is not learnt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

Row = dict[str, Any]
_TCP = 2
# endpoint_id, name, protocol, its description, state
_SYSTEM = (
    (1, "Dedicated Admin Connection", _TCP, "TCP", "STARTED"),
    (2, "TSQL Local Machine", 4, "SHARED_MEMORY", "STARTED"),
    (3, "TSQL Named Pipes", 3, "NAMED_PIPES", "STARTED"),
    (4, "TSQL Default TCP", _TCP, "TCP", "STARTED"),
)


def endpoints(_session: EngineSession, _database: str) -> Iterator[Row]:
    for number, name, protocol, description, state in _SYSTEM:
        yield {
            "name": name, "endpoint_id": number, "principal_id": 1, "protocol": protocol, "protocol_desc": description,
            "type": 2, "type_desc": "TSQL", "state": 0, "state_desc": state, "is_admin_endpoint": number == 1,
        }  # fmt: skip


def tcp_endpoints(session: EngineSession, database: str) -> Iterator[Row]:
    """The port of a system endpoint is 0, as documented: it is a setting of the network, not of the endpoint."""
    for row in endpoints(session, database):
        if row["protocol"] == _TCP:
            yield {**row, "port": 0, "is_dynamic_port": row["is_admin_endpoint"], "ip_address": None}
