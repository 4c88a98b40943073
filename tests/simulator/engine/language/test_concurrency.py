# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several sessions at once, and a process that is killed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.instance import Instance

from .conftest import PASSWORD, Client

pyodbc = pytest.importorskip("pyodbc")


def together(*work: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def guarded(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures


def test_writers_lose_nothing(hospital: Client, instance: Instance) -> None:
    hospital.run("CREATE TABLE Counter (Who int PRIMARY KEY, N int); INSERT Counter VALUES (0, 0)")

    def writer(number: int) -> Callable[[], None]:
        def work() -> None:
            client = Client(instance, database="Hospital")
            for _ in range(30):
                client.run("UPDATE Counter SET N += 1 WHERE Who = 0")
                client.run(f"INSERT Patients (Name) VALUES (N'{number}')")
            client.close()

        return work

    together(*(writer(number) for number in range(6)))
    assert hospital.value("SELECT N FROM Counter") == 180
    assert hospital.rows("SELECT COUNT(*), COUNT(DISTINCT Id), MAX(Id) FROM Patients") == [(183, 183, 183)]


def test_a_writer_waits_and_is_seen_waiting(hospital: Client, instance: Instance) -> None:
    other = Client(instance, database="Hospital")
    hospital.run("BEGIN TRAN; UPDATE Patients SET Fee = 99 WHERE Id = 1")
    done = []
    waiting = threading.Thread(target=lambda: done.append(other.ask("UPDATE Patients SET Fee += 1 WHERE Id = 1")))
    waiting.start()
    watcher, deadline = Client(instance), time.monotonic() + 20
    blocked = "SELECT session_id, blocking_session_id FROM sys.dm_exec_requests WHERE blocking_session_id <> 0"
    while not watcher.rows(blocked) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert watcher.rows(blocked) == [(other.session.spid, hospital.session.spid)]
    assert not done
    hospital.run("COMMIT")
    waiting.join(10)
    assert hospital.value("SELECT Fee FROM Patients WHERE Id = 1") == 100


def test_lock_timeout(hospital: Client, instance: Instance) -> None:
    hospital.run("BEGIN TRAN; DELETE FROM Patients")
    other = Client(instance, database="Hospital")
    assert other.refused("SET LOCK_TIMEOUT 100; UPDATE Patients SET Fee = 1") == [1222]


def test_a_deadlock_has_one_victim(hospital: Client, instance: Instance) -> None:
    hospital.run("CREATE DATABASE Lab; CREATE TABLE Lab.dbo.T (x int)")
    one, two = Client(instance), Client(instance)
    one.run("BEGIN TRAN; INSERT Lab.dbo.T VALUES (1)")
    two.run("BEGIN TRAN; INSERT Hospital.dbo.Patients (Name) VALUES (N'x')")
    answers: list[Any] = []
    first = threading.Thread(
        target=lambda: answers.append(one.ask("INSERT Hospital.dbo.Patients (Name) VALUES (N'y')"))
    )
    first.start()
    time.sleep(0.2)
    answers.append(two.ask("INSERT Lab.dbo.T VALUES (2)"))
    first.join(10)
    assert sorted(error.number for answer in answers for error in answer.errors) == [1205]


def test_readers_see_what_is_committed(hospital: Client, instance: Instance) -> None:
    stop = threading.Event()

    def write() -> None:
        client = Client(instance, database="Hospital")
        for _ in range(40):
            client.run(
                "BEGIN TRAN; INSERT Patients (Name) VALUES (N'pair'); INSERT Patients (Name) VALUES (N'pair'); COMMIT"
            )
        stop.set()

    def read() -> None:
        client = Client(instance, database="Hospital")
        while not stop.is_set():
            assert client.value("SELECT COUNT(*) FROM Patients WHERE Name = N'pair'") % 2 == 0

    together(write, read, read)


def test_backups_while_others_write(hospital: Client, instance: Instance, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        client = Client(instance, database="Hospital")
        while not stop.is_set():
            client.run("INSERT Patients (Name) VALUES (N'x')")

    def back_up() -> None:
        client = Client(instance)
        client.run(f"BACKUP DATABASE Hospital TO DISK = '{tmp_path}/f.bak'")
        for number in range(10):
            client.run(f"BACKUP LOG Hospital TO DISK = '{tmp_path}/l{number}.trn'")
        stop.set()

    together(write, write, back_up)
    client = Client(instance)
    client.run(
        f"RESTORE DATABASE Copy FROM DISK = '{tmp_path}/f.bak' WITH NORECOVERY, MOVE 'Hospital' TO 'c.mdf',"
        f" MOVE 'Hospital_log' TO 'c.ldf'"
    )
    for number in range(10):
        client.run(f"RESTORE LOG Copy FROM DISK = '{tmp_path}/l{number}.trn' WITH NORECOVERY")
    client.run("RESTORE DATABASE Copy WITH RECOVERY")
    count, highest = client.rows("SELECT COUNT(*), MAX(Id) FROM Copy.dbo.Patients")[0]
    assert count == highest and 3 < count <= client.value("SELECT COUNT(*) FROM Hospital.dbo.Patients")


# ------------------------------------------------------------------------------------------------ the process


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "password").write_text(PASSWORD)
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "simulator.sqlserver", "--state", str(self.folder / "prod"), "--name", "PROD"]
        command += ["--sa-password-file", str(self.folder / "password")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4])
        assert self.process.stdout is not None
        self.ready = json.loads(self.process.stdout.readline())

    def connect(self, database: str = "master") -> Any:
        text = (
            f"DRIVER=FreeTDS;SERVER=127.0.0.1;PORT={self.ready['port']};UID=sa;PWD={{{PASSWORD}}};DATABASE={database};"
        )
        return pyodbc.connect(text + "TDS_Version=7.4;Encryption=require;", autocommit=True, timeout=10)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    yield found
    if found.process.poll() is None:
        found.kill()


def test_it_says_when_it_is_ready_and_stops_when_told(server: Server) -> None:
    assert server.ready["event"] == "ready" and server.ready["name"] == "PROD"
    assert server.connect().execute("SELECT @@SERVERNAME").fetchone()[0] == "PROD"
    server.process.terminate()
    assert server.process.wait(20) == 0


@pytest.mark.slow
def test_killed_at_any_moment_it_keeps_what_it_acknowledged(server: Server) -> None:
    connection = server.connect()
    connection.execute("CREATE DATABASE Lab")
    connection.execute("CREATE TABLE Lab.dbo.T (x int PRIMARY KEY, y int)")
    acknowledged = 0
    chance = random.Random(7)
    for _ in range(10):
        over = threading.Timer(chance.uniform(0.05, 0.6), server.kill)
        over.start()
        try:
            connection = server.connect()
            connection.autocommit = False
            while True:
                connection.execute("INSERT Lab.dbo.T VALUES (?, 1)", acknowledged + 1)
                connection.execute("UPDATE Lab.dbo.T SET y = 2 WHERE x = ?", acknowledged + 1)
                connection.commit()
                acknowledged += 1
        except pyodbc.Error:
            over.join()
        server.start()
        rows = (
            server.connect().execute("SELECT COUNT(*), ISNULL(MAX(x), 0), ISNULL(MIN(y), 2) FROM Lab.dbo.T").fetchone()
        )
        # The last one may have been committed without the client having heard of it.
        assert rows[0] == rows[1] and rows[1] in (acknowledged, acknowledged + 1) and rows[2] == 2
        acknowledged = rows[1]
    assert acknowledged > 20


def test_a_client_that_closes_its_cursor_has_no_backup(server: Server, tmp_path: Path) -> None:
    connection = server.connect()
    connection.execute("CREATE DATABASE Lab")
    cursor = connection.cursor()
    cursor.execute(f"BACKUP DATABASE Lab TO DISK = '{tmp_path}/x.bak' WITH STATS = 10")
    cursor.close()
    cursor = connection.cursor()
    assert cursor.execute("SELECT COUNT(*) FROM msdb.dbo.backupset").fetchone()[0] == 0
    cursor.execute(f"BACKUP DATABASE Lab TO DISK = '{tmp_path}/y.bak' WITH STATS = 10")
    while cursor.nextset():
        pass
    assert cursor.execute("SELECT COUNT(*) FROM msdb.dbo.backupset").fetchone()[0] == 1


def test_a_thrown_out_client_must_come_back(server: Server) -> None:
    administrator, user = server.connect(), server.connect()
    administrator.execute("CREATE DATABASE Lab")
    user.execute("USE Lab")
    administrator.execute("ALTER DATABASE Lab SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
    with pytest.raises(pyodbc.Error):
        user.execute("SELECT 1").fetchone()
    with pytest.raises(pyodbc.Error):
        user.execute("SELECT 1").fetchone()
    assert server.connect().execute("SELECT COUNT(*) FROM sys.dm_exec_sessions").fetchone()[0] == 2
