# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What RESTORE refuses, and with which number."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator.engine import lsn
from simulator.engine.boot import RESTORING, SIMPLE, STANDBY, Boot, MoreFile, new_guid
from simulator.engine.database_core import DatabaseCore
from simulator.engine.events import SqlError
from simulator.engine.facts import InstanceFacts, RestoreOptions
from simulator.engine.messages import error, message
from simulator.engine.pages import FILE_ID
from simulator.engine.restore_media import BackupSetOnMedia
from simulator.media import configuration as bits
from simulator.media.configuration import Configuration, FileEntry

_NOT_FOUND = "2(The system cannot find the file specified.)"


@dataclass(frozen=True)
class Target:
    """Where a file of the backup goes: the path, and its name as people see it."""

    logical_name: str
    physical_name: str
    path: Path
    size: int


@dataclass(frozen=True)
class Surroundings:
    """What the instance knows and the storage does not."""

    resolve: Callable[[str], Path]
    used_by: Callable[[Path], str | None]


def check_set(backup: BackupSetOnMedia, options: RestoreOptions, facts: InstanceFacts) -> None:
    """Of any backup set: version, checksums asked for, damage on record."""
    configuration = backup.configuration
    if configuration.database_version > facts.database_version:
        theirs = f"{configuration.major}.{configuration.minor:02}.{configuration.build}"
        ours = f"{facts.version[0]}.{facts.version[1]:02}.{facts.version[2]}"
        raise error(3169, theirs, ours)
    if options.checksum and not configuration.flags & bits.HAS_CHECKSUMS:
        raise error(3187)
    if configuration.flags & bits.IS_DAMAGED and not options.continue_after_error:
        raise error(3182)


def check_overwrite(existing: DatabaseCore | None, backup: Configuration, options: RestoreOptions) -> None:
    """A full backup over a database that is there."""
    if existing is None or options.replace:
        return
    boot = existing.boot
    if boot.family_guid != backup.family_guid:
        raise error(3154, existing.name)
    in_restore = boot.state in (RESTORING, STANDBY)
    stops = options.stop_at or options.stop_at_mark or options.stop_before_mark
    if not in_restore and not existing.problem and boot.recovery_model != SIMPLE and not stops:
        raise error(3159, existing.name)


def plan_files(
    backup: Configuration, existing: DatabaseCore | None, options: RestoreOptions, around: Surroundings
) -> tuple[Target, ...]:
    """MOVE, and whether each file may be written where it is to go."""
    moves = _moves(backup, options)
    targets = []
    for entry in backup.files:
        name = moves.get(entry.logical_name.lower(), entry.physical_name)
        targets.append(Target(entry.logical_name, name, around.resolve(name), entry.size))
    for target in targets:
        _check_target(target, targets, existing, options, around)
    return tuple(targets)


def plan_new_files(
    backup: Configuration, database: DatabaseCore, options: RestoreOptions, around: Surroundings
) -> list[MoreFile]:
    """Data files that were added since the set before."""
    known = {FILE_ID, *(one.file_id for one in database.boot.more_files)}
    new = [entry for entry in backup.files if entry.kind == 1 and entry.file_id not in known]
    moves = _moves(backup, options)
    found = []
    for entry in new:
        name = moves.get(entry.logical_name.lower(), entry.physical_name)
        target = Target(entry.logical_name, name, around.resolve(name), entry.size)
        _check_target(target, [target], None, options, around)
        found.append(more_file(entry, target))
    return found


def more_file(entry: FileEntry, target: Target) -> MoreFile:
    guid = entry.unique_id or new_guid()
    return MoreFile(entry.file_id, entry.logical_name, target.physical_name, str(target.path), guid)


def _moves(backup: Configuration, options: RestoreOptions) -> Mapping[str, str]:
    known = {entry.logical_name.lower() for entry in backup.files}
    moves: dict[str, str] = {}
    for logical, physical in options.move:
        if logical.lower() not in known:
            raise error(3234, logical, backup.database_name)
        if logical.lower() in moves:
            raise error(4353, logical)
        moves[logical.lower()] = physical
    return moves


def _check_target(
    target: Target,
    targets: list[Target],
    existing: DatabaseCore | None,
    options: RestoreOptions,
    around: Surroundings,
) -> None:
    for number, other in enumerate(targets, 1):
        if other is not target and other.path == target.path:
            raise _planning(message(3176, target.physical_name, other.logical_name, number, target.logical_name, 0))
    where = message(3156, target.logical_name, target.physical_name)
    if not target.path.parent.is_dir():
        raise _planning(message(5133, target.physical_name, _NOT_FOUND), where)
    if target.path.is_dir():
        raise _planning(message(5133, target.physical_name, "5(Access is denied.)"), where)
    own = existing is not None and target.path in existing.paths
    owner = None if own else around.used_by(target.path)
    if owner is not None:
        raise _planning(message(1834, target.physical_name, owner), where)
    if target.path.exists() and not own and not options.replace:
        raise _planning(message(3142, target.logical_name, target.physical_name))


def _planning(*messages: object) -> SqlError:
    return SqlError(*messages, message(3119))  # type: ignore[arg-type]


def check_space(targets: tuple[Target, ...], facts: InstanceFacts) -> None:
    """Files are created at their full size before anything is restored."""
    for target in targets:
        there = target.path.stat().st_size if target.path.exists() else 0
        more = target.size - there
        room = facts.capacity(target.path)
        free = shutil.disk_usage(target.path.parent).free if room is None else room
        if more > free:
            raise _planning(message(3257, str(target.path.parent), more, free))


def check_roll_forward(
    database: DatabaseCore | None, name: str, backup: BackupSetOnMedia, options: RestoreOptions
) -> DatabaseCore:
    """A differential or a log: there must be a database that waits for it, on the same recovery path."""
    if database is None:
        raise error(3118, name)
    boot = database.boot
    if boot.state not in (RESTORING, STANDBY):
        raise error(3117)
    if (boot.restoring and boot.restoring != backup.guid) or boot.redo is None:
        raise error(4319, boot.data_name)
    if boot.damaged and not options.continue_after_error:
        raise error(4323)
    if boot.standby_file and not Path(boot.standby_file).exists():
        raise error(3441, name, database.database_id, boot.standby_file, _NOT_FOUND)
    return database


def check_differential(boot: Boot, backup: Configuration) -> None:
    if boot.family_guid != backup.family_guid or boot.base_guid != backup.differential_base_guid:
        raise error(3136)
    check_path(boot, backup)
    assert boot.redo is not None
    if lsn.position(backup.last_lsn or 0) < boot.redo:
        raise error(3120)


def check_log(boot: Boot, backup: Configuration) -> None:
    """The log must hold the next record to roll forward."""
    if boot.family_guid != backup.family_guid:
        raise error(4330)
    assert boot.redo is not None
    first, last = backup.first_lsn or 0, backup.last_lsn or 0
    redo = lsn.numeric(boot.redo)
    if first > redo:
        raise error(4305, first, redo)
    if last < redo:
        raise error(4326, last, redo)
    check_path(boot, backup)


def check_path(boot: Boot, backup: Configuration) -> None:
    """Recovery forks: the set must be on the database's, or leave it at a point not yet passed."""
    if backup.fork_id == boot.fork:
        return
    assert boot.redo is not None
    point = backup.previous_fork_lsn
    if backup.previous_fork_id == boot.fork and point is not None and boot.redo <= lsn.position(point):
        return
    raise error(4330)
