# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which database is meant: a name may have been given to several, and one database may have had several names,
servers and recovery forks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .backup_history import SECOND, Backup, BackupHistory, family_of
from .errors import InvalidInput
from .recovery_path import RecoveryPath, first_seen, recovery_path


@dataclass(frozen=True)
class Branch:
    """One recovery fork on which backups were taken under the name that was asked for."""

    family: str
    fork: str
    servers: frozenset[str]
    first: datetime
    last: datetime
    server: str  # the last one that took backups on it, as it spells itself


@dataclass(frozen=True)
class Lineage:
    """One database along one recovery path: every backup that can have to do with its restore. ``worked_out``: what was
    asked of it before, by the question."""

    database: str
    branch: Branch
    path: RecoveryPath
    backups: tuple[Backup, ...]  # of the path's forks, whole or not, by last_lsn
    warnings: tuple[str, ...] = ()
    worked_out: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def evidence(self) -> list[Backup]:
        """The backups whose start says up to when their last_lsn covers the database."""
        return [backup for backup in self.backups if self.path.is_evidence(backup)]


def branches(history: BackupHistory, database: str, server: str | None) -> list[Branch]:
    """The branches of a name, oldest first."""
    asked = ("branches", database, server)
    if asked not in history.worked_out:
        history.worked_out[asked] = _branches(history, database, server)
    return list(history.worked_out[asked])


def _branches(history: BackupHistory, database: str, server: str | None) -> list[Branch]:
    named = history.named(database)
    if not named:
        raise InvalidInput(
            f"{database}: the backup history has no database of that name.",
            hint=f"Ask for one that it has: {', '.join(history.databases) or 'none, it is empty'}.",
        )
    servers = sorted({backup.head.server_name for backup in named})
    if server is not None:
        named = [backup for backup in named if backup.head.server_name.casefold() == server.casefold()]
    if not named:
        raise InvalidInput(
            f"{database}: the backup history has no backups of it from the server {server}.",
            hint=f"There are backups of it from {', '.join(servers)}.",
        )
    groups: dict[tuple[str, str], list[Backup]] = defaultdict(list)
    for backup in named:
        groups[(family_of(backup.head), backup.fork)].append(backup)
    return sorted((_branch(*key, group) for key, group in groups.items()), key=lambda one: (one.first, one.fork))


def _branch(family: str, fork: str, group: list[Backup]) -> Branch:
    servers = frozenset(backup.head.server_name.casefold() for backup in group)
    starts = [backup.started for backup in group]
    # Whole seconds: what is noted as begun at 03:00:00 may have begun at 03:00:00.999, and the fork right before it.
    server = max(group, key=lambda one: one.started).head.server_name
    return Branch(family, fork, servers, min(starts) + SECOND, max(starts), server)


def newest(all_branches: list[Branch], database: str) -> Branch:
    """The branch on which the database lived last."""
    chosen = max(all_branches, key=lambda one: (one.last, one.first))
    _refuse_two_servers(chosen, all_branches, database)
    return chosen


def alive_at(all_branches: list[Branch], when: datetime, database: str) -> Branch | None:
    """The branch on which the database lived at an instant; None before the first backup."""
    begun = [one for one in all_branches if one.first <= when]
    if not begun:
        return None
    chosen = max(begun, key=lambda one: (one.first, one.last))
    _refuse_two_servers(chosen, all_branches, database)
    return chosen


def _refuse_two_servers(chosen: Branch, others: list[Branch], database: str) -> None:
    """Two servers that back up different databases of one name at one time: only a person knows which is meant."""
    for other in others:
        if other.servers & chosen.servers or other.last < chosen.first or other.first > chosen.last:
            continue
        names = sorted({chosen.server, other.server})
        first, last = sorted((max(chosen.first, other.first), min(chosen.last, other.last)))
        raise InvalidInput(
            f"{database}: {' and '.join(names)} took backups of a database of this name at the same time "
            f"({first.isoformat(sep=' ')} to {last.isoformat(sep=' ')}).",
            hint=f"Say which one is meant with source_server: {' or '.join(names)}.",
        )


def lineage(history: BackupHistory, database: str, branch: Branch) -> Lineage:
    """The database of a branch with its past: earlier forks, earlier names, earlier servers."""
    asked = ("lineage", database, branch)
    if asked not in history.worked_out:
        history.worked_out[asked] = _lineage(history, database, branch)
    found: Lineage = history.worked_out[asked]
    return found


def _lineage(history: BackupHistory, database: str, branch: Branch) -> Lineage:
    family = history.family(branch.family)
    path = recovery_path(family, branch.fork)
    on_path = [backup for backup in family if backup.fork in path.limits or backup.fork in path.offshoots]
    strangers = _other_databases(on_path, database, branch)
    kept = sorted(
        (backup for backup in on_path if backup.head.database_name.casefold() not in strangers),
        key=lambda one: (one.last_lsn, one.first_lsn, one.started, one.guid),
    )
    names = sorted(
        {backup.head.database_name for backup in kept if backup.head.database_name.casefold() != database.casefold()}
    )
    warnings = [f"Backups of the same database under the name {name} are used too." for name in names]
    return Lineage(_as_spelt(kept, database), branch, path, tuple(kept), tuple(warnings))


def _as_spelt(backups: list[Backup], database: str) -> str:
    """The name as the newest backup spells it, however it was asked for."""
    names = [one.head.database_name for one in backups if one.head.database_name.casefold() == database.casefold()]
    return names[-1] if names else database


def _other_databases(on_path: list[Backup], database: str, branch: Branch) -> set[str]:
    """Names under which another database shares the fork: a copy of the files that was attached beside the original is
    backed up at the same time, a renamed database never is."""
    others: dict[str, list[Backup]] = defaultdict(list)
    for backup in on_path:
        if backup.fork == branch.fork:
            others[backup.head.database_name.casefold()].append(backup)
    own = others.pop(database.casefold(), [])
    if not own:
        return set()
    first, last = min(one.started for one in own), max(one.started for one in own)
    return {
        name
        for name, group in others.items()
        if min(one.started for one in group) < last and max(one.started for one in group) > first
    }


__all__ = ["Branch", "Lineage", "alive_at", "branches", "first_seen", "lineage", "newest"]
