# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a backup file holds, as the store and the judge want to know it: a few columns of RESTORE HEADERONLY, read from
the bytes by the simulator's own reader of media."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from simulator.engine.facts import Device
from simulator.engine.restore import header_rows

#: RESTORE HEADERONLY's BackupType.
_TYPES = {1: "full", 2: "log", 5: "differential"}


def backup_sets(path: Path) -> list[dict[str, Any]]:
    """The sets of one file, in order; LSNs as text, times in ISO 8601 with the offset of the server's clock."""
    return [_facts(row) for row in header_rows([Device.disk(path)])]


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    zone = timezone(timedelta(minutes=15 * int(row["BackupTimeZone"] if row.get("BackupTimeZone") is not None else 0)))
    return {
        "database": row["DatabaseName"],
        "server": row["ServerName"],
        "type": _TYPES.get(row["BackupType"], str(row["BackupType"])),
        "copy_only": bool(row["IsCopyOnly"]),
        "start": _instant(row["BackupStartDate"], zone),
        "finish": _instant(row["BackupFinishDate"], zone),
        "first_lsn": str(row["FirstLSN"]),
        "last_lsn": str(row["LastLSN"]),
        "checkpoint_lsn": str(row["CheckpointLSN"]),
        "database_backup_lsn": str(row["DatabaseBackupLSN"]),
    }


def _instant(value: datetime, zone: timezone) -> str:
    return (value if value.tzinfo else value.replace(tzinfo=zone)).isoformat()
