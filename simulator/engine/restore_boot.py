# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a restore changes what a database knows of itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from simulator.engine import lsn
from simulator.engine.boot import BULK_LOGGED, FULL, ONLINE, RESTORING, SIMPLE, Boot, Fork, new_guid
from simulator.engine.changed_pages import ChangedPages
from simulator.engine.log_file import LogFile
from simulator.engine.redo import Redo
from simulator.engine.restore_media import BackupSetOnMedia
from simulator.engine.restore_rules import Target, more_file
from simulator.media.configuration import PAGE_CHECKSUM, TORN_PAGE, Configuration
from simulator.media.label import COPY_ONLY, UNKNOWN_ZONE
from simulator.media.rows import recovery_model

if TYPE_CHECKING:
    from simulator.engine.database import Database

_MODELS = {"FULL": FULL, "BULK-LOGGED": BULK_LOGGED, "SIMPLE": SIMPLE}


def begin_new(name: str, backup: BackupSetOnMedia, targets: Sequence[Target], now: datetime) -> Boot:
    """The boot record of a database that a full backup is about to be restored to; one target for each file."""
    configuration = backup.configuration
    pairs = list(zip(configuration.files, targets, strict=True))
    (data, data_target), *more = [pair for pair in pairs if pair[0].kind == 1]
    log, log_target = next(pair for pair in pairs if pair[0].kind == 2)
    boot = Boot(
        name=name,
        create_date=now,
        data_file=data_target.physical_name,
        log_file=log_target.physical_name,
        more_files=[more_file(*pair) for pair in more],
        data_name=data.logical_name,
        log_name=log.logical_name,
        state=RESTORING,
        restoring="full",
        family_guid=configuration.family_guid or new_guid(),
        data_file_guid=data.unique_id or new_guid(),
        log_file_guid=log.unique_id or new_guid(),
        forks=_forks(configuration),
    )
    first = lsn.position(configuration.first_lsn or 0)
    boot.database_backup = first
    # A copy-only backup is nobody's base: differentials do not fit it.
    if not backup.first.header.attributes & COPY_ONLY:
        boot.base, boot.base_guid = first, backup.guid
        boot.base_time = _utc(configuration.start_date, backup.first.header.time_zone)
    _settings(boot, configuration)
    return boot


def _utc(local: datetime | None, quarters: int) -> datetime | None:
    if local is None or quarters == UNKNOWN_ZONE:
        return None
    return datetime.fromtimestamp(local.replace(tzinfo=timezone.utc).timestamp() - quarters * 900, timezone.utc)


def _forks(configuration: Configuration) -> list[Fork]:
    point = configuration.previous_fork_lsn
    forks = [Fork(configuration.fork_id or new_guid(), None if point is None else lsn.position(point))]
    if configuration.previous_fork_id:
        forks.append(Fork(configuration.previous_fork_id))
    return forks


def _settings(boot: Boot, configuration: Configuration) -> None:
    """What travels inside the database."""
    boot.recovery_model = _MODELS[recovery_model(configuration.status)]
    boot.compatibility_level = configuration.compatibility_level
    origin = configuration.chain_origin
    boot.log_chain_origin = None if origin is None else lsn.position(origin)
    verify = "TORN_PAGE_DETECTION" if configuration.status & TORN_PAGE else "NONE"
    boot.page_verify = "CHECKSUM" if configuration.status & PAGE_CHECKSUM else verify


def take_over(boot: Boot, configuration: Configuration, redo: Redo) -> None:
    """After a step: where the database stands now, on which fork, and with the settings it had there."""
    boot.redo = redo.position
    boot.rolled_to = redo.rolled_to or boot.rolled_to
    boot.changed, boot.changed_as_of = redo.changed.to_text(), redo.position
    if configuration.fork_id != boot.fork:
        boot.forks = _forks(configuration)
    boot.last_checkpoint = lsn.position(configuration.checkpoint_lsn or 0)
    _settings(boot, configuration)


def bring_online(database: Database) -> None:
    """Recovery: the database goes its own way from here, on a new recovery fork."""
    boot = database.boot
    assert boot.redo is not None
    point = boot.redo
    LogFile.create(database.log_file, point).close()
    boot.forks = [Fork(new_guid(), point), *boot.forks]
    boot.database_guid = new_guid()
    boot.last_log_backup = None if boot.recovery_model == SIMPLE or boot.log_chain_origin is None else point
    boot.changed_as_of = point
    boot.redo = boot.rolled_to = None
    boot.state = ONLINE
    database.save()
    database.start()


def changed_pages(boot: Boot) -> ChangedPages:
    return ChangedPages.from_text(boot.changed)
