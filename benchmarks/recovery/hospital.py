# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A simulated hospital whose store holds a full, a differential and many log backups of five databases."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyodbc

PROJECT = Path(__file__).resolve().parents[2]
ARCHIVE = "MyHospitalArchive"
pyodbc.pooling = False


@dataclass
class Hospital:
    state: Path
    logs: int
    mebibytes: int
    _number: int = 0

    @property
    def site(self) -> dict[str, Any]:
        return dict(json.loads((self.state / "site.json").read_text()))

    @property
    def secrets(self) -> dict[str, Any]:
        return dict(json.loads((self.state / "secrets.json").read_text()))

    @property
    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {**os.environ, "DEADPOOL_STATE": str(self.state), "ANSIBLE_NOCOLOR": "1", "PATH": path}

    @property
    def databases(self) -> list[str]:
        return [*self.site["databases"], ARCHIVE]

    def simulator(self, *words: str) -> None:
        command = [sys.executable, "-m", "simulator", *words, "--state", str(self.state)]
        subprocess.run(command, cwd=PROJECT, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def play(self, playbook: str, *words: str) -> float:
        """Seconds that the whole command took; ends everything where it failed."""
        command = ["ansible-playbook", "-i", "inventory/demo", playbook, *words]
        command += ["-e", json.dumps({"site_databases": self.databases})]
        begun = time.perf_counter()
        done = subprocess.run(
            command, cwd=PROJECT, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stdout[-4000:] + done.stderr[-1000:])
        return time.perf_counter() - begun

    def connect(self, role: str) -> pyodbc.Connection:
        server = self.site["servers"][role]
        return pyodbc.connect(
            f"DRIVER=FreeTDS;SERVER={server['address']};PORT={server['port']};DATABASE=master;UID=sa;"
            f"PWD={{{self.secrets['sa'][role]}}};TDS_Version=7.4;Encryption=require;",
            autocommit=True,
            timeout=10,
        )

    def make(self) -> None:
        """Everything up to the moment in which production dies."""
        self.begin()
        self.back_up("FULL")
        self.back_up("DIFF")
        self.back_up("LOG", self.logs)
        self.simulator("kill", "production")

    def begin(self) -> None:
        self.simulator("start", "--speed", "0.2")
        connection = self.connect("production")
        _archive(connection, self.site["logins"])
        for name in self.databases:
            fill(connection, name, self.mebibytes)
        connection.close()

    def back_up(self, kind: str, count: int = 1) -> None:
        """So many of every database, and to the store."""
        connection = self.connect("production")
        for _unused in range(count):
            self._number += 1
            for name in self.databases:
                back_up(connection, self.site["servers"]["production"], name, kind, self._number)
        connection.close()
        self._ship()

    def _ship(self) -> None:
        """As playbooks/backup.yml leaves it: each file with its digest beside it."""
        source, store = Path(self.site["servers"]["production"]["backup"]), Path(self.site["store"]["folder"])
        for path in sorted(source.rglob("*.*")):
            target = store / "rs-contoh-sehat" / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            Path(f"{target}.sha256").write_text(f"{digest}  {target.name}\n")

    def cold(self) -> None:
        """The failover as it was before: no database, no file, and no module that keeps one in use."""
        self.simulator("stop", *self.site["modules"])
        connection = self.connect("failover")
        for name in self.databases:
            connection.execute(f"DROP DATABASE IF EXISTS [{name}]")
        connection.close()
        shutil.rmtree(self.site["servers"]["failover"]["incoming"], ignore_errors=True)
        Path(self.site["servers"]["failover"]["incoming"]).mkdir()

    def rows(self) -> dict[str, int]:
        """What each database holds on the failover; fails where one is not open."""
        connection = self.connect("failover")
        sql = "SELECT COUNT(*) FROM [{}].dbo.Filling"
        found = {name: int(connection.execute(sql.format(name)).fetchval()) for name in self.databases}
        connection.close()
        return found


def _archive(connection: pyodbc.Connection, logins: dict[str, str]) -> None:
    """A database that no module works with."""
    connection.execute(f"CREATE DATABASE [{ARCHIVE}]")
    connection.execute(f"ALTER DATABASE [{ARCHIVE}] SET RECOVERY FULL")
    connection.execute(f"USE [{ARCHIVE}]")
    for role, membership in (("restore", "db_owner"), ("verify", "db_datareader")):
        connection.execute(f"CREATE USER [{logins[role]}] FOR LOGIN [{logins[role]}]")
        connection.execute(f"ALTER ROLE {membership} ADD MEMBER [{logins[role]}]")
    connection.execute("USE master")


def fill(connection: pyodbc.Connection, name: str, mebibytes: int) -> None:
    connection.execute(f"CREATE TABLE [{name}].dbo.Filling (Id int NOT NULL, Text nvarchar(max) NOT NULL)")
    for number in range(mebibytes):
        insert(connection, name, number, "x" * 1024 * 512)


def insert(connection: pyodbc.Connection, name: str, number: int, text: str) -> None:
    connection.execute(f"INSERT INTO [{name}].dbo.Filling VALUES (?, ?)", number, text)  # noqa: S608


def back_up(connection: pyodbc.Connection, server: dict[str, Any], name: str, kind: str, number: int) -> None:
    """With a row before each, so that no log is empty."""
    insert(connection, name, 100_000 + number, "a row")
    path = Path(server["backup"], server["name"], name, kind, f"{server['name']}_{name}_{kind}_{number:06d}.bak")
    path.parent.mkdir(parents=True, exist_ok=True)
    word = "LOG" if kind == "LOG" else "DATABASE"
    more = ", DIFFERENTIAL" if kind == "DIFF" else ""
    run(connection, f"BACKUP {word} [{name}] TO DISK = N'{path}' WITH CHECKSUM, NOINIT{more}")


def run(connection: pyodbc.Connection, statement: str) -> None:
    """To its very end: BACKUP and RESTORE answer with several results."""
    cursor = connection.execute(statement)
    while cursor.nextset():
        pass
    cursor.close()
