# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a simulated SQL Server can be made to suffer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulator.engine import msdb
from simulator.engine.database import Database
from simulator.engine.doubtful_pages import forget_cached, owners, pages_of, table_names
from simulator.engine.events import SqlError
from simulator.engine.facts import BackupOptions, Device
from simulator.engine.instance import Instance
from simulator.engine.misfortune import BadSpot
from simulator.engine.page_store import PageStore
from simulator.engine.pages import PAGE
from simulator.faults.bits import turn_back, turn_bit
from simulator.faults.catalogue import UnknownFault
from simulator.faults.control import Handler, Injected

Arguments = Mapping[str, Any]
_PATIENCE = 5.0  # seconds
_RIGHTS = {"backup": ("BACKUP DATABASE", "BACKUP LOG"), "restore": ("RESTORE",)}


class ServerFaults:
    """Handlers by the names of the catalogue; those of the network are elsewhere."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.misfortune = instance.misfortune

    def handlers(self) -> dict[str, Handler]:
        return {
            "slow_disk": self.slow_disk,
            "full_disk": self.full_disk,
            "read_error": self.read_error,
            "bit_flip": self.bit_flip,
            "foreign_backup": self.foreign_backup,
            "lost_permission": self.lost_permission,
            "clock_jump": self.clock_jump,
        }

    def slow_disk(self, given: Arguments) -> Injected:
        disk, before = self.misfortune.disk, self.misfortune.disk.bytes_per_second
        disk.bytes_per_second = max(1, given["rate"])
        return Injected(f"the disk does {disk.bytes_per_second} bytes a second", lambda: _set(disk, before))

    def full_disk(self, given: Arguments) -> Injected:
        disk, area = self.instance.disk, given["area"]
        areas = ("data", "log", "backup") if area == "all" else (area,)
        if area == "all":
            limit = given.get("limit") or disk.used() + given["free"]
            disk.pretend(limit)
        else:
            limit = given.get("limit") or disk.used(area) + given["free"]
            disk.limits[area] = limit

        def undo() -> None:
            if area == "all":
                disk.pretend(None)
            for one in areas:
                disk.limits.pop(one, None)

        return Injected(f"the disk of {area} holds {limit} bytes", undo, {**given, "limit": limit})

    def clock_jump(self, given: Arguments) -> Injected:
        jump = timedelta(seconds=given["seconds"])
        self.misfortune.clock_offset += jump

        def undo() -> None:
            self.misfortune.clock_offset -= jump

        return Injected(f"the clock jumped by {given['seconds']} s", undo)

    # -------------------------------------------------------------------------------------------- rights

    def lost_permission(self, given: Arguments) -> Injected:
        if bool(given["login"]) == bool(given["folder"]):
            raise UnknownFault("lost_permission: name either a login= or a folder=")
        if given["folder"]:
            folder = self._path(given["folder"])
            if not folder.is_dir():
                raise UnknownFault(f"lost_permission: {folder} is not a folder")
            forbidden = self.misfortune.disk.forbidden
            forbidden.append(folder)
            return Injected(f"SQL Server may not enter {folder}", lambda: forbidden.remove(folder))
        if self.instance.login_named(given["login"]) is None:
            raise UnknownFault(f"lost_permission: there is no login {given['login']!r} here")
        lost = {(given["login"].lower(), right) for right in _RIGHTS[given["right"]]}
        new = lost - self.misfortune.lost
        self.misfortune.lost |= new
        told = f"{given['login']} has lost the right to {given['right']}"
        return Injected(told, lambda: self.misfortune.lost.difference_update(new))

    # -------------------------------------------------------------------------------------------- files

    def _path(self, file: str) -> Path:
        return self.instance.resolve(file, self.instance.backup_directory)

    def read_error(self, given: Arguments) -> Injected:
        path, offset, database = self._spot("read_error", given)
        spot = BadSpot(path, offset, offset + max(1, given["length"]) - 1)
        spots = self.misfortune.disk.bad_spots
        pages = range(offset // PAGE, spot.last // PAGE + 1)
        suspects = self._suspect(database, pages)
        spots.append(spot)

        def undo() -> None:
            spots.remove(spot)
            _trust_again(database, suspects)

        again = {**given, "database": None, "table": None, "file": str(path), "offset": offset}
        return Injected(f"bytes {spot.first} to {spot.last} of {path} cannot be read", undo, again)

    def bit_flip(self, given: Arguments) -> Injected:
        """At a new start the bit is turned already; only the doubt about its page is new."""
        path, offset, database = self._spot("bit_flip", given)
        left: int | None = given.get("left")
        suspects = given.get("owners") or self._suspect(database, [offset // PAGE])
        suspects = {int(page): owner for page, owner in suspects.items()}
        if database is not None:
            database.doubtful.update(suspects)
        if left is None:
            left = turn_bit(path, offset, given["bit"])
            self._forget_cached(database)
        now = left

        def undo() -> None:
            turn_back(path, offset, given["bit"], now)
            _trust_again(database, suspects)
            self._forget_cached(database)

        again = {"file": str(path), "offset": offset, "bit": given["bit"], "left": left, "owners": suspects,
                 "database": None, "table": None}  # fmt: skip
        return Injected(f"bit {given['bit']} of byte {offset} of {path} is turned", undo, again)

    def _spot(self, name: str, given: Arguments) -> tuple[Path, int, Database | None]:
        """File and offset that are meant, and the database whose data file it is."""
        if bool(given["database"]) == bool(given["file"]):
            raise UnknownFault(f"{name}: name either a database= or a file=")
        if given["file"]:
            path = self._path(given["file"])
            database = self._database_with(path)
        else:
            database = self._database(name, given["database"])
            path = database.data_file
        if not path.is_file():
            raise UnknownFault(f"{name}: there is no file {path}")
        offset = given["offset"]
        if offset is None:
            whole = database is None or not given["database"]
            offset = path.stat().st_size // 2 if whole else self._leaf(name, database, given["table"]) * PAGE + 4000
        if not 0 <= offset < path.stat().st_size:
            raise UnknownFault(f"{name}: {path} has {path.stat().st_size} bytes, there is none at {offset}")
        return path, offset, database

    def _database(self, name: str, wanted: str) -> Database:
        database = self.instance.database(wanted)
        if database is None or database.store is None:
            raise UnknownFault(f"{name}: there is no open database {wanted!r} here")
        return database

    def _database_with(self, path: Path) -> Database | None:
        return next((one for one in self.instance.databases.values() if one.data_file == path), None)

    def _leaf(self, name: str, database: Database | None, table: str | None) -> int:
        """The first page with rows of the table; of the largest one where none is named."""
        assert database is not None
        with _flushed(name, database) as store:
            known = table_names(store)
            wanted = {one for one in known if table is None or one.lower() in (table.lower(), f"dbo.{table.lower()}")}
            leaves = max((pages_of(store, one) for one in wanted), key=len, default=[])
        if not leaves:
            there = ", ".join(sorted(known)) or "no table"
            raise UnknownFault(f"{name}: {database.name} has no rows in {table or 'any table'}; there is {there}")
        return leaves[0]

    def _suspect(self, database: Database | None, pages: range | list[int]) -> dict[int, str]:
        """From now on these pages are looked at before they are read; what only the log has goes to the file first."""
        if database is None or database.store is None:
            return {}
        with _flushed("the page", database) as store:
            found = owners(store, pages, table_names(store))
            database.doubtful.update(found)
        return found

    def _forget_cached(self, database: Database | None) -> None:
        if database is not None:
            self.instance.release(database.name)
            forget_cached(database)

    # -------------------------------------------------------------------------------------------- others

    def foreign_backup(self, given: Arguments) -> Injected:
        """As such tools do it: over their own connection, with their own names, and into their own history of msdb."""
        database = self._database("foreign_backup", given["database"])
        nowhere = given["to"].upper() in ("NUL", "NUL:")
        device = Device("NUL", None) if nowhere else Device(str(self._path(given["to"])), self._path(given["to"]))
        options = BackupOptions(name=f"{given['tool']} {given['kind']} backup", init=True)
        facts = self.instance.facts(given["login"])
        try:
            result = database.backup(given["kind"], (device,), options, facts)
        except SqlError as refusal:
            raise UnknownFault(f"foreign_backup: {refusal}") from None
        header = {**result.header, "_time_zone": msdb.time_zone(self.instance.utc_offset)}
        label = {**result.label, "SoftwareName": given["tool"]}
        msdb.History(self.instance).write(header, label, result.file_list, (device,))
        self.instance.error_log.backed_up(99, result.header, result.pages, [device.name])
        return Injected(f"{given['tool']} took a {given['kind']} backup of {database.name} to {device.name}")


@contextmanager
def _flushed(name: str, database: Database) -> Iterator[PageStore]:
    """The data file with all pages in it: what only SQLite's log has, no fault of the file would touch."""
    deadline = time.monotonic() + _PATIENCE
    if not database.writer.acquire(timeout=_PATIENCE):
        raise UnknownFault(f"{name}: a transaction is open in {database.name}; try again when it has ended")
    try:
        while True:
            with database.lock:
                store = database.require_open()
                if not database.frozen and store.flush():
                    yield store
                    return
            if time.monotonic() > deadline:
                raise UnknownFault(f"{name}: {database.name} is being backed up or read; try again")
            time.sleep(0.05)
    finally:
        database.writer.release()


def _set(disk: Any, rate: int) -> None:
    disk.bytes_per_second = rate


def _trust_again(database: Database | None, pages: Mapping[int, str]) -> None:
    if database is not None:
        for page in pages:
            database.doubtful.pop(page, None)
