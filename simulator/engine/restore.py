# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""RESTORE DATABASE, RESTORE LOG, RESTORE ... WITH RECOVERY, VERIFYONLY, HEADERONLY, FILELISTONLY, LABELONLY.

Skeleton: signatures first, bodies follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from simulator.engine.database import Database
from simulator.engine.facts import Device, InstanceFacts, Progress, RestoreOptions, RestoreResult, no_progress

Row = Mapping[str, object]


def restore_database(
    name: str,
    existing: Database | None,
    devices: Sequence[Device],
    options: RestoreOptions,
    facts: InstanceFacts,
    *,
    database_id: int,
    register: Callable[[Database], None],
    resolve: Callable[[str], Path] = Path,
    used_by: Callable[[Path], str | None] = lambda _path: None,
    default_folders: tuple[str, str] | None = None,
    on_progress: Progress = no_progress,
) -> RestoreResult:
    """RESTORE DATABASE from a full or differential backup.

    ``register`` is called with the new object (state RESTORING, replacing ``existing``) once everything is checked and
    before the first page is written: note it in the catalog there, so that a kill leaves a RESTORING database.
    ``resolve`` maps a physical name to the real path; ``used_by`` names the other database that owns a file (1834).
    The caller checks 3101 / 3102 and permissions first.
    """
    raise NotImplementedError


def restore_log(
    database: Database | None,
    name: str,
    devices: Sequence[Device],
    options: RestoreOptions,
    facts: InstanceFacts,
    on_progress: Progress = no_progress,
) -> RestoreResult:
    """RESTORE LOG (a differential goes through restore_database)."""
    raise NotImplementedError


def recover(database: Database | None, name: str, standby: Path | None = None) -> RestoreResult:
    """RESTORE DATABASE name WITH RECOVERY (or STANDBY), without a device."""
    raise NotImplementedError


def header_rows(devices: Sequence[Device], position: int | None = None) -> tuple[Row, ...]:
    """RESTORE HEADERONLY: column names and Python values (int, str, UUID text, naive local datetime, bool, None)."""
    raise NotImplementedError


def file_list_rows(devices: Sequence[Device], position: int = 1) -> tuple[Row, ...]:
    """RESTORE FILELISTONLY."""
    raise NotImplementedError


def label_row(devices: Sequence[Device]) -> Row:
    """RESTORE LABELONLY."""
    raise NotImplementedError


def verify(
    devices: Sequence[Device],
    position: int,
    facts: InstanceFacts,
    *,
    checksum: bool | None = None,
    on_progress: Progress = no_progress,
) -> Row:
    """RESTORE VERIFYONLY: the header row of the set when the media is whole, else the documented error."""
    raise NotImplementedError
