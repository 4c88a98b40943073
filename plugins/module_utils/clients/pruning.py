# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at one store, judges every file, and deletes what the verdict allows, one file after the other.

Whatever cannot be known for certain ends the run before the first deletion: a listing that breaks off, a clock that is
wrong, a store of which nothing can be read. The first deletion that fails ends it too; what is left is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..recovery.backup_set import BackupSet
from ..recovery.errors import InvalidInput, Refused, TransferFailed
from ..recovery.holds import Hold, holds
from ..recovery.leftovers import StoredFile
from ..recovery.plan_request import site_zone
from ..recovery.retention import Known, refuse_a_wrong_clock, retention
from ..recovery.retention_policy import RetentionPolicy
from ..recovery.retention_table import retention_table
from ..recovery.retention_verdict import Retention
from ..recovery.verification import DAMAGED, SOUND
from .folder_reading import FolderReading
from .ftp_reading import StoreFile, listed_moment
from .local_files import BESIDE
from .store_reading import ListedStore, place_on


class Pruning:
    """One look at one store."""

    def __init__(self, store: ListedStore, params: Mapping[str, Any]) -> None:
        self._store, self._params = store, params
        self.zone = site_zone(params["time_zone"])
        self.now = datetime.now(timezone.utc)
        self.policy = policy(params)
        self.holds: tuple[Hold, ...] = holds(params["holds"] or [], self.zone)
        entries = list(store.walk(params["directory"]))
        self.files = [StoreFile(one.path, one.size, listed_moment(one.modified)) for one in entries]
        self._look = FolderReading(place_on(store, params["username"]))
        self.sets = self._read()
        self.done = self._judge()

    def _read(self) -> tuple[BackupSet, ...]:
        backups = [file for file in self.files if not file.path.endswith(BESIDE)]
        below = self._params["directory"].rstrip("/") + "/"
        if self._params["history_file"]:
            self._look.read_new(backups, self._params["history_file"], below=below, rebuild=False)
        else:
            self._look.read_all(backups)
        sets = tuple(BackupSet.from_dict(row) for row in self._look.history)
        if not backups:
            raise InvalidInput(
                f"{self._store.where}: there is no file below {self._params['directory']}.",
                hint="Check directory, and what this account may list. Nothing was deleted.",
            )
        if not sets:
            reason = self._look.unreadable[0]["reason"] if self._look.unreadable else "no file is a backup"
            raise InvalidInput(
                f"{self._store.where}: none of {len(backups)} files could be read as a backup: {reason}",
                hint="Use an account that may list, read and delete. Nothing was deleted.",
            )
        refuse_a_wrong_clock(sets, self.now, self.zone)
        return sets

    def _judge(self) -> Retention:
        """Reads the fulls that all the rest is to hang on to their end; a damaged one is not counted on, and the next
        older has to be."""
        verified = dict.fromkeys(self._params["sound"] or [], SOUND)
        reasons: dict[str, str] = {}
        listed = [StoredFile(file.path, file.size, file.modified) for file in self.files]
        unreadable = {row["path"]: row["reason"] for row in self._look.unreadable}
        while True:
            damaged = {path: "its bytes are damaged" for path, verdict in verified.items() if verdict == DAMAGED}
            known = Known(self.sets, damaged, unreadable, {**verified, **reasons}, self.zone)
            done = retention(listed, known, self.policy, self.now, self.holds)
            wanted = [path for path in done.to_verify if path not in verified]
            if not wanted:
                return done
            for row in self._verified(wanted):
                verified[row["path"]] = row["verdict"]
                if row["verdict"] not in (SOUND, DAMAGED):
                    reasons[row["path"]] = f"{row['verdict']}: {row['reason']}"

    def _verified(self, paths: list[str]) -> list[dict[str, Any]]:
        look = FolderReading(place_on(self._store, self._params["username"]))
        look.verify_all([file for file in self.files if file.path in paths], deep=False)
        told = {row["path"] for row in look.verifications}
        refused = {row["path"]: row["reason"] for row in look.unreadable}
        missing = [
            {"path": path, "verdict": "cannot be read", "reason": refused.get(path, "")}
            for path in paths
            if path not in told
        ]
        return [*look.verifications, *missing]

    def refusal(self) -> str | None:
        """More than one run may delete: rather a question too many."""
        gone, known = self.done.sizes()
        limit = self._params["limit_percent"]
        if not known or gone * 100 <= limit * known:
            return None
        return f"{gone} of {known} backup files would be deleted; one run may delete {limit:g} %. Nothing was deleted."

    def table(self) -> list[str]:
        return retention_table(self.done, self.policy, self.now, self.zone, self.holds)

    def delete(self, deleted: list[str]) -> None:
        """In order; ``deleted`` grows as the store says so."""
        sizes = {file.path: file.size for file in self.files}
        for path in self.done.order:
            size = self._store.size(path)
            if size is None:
                continue  # somebody else was faster
            if size != sizes[path]:
                raise TransferFailed(
                    f"{path}: it has {size} bytes now and had {sizes[path]} when it was judged",
                    hint="Somebody writes to the store's old files. Look at it, then run again.",
                )
            try:
                self._store.delete(path)
            except Refused as error:
                raise Refused(
                    error.msg,
                    hint="Give the account that prunes (in a folder: its user) the right to delete, then run again.",
                ) from error
            deleted.append(path)


def policy(params: Mapping[str, Any]) -> RetentionPolicy:
    """The policy of the options; one that promises nothing is refused."""
    if params["window_days"] <= 0 or params["minimum_fulls"] < 1 or not 0 < params["limit_percent"] <= 100:
        raise InvalidInput(
            "window_days must be more than 0, minimum_fulls at least 1, limit_percent between 0 and 100.",
            hint="Correct the option. Nothing was deleted.",
        )
    keep_days = params["keep_days"] or {}
    if not set(keep_days) <= {"full", "differential", "log"}:
        raise InvalidInput(
            f"keep_days: {', '.join(keep_days)}: the types are full, differential and log.",
            hint="Write it as {full: 90}. Nothing was deleted.",
        )
    return RetentionPolicy(
        name=params["policy"],
        window_days=params["window_days"],
        minimum_fulls=params["minimum_fulls"],
        keep_days={kind: float(days) for kind, days in keep_days.items()},
        stale_after_hours=params["stale_after_hours"],
        retired=frozenset(one.casefold() for one in params["retired_databases"] or []),
        require_verified=params["verify"],
    )
