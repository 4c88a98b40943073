# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the target server has under the name that is to be restored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from .restore_step import known_values, moment, plain

#: states in which RESTORE may go on where it stopped
RESTORABLE = ("RESTORING", "STANDBY")


@dataclass(frozen=True)
class DatabaseState:
    """One database of the target server; ``state`` "absent" when there is none.

    Where each value comes from:

    - ``state``: sys.databases.state_desc; "STANDBY" where is_in_standby = 1 (its state_desc says ONLINE).
    - ``create_date``: sys.databases.create_date; a RESTORE that creates or replaces the database sets it anew.
    - ``redo_start_lsn``, ``redo_start_fork_guid``, ``differential_base_lsn``, ``differential_base_guid``:
      sys.master_files, the file with file_id 1. ``differential_base_guid`` also says which full a RESTORING database
      was begun with.
    - ``family_guid``, ``database_guid``, ``recovery_fork_guid``, ``fork_point_lsn``: sys.database_recovery_status
      (NULL while the database is not online, except where the server knows better).
    - ``last_restored_set_guid``, ``last_restored_at``, ``last_stop_at``, ``last_stop_at_mark``, ``last_stop_before``:
      the newest row of msdb.dbo.restorehistory for this destination_database_name (ORDER BY restore_history_id DESC),
      joined to msdb.dbo.backupset by backup_set_id for backup_set_uuid; columns restore_date, stop_at,
      stop_at_mark_name, stop_before. RESTORE DATABASE x WITH RECOVERY writes no row, so that after a whole plan the
      newest row is that of its last backup.
    - ``files``: sys.master_files as (physical_name, size in bytes).

    Times are the target server's local time: naive, or aware if the caller knows the offset; they are only compared
    with each other. GUIDs are compared without regard to case or braces.
    """

    state: str = "absent"
    name: str = ""
    create_date: datetime | None = None
    redo_start_lsn: int | None = None
    redo_start_fork_guid: str | None = None
    differential_base_lsn: int | None = None
    differential_base_guid: str | None = None
    family_guid: str | None = None
    database_guid: str | None = None
    recovery_fork_guid: str | None = None
    fork_point_lsn: int | None = None
    last_restored_set_guid: str | None = None
    last_restored_at: datetime | None = None
    last_stop_at: datetime | None = None
    last_stop_at_mark: str | None = None
    last_stop_before: bool | None = None
    files: tuple[tuple[str, int], ...] = ()

    @property
    def exists(self) -> bool:
        """Whether the server knows the name at all."""
        return self.state.lower() != "absent"

    @property
    def can_go_on(self) -> bool:
        """Whether the next log may be applied where the last RESTORE stopped."""
        return self.state.upper() in RESTORABLE and bool(self.redo_start_lsn)

    def to_dict(self) -> dict[str, Any]:
        """What JSON and Ansible carry."""
        return {key: plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DatabaseState:
        """The reverse of :meth:`to_dict`; LSNs may come as text, GUIDs in any spelling."""
        kept = known_values(cls, values)
        for key in ("create_date", "last_restored_at", "last_stop_at"):
            kept[key] = moment(kept.get(key))
        for key in ("redo_start_lsn", "differential_base_lsn", "fork_point_lsn"):
            kept[key] = int(kept[key]) if kept.get(key) else None
        for key in [name for name in kept if name.endswith("_guid")]:
            kept[key] = same_guid(kept[key])
        kept["files"] = tuple((str(path), int(size)) for path, size in kept.get("files") or ())
        return cls(**kept)


def same_guid(value: str | None) -> str | None:
    """A GUID in the spelling of the history: lower case, no braces; None for none or zero."""
    text = str(value or "").strip("{}").lower()
    return text if text.strip("0-") else None
