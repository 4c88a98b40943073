# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The oracle: tries every sequence of the backups that are there, by SQL Server's rules: what can be reached at all?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet

from .hospital_life import Fork, Truth
from .restore_rules import Refused, Restoring, apply

SECOND = timedelta(seconds=1)


def whole(sets: list[BackupSet], unusable: Mapping[str, str]) -> list[BackupSet]:
    """One representative of each backup set all of whose families can be read."""
    groups: dict[tuple[str, int], dict[int, BackupSet]] = defaultdict(dict)
    for one in sets:
        if one.path not in unusable and one.complete:
            groups[(one.backup_set_guid, one.position)][one.family_sequence_number] = one
    return [group[min(group)] for group in groups.values() if len(group) == next(iter(group.values())).family_count]


def every_state(
    usable: list[BackupSet], truths: Mapping[str, Truth], allowed: Callable[[BackupSet], bool]
) -> list[Restoring]:
    """Every database that some sequence leads to. Logs may also be left where a fork begins."""
    points = sorted({truth.fork.point for truth in truths.values() if truth.fork.parent is not None})
    usable = [one for one in usable if allowed(one)]
    found: dict[object, Restoring] = {}
    ahead: list[Restoring] = []
    for one in usable:
        if one.backup_type == "full":
            ahead.append(apply(None, one, truths))
    while ahead:
        database = ahead.pop()
        if database.key in found:
            continue
        found[database.key] = database
        for one in usable:
            if one.backup_type == "full":
                continue
            stops: list[int | None] = [None, *points] if one.backup_type == "log" else [None]
            for stop in stops:
                try:
                    ahead.append(apply(database, one, truths, **({"stop_before": stop} if stop else {})))
                except Refused:
                    continue
    return list(found.values())


def forks(sets: list[BackupSet], truths: Mapping[str, Truth], name: str) -> list[tuple[datetime, datetime, Fork]]:
    """(first start, last start, fork) of the forks that were backed up under a name."""
    groups: dict[str, list[BackupSet]] = defaultdict(list)
    for one in sets:
        if one.database_name == name:
            groups[truths[one.backup_set_guid].fork.guid].append(one)
    return [
        (min(starts), max(starts), truths[group[0].backup_set_guid].fork)
        for group in groups.values()
        for starts in [[one.backup_start_date for one in group]]
    ]


def latest(sets: list[BackupSet], unusable: Mapping[str, str], truths: Mapping[str, Truth], name: str) -> int | None:
    """The highest LSN that can be reached on the path to the newest fork; None if nothing can be restored."""
    fork = newest_fork(sets, truths, name)
    states = every_state(whole(sets, unusable), truths, lambda one: True)
    return max((state.lsn for state in states if is_on(state, fork)), default=None)


def newest_fork(sets: list[BackupSet], truths: Mapping[str, Truth], name: str) -> Fork:
    """The fork on which the last backup was taken."""
    return max(forks(sets, truths, name), key=lambda row: (row[1], row[0]))[2]


def fork_at(when: datetime, sets: list[BackupSet], truths: Mapping[str, Truth], name: str) -> Fork | None:
    """The fork that the database was on, as far as headers say: times in them are cut to whole seconds."""
    begun = [row for row in forks(sets, truths, name) if row[0] + SECOND <= when]
    return max(begun, key=lambda row: (row[0], row[1]))[2] if begun else None


def is_known(fork: Fork, sets: list[BackupSet], truths: Mapping[str, Truth]) -> bool:
    """Whether the backups that are left name every fork on the way: one that was never backed up, or whose backups are
    all gone, leaves no trace of where it came from."""
    backed_up = {truths[one.backup_set_guid].fork.guid for one in sets}
    return all(guid in backed_up or guid == root(fork).guid for guid in fork.path())


def can_reach_lsn(
    stop: tuple[int, bool],
    sets: list[BackupSet],
    unusable: Mapping[str, str],
    truths: Mapping[str, Truth],
    fork: Fork,
) -> bool:
    """Whether some sequence leads to an LSN (and before it?) on the path to a fork and can be stopped there."""
    lsn, before = stop

    def allowed(one: BackupSet) -> bool:
        return one.last_lsn <= lsn or (one.backup_type == "log" and not one.has_bulk_logged_data)

    needed = lsn if before else lsn + 1
    states = every_state(whole(sets, unusable), truths, allowed)
    return any(is_on(state, fork) and state.lsn >= needed for state in states)


def root(fork: Fork) -> Fork:
    """The first fork."""
    return fork if fork.parent is None else root(fork.parent)


def is_on(state: Restoring, fork: Fork) -> bool:
    """Whether a database stands on the path to a fork."""
    limits = fork.path()
    return state.fork.guid in limits and state.lsn <= limits[state.fork.guid]


def can_reach(
    when: datetime, sets: list[BackupSet], unusable: Mapping[str, str], truths: Mapping[str, Truth], name: str
) -> bool:
    """Whether some sequence holds, provably, all that was committed by an instant and can be stopped there."""
    fork = fork_at(when, sets, truths, name)
    if fork is None:
        return False
    proofs = [
        one.last_lsn
        for one in sets
        if truths[one.backup_set_guid].fork == fork and one.database_name == name and one.backup_start_date >= when
    ]
    if not proofs:
        return False

    def allowed(one: BackupSet) -> bool:
        finish = one.backup_finish_date or one.backup_start_date
        before = finish + SECOND <= when
        return before if one.backup_type != "log" else before or not one.has_bulk_logged_data

    states = every_state(whole(sets, unusable), truths, allowed)
    return any(is_on(state, fork) and state.lsn >= min(proofs) for state in states)
