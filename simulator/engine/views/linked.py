# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""This server, and the linked servers that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

Row = dict[str, Any]
_OFF = dict.fromkeys(
    ("is_collation_compatible", "lazy_schema_validation", "is_system", "is_publisher", "is_subscriber",
     "is_distributor", "is_nonsql_subscriber"), False,
)  # fmt: skip


def servers(session: EngineSession, _database: str) -> Iterator[Row]:
    instance = session.instance
    yield _row(0, instance.name, {"srvproduct": "SQL Server", "datasrc": instance.name}, datetime(2026, 1, 1))
    for number, (name, values) in enumerate(sorted(instance.state.linked_servers.items()), 1):
        yield _row(number, name, values, datetime.fromisoformat(values["modified"]))


def _row(number: int, name: str, values: dict[str, Any], modified: datetime) -> Row:
    product = values.get("srvproduct") or ""
    return {
        **_OFF, "server_id": number, "name": name, "product": product, "provider": values.get("provider") or "SQLNCLI",
        "data_source": values.get("datasrc") or (name if product == "SQL Server" else None),
        "location": values.get("location"), "provider_string": values.get("provstr"), "catalog": values.get("catalog"),
        "connect_timeout": 0, "query_timeout": 0, "is_linked": number > 0, "is_remote_login_enabled": number == 0,
        "is_rpc_out_enabled": number == 0, "is_data_access_enabled": number > 0, "uses_remote_collation": True,
        "is_remote_proc_transaction_promotion_enabled": True, "modify_date": modified,
    }  # fmt: skip
