# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a backup file holds, as the store and the judge want to know it: a few columns of RESTORE HEADERONLY, read from
the bytes by the simulator's own reader of media."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from simulator.media.label import UNKNOWN_ZONE
from simulator.media.reader import MediaFile, MediaSet
from simulator.media.rows import header_row

#: RESTORE HEADERONLY's BackupType.
_TYPES = {1: "full", 2: "log", 5: "differential"}


def backup_sets(path: Path) -> list[dict[str, Any]]:
    """The sets of one file, in order; LSNs as text, times in ISO 8601 with the offset of the server's clock."""
    with MediaFile(path) as media:
        return [_facts(found) for found in media.sets]


def _facts(found: MediaSet) -> dict[str, Any]:
    row, quarters = header_row(found), found.header.time_zone
    if quarters == UNKNOWN_ZONE:
        raise ValueError("the backup does not say which clock its times are of")
    zone = timezone(timedelta(minutes=15 * quarters))
    return {
        "database": row["DatabaseName"],
        "server": row["ServerName"],
        "type": _TYPES.get(row["BackupType"], str(row["BackupType"])),
        "complete": found.complete,
        "copy_only": row["IsCopyOnly"],
        "start": _instant(row["BackupStartDate"], zone),
        "finish": _instant(row["BackupFinishDate"], zone),
        "first_lsn": str(row["FirstLSN"]),
        "last_lsn": str(row["LastLSN"]),
        "checkpoint_lsn": str(row["CheckpointLSN"]),
        "database_backup_lsn": str(row["DatabaseBackupLSN"]),
    }


def _instant(value: datetime | None, zone: timezone) -> str | None:
    return value.replace(tzinfo=zone).isoformat() if value else None
