# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A database to back up, somewhere to restore it to, and a clock that the test turns."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from simulator.engine.database import Database
from simulator.engine.events import SqlError
from simulator.engine.facts import BackupOptions, BackupResult, Device, InstanceFacts, RestoreOptions, RestoreResult
from simulator.engine.restore import recover, restore_database, restore_log

JAKARTA = timedelta(hours=7)


class TurnedClock:
    """Moves only when it is asked, or told to."""

    def __init__(self) -> None:
        self.now = datetime(2024, 3, 1, 1, 0, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def local(self) -> datetime:
        """The present by the server's wall clock."""
        return (self.now + JAKARTA).replace(tzinfo=None)


class Ward:
    """One source database and any number of restored ones, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = TurnedClock()
        self.facts = InstanceFacts("HIS01", "HIS01", "sa", utc_offset=JAKARTA, clock=self.clock)
        self.source = Database.create(
            "Ward", 5, folder / "Ward.mdf", folder / "Ward_log.ldf", clock=self.clock, utc_offset=JAKARTA
        )
        self.restored: dict[str, Database] = {}
        self.write("CREATE TABLE visit (id INTEGER PRIMARY KEY, note TEXT)")

    def write(self, *statements: str, database: Database | None = None, mark: str = "") -> None:
        """One transaction."""
        target = database or self.source
        connection = target.connect()
        try:
            target.begin(connection)
            for statement in statements:
                connection.execute(statement)
            target.commit(connection, mark)
        finally:
            connection.close()

    def admit(self, count: int = 1, database: Database | None = None) -> None:
        for _ in range(count):
            self.write("INSERT INTO visit (note) VALUES (hex(randomblob(40)))", database=database)

    def rows(self, database: Database | str | None = None) -> list[tuple[int, str]]:
        target = self.restored[database] if isinstance(database, str) else database or self.source
        connection = target.connect()
        try:
            return connection.execute("SELECT id, note FROM visit ORDER BY id").fetchall()
        finally:
            connection.close()

    def backup(self, kind: str, *names: str, database: Database | None = None, **options: object) -> BackupResult:
        devices = [self.device(name) for name in names]
        return (database or self.source).backup(kind, devices, BackupOptions(**options), self.facts)  # type: ignore[arg-type]

    def device(self, name: str) -> Device:
        return Device.disk(name if name == "NUL" else self.folder / name)

    def moved(self, name: str) -> tuple[tuple[str, str], ...]:
        return (("Ward", str(self.folder / f"{name}.mdf")), ("Ward_log", str(self.folder / f"{name}.ldf")))

    def restore(self, name: str, *files: str, **options: object) -> RestoreResult:
        """RESTORE DATABASE name; NORECOVERY and MOVE unless told otherwise."""
        given = RestoreOptions(**{"recovery": False, "move": self.moved(name)} | options)  # type: ignore[arg-type]
        return restore_database(
            name,
            self.restored.get(name),
            [self.device(file) for file in files],
            given,
            self.facts,
            database_id=9,
            register=lambda database: self.restored.__setitem__(name, database),
        )

    def restore_log(self, name: str, *files: str, **options: object) -> RestoreResult:
        given = RestoreOptions(**{"recovery": False} | options)  # type: ignore[arg-type]
        return restore_log(self.restored.get(name), name, [self.device(file) for file in files], given, self.facts)

    def recover(self, name: str) -> RestoreResult:
        return recover(self.restored.get(name), name)

    def reopen(self, name: str) -> Database:
        """As after a restart of the instance."""
        old = self.restored[name]
        old.close()
        self.restored[name] = Database.open(
            old.data_file, old.log_file, clock=self.clock, database_id=9, utc_offset=JAKARTA
        )
        return self.restored[name]

    def close(self) -> None:
        for database in (self.source, *self.restored.values()):
            database.close()


def numbers(problem: pytest.ExceptionInfo[SqlError]) -> list[int]:
    return [message.number for message in problem.value.messages]
