# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The boot record: what a database must never forget, written anew and put in place at once.

It stands beside the log, so that a database whose data is lost still knows enough for the tail of its log.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

FULL, BULK_LOGGED, SIMPLE = "FULL", "BULK_LOGGED", "SIMPLE"
ONLINE, RESTORING, STANDBY, OFFLINE = "ONLINE", "RESTORING", "STANDBY", "OFFLINE"


def new_guid() -> str:
    return str(uuid.uuid4())


@dataclass
class Fork:
    """A recovery fork; ``point`` is the log position at which it left the fork before it (None: the first)."""

    guid: str
    point: int | None = None


@dataclass
class MoreFile:
    """A data file besides the first."""

    file_id: int
    name: str
    physical_name: str  # as people see it
    path: str
    guid: str = field(default_factory=new_guid)


@dataclass
class Boot:
    """Positions are log positions. ``log_chain_origin`` None: no log chain, the log keeps nothing."""

    name: str
    create_date: datetime
    data_file: str  # physical names, as people see them
    log_file: str
    data_name: str
    log_name: str
    recovery_model: str = FULL
    state: str = ONLINE
    family_guid: str = field(default_factory=new_guid)
    database_guid: str = field(default_factory=new_guid)
    data_file_guid: str = field(default_factory=new_guid)
    log_file_guid: str = field(default_factory=new_guid)
    forks: list[Fork] = field(default_factory=list)  # the current one first
    log_chain_origin: int | None = None
    last_log_backup: int | None = None
    database_backup: int | None = None  # start of the last full backup
    base: int | None = None
    base_guid: str | None = None
    base_time: datetime | None = None
    last_checkpoint: int = 0
    changed: str = ""  # pages changed since the base, as of changed_as_of
    changed_as_of: int = 0
    redo: int | None = None  # while RESTORING or STANDBY: the next record to roll forward
    restoring: str = ""  # "full", or the GUID of the set whose restore has begun and not ended
    rolled_to: datetime | None = None  # commit time of the last transaction rolled forward, by its server's clock
    damaged: bool = False  # a restore went on after an error
    standby_file: str | None = None
    compatibility_level: int = 150
    page_verify: str = "CHECKSUM"
    is_read_only: bool = False
    user_access: str = "MULTI_USER"
    more_files: list[MoreFile] = field(default_factory=list)
    scattered: bool = False  # see spread.py
    collation: str = "SQL_Latin1_General_CP1_CI_AS"

    @property
    def fork(self) -> str:
        return self.forks[0].guid

    @property
    def keeps_log(self) -> bool:
        """Without a log chain FULL behaves like SIMPLE: checkpoints truncate."""
        return self.recovery_model != SIMPLE and self.last_log_backup is not None


def boot_path(log_file: Path) -> Path:
    return log_file.with_name(log_file.name + ".boot")


def load_boot(log_file: Path) -> Boot:
    values: dict[str, Any] = json.loads(boot_path(log_file).read_text("utf-8"))
    known = {one.name for one in fields(Boot)}
    values = {name: value for name, value in values.items() if name in known}
    values["forks"] = [Fork(**one) for one in values["forks"]]
    values["more_files"] = [MoreFile(**one) for one in values.get("more_files", ())]
    for name in ("create_date", "base_time", "rolled_to"):
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name])
    return Boot(**values)


def save_boot(boot: Boot, log_file: Path) -> None:
    path = boot_path(log_file)
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(asdict(boot), default=datetime.isoformat), "utf-8")
    os.replace(new, path)
