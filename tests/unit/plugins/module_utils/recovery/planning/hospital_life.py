# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A database that lives: it commits, is backed up, restored to an earlier point, dropped and made again.

It knows what no backup header says: which transactions every backup holds, and which the database held at any instant.
Nothing of the planner is used here but the value it reads, ``BackupSet``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet, DatabaseFile

WIB = timezone(timedelta(hours=7))
BEGINNING = datetime(2026, 11, 22, 2, 0, 0, tzinfo=WIB)


def files_of(name: str) -> tuple[DatabaseFile, ...]:
    """A data file and a log file on a Windows server."""
    return (
        DatabaseFile(name, f"D:\\Data\\{name}.mdf", "D", 64 << 20, 1),
        DatabaseFile(f"{name}_log", f"E:\\Log\\{name}_log.ldf", "L", 32 << 20, 2),
    )


@dataclass(frozen=True)
class Record:
    """One committed transaction."""

    lsn: int
    milliseconds: int
    number: int
    bulk: bool = False


@dataclass(frozen=True)
class Fork:
    """Where a recovery fork comes from."""

    guid: str
    parent: Fork | None = None
    point: int = 0

    def path(self) -> dict[str, float]:
        """fork -> LSN at which the path to this fork leaves it."""
        limits: dict[str, float] = {self.guid: float("inf")}
        fork, limit = self, float("inf")
        while fork.parent is not None:
            limit = min(limit, fork.point)
            fork = fork.parent
            limits[fork.guid] = limit
        return limits


@dataclass(frozen=True)
class Truth:
    """What a backup really holds: the whole database for fulls and differentials, log records for logs."""

    fork: Fork
    records: tuple[Record, ...]


@dataclass(repr=False)
class Database:
    """One database from CREATE to DROP."""

    name: str = "Sales"
    server: str = "SQL1"
    family: str = "family-1"
    clock: int = 0
    next_lsn: int = 1000
    number: int = 0
    line: list[Record] = field(default_factory=list)
    fork: Fork = Fork("fork-1")
    chain_from: int | None = None  # where the next log backup begins; None: no log chain
    base: tuple[str, int] | None = None  # differential base: GUID and checkpoint LSN
    simple: bool = False
    sets: list[BackupSet] = field(default_factory=list)
    truths: dict[str, Truth] = field(default_factory=dict)
    events: list[tuple[int, tuple[Record, ...]]] = field(default_factory=list)
    lines: dict[str, tuple[Record, ...]] = field(
        default_factory=dict
    )  # fork -> all that was ever committed on its path
    made: int = 0

    def wait(self, milliseconds: int) -> None:
        self.clock += milliseconds

    def commit(self, count: int = 1, every: int = 250, bulk: bool = False) -> None:
        """Transactions, each a while after the other."""
        for _unused in range(count):
            self.clock += every
            self.number += 1
            self.line.append(Record(self.next_lsn, self.clock, self.number, bulk))
            self.next_lsn += 10
            self._note()

    def _note(self) -> None:
        self.events.append((self.clock, tuple(self.line)))
        self.lines[self.fork.guid] = tuple(self.line)

    def at(self, milliseconds: int) -> tuple[Record, ...]:
        """What the database held at an instant."""
        held: tuple[Record, ...] = ()
        for when, line in self.events:
            if when <= milliseconds:
                held = line
        return held

    def full(self, during: int = 0, copy_only: bool = False, log_meanwhile: bool = False, **shape: Any) -> BackupSet:
        """A full backup; transactions committed while it runs are in it. A log backup may run at the same time."""
        begun, first = self.clock, self.next_lsn
        guid = self._guid("full")
        if self.chain_from is None and not self.simple:
            self.chain_from = first
        self.commit(during)
        if log_meanwhile and not self.simple:
            self.log()
        self.commit(during)
        made = self._made(guid, "full", begun, first, is_copy_only=copy_only, **shape)
        if not copy_only:
            self.base = (guid, first)
        return made

    def differential(self, during: int = 0, **shape: Any) -> BackupSet | None:
        """A differential backup, if there was a full."""
        if self.base is None:
            return None
        begun, first = self.clock, self.next_lsn
        if self.chain_from is None and not self.simple:
            self.chain_from = first
        self.commit(during)
        base = {"differential_base_guid": self.base[0], "differential_base_lsn": self.base[1]}
        return self._made(self._guid("diff"), "differential", begun, first, **base, **shape)

    def log(self, late: int = 0, copy_only: bool = False, during: int = 0, **shape: Any) -> BackupSet | None:
        """A log backup. ``late``: transactions after its start that it still holds; ``during``: those it does not."""
        if self.simple or self.chain_from is None:
            return None
        begun, first = self.clock, self.chain_from
        self.commit(late)
        last = self.next_lsn
        records = tuple(record for record in self.line if first <= record.lsn < last)
        self.commit(during)
        made = self._made(
            self._guid("log"),
            "log",
            begun,
            first,
            last=last,
            records=records,
            is_copy_only=copy_only,
            has_bulk_logged_data=any(record.bulk for record in records),
            **shape,
        )
        if not copy_only:
            self.chain_from = last
        return made

    def switch(self, simple: bool) -> None:
        """ALTER DATABASE ... SET RECOVERY: SIMPLE ends the log chain, the next full or differential begins another."""
        if simple:
            self.chain_from = None
        self.simple = simple

    def restore_to(self, index: int, spanning: bool, server: str | None = None) -> None:
        """The database itself is restored to an earlier point and goes on living there, on a new recovery fork."""
        if not self.line:
            return
        self.clock += 1500
        kept = self.line[: index % len(self.line) + 1]
        point = kept[-1].lsn + 10
        last = [
            one for one in self.sets if one.backup_type == "full" and not one.is_copy_only and one.last_lsn <= point
        ]
        alive = [one for one in last if one.recovery_fork_id in self.fork.path()]
        alive = [one for one in alive if one.last_lsn <= self.fork.path()[str(one.recovery_fork_id)]]
        self.base = (alive[-1].backup_set_guid, alive[-1].checkpoint_lsn) if alive else None
        self.made += 1
        self.fork = Fork(f"fork-{self.family[-1]}-{self.made}", self.fork, point)
        self.line, self.next_lsn = list(kept), point
        if self.chain_from is not None:
            self.chain_from = min(self.chain_from, point) if spanning and self.chain_from < point else point
        self.server = server or self.server
        self.clock += 1500
        self._note()

    def _guid(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.family[-1]}-{self.made}"

    def _made(self, guid: str, kind: str, begun: int, first: int, **more: Any) -> BackupSet:
        """Writes the header and remembers the truth. ``last`` and ``records`` are a log's own."""
        self.clock += 40
        last, stripes = more.pop("last", self.next_lsn), more.pop("stripes", 1)
        held = more.pop("records", tuple(self.line))
        made = BackupSet(
            path=f"/{self.server}/{self.name}/{guid}.1",
            database_name=self.name,
            server_name=self.server,
            backup_type=kind,
            backup_set_guid=guid,
            first_lsn=first,
            last_lsn=last,
            checkpoint_lsn=first,
            database_backup_lsn=self.base[1] if self.base else 0,
            backup_start_date=moment(begun).replace(microsecond=0),
            backup_finish_date=moment(self.clock).replace(microsecond=0),
            size=100 + (last - first),
            media_set_id=f"media-{guid}",
            family_count=stripes,
            family_guid=self.family,
            current_differential_base_guid=self.base[0] if self.base else None,
            recovery_model="SIMPLE" if self.simple else "FULL",
            files=files_of(self.name),
            **self._fork_columns(first, last),
            **more,
        )
        self.truths[guid] = Truth(self.fork, held)
        for family in range(1, stripes + 1):
            path = f"{made.path[:-1]}{family}"
            self.sets.append(replace(made, path=path, family_sequence_number=family))
        return made

    def _fork_columns(self, first: int, last: int) -> dict[str, Any]:
        earlier = self.fork.parent
        spans = earlier is not None and first < self.fork.point
        stack = [(last, self.fork.guid)]
        if earlier is not None:
            stack.append((self.fork.point, earlier.guid))
        return {
            "recovery_fork_id": self.fork.guid,
            "first_recovery_fork_id": earlier.guid if earlier and spans else self.fork.guid,
            "fork_point_lsn": self.fork.point if spans else None,
            "recovery_fork_stack": tuple(stack),
        }


def moment(milliseconds: int) -> datetime:
    """An instant of the life."""
    return BEGINNING + timedelta(milliseconds=milliseconds)


def milliseconds(when: datetime) -> int:
    """The reverse of :func:`moment`."""
    return round((when - BEGINNING) / timedelta(milliseconds=1))


def numbers(records: Iterable[Record]) -> list[int]:
    """The transactions' numbers, in order."""
    return sorted(record.number for record in records)
