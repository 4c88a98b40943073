# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Five weeks of backups that the simulated SQL Server took, on a store with what does not belong there."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.local_files import reading
from ansible_collections.ics.deadpool.plugins.module_utils.clients.prune_task import prune
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_history import BackupHistory
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.recoverable import recoverable
from ansible_collections.ics.deadpool.plugins.modules import ftp_prune

from tests.simulator.engine.storage.ward import Ward

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)


def take(folder: Path) -> Path:
    """A full each week for five weeks until an hour ago, with a differential and two logs after each."""
    ward = Ward(folder)
    for age in range(29, -1, -1):
        ward.clock.now = NOW - age * DAY - timedelta(hours=1)
        ward.admit()
        kind = {1: "full", 2: "log", 4: "differential", 6: "log"}.get((29 - age) % 7 + 1)
        if kind:
            ward.backup(kind, f"{29 - age:02}_{kind}.bak", checksum=True)
    ward.close()
    for file in folder.glob("*.bak"):
        file.with_name(f"{file.name}.sha256").write_text(f"{'0' * 64}  {file.name}\n")
    return folder


def old_store(taken: Path, top: Path) -> Path:
    """A store of its own below ``top``; returns the folder of the backups."""
    made = top / "HIS01/Ward"
    made.mkdir(parents=True)
    for file in [*taken.glob("*.bak"), *taken.glob("*.sha256")]:
        arrived = (NOW - (29 - int(file.name[:2])) * DAY).timestamp()
        os.utime(shutil.copy(file, made), (arrived, arrived))
    (made / "todo.txt").write_text("todo")
    for name, age in (("new.bak.part", 0), ("old.bak.part", 3)):
        (made / name).write_text("half")
        when = (NOW - age * DAY).timestamp()
        os.utime(made / name, (when, when))
    return made


def run(params: dict[str, Any], *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    defaults = {name: row.get("default") for name, row in ftp_prune.ARGUMENT_SPEC.items()}
    return prune({**defaults, **params, **options}, check_mode)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def first_instant(folder: Path) -> datetime:
    """From when on every instant up to the last backup can be restored, by the files that are left."""
    sets = []
    for file in folder.glob("*.bak"):
        with reading(str(file)) as read:
            sets += read_backup_file(read, file.stat().st_size, str(file)).sets
    windows = recoverable(BackupHistory(sets), "Ward").windows
    assert windows[-1].end >= NOW - 2 * DAY
    return windows[-1].start
