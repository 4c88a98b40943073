# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance, and a client that speaks to its sessions as the protocol does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.events import Column, Columns, Done, Event, LoginRequest, Message, Parameter, ReturnValue, Row
from simulator.engine.instance import Instance, Settings

PASSWORD = "Sa-Secret-1"
MOVE = "MOVE 'Hospital' TO 'h.mdf', MOVE 'Hospital_log' TO 'h.ldf'"


class Refused(Exception):
    """What a client raises: the first error of the batch."""

    def __init__(self, errors: list[Message]) -> None:
        super().__init__("; ".join(f"{error.number}: {error.text}" for error in errors))
        self.numbers = [error.number for error in errors]
        self.errors = errors


class Answer:
    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.results: list[tuple[tuple[Column, ...], list[tuple[Any, ...]]]] = []
        self.messages = [event for event in events if isinstance(event, Message)]
        self.errors = [message for message in self.messages if message.severity > 10]
        self.counts = [event.rowcount for event in events if isinstance(event, Done)]
        self.returned = {event.name: event.value for event in events if isinstance(event, ReturnValue)}
        for event in events:
            if isinstance(event, Columns):
                self.results.append((event.columns, []))
            elif isinstance(event, Row):
                self.results[-1][1].append(event.values)

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return self.results[-1][1]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.results[-1][0]]

    @property
    def types(self) -> list[str]:
        return [column.type.name for column in self.results[-1][0]]

    @property
    def numbers(self) -> list[int]:
        return [message.number for message in self.messages]


class Client:
    def __init__(self, instance: Instance, login: str = "sa", password: str = PASSWORD, database: str = "") -> None:
        request = LoginRequest(login, password, database, "tests", "desk", "ODBC", "127.0.0.1:5000", 4711)
        self.instance = instance
        self.session = instance.login(request)

    def ask(self, batch: str, **parameters: Parameter) -> Answer:
        """Errors stay in the answer."""
        return Answer(list(self.session.execute(batch, tuple(parameters.values()))))

    def run(self, batch: str, **parameters: Parameter) -> Answer:
        answer = self.ask(batch, **parameters)
        if answer.errors:
            raise Refused(answer.errors)
        return answer

    def rows(self, batch: str, **parameters: Parameter) -> list[tuple[Any, ...]]:
        return self.run(batch, **parameters).rows

    def value(self, batch: str) -> Any:
        return self.rows(batch)[0][0]

    def refused(self, batch: str) -> list[int]:
        """The numbers of its errors; a batch that goes through is a failure of the test."""
        answer = self.ask(batch)
        assert answer.errors, f"accepted: {batch}"
        return [error.number for error in answer.errors]

    def close(self) -> None:
        self.session.close()


def start(folder: Path, name: str = "PROD", **options: Any) -> Instance:
    return Instance.start(Settings(folder, name, sa_password=PASSWORD, closing_pause=0.0, **options))


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    found = start(tmp_path / "prod")
    yield found
    found.stop()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Instance]:
    found = start(tmp_path / "other", "FAILOVER")
    yield found
    found.stop()


@pytest.fixture
def client(instance: Instance) -> Client:
    return Client(instance)


@pytest.fixture
def hospital(client: Client) -> Client:
    """A client in a database with a table of patients."""
    client.run("CREATE DATABASE Hospital")
    client.run("USE Hospital")
    client.run(
        "CREATE TABLE dbo.Patients (Id int IDENTITY(1,1) NOT NULL PRIMARY KEY, Name nvarchar(50) NOT NULL,"
        " Born date NULL, Fee decimal(10,2) NOT NULL DEFAULT 1.5, Seen datetime2(3) NULL)"
    )
    client.run(
        "INSERT INTO dbo.Patients (Name, Born, Fee) VALUES (N'Ani', '2001-02-03', 10), (N'Budi', NULL, 2.25),"
        " (N'Citra', '1990-12-31', 7)"
    )
    return client


@pytest.fixture
def login(instance: Instance) -> Callable[..., Client]:
    """Makes a login (and, with ``database``, its user) and comes in with it."""
    administrator = Client(instance)

    def make(
        name: str, database: str = "", *, roles: tuple[str, ...] = (), server_roles: tuple[str, ...] = ()
    ) -> Client:
        administrator.run(f"CREATE LOGIN [{name}] WITH PASSWORD = 'x', CHECK_POLICY = OFF")
        for role in server_roles:
            administrator.run(f"ALTER SERVER ROLE {role} ADD MEMBER [{name}]")
        if database:
            administrator.run(f"USE {database}")
            administrator.run(f"CREATE USER [{name}] FOR LOGIN [{name}]")
            for role in roles:
                administrator.run(f"ALTER ROLE {role} ADD MEMBER [{name}]")
            administrator.run("USE master")
        return Client(instance, name, "x")

    return make


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def backed_up(hospital: Client, files: Path) -> Client:
    """A full backup in full.bak, then a row, a differential in diff.bak, a row, a log in log.trn."""
    hospital.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/full.bak' WITH CHECKSUM")
    hospital.run("INSERT Patients (Name) VALUES (N'Dewi')")
    hospital.run(f"BACKUP DATABASE Hospital TO DISK = '{files}/diff.bak' WITH DIFFERENTIAL")
    hospital.run("INSERT Patients (Name) VALUES (N'Eka')")
    hospital.run(f"BACKUP LOG Hospital TO DISK = '{files}/log.trn'")
    hospital.run("USE master")
    return hospital
