# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance of SQL Server: its databases, logins, sessions, clock and disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from simulator.engine import catalog as catalogs
from simulator.engine import instance_state, msdb
from simulator.engine.admission import admit
from simulator.engine.agent.scheduler import Agent
from simulator.engine.boot import MoreFile
from simulator.engine.database import Database
from simulator.engine.disk import Disk
from simulator.engine.error_log import ErrorLog
from simulator.engine.events import LoginRequest
from simulator.engine.facts import InstanceFacts
from simulator.engine.instance_state import DatabaseEntry, State
from simulator.engine.logins import SA_SID, Login, hash_password
from simulator.engine.messages import error
from simulator.engine.misfortune import Misfortune
from simulator.engine.occupancy import Occupancy
from simulator.engine.product import EDITIONS, RELEASES
from simulator.engine.session import EngineSession

SYSTEM_DATABASES = {1: "master", 2: "tempdb", 3: "model", 4: "msdb"}
_SYSTEM_FILES = {"master": ("master", "mastlog"), "model": ("modeldev", "modellog"), "msdb": ("MSDBData", "MSDBLog")}


@dataclass(frozen=True)
class Settings:
    state: Path
    name: str
    sa_password: str | None = None
    backup_directory: Path | None = None
    utc_offset: str = "+07:00"
    version: tuple[int, ...] = (15, 0, 4385)
    edition: str = "Developer"
    disk_size: int | None = None
    closing_pause: float = 0.12  # seconds; see statements/progress.py


class Instance(Occupancy):
    """Safe to use from many threads; ``lock`` guards the lists of databases, logins and sessions."""

    def __init__(self, settings: Settings, state: State) -> None:
        self.settings = settings
        self.state = state
        self.name = settings.name
        self.version: tuple[int, int, int] = (settings.version[0], settings.version[1], settings.version[2])
        super().__init__()
        self.misfortune = Misfortune()
        self.databases: dict[int, Database] = {}
        self._promised: set[int] = set()
        self.error_log = ErrorLog(settings.state / "log" / "errorlog", self.local_now)
        self.disk = Disk(settings.state, settings.disk_size)
        self.agent = Agent(self)
        self.started_utc = self.clock()
        self.started = self.to_local(self.started_utc)

    # -------------------------------------------------------------------------------------------- life

    @classmethod
    def start(cls, settings: Settings) -> Instance:
        for folder in ("data", "backup", "log"):
            (settings.state / folder).mkdir(parents=True, exist_ok=True)
        path = settings.state / "instance.json"
        state = instance_state.load(path)
        instance = cls(settings, state or State(settings.name))
        if state is None:
            instance._install()
        instance._open_databases()
        instance.error_log.write("Server", f"{settings.name} is ready for client connections.")
        instance.agent.start()
        return instance

    def _install(self) -> None:
        if self.settings.sa_password is None:
            raise ValueError("a new instance needs the password of sa")
        now = self.timestamp()
        self.state.logins[1] = Login(
            1, "sa", SA_SID, hash_password(self.settings.sa_password), now, now, roles=("sysadmin",)
        )
        for database_id, name in SYSTEM_DATABASES.items():
            if name != "tempdb":
                self._install_system_database(database_id, name)
        self.save()

    def _install_system_database(self, database_id: int, name: str) -> None:
        data_name, log_name = _SYSTEM_FILES[name]
        files = (self.data_directory / f"{name}.mdf", self.data_directory / f"{log_name}.ldf")
        for path in files:  # a first start that was killed leaves files without an instance
            for leftover in path.parent.glob(f"{path.name}*"):
                leftover.unlink()
        model = "FULL" if name == "model" else "SIMPLE"
        database = self.create_database_files(database_id, name, files, logical=(data_name, log_name), model=model)
        if name == "msdb":
            msdb.install(database, self)
        database.close()
        self.state.databases[database_id] = DatabaseEntry(database_id, name, str(files[0]), str(files[1]), SA_SID)

    def create_database_files(
        self,
        database_id: int,
        name: str,
        files: tuple[Path, Path],
        *,
        logical: tuple[str, str],
        model: str,
        owner_sid: str = SA_SID,
        shown: tuple[str, str] | None = None,
        more: Sequence[MoreFile] = (),
    ) -> Database:
        database = Database.create(
            name, database_id, files[0], files[1], clock=self.clock, data_name=logical[0], log_name=logical[1],
            recovery_model=model, utc_offset=self.utc_offset,
            compatibility_level=RELEASES[self.version[0]].compatibility,
            physical_names=shown, more=more,
        )  # fmt: skip
        connection = database.connect()
        try:
            with database.transaction(connection):
                catalogs.create(connection, owner_sid, self.local_now())
        finally:
            connection.close()
        return database

    def _open_databases(self) -> None:
        for entry in self.state.databases.values():
            self.databases[entry.database_id] = Database.open(
                Path(entry.data_file), Path(entry.log_file), clock=self.clock, database_id=entry.database_id,
                utc_offset=self.utc_offset, name=entry.name,
            )  # fmt: skip
            self.databases[entry.database_id].live_on(self.disk.free_for, self.misfortune.disk)

    def stop(self) -> None:
        self.agent.stop()
        for session in list(self.sessions.values()):
            session.kill()
        with self.lock:
            for database in self.databases.values():
                database.close()
        self.error_log.write("Server", "SQL Server is terminating because of a system shutdown.")

    def save(self) -> None:
        with self.lock:
            instance_state.save(self.state, self.settings.state / "instance.json")

    # -------------------------------------------------------------------------------------------- clock, disk

    def clock(self) -> datetime:
        return datetime.now(timezone.utc) + self.misfortune.clock_offset

    @property
    def utc_offset(self) -> timedelta:
        sign, hours, minutes = re.fullmatch(r"([-+])(\d{2}):(\d{2})", self.settings.utc_offset).groups()  # type: ignore[union-attr]
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return -offset if sign == "-" else offset

    def local_now(self) -> datetime:
        """Naive, in the server's own zone."""
        return (self.clock() + self.utc_offset).replace(tzinfo=None)

    def timestamp(self) -> str:
        return self.local_now().isoformat(sep=" ", timespec="milliseconds")

    def to_local(self, moment: datetime) -> datetime:
        return (moment.astimezone(timezone.utc) + self.utc_offset).replace(tzinfo=None)

    @property
    def data_directory(self) -> Path:
        return self.settings.state / "data"

    @property
    def backup_directory(self) -> Path:
        return self.settings.backup_directory or self.settings.state / "backup"

    @property
    def machine_name(self) -> str:
        return self.name.split("\\")[0]

    def resolve(self, path: str, folder: Path | None = None) -> Path:
        """As SQL Server on Linux: C:\\ is the root, and a bare name lies in the default folder."""
        plain = re.sub(r"^[A-Za-z]:", "", path).replace("\\", "/")
        found = Path(plain)
        return found if found.is_absolute() else (folder or self.data_directory) / found

    def facts(self, user_name: str = "sa") -> InstanceFacts:
        return InstanceFacts(
            server_name=self.name, machine_name=self.machine_name, user_name=user_name, version=self.version,
            database_version=RELEASES[self.version[0]].database_version, utc_offset=self.utc_offset, clock=self.clock,
            edition=EDITIONS[self.settings.edition].name,
            capacity=self.disk.free_for,
        )  # fmt: skip

    # -------------------------------------------------------------------------------------------- databases

    def entry(self, name: str) -> DatabaseEntry | None:
        wanted = name.lower()
        return next((entry for entry in self.state.databases.values() if entry.name.lower() == wanted), None)

    def database(self, name: str) -> Database | None:
        entry = self.entry(name)
        return self.databases.get(entry.database_id) if entry else None

    def database_id(self, name: str) -> int:
        entry = self.entry(name)
        return entry.database_id if entry else 2

    def exists(self, name: str) -> bool:
        return name.lower() == "tempdb" or self.entry(name) is not None

    def require_usable(self, name: str) -> None:
        """Raises why a session cannot enter."""
        found = self.database(name)
        if found is None:
            raise error(911, name)
        number = {"RESTORING": 927, "RECOVERY_PENDING": 945, "SUSPECT": 926, "OFFLINE": 942}.get(found.info.state)
        if number is not None:
            raise error(number, found.info.name)

    @contextmanager
    def number_for(self, existing: Database | None) -> Iterator[int]:
        """The number of a database, or a free one that nobody else gets before this one is registered."""
        if existing is not None:
            yield existing.database_id
            return
        with self.lock:
            taken = {2, *self.state.databases, *self._promised}
            number = next(number for number in range(5, 32768) if number not in taken)
            self._promised.add(number)
        try:
            yield number
        finally:
            self._promised.discard(number)

    def register(self, database: Database, owner_sid: str) -> None:
        """Enters a new database, or the one that replaces it, in the catalogue of the instance."""
        database.live_on(self.disk.free_for, self.misfortune.disk)
        with self.lock:
            present = self.state.databases.get(database.database_id)
            owner = present.owner_sid if present else owner_sid
            self.databases[database.database_id] = database
            self.state.databases[database.database_id] = DatabaseEntry(
                database.database_id, database.name, str(database.data_file), str(database.log_file), owner
            )
            self.save()

    def forget(self, database_id: int) -> None:
        with self.lock:
            entry = self.state.databases.pop(database_id)
            self.databases.pop(database_id, None)
            self.access_owner.pop(entry.name.lower(), None)
            self.save()

    # -------------------------------------------------------------------------------------------- logins

    def login_named(self, name: str) -> Login | None:
        wanted = name.lower()
        return next((login for login in self.state.logins.values() if login.name.lower() == wanted), None)

    def login_of(self, sid: str) -> Login | None:
        return next((login for login in self.state.logins.values() if login.sid == sid), None)

    def change_login(self, login: Login) -> None:
        with self.lock:
            self.state.logins[login.principal_id] = replace(login, modified=self.timestamp())
            self.save()

    # -------------------------------------------------------------------------------------------- sessions

    def login(self, request: LoginRequest) -> EngineSession:
        return admit(self, request)
