# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that mssql_info tells of a server, subset by subset."""

from __future__ import annotations

from datetime import datetime, timezone, tzinfo
from typing import Any, Callable

from ..recovery import tsql
from ..recovery.errors import InvalidInput, StatementFailed
from ..recovery.in_step import among
from .mssql import Row, Server
from .mssql_state import PAGE, backup_sets, database_states, iso, named, state_name

SUBSETS = ("server", "databases", "volumes", "sessions", "logins", "backups", "jobs", "certificates")
#: master, tempdb, model and msdb have the first four ids.
_SYSTEM = 4


def facts(server: Server, subsets: list[str], wanted: list[str] | None) -> dict[str, Any]:
    """The subsets asked for; ``wanted`` limits what is told to some databases."""
    _now, zone = server.clock()
    chosen = SUBSETS if "all" in subsets else [subset for subset in SUBSETS if subset in subsets]
    result: dict[str, Any] = {}
    for subset in chosen:
        result.update(_READERS[subset](server, zone, wanted))
    return result


def _server(server: Server, zone: tzinfo, _wanted: list[str] | None) -> dict[str, Any]:
    row = server.query(tsql.server_properties())[0]
    now, _zone = server.clock()
    asked_at = datetime.now(timezone.utc)
    offset = now.utcoffset()
    facts = {
        "server_name": row["ServerName"],
        "machine_name": row["MachineName"],
        "instance_name": row["InstanceName"],
        "version": row["ProductVersion"],
        "product_level": row["ProductLevel"],
        "edition": row["Edition"],
        "collation": row["Collation"],
        "description": row["Version"],
        "platform": "Linux" if "linux" in row["Version"].lower() else "Windows",
        "default_data_directory": row["InstanceDefaultDataPath"],
        "default_log_directory": row["InstanceDefaultLogPath"],
        "default_backup_directory": row["InstanceDefaultBackupPath"],
        "local_time": now.isoformat(),
        "asked_at": asked_at.isoformat(),
        "utc_offset_minutes": int(offset.total_seconds() // 60) if offset is not None else 0,
    }
    return {"server": facts}


def _databases(server: Server, zone: tzinfo, wanted: list[str] | None) -> dict[str, Any]:
    rows = _chosen(server.query(tsql.databases()), wanted, server.where)
    files = server.query(tsql.database_files())
    states = database_states(server, rows, files, zone)
    return {
        "databases": [_database(row, files, zone) for row in rows],
        "database_states": {name: state.to_dict() for name, state in states.items()},
    }


def _chosen(rows: list[Row], wanted: list[str] | None, where: str) -> list[Row]:
    if wanted is None:
        return rows
    missing = [name for name in wanted if named(rows, name) is None]
    if missing:
        there = ", ".join(row["name"] for row in rows if row["database_id"] > _SYSTEM) or "none"
        raise InvalidInput(f"{where}: there is no database {', '.join(missing)}.", hint=f"There are: {there}.")
    return [row for row in rows if any(named([row], name) for name in wanted)]


def _database(row: Row, files: list[Row], zone: tzinfo) -> dict[str, Any]:
    own = [_file(file) for file in files if file["database_id"] == row["database_id"]]
    kept = {key: value for key, value in row.items() if key not in ("state_desc", "recovery_model_desc", "create_date")}
    return {
        **kept,
        "state": state_name(row),
        "recovery_model": row["recovery_model_desc"],
        "create_date": iso(row["create_date"], zone),
        "is_system": row["database_id"] <= _SYSTEM,
        "files": own,
        "size": sum(file["size"] for file in own),
    }


def _file(file: Row) -> dict[str, Any]:
    limit = file["max_size"]
    return {
        "file_id": file["file_id"],
        "type": file["type_desc"],
        "logical_name": file["name"],
        "physical_name": file["physical_name"],
        "state": file["state_desc"],
        "size": int(file["size"] or 0) * PAGE,
        "max_size": limit * PAGE if limit and limit > 0 else None,  # -1: until the disk is full
    }


def _volumes(server: Server, _zone: tzinfo, _wanted: list[str] | None) -> dict[str, Any]:
    return {"volumes": server.query(tsql.volumes())}


def _sessions(server: Server, zone: tzinfo, wanted: list[str] | None) -> dict[str, Any]:
    if not server.query(tsql.may_see_sessions())[0]["allowed"]:
        raise StatementFailed(
            f"{server.where}: this login may not see the sessions of others, an empty answer would prove nothing.",
            hint="Grant the login VIEW SERVER STATE, or leave the subset sessions out.",
        )
    rows = server.query(tsql.sessions())
    if wanted is not None:
        rows = [row for row in rows if row["database_name"] and among(row["database_name"], wanted)]
    return {"sessions": [_with_times(row, zone, "login_time", "last_request_end_time") for row in rows]}


def _with_times(row: Row, zone: tzinfo, *names: str) -> Row:
    return {**row, **{name: iso(row[name], zone) for name in names}}


def _logins(server: Server, zone: tzinfo, _wanted: list[str] | None) -> dict[str, Any]:
    return {"logins": [_with_times(row, zone, "create_date") for row in server.query(tsql.logins())]}


def _backups(server: Server, zone: tzinfo, wanted: list[str] | None) -> dict[str, Any]:
    sets = backup_sets(server.query(tsql.last_backups()), zone)
    chosen = [one for one in sets if wanted is None or among(one["database_name"], wanted)]
    return {"last_backups": chosen}


def _jobs(server: Server, _zone: tzinfo, _wanted: list[str] | None) -> dict[str, Any]:
    return {"jobs": [{**row, "enabled": bool(row["enabled"])} for row in server.query(tsql.jobs())]}


def _certificates(server: Server, zone: tzinfo, _wanted: list[str] | None) -> dict[str, Any]:
    rows = server.query(tsql.certificates())
    told = [
        {
            "name": row["name"],
            "thumbprint": row["thumbprint"],
            "expiry_date": iso(row["expiry_date"], zone),
            "has_private_key": row["pvt_key_encryption_type_desc"] != "NO_PRIVATE_KEY",
        }
        for row in rows
    ]
    return {"certificates": told}


_READERS: dict[str, Callable[[Server, tzinfo, Any], dict[str, Any]]] = {
    "server": _server,
    "databases": _databases,
    "volumes": _volumes,
    "sessions": _sessions,
    "logins": _logins,
    "backups": _backups,
    "jobs": _jobs,
    "certificates": _certificates,
}
