# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tails of the log, recovery forks, and backups that others take in between."""

from __future__ import annotations

import pytest

from simulator.engine.database import Database
from simulator.engine.events import SqlError
from simulator.engine.restore import recover
from tests.simulator.engine.storage.ward import Ward, numbers


def test_tail_of_a_living_database(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(3)
    rows = ward.rows()
    result = ward.backup("log", "tail.trn", norecovery=True)
    assert ward.source.info.state == "RESTORING"
    assert ward.source.info.redo_start_lsn == result.header["LastLSN"]
    assert result.header["IsForceOffline"]
    ward.restore("copy", "full.bak")
    ward.restore_log("copy", "tail.trn", recovery=True)
    assert ward.rows("copy") == rows
    recover(ward.source, "Ward")  # and back, if it was an exercise
    assert ward.rows() == rows


def test_tail_when_the_data_file_is_lost(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(5)
    rows = ward.rows()
    ward.source.close()
    ward.source.data_file.unlink()
    lost = Database.open(ward.source.data_file, ward.source.log_file, clock=ward.clock, database_id=5)
    assert lost.info.state == "RECOVERY_PENDING"
    with pytest.raises(SqlError) as problem:
        ward.backup("log", "tail.trn", database=lost)
    assert numbers(problem) == [945, 3013]
    ward.backup("log", "tail.trn", no_truncate=True, database=lost)
    lost.close()
    ward.restore("copy", "full.bak")
    ward.restore_log("copy", "tail.trn", recovery=True)
    assert ward.rows("copy") == rows


def test_each_recovery_begins_a_fork(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(3)
    ward.backup("log", "log1.trn")
    ward.restore("fork", "full.bak")
    ward.restore_log("fork", "log1.trn")
    point = ward.restored["fork"].info.redo_start_lsn
    ward.recover("fork")
    fork = ward.restored["fork"]
    assert fork.info.recovery_fork_guid != ward.source.info.recovery_fork_guid
    assert fork.info.first_recovery_fork_guid == ward.source.info.recovery_fork_guid
    assert (fork.info.fork_point_lsn, fork.info.last_log_backup_lsn) == (point, point)
    assert fork.info.family_guid == ward.source.info.family_guid
    assert fork.info.database_guid != ward.source.info.database_guid


def test_logs_of_both_forks(ward: Ward) -> None:
    """Up to the fork point either way is open; past it only the one that was taken."""
    ward.backup("full", "full.bak")
    ward.admit(3)
    ward.backup("log", "log1.trn")
    ward.restore("fork", "full.bak")
    ward.restore_log("fork", "log1.trn", recovery=True)
    fork = ward.restored["fork"]
    ward.admit(2, database=fork)
    ward.backup("log", "fork2.trn", database=fork)
    ward.admit(2)
    ward.backup("log", "log2.trn")
    ward.admit(2)
    ward.backup("log", "log3.trn")
    ward.restore("a", "full.bak")
    ward.restore_log("a", "log1.trn")
    ward.restore_log("a", "fork2.trn", recovery=True)
    assert ward.rows("a") == ward.rows(fork)
    ward.restore("b", "full.bak")
    ward.restore_log("b", "log1.trn")
    ward.restore_log("b", "log2.trn")
    with pytest.raises(SqlError) as problem:
        ward.restore_log("b", "fork2.trn")
    assert numbers(problem)[0] in (4326, 4330)
    ward.restore_log("b", "log3.trn", recovery=True)
    assert ward.rows("b") == ward.rows()


def test_log_of_the_other_fork_at_the_same_lsn(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.restore("fork", "full.bak", recovery=True)
    fork = ward.restored["fork"]
    for database, name in ((ward.source, "main"), (fork, "fork")):
        ward.write("INSERT INTO visit (note) VALUES ('same size')", database=database)
        ward.backup("log", f"{name}1.trn", database=database)
        ward.write("INSERT INTO visit (note) VALUES ('same size')", database=database)
        ward.backup("log", f"{name}2.trn", database=database)
    ward.restore("copy", "full.bak")
    ward.restore_log("copy", "main1.trn")
    with pytest.raises(SqlError) as problem:
        ward.restore_log("copy", "fork2.trn")
    assert numbers(problem) == [4330, 3013]


def test_backups_of_a_restored_database_go_on_from_it(ward: Ward) -> None:
    """The differential base travels with the data; the log chain begins at the fork point."""
    ward.backup("full", "full.bak")
    ward.admit(3)
    ward.backup("log", "log1.trn")
    ward.restore("second", "full.bak")
    ward.restore_log("second", "log1.trn", recovery=True)
    second = ward.reopen("second")
    ward.admit(4, database=second)
    ward.backup("differential", "diff.bak", database=second)
    ward.admit(4, database=second)
    ward.backup("log", "log2.trn", database=second)
    ward.restore("third", "full.bak")
    ward.restore("third", "diff.bak")
    ward.restore_log("third", "log2.trn", recovery=True)
    assert ward.rows("third") == ward.rows(second)
    assert ward.restored["third"].check() == []


def test_foreign_log_backup_to_nul_breaks_the_chain(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(2)
    ward.backup("log", "log1.trn")
    ward.admit(2)
    ward.backup("log", "NUL")
    ward.admit(2)
    ward.backup("log", "log2.trn")
    ward.restore("copy", "full.bak")
    ward.restore_log("copy", "log1.trn")
    with pytest.raises(SqlError) as problem:
        ward.restore_log("copy", "log2.trn")
    assert numbers(problem) == [4305, 3013]


def test_foreign_full_backup_to_nul_moves_the_base(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.backup("full", "NUL")
    ward.admit()
    ward.backup("differential", "diff.bak")
    ward.restore("copy", "full.bak")
    with pytest.raises(SqlError) as problem:
        ward.restore("copy", "diff.bak")
    assert numbers(problem) == [3136, 3013]


def test_copy_only_log_leaves_the_chain_alone(ward: Ward) -> None:
    ward.backup("full", "full.bak")
    ward.admit(2)
    before = ward.source.info.last_log_backup_lsn
    ward.backup("log", "copy.trn", copy_only=True)
    assert ward.source.info.last_log_backup_lsn == before
    ward.admit(2)
    ward.backup("log", "log.trn")
    ward.restore("copy", "full.bak")
    ward.restore_log("copy", "copy.trn")
    ward.restore_log("copy", "log.trn", recovery=True)  # overlaps: what is there already is passed over
    assert ward.rows("copy") == ward.rows()
