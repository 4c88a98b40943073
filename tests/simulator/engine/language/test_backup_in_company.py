# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""BACKUP and RESTORE as others see them: rights, progress, and clients that give up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.engine.events import Message
from simulator.engine.instance import Instance

from .conftest import MOVE, Client, start


def test_rights(hospital: Client, login: Callable[..., Client], files: Path) -> None:
    backup = f"BACKUP DATABASE Hospital TO DISK = '{files}/r.bak'"
    assert login("reader", "Hospital", roles=("db_datareader",)).refused(backup) == [262, 3013]
    assert login("stranger").refused(backup) == [262, 3013]
    login("operator", "Hospital", roles=("db_backupoperator",)).run(backup)
    hospital.run("USE master")
    restore = f"RESTORE DATABASE Copy FROM DISK = '{files}/r.bak' WITH {MOVE}"
    assert login("nobody").refused(restore) == [262, 3013]
    assert login("weak").refused(f"RESTORE HEADERONLY FROM DISK = '{files}/r.bak'") == [262, 3013]
    assert login("user", "Hospital").refused(f"RESTORE DATABASE Hospital FROM DISK = '{files}/r.bak' WITH REPLACE") == [
        3110,
        3013,
    ]
    restorer = login("restorer", server_roles=("dbcreator",))
    restorer.run(restore)
    assert hospital.value("SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = 'Copy'") == "restorer"


def test_progress_is_seen_by_others(hospital: Client, instance: Instance, files: Path) -> None:
    watcher = Client(instance)
    events = hospital.session.execute(f"BACKUP DATABASE Hospital TO DISK = '{files}/p.bak' WITH STATS = 10")
    next(events)
    rows = watcher.rows(
        "SELECT command, percent_complete, estimated_completion_time FROM sys.dm_exec_requests WHERE"
        " percent_complete > 0"
    )
    assert rows and rows[0][0] == "BACKUP DATABASE" and 0 < rows[0][1] <= 100
    list(events)
    assert watcher.rows("SELECT session_id FROM sys.dm_exec_requests WHERE session_id <> @@SPID") == []


def test_a_client_that_does_not_drain_has_no_backup(tmp_path: Path, files: Path) -> None:
    instance = start(tmp_path / "slow")
    object.__setattr__(instance.settings, "closing_pause", 2.0)
    try:
        client = Client(instance)
        client.run("CREATE DATABASE Hospital")
        events = client.session.execute(f"BACKUP DATABASE Hospital TO DISK = '{files}/n.bak' WITH STATS = 50")
        assert isinstance(next(events), Message)
        client.session.cancel()
        events.close()  # type: ignore[attr-defined]
        assert client.value("SELECT COUNT(*) FROM msdb.dbo.backupset") == 0
        assert client.ask(f"RESTORE VERIFYONLY FROM DISK = '{files}/n.bak'").errors
    finally:
        instance.stop()


def test_an_abandoned_restore_leaves_restoring(backed_up: Client, other: Instance, files: Path) -> None:
    target = Client(other)
    object.__setattr__(other.settings, "closing_pause", 2.0)
    events: Any = target.session.execute(
        f"RESTORE DATABASE Hospital FROM DISK = '{files}/full.bak' WITH STATS = 100, {MOVE}"
    )
    next(events)
    target.session.cancel()
    events.close()
    assert target.value("SELECT state_desc FROM sys.databases WHERE name = 'Hospital'") == "RESTORING"
    assert target.value("SELECT COUNT(*) FROM msdb.dbo.restorehistory") == 0


def test_an_older_server_refuses_what_a_newer_wrote(tmp_path: Path, client: Client, files: Path) -> None:
    newer = start(tmp_path / "newer", "NEW", version=(16, 0, 4135))
    try:
        writer = Client(newer)
        assert writer.value("SELECT @@VERSION").startswith("Microsoft SQL Server 2022")
        writer.run(f"CREATE DATABASE Hospital; BACKUP DATABASE Hospital TO DISK = '{files}/new.bak'")
        assert "LastValidRestoreTime" in writer.run(f"RESTORE HEADERONLY FROM DISK = '{files}/new.bak'").names
        client.run("CREATE DATABASE Lab")
        client.run(f"BACKUP DATABASE Lab TO DISK = '{files}/old.bak'")
        assert client.refused(f"RESTORE DATABASE Hospital FROM DISK = '{files}/new.bak' WITH {MOVE}") == [3169, 3013]
        moves = "MOVE 'Lab' TO 'l.mdf', MOVE 'Lab_log' TO 'l.ldf'"
        writer.run(f"RESTORE DATABASE Lab FROM DISK = '{files}/old.bak' WITH {moves}")
    finally:
        newer.stop()
