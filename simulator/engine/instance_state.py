# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the instance itself must remember: its databases, logins and configuration. One file, replaced whole."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulator.engine.certificates import Certificate
from simulator.engine.logins import Login

# name: (configuration_id, default, minimum, maximum, is_dynamic, is_advanced, description)
CONFIGURATION: dict[str, tuple[int, int, int, int, int, int, str]] = {
    "Ad Hoc Distributed Queries": (16391, 0, 0, 1, 1, 1, "Enable or disable Ad Hoc Distributed Queries"),
    "Agent XPs": (16384, 1, 0, 1, 1, 1, "Enable or disable Agent XPs"),  # SQL Server Agent turns them on
    "Database Mail XPs": (16386, 0, 0, 1, 1, 1, "Enable or disable Database Mail XPs"),
    "Ole Automation Procedures": (16388, 0, 0, 1, 1, 1, "Enable or disable Ole Automation Procedures"),
    "SMO and DMO XPs": (16387, 1, 0, 1, 1, 1, "Enable or disable SMO and DMO XPs"),
    "automatic soft-NUMA disabled": (1585, 0, 0, 1, 0, 1, "Automatic soft-NUMA is enabled by default"),
    "blocked process threshold (s)": (1569, 0, 0, 86400, 1, 1, "Blocked process reporting threshold"),
    "clr strict security": (1587, 1, 0, 1, 1, 1, "CLR strict security enabled in the server"),
    "contained database authentication": (16393, 0, 0, 1, 1, 0, "Enables contained databases and their authentication"),
    "cross db ownership chaining": (400, 0, 0, 1, 1, 0, "Allow cross db ownership chaining"),
    "in-doubt xact resolution": (1570, 0, 0, 2, 1, 1, "Recovery policy for DTC transactions with unknown outcome"),
    "lightweight pooling": (1546, 0, 0, 1, 0, 1, "User mode scheduler uses lightweight pooling"),
    "nested triggers": (115, 1, 0, 1, 1, 0, "Allow triggers to be invoked within triggers"),
    "network packet size (B)": (505, 4096, 512, 32767, 1, 1, "Network packet size"),
    "optimize for ad hoc workloads": (1581, 0, 0, 1, 1, 1, "Optimize the plan cache for ad hoc workloads"),
    "priority boost": (1517, 0, 0, 1, 0, 1, "Priority boost"),
    "query governor cost limit": (1545, 0, 0, 2147483647, 1, 1, "Maximum estimated cost allowed by query governor"),
    "scan for startup procs": (1547, 0, 0, 1, 0, 1, "scan for startup stored procedures"),
    "server trigger recursion": (116, 1, 0, 1, 1, 0, "Allow recursion for server level triggers"),
    "two digit year cutoff": (1127, 2049, 1753, 9999, 1, 1, "two digit year cutoff"),
    "allow updates": (102, 0, 0, 1, 1, 0, "Allow updates to system tables"),
    "backup checksum default": (1584, 0, 0, 1, 1, 0, "Enable checksum of backups by default"),
    "backup compression default": (1579, 0, 0, 1, 1, 0, "Enable compression of backups by default"),
    "clr enabled": (1562, 0, 0, 1, 1, 0, "CLR user code execution enabled in the server"),
    "cost threshold for parallelism": (1538, 5, 0, 32767, 1, 1, "cost threshold for parallelism"),
    "default trace enabled": (1568, 1, 0, 1, 1, 1, "Enable or disable the default trace"),
    "fill factor (%)": (109, 0, 0, 100, 0, 1, "Default fill factor percentage"),
    "max degree of parallelism": (1539, 0, 0, 32767, 1, 1, "maximum degree of parallelism"),
    "max server memory (MB)": (1544, 2147483647, 128, 2147483647, 1, 1, "Maximum size of server memory (MB)"),
    "media retention": (1537, 0, 0, 365, 1, 1, "Tape retention period in days"),
    "min server memory (MB)": (1543, 0, 0, 2147483647, 1, 1, "Minimum size of server memory (MB)"),
    "recovery interval (min)": (101, 0, 0, 32767, 1, 1, "Maximum recovery interval in minutes"),
    "remote access": (117, 1, 0, 1, 0, 0, "Allow remote access"),
    "remote admin connections": (1576, 0, 0, 1, 1, 0, "Dedicated Admin Connections are allowed from remote clients"),
    "remote login timeout (s)": (1519, 10, 0, 2147483647, 1, 0, "remote login timeout"),
    "remote query timeout (s)": (1520, 600, 0, 2147483647, 1, 0, "remote query timeout"),
    "show advanced options": (518, 0, 0, 1, 1, 0, "show advanced options"),
    "user connections": (103, 0, 0, 32767, 0, 1, "Number of user connections allowed"),
    "xp_cmdshell": (16390, 0, 0, 1, 1, 1, "Enable or disable command shell"),
}


@dataclass
class DatabaseEntry:
    """Where a database lies, and whose it is. All else is in the database's own boot record."""

    database_id: int
    name: str
    data_file: str
    log_file: str
    owner_sid: str


@dataclass
class State:
    name: str
    service_broker_guid: str = field(default_factory=lambda: str(uuid.uuid4()))
    databases: dict[int, DatabaseEntry] = field(default_factory=dict)
    logins: dict[int, Login] = field(default_factory=dict)
    configured: dict[str, int] = field(default_factory=dict)  # as sp_configure left it
    running: dict[str, int] = field(default_factory=dict)  # as RECONFIGURE took it over
    next_principal: int = 256
    master_key: str = ""  # of master: a hash of its password
    certificates: dict[int, Certificate] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)  # logical backup devices: name and file
    linked_servers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def value(self, option: str) -> int:
        return self.running.get(option, CONFIGURATION[option][1])


def load(path: Path) -> State | None:
    if not path.exists():
        return None
    body: dict[str, Any] = json.loads(path.read_text("utf-8"))
    databases = {int(key): DatabaseEntry(**entry) for key, entry in body.pop("databases").items()}
    logins = {int(key): Login(**_tuples(entry)) for key, entry in body.pop("logins").items()}
    certificates = {int(key): Certificate(**entry) for key, entry in body.pop("certificates", {}).items()}
    return State(**body, databases=databases, logins=logins, certificates=certificates)


def save(state: State, path: Path) -> None:
    """A kill leaves the old file or the new one, never half of either."""
    scratch = path.with_suffix(".new")
    with scratch.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.chmod(0o600)
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _tuples(body: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}
