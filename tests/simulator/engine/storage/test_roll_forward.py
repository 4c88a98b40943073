# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores that go well: instants, marks, standby, several sets in a file, writers and readers meanwhile."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from simulator.engine.events import SqlError
from simulator.engine.facts import BackupOptions
from tests.simulator.engine.storage.ward import JAKARTA, Ward, numbers


def test_stop_at_keeps_what_was_committed_by_then(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(10)
    moment, rows = ward.clock.local(), ward.rows()
    ward.admit(10)
    ward.backup("log", "log.trn")
    ward.restore("copy", "full.bak")
    result = ward.restore_log("copy", "log.trn", stop_at=moment, recovery=True)
    assert result.stop_reached
    assert result.info.state == "ONLINE"
    assert ward.rows("copy") == rows


def test_stop_at_beyond_the_log_keeps_restoring(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(3)
    ward.backup("log", "log1.trn")
    ward.admit(3)
    moment, rows = ward.clock.local(), ward.rows()
    ward.admit(3)
    ward.backup("log", "log2.trn")
    ward.restore("copy", "full.bak")
    result = ward.restore_log("copy", "log1.trn", stop_at=moment, recovery=True)
    assert result.info.state == "RESTORING"
    assert [message.number for message in result.messages] == [4322]
    ward.restore_log("copy", "log2.trn", stop_at=moment, recovery=True)
    assert ward.rows("copy") == rows


def test_the_same_log_can_be_rolled_further(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(4)
    moment = ward.clock.local()
    ward.admit(4)
    ward.backup("log", "log.trn")
    ward.restore("copy", "full.bak")
    stopped = ward.restore_log("copy", "log.trn", stop_at=moment).info.redo_start_lsn
    again = ward.restore_log("copy", "log.trn", stop_at=moment).info.redo_start_lsn
    assert stopped == again
    ward.restore_log("copy", "log.trn", recovery=True)
    assert ward.rows("copy") == ward.rows()


def test_marks(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(2)
    before = ward.rows()
    ward.write("INSERT INTO visit (note) VALUES ('marked')", mark="month_end")
    after = ward.rows()
    ward.admit(2)
    ward.backup("log", "log.trn")
    ward.restore("before", "full.bak")
    ward.restore_log("before", "log.trn", stop_before_mark="month_end", recovery=True)
    assert ward.rows("before") == before
    ward.restore("after", "full.bak")
    ward.restore_log("after", "log.trn", stop_at_mark="month_end", recovery=True)
    assert ward.rows("after") == after
    ward.restore("never", "full.bak")
    result = ward.restore_log("never", "log.trn", stop_at_mark="no_such_mark", recovery=True)
    assert (result.info.state, [message.number for message in result.messages]) == ("RESTORING", [4329])


def test_standby_is_readable_and_rolls_on(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(3)
    ward.backup("log", "log1.trn")
    rows = ward.rows()
    ward.admit(3)
    ward.backup("log", "log2.trn")
    undo = ward.folder / "undo.tuf"
    ward.restore("copy", "full.bak")
    info = ward.restore_log("copy", "log1.trn", standby=undo).info
    assert (info.state, info.is_in_standby, info.is_read_only) == ("ONLINE", True, True)
    assert ward.rows(ward.reopen("copy")) == rows
    connection = ward.restored["copy"].connect()
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM visit")
    connection.close()
    assert undo.exists()
    ward.restore_log("copy", "log2.trn", recovery=True)
    assert not undo.exists()
    assert ward.rows("copy") == ward.rows()


def test_standby_without_its_file(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.backup("log", "log.trn")
    undo = ward.folder / "undo.tuf"
    ward.restore("copy", "full.bak", standby=undo)
    undo.unlink()
    with pytest.raises(SqlError) as problem:
        ward.restore_log("copy", "log.trn")
    assert numbers(problem) == [3441, 3013]


def test_several_sets_in_one_file(ward: Ward) -> None:
    ward.backup("full", "all.bak")
    ward.admit(2)
    ward.backup("differential", "all.bak")
    ward.admit(2)
    ward.backup("log", "all.bak")
    ward.restore("copy", "all.bak", position=1)
    ward.restore("copy", "all.bak", position=2)
    ward.restore_log("copy", "all.bak", position=3, recovery=True)
    assert ward.rows("copy") == ward.rows()


def test_init_starts_the_file_anew(ward: Ward) -> None:
    ward.backup("full", "all.bak")
    ward.admit(2)
    assert ward.backup("full", "all.bak", init=True).header["Position"] == 1
    ward.restore("copy", "all.bak", recovery=True)
    assert ward.rows("copy") == ward.rows()


def test_writers_go_on_during_a_backup_and_are_in_it(ward: Ward) -> None:
    """The log of a full backup reaches to the end of the copying."""
    ward.write(*["INSERT INTO visit (note) VALUES (hex(randomblob(900)))"] * 2000)
    seen: list[int] = []

    def write(percent: int) -> None:
        if percent < 100:
            ward.admit()
            seen.append(percent)

    ward.source.backup("full", [ward.device("full.bak")], BackupOptions(), ward.facts, on_progress=write)
    assert len(seen) > 1
    ward.restore("copy", "full.bak", recovery=True)
    assert len(ward.rows("copy")) == 2000 + len(seen)


def test_open_transaction_does_not_hold_up_a_backup(ward: Ward) -> None:
    ward.admit(2)
    connection = ward.source.connect()
    ward.source.begin(connection)
    connection.execute("DELETE FROM visit")
    ward.backup("full", "full.bak", checksum=True)
    ward.backup("log", "log.trn")
    ward.source.rollback(connection)
    connection.close()
    ward.restore("copy", "full.bak")
    ward.restore_log("copy", "log.trn", recovery=True)
    assert ward.rows("copy") == ward.rows()


def test_readers_do_not_hold_up_a_backup(ward: Ward) -> None:
    """A reader keeps SQLite's log from being written back: the backup reads pages from there."""
    ward.admit(2)
    reader = ward.source.connect()
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM visit").fetchall()
    ward.admit(50)
    ward.backup("full", "full.bak", checksum=True)
    ward.admit(5)
    ward.backup("differential", "diff.bak", checksum=True)
    reader.execute("COMMIT")
    reader.close()
    ward.restore("copy", "full.bak")
    ward.restore("copy", "diff.bak", recovery=True)
    assert ward.rows("copy") == ward.rows()
    assert ward.source.check() == []


def test_stop_at_is_in_the_clock_of_the_server_that_wrote_the_log(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(2)
    moment, rows = ward.clock.local(), ward.rows()
    ward.admit(2)
    ward.backup("log", "log.trn")
    ward.facts = replace(ward.facts, utc_offset=JAKARTA - timedelta(hours=9))
    ward.restore("copy", "full.bak")
    ward.restore_log("copy", "log.trn", stop_at=moment, recovery=True)
    assert ward.rows("copy") == rows
