# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Retention: every file of a store gets a verdict and its reason. Nothing is touched here; what is to be deleted is a
value, in the order in which it may be deleted.

The answer is checked before it is given: the windows that the planner finds with what stays are compared with those
that it finds now, from the beginning of the promised window on. Where they differ, nothing of that database goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from .backup_history import Backup, BackupHistory
from .backup_set import BackupSet
from .errors import InvalidInput, RecoveryError
from .holds import Hold
from .leftovers import Leftovers, StoredFile
from .recoverable import Recoverable, recoverable
from .retention_order import deletion_order
from .retention_policy import RetentionPolicy, aged, kept_longer, needed
from .retention_proof import promise_kept
from .retention_span import Needed
from .retention_verdict import DELETE, KEEP, DatabaseRetention, FileVerdict, Retention, useless

#: Backups from the future say that a clock is wrong, and then no age means anything.
CLOCK_SLACK = timedelta(hours=1)


@dataclass(frozen=True)
class Known:
    """What is known of the store's backups besides their headers.

    ``unusable``: path -> why the file must not be planned with. ``unreadable``: path -> why it could not be read whole;
    such files are never deleted. ``verified``: path -> the verdict of reading it to its end.
    """

    sets: tuple[BackupSet, ...]
    unusable: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    verified: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo | None = None


def retention(
    files: Sequence[StoredFile],
    known: Known,
    policy: RetentionPolicy,
    now: datetime,
    holds: Sequence[Hold] = (),
) -> Retention:
    """The verdict on every file of a listing."""
    if now.tzinfo is None:
        raise InvalidInput("retention: the current time was given without a zone.", hint="Give now as an aware time.")
    listed = {file.path for file in files}
    by_path: dict[str, list[BackupSet]] = defaultdict(list)
    for one in known.sets:
        if one.path in listed:
            by_path[one.path].append(one)
    verdicts: dict[str, FileVerdict] = {}
    databases: list[DatabaseRetention] = []
    order: list[str] = []
    to_verify: list[str] = []
    for group in _components(by_path):
        judged = _Judged(group, known, policy, now, [one for one in holds if not one.is_over(now)])
        verdicts.update(judged.verdicts)
        databases += judged.databases
        order += judged.order
        to_verify += judged.to_verify
    left = Leftovers(files, by_path, known.unreadable, now)
    return Retention.of(files, verdicts, databases=databases, order=order, left=left, to_verify=to_verify)


def _components(by_path: Mapping[str, list[BackupSet]]) -> list[list[BackupSet]]:
    """Backups that may have to do with each other: of one name, of one family, or in one file."""
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while parents.setdefault(key, key) != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    joined: set[tuple[str, str]] = set()
    for sets in by_path.values():
        first = f"name {sets[0].database_name.casefold()}"
        for one in sets:
            for key in (f"name {one.database_name.casefold()}", f"family {one.family_guid}"):
                if (first, key) not in joined and key != "family None":
                    joined.add((first, key))
                    parents[root(key)] = root(first)
    groups: dict[str, list[BackupSet]] = defaultdict(list)
    for sets in by_path.values():
        groups[root(f"name {sets[0].database_name.casefold()}")] += sets
    return sorted(groups.values(), key=lambda sets: min(one.database_name.casefold() for one in sets))


class _Judged:
    """One component: a database under all its names, and others that share names, families or files with it."""

    def __init__(
        self,
        sets: list[BackupSet],
        known: Known,
        policy: RetentionPolicy,
        now: datetime,
        holds: Sequence[Hold],
    ) -> None:
        self.sets, self.known, self.policy, self.now, self.holds = sets, known, policy, now, holds
        self.guids_of: dict[str, list[str]] = defaultdict(list)
        for one in sets:
            self.guids_of[one.path].append(one.backup_set_guid)
        self.verdicts: dict[str, FileVerdict] = {}
        self.databases: list[DatabaseRetention] = []
        self.order: list[str] = []
        self.to_verify: list[str] = []
        self.after: dict[frozenset[str], BackupHistory] = {}
        try:
            self.history = BackupHistory(sets, known.unusable, known.zone)
        except RecoveryError as error:
            self._keep_all(f"{error.msg} {error.hint}")
            return
        self._judge()

    def _keep_all(self, why: str) -> None:
        for one in self.sets:
            self.verdicts[one.path] = FileVerdict.of_set(one, KEEP, why)

    def _judge(self) -> None:
        # A set that was found twice stands in the history once; every file that holds it shares its fate.
        names = sorted({one.database_name.casefold() for one in self.sets})
        gone, reasons = self._what_goes()
        before = {name: recoverable(self.history, name) for name in names}
        withheld = self._withheld(names, gone, before) if gone else None
        if withheld:
            gone = []
        going = set(gone)
        for one in self.sets:
            verdict = DELETE if one.path in going else KEEP
            self.verdicts[one.path] = FileVerdict.of_set(one, verdict, self._why(one, reasons, verdict, withheld))
        self.order = deletion_order(self.history, {path: self.guids_of[path] for path in gone})
        after = self._without(going) if going else self.history
        self.databases = [self._database(name, before[name], after, withheld) for name in names]

    def _what_goes(self) -> tuple[list[str], dict[str, str]]:
        """The paths, and why the others stay. What stays is judged once more: an old backup may be what makes two forks
        look like one, and what hung on that alone would go the next time."""
        gone: dict[str, None] = {}
        history = self.history
        one_line = len({(one.head.family_guid, one.fork) for one in history.backups}) == 1
        while True:
            reasons = self._reasons(history)
            more = [path for path in self.guids_of if path not in gone and self._may_go(path, reasons)]
            gone.update(dict.fromkeys(more))
            if not more or one_line:
                return list(gone), reasons
            history = self._without(set(gone))

    def _reasons(self, history: BackupHistory) -> dict[str, str]:
        """backup_set_guid -> why it stays."""
        self.needed = Needed()
        names = [name for name in sorted({one.database_name.casefold() for one in self.sets}) if history.named(name)]
        for name in names:
            newest = max(one.started for one in history.named(name))
            why = self.policy.nothing_goes(name, newest, self.now)
            if why:
                self.needed.keep(history.named(name), why)
            for hold in self.holds:
                held = [one for one in history.backups if any(hold.holds_path(path) for path in one.files)]
                self.policy.hold(history, name, hold, held, self.needed)
        for name in names:
            judge = aged if self.policy.by_age else needed
            judge(history, name, self.policy, self.now, self.needed)
        kept_longer(history, self.policy, self.now, self.needed)
        return self.needed.reasons

    def _may_go(self, path: str, reasons: Mapping[str, str]) -> bool:
        if path in self.known.unreadable or any(hold.holds_path(path) for hold in self.holds):
            return False
        return not any(guid in reasons for guid in self.guids_of[path])

    def _withheld(self, names: list[str], gone: list[str], before: Mapping[str, Recoverable]) -> str | None:
        """Why nothing goes after all."""
        unproven = self._unproven()
        if unproven is not None:
            return unproven
        if self.policy.by_age:
            return None
        after = self._without(set(gone))
        since = self.policy.since(self.now)
        for name in names:
            if not promise_kept(self.history, after, name, before[name], since=since, now=self.now):
                return "deleting the older backups would change what can be restored within the window"
        return None

    def _unproven(self) -> str | None:
        """Never without a newer verified full."""
        if not self.policy.require_verified:
            return None
        if not self.needed.anchors:
            return (
                "none of the fulls that stay is one to rely on: older than the window, restorable, and not the only one"
            )
        paths = sorted({path for anchor in self.needed.anchors for path in anchor.files})
        self.to_verify = [path for path in paths if path not in self.known.verified]
        for path in paths:
            verdict = self.known.verified.get(path, "not verified yet")
            if verdict != "sound":
                return f"the full that all the rest would hang on is not proven sound: {path}: {verdict}"
        return None

    def _without(self, going: set[str]) -> BackupHistory:
        if frozenset(going) not in self.after:
            self.after[frozenset(going)] = self.history.without(going)
        return self.after[frozenset(going)]

    def _why(self, one: BackupSet, reasons: Mapping[str, str], verdict: str, withheld: str | None) -> str:
        if verdict == DELETE:
            return self.policy.why_it_goes(self.now)
        if one.path in self.known.unreadable:
            return f"could not be read whole: {self.known.unreadable[one.path]}"
        hold = next((hold for hold in self.holds if hold.holds_path(one.path)), None)
        if hold is not None:
            return hold.describe()
        reason = next((reasons[guid] for guid in self.guids_of[one.path] if guid in reasons), None)
        return reason or f"not deleted: {withheld}"

    def _database(
        self, name: str, before: Recoverable, after: BackupHistory, withheld: str | None
    ) -> DatabaseRetention:
        left = recoverable(after, name) if after.named(name) else Recoverable(name, (), (), ())
        mine = [one for one in self.verdicts.values() if (one.database or "").casefold() == name]
        spelt = self.history.named(name)[0].head.database_name
        lost: list[Backup] = useless(after, name) if after.named(name) else []
        return DatabaseRetention.of(spelt, mine, before=before, after=left, withheld=withheld, lost=lost)


def refuse_a_wrong_clock(sets: Iterable[BackupSet], now: datetime, zone: tzinfo | None) -> None:
    """Backups that were taken after now."""
    for one in sets:
        begun = one.backup_start_date
        begun = begun if begun.tzinfo else begun.replace(tzinfo=zone or now.tzinfo)
        if begun > now + CLOCK_SLACK:
            raise InvalidInput(
                f"{one.path}: it was begun at {begun.isoformat()}, and it is {now.isoformat()} here: a clock is wrong.",
                hint="Set the clocks of this host and of the server right, then run again. Nothing was deleted.",
            )
