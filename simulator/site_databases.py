# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The databases and logins of a new site, made over TDS as an administrator would make them.

Rights are the least that Microsoft documents for each task: backup by db_backupoperator, restore by dbcreator, looking
by VIEW SERVER STATE. What the restore login needs inside a database (repairing users, CHECKDB) it has by being a user
of the database that comes along in the backup.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pyodbc

from simulator.apps.journal import Journal
from simulator.apps.modules import Module, as_json
from simulator.apps.more_modules import ALL_MODULES
from simulator.site_layout import STRANGER, TOOL_LOGINS, Facts

SEED_TRANSACTIONS, SEED_ROWS = 4, 10
#: SQLSTATEs of unixODBC where FreeTDS is not installed: waiting does not help.
_NO_DRIVER = ("01000", "IM002", "IM003")
# Pooling would keep the administrator's sessions open behind our back.
pyodbc.pooling = False


def connect(server: Facts, login: str, password: str, database: str = "master") -> pyodbc.Connection:
    parts = {
        "DRIVER": "FreeTDS",
        "SERVER": server["address"],
        "PORT": server["port"],
        "DATABASE": database,
        "UID": login,
        "PWD": "{" + password + "}",
        "APP": "MyHospital Site",
        "TDS_Version": "7.4",
        "Encryption": "require",
    }
    connection = pyodbc.connect("".join(f"{key}={value};" for key, value in parts.items()), autocommit=True, timeout=5)
    connection.timeout = 30
    return connection


@contextmanager
def administrator(site: Facts, passwords: Facts, role: str, database: str = "master") -> Iterator[pyodbc.Connection]:
    connection = connect(site["servers"][role], "sa", passwords["sa"][role], database)
    try:
        yield connection
    finally:
        connection.close()


def wait_until_ready(site: Facts, passwords: Facts, role: str, still_runs: Callable[[], None]) -> None:
    """Until the server lets its administrator in; ``still_runs`` raises where waiting is in vain."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with administrator(site, passwords, role) as connection:
                connection.execute("SELECT 1").fetchone()
                return
        except pyodbc.Error as error:
            if time.monotonic() > deadline or error.args[0] in _NO_DRIVER:
                raise
            still_runs()
            time.sleep(0.05)


def build_production(site: Facts, passwords: Facts) -> None:
    with administrator(site, passwords, "production") as connection:
        _create_logins(connection, site, passwords, "production")
        for module in modules_of(site):
            _create_database(connection, module)
    for module in modules_of(site):
        with administrator(site, passwords, "production", module.database) as connection:
            connection.execute(module.create())
            connection.autocommit = False
            _seed(connection, module, Path(site["modules"][module.name]["journal"]))


def build_failover(site: Facts, passwords: Facts) -> None:
    with administrator(site, passwords, "failover") as connection:
        _create_logins(connection, site, passwords, "failover")


def modules_of(site: Facts) -> list[Module]:
    return [ALL_MODULES[name] for name in site["modules"]]


def _create_logins(connection: pyodbc.Connection, site: Facts, passwords: Facts, role: str) -> None:
    for login in [*TOOL_LOGINS.values(), *(module.login for module in modules_of(site))]:
        password = passwords["logins"][login].replace("'", "''")
        sid = _sid(login, role)
        connection.execute(f"CREATE LOGIN [{login}] WITH PASSWORD = N'{password}', SID = {sid}, CHECK_POLICY = OFF")
    connection.execute(f"ALTER SERVER ROLE dbcreator ADD MEMBER [{TOOL_LOGINS['restore']}]")
    connection.execute(f"ALTER SERVER ROLE sysadmin ADD MEMBER [{TOOL_LOGINS['admin']}]")
    for login in TOOL_LOGINS.values():
        connection.execute(f"GRANT VIEW SERVER STATE TO [{login}]")
        connection.execute(f"GRANT VIEW ANY DEFINITION TO [{login}]")
    connection.execute("USE msdb")
    for login in TOOL_LOGINS.values():
        connection.execute(f"CREATE USER [{login}] FOR LOGIN [{login}]")
        connection.execute(f"ALTER ROLE db_datareader ADD MEMBER [{login}]")
    connection.execute("USE master")


def _sid(login: str, role: str) -> str:
    """The same on both servers, but for the login that was made by hand on the failover."""
    stranger = role == "failover" and login == ALL_MODULES[STRANGER].login
    return "0x" + hashlib.sha256(f"{login}{'@failover' if stranger else ''}".encode()).hexdigest()[:32].upper()


def _create_database(connection: pyodbc.Connection, module: Module) -> None:
    connection.execute(f"CREATE DATABASE [{module.database}]")
    connection.execute(f"ALTER DATABASE [{module.database}] SET RECOVERY FULL")
    connection.execute(f"USE [{module.database}]")
    roles = {
        module.login: ("db_datareader", "db_datawriter"),
        TOOL_LOGINS["backup"]: ("db_backupoperator",),
        TOOL_LOGINS["restore"]: ("db_owner",),
        TOOL_LOGINS["verify"]: ("db_datareader",),
    }
    for login, memberships in roles.items():
        connection.execute(f"CREATE USER [{login}] FOR LOGIN [{login}]")
        for role in memberships:
            connection.execute(f"ALTER ROLE {role} ADD MEMBER [{login}]")
    connection.execute("USE master")


def _seed(connection: pyodbc.Connection, module: Module, journal_file: Path) -> None:
    """Yesterday's rows, written as the module would have written them, and noted in its journal."""
    journal = Journal(journal_file)
    server = connection.execute("SELECT @@SERVERNAME").fetchone()[0]
    chance = random.Random(module.name)
    for _ in range(SEED_TRANSACTIONS):
        now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
        journal.transaction += 1
        first = journal.sequence + 1
        journal.sequence += SEED_ROWS
        rows = [module.row(chance, number, journal.transaction, now) for number in range(first, first + SEED_ROWS)]
        changes = [
            {
                "op": "insert",
                "sequence": row["SequenceNumber"],
                "values": {name: as_json(value) for name, value in row.items()},
            }
            for row in rows
        ]
        journal.write("attempt", journal.transaction, server, changes=changes)
        for row in rows:
            connection.execute(module.insert(row), *row.values())
        connection.commit()
        journal.write("committed", journal.transaction, server, changes=changes)
    journal.close()
