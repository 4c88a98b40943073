# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""RESTORE DATABASE, RESTORE LOG, RESTORE ... WITH RECOVERY."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from simulator.engine import spread
from simulator.engine.boot import RESTORING, STANDBY, MoreFile
from simulator.engine.database import Database
from simulator.engine.events import Message, SqlError
from simulator.engine.facts import Device, InstanceFacts, Progress, RestoreOptions, RestoreResult, no_progress
from simulator.engine.log_file import LogFile
from simulator.engine.log_record import BadRecord
from simulator.engine.messages import error, message
from simulator.engine.restore_boot import begin_new, bring_online, take_over
from simulator.engine.restore_media import BackupSetOnMedia, RestoreMedia
from simulator.engine.restore_rows import file_list_rows, header_rows, label_row, verify
from simulator.engine.restore_rules import (
    Surroundings,
    Target,
    check_differential,
    check_log,
    check_overwrite,
    check_roll_forward,
    check_set,
    check_space,
    plan_files,
    plan_new_files,
)
from simulator.engine.restore_work import RestoreWork

__all__ = ["file_list_rows", "header_rows", "label_row", "recover", "restore_database", "restore_log", "verify"]


@contextmanager
def _statement(words: str) -> Iterator[None]:
    """Every failure ends with 3013."""
    try:
        yield
    except SqlError as problem:
        raise SqlError(*problem.messages, message(3013, words)) from None


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
    on_progress: Progress = no_progress,
) -> RestoreResult:
    """RESTORE DATABASE from a full or differential backup.

    ``register`` is called with the new object (state RESTORING, replacing ``existing``) once everything is checked and
    before the first page is written: note it in the catalog there, so that a kill leaves a RESTORING database.
    ``resolve`` maps a physical name to the real path; ``used_by`` names the other database that owns a file (1834).
    The caller checks 3101 / 3102 and permissions first.
    """
    with _statement("RESTORE DATABASE"), RestoreMedia(devices) as media:
        backup = media.set_at(options.position)
        check_set(backup, options, facts)
        if backup.configuration.kind == "D":
            check_overwrite(existing, backup.configuration, options)
            targets = plan_files(backup.configuration, existing, options, Surroundings(resolve, used_by))
            check_space(targets, facts)
            check_contents(backup)
            work = RestoreWork(backup, options, on_progress)
            work.check_stop_point()
            database = _replace(name, existing, backup, targets, facts, database_id=database_id)
            register(database)
            return _restore_full(database, existing, work)
        if backup.configuration.kind == "I":
            target = check_roll_forward(existing, name, backup, options)
            check_differential(target.boot, backup.configuration)
            assert existing is not None
            around = Surroundings(resolve, used_by)
            new_files = plan_new_files(backup.configuration, existing, options, around)
            return _restore_differential(existing, RestoreWork(backup, options, on_progress), new_files)
        if existing is None:
            raise error(3118, name)
        raise error(3135, backup.device.name, "BACKUP LOG")


def restore_log(
    database: Database | None,
    name: str,
    devices: Sequence[Device],
    options: RestoreOptions,
    facts: InstanceFacts,
    *,
    resolve: Callable[[str], Path] = Path,
    used_by: Callable[[Path], str | None] = lambda _path: None,
    on_progress: Progress = no_progress,
) -> RestoreResult:
    """RESTORE LOG (a differential goes through restore_database)."""
    with _statement("RESTORE LOG"), RestoreMedia(devices) as media:
        backup = media.set_at(options.position)
        check_set(backup, options, facts)
        if backup.configuration.kind != "L":
            raise error(3135, backup.device.name, "BACKUP DATABASE")
        check_roll_forward(database, name, backup, options)
        assert database is not None
        check_log(database.boot, backup.configuration)
        work = RestoreWork(backup, options, on_progress)
        if options.stop_at and database.boot.rolled_to and options.stop_at < database.boot.rolled_to:
            raise error(4335)
        work.check_log_bytes()
        new_files = plan_new_files(backup.configuration, database, options, Surroundings(resolve, used_by))
        _begin_step(database, backup, new_files)
        try:
            redo = work.roll_log(database)
        except BadRecord:
            raise error(3189) from None
        take_over(database.boot, backup.configuration, redo)
        return _finish(database, work, stop_missed=bool(work.stop) and not redo.stopped)


def recover(database: Database | None, name: str, standby: Path | None = None) -> RestoreResult:
    """RESTORE DATABASE name WITH RECOVERY (or STANDBY), without a device."""
    with _statement("RESTORE DATABASE"):
        if database is None:
            raise error(3118, name)
        boot = database.boot
        if boot.state not in (RESTORING, STANDBY):
            raise error(3153)
        if boot.restoring or boot.redo is None:
            raise error(4331)
        work = RestoreWork(None, RestoreOptions(standby=standby), no_progress)
        return _finish(database, work)


def check_contents(backup: BackupSetOnMedia) -> None:
    """The pages of a real SQL Server mean nothing here: its backups are refused before anything is touched."""
    for pages in backup.pages(lambda _bytes: None, checked=False):
        if not bytes(pages[0][96:112]).startswith(b"SQLite format 3\0"):
            raise error(3255, backup.device.name)
        return
    raise error(3255, backup.device.name)


def _replace(
    name: str,
    existing: Database | None,
    backup: BackupSetOnMedia,
    targets: tuple[Target, ...],
    facts: InstanceFacts,
    *,
    database_id: int,
) -> Database:
    """The database as it will be: RESTORING, with the backup's identity and nothing restored yet."""
    kinds = [entry.kind for entry in backup.configuration.files]
    data, log = targets[kinds.index(1)], targets[kinds.index(2)]
    clock = facts.clock or (existing.clock if existing else None)
    if clock is None:
        raise ValueError("the instance has no clock")
    if existing is not None:
        existing.close()
    boot = begin_new(name, backup, targets, clock())
    database = Database(
        boot, data.path, log.path, clock=clock, database_id=database_id, utc_offset=facts.utc_offset or timedelta(0)
    )
    database.save()
    return database


def _restore_full(database: Database, existing: Database | None, work: RestoreWork) -> RestoreResult:
    if existing is not None:
        existing.delete_files(keep=database.paths)
    spread.create(database.boot.more_files)
    LogFile.create(database.log_file, 0).close()  # a place-holder until recovery begins the new log
    redo = work.write_all_pages(database)
    take_over(database.boot, work.configuration, redo)
    return _finish(database, work)


def _restore_differential(database: Database, work: RestoreWork, new_files: list[MoreFile]) -> RestoreResult:
    _begin_step(database, work.backup, new_files)
    redo = work.write_changed_pages(database)
    take_over(database.boot, work.configuration, redo)
    return _finish(database, work)


def _begin_step(database: Database, backup: BackupSetOnMedia | None, new_files: list[MoreFile]) -> None:
    """From here on the files are between two points: a kill leaves that on record."""
    assert backup is not None
    missing = spread.lost(database.boot, database.data_file)
    if missing:
        raise error(5120, missing, 2, "The system cannot find the file specified.")
    spread.create(new_files)
    database.boot.more_files += new_files
    database.close_connections()
    database.boot.state = RESTORING
    database.boot.restoring = backup.guid
    database.save()


def _finish(database: Database, work: RestoreWork, *, stop_missed: bool = False) -> RestoreResult:
    """NORECOVERY, STANDBY or RECOVERY; a stop point that is not reached keeps the database restoring."""
    boot, options = database.boot, work.options
    messages: tuple[Message, ...] = tuple(work.messages)
    database.close_connections()
    boot.restoring = ""
    boot.damaged = boot.damaged or work.damaged
    _drop_standby_file(database)
    spread.copy_out(boot, database.data_file)
    boot.state = RESTORING
    if options.standby is not None:
        boot.state, boot.standby_file = STANDBY, str(options.standby)
        options.standby.write_text(f"{boot.redo}\n", "utf-8")
    elif options.recovery and stop_missed:
        messages += (message(4329 if work.stop.mark else 4322),)
    elif options.recovery:
        database.save()
        bring_online(database)
        if database.problem:
            raise error(3167, database.name)
    database.save()
    return work.result(database, messages)


def _drop_standby_file(database: Database) -> None:
    if database.boot.standby_file:
        Path(database.boot.standby_file).unlink(missing_ok=True)
        database.boot.standby_file = None
