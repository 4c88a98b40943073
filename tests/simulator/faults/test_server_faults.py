# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of a server, as a client meets them: SQL Server's number, and its end."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from .conftest import DATABASE, Broken

BACKUP = f"BACKUP DATABASE {DATABASE} TO DISK = 'ward.bak' WITH COPY_ONLY, CHECKSUM, INIT"
COUNT = "SELECT count(*), max(Note) FROM Patients"


def _free_of(broken: Broken, file: str) -> int:
    rows = broken.run(
        "SELECT v.available_bytes FROM sys.master_files f"
        " CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) v"
        f" WHERE f.physical_name LIKE '%{file}'"
    )
    return int(rows[0][0])


def test_a_full_disk_of_backups_refuses_them_and_only_them(broken: Broken) -> None:
    told = broken.command("full_disk", "production", "area=backup", "free=65536")
    assert (told.returncode, told.stderr) == (0, "")
    text = broken.refusal(BACKUP)
    assert "(3202)" in text
    assert "112(There is not enough space on the disk.)" in text
    broken.run("INSERT INTO Beds VALUES (3)", DATABASE)
    assert "full_disk" in broken.command("list").stdout.split("Now:")[1]
    assert "cleared: full_disk on production" in broken.command("clear", "full_disk").stdout
    broken.run(BACKUP)


def test_a_full_disk_of_data_and_of_the_log_stop_the_writers(broken: Broken) -> None:
    rows = ", ".join(f"({number}, N'{'x' * 400}')" for number in range(10_000, 10_800))
    grow = f"INSERT INTO Patients VALUES {rows}"
    with broken.faults.injected("full_disk", "production", area="data", free=100_000):
        assert "(1105)" in broken.refusal(grow, DATABASE)
        broken.run("DELETE FROM Beds WHERE Id = 3", DATABASE)  # what needs no room goes on
        assert _free_of(broken, f"{DATABASE}.mdf") <= 100_000
    assert broken.run(COUNT, DATABASE)[0][0] == 600
    with broken.faults.injected("full_disk", "production", area="log"):
        assert "due to 'LOG_BACKUP'. (9002)" in broken.refusal("INSERT INTO Beds VALUES (4)", DATABASE)
    broken.run("INSERT INTO Beds VALUES (4)", DATABASE)
    assert _free_of(broken, f"{DATABASE}.mdf") > 10**8


def test_a_full_disk_shows_where_administrators_look(broken: Broken) -> None:
    broken.faults.inject("full_disk", "production", free=3 * 2**20)
    assert 0 < broken.run("EXEC master.sys.xp_fixeddrives")[0][1] <= 3
    assert _free_of(broken, f"{DATABASE}.mdf") <= 3 * 2**20
    broken.faults.clear()
    assert broken.run("EXEC master.sys.xp_fixeddrives")[0][1] > 100


def test_a_flipped_bit_is_found_by_whoever_reads_the_page(broken: Broken) -> None:
    broken.faults.inject("bit_flip", "production", database=DATABASE, table="Patients")
    assert "(824)" in broken.refusal(COUNT, DATABASE)
    assert broken.run("SELECT count(*) FROM Beds", DATABASE)
    found = broken.refusal(f"DBCC CHECKDB ({DATABASE}) WITH NO_INFOMSGS")
    assert "(8928)" in found
    assert "(3043)" in broken.refusal(BACKUP)
    broken.faults.clear("bit_flip", "production")
    assert broken.run(COUNT, DATABASE)[0][1] == "n" * 200
    broken.run(f"DBCC CHECKDB ({DATABASE}) WITH NO_INFOMSGS")
    broken.run(BACKUP)


def test_a_flipped_bit_outlives_the_server_that_has_it(broken: Broken) -> None:
    broken.faults.inject("bit_flip", "production", database=DATABASE, table="Patients")
    broken.faults.inject("kill", "production")
    assert broken.faults.active()[0]["fault"] == "bit_flip"
    broken.site.start_one("production")
    assert "(824)" in broken.refusal(COUNT, DATABASE)
    broken.faults.clear()
    broken.run(COUNT, DATABASE)


def test_a_flipped_bit_in_a_backup_is_found_by_its_checksums(broken: Broken) -> None:
    broken.run(BACKUP)
    broken.faults.inject("bit_flip", "production", file="ward.bak")
    verify = "RESTORE VERIFYONLY FROM DISK = 'ward.bak' WITH CHECKSUM"
    assert "(3189)" in broken.refusal(verify)
    moves = f"MOVE '{DATABASE}' TO 'other.mdf', MOVE '{DATABASE}_log' TO 'other.ldf'"
    assert "(3183)" in broken.refusal(f"RESTORE DATABASE Other FROM DISK = 'ward.bak' WITH {moves}")
    broken.faults.clear()
    broken.run(verify)


def test_bytes_that_cannot_be_read_give_the_systems_error(broken: Broken) -> None:
    with broken.faults.injected("read_error", "production", database=DATABASE, table="Patients"):
        text = broken.refusal(COUNT, DATABASE)
        assert "(823)" in text
        assert "23(Data error (cyclic redundancy check).)" in text
        assert broken.run("SELECT count(*) FROM Beds", DATABASE)
        assert "(3271)" in broken.refusal(BACKUP)
        assert "(8928)" in broken.refusal(f"DBCC CHECKDB ({DATABASE})")
    broken.run(COUNT, DATABASE)
    broken.run(BACKUP)
    with broken.faults.injected("read_error", "production", file="ward.bak", offset=30_000):
        text = broken.refusal("RESTORE VERIFYONLY FROM DISK = 'ward.bak'")
        assert "(3203)" in text
    broken.run("RESTORE VERIFYONLY FROM DISK = 'ward.bak'")


def test_a_slow_disk_takes_its_time(broken: Broken) -> None:
    broken.run(BACKUP)
    size = (broken.backups / "ward.bak").stat().st_size
    with broken.faults.injected("slow_disk", "production", rate=size // 2):
        started = time.monotonic()
        broken.run("RESTORE VERIFYONLY FROM DISK = 'ward.bak'")
        assert time.monotonic() - started > 1.4
    started = time.monotonic()
    broken.run("RESTORE VERIFYONLY FROM DISK = 'ward.bak'")
    assert time.monotonic() - started < 1.4


def test_another_tool_moves_the_base_and_the_chain(broken: Broken) -> None:
    log = f"BACKUP LOG {DATABASE} TO DISK = '{{}}' WITH INIT"
    broken.run(log.format("before.trn"))
    assert "took a log backup" in broken.faults.inject("foreign_backup", "production", database=DATABASE, kind="log")
    broken.run(log.format("after.trn"))
    newest = (
        "SELECT TOP (1) s.user_name, s.name, m.software_name, f.physical_device_name, s.first_lsn, s.last_lsn"
        " FROM msdb.dbo.backupset s JOIN msdb.dbo.backupmediaset m ON m.media_set_id = s.media_set_id"
        " JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = s.media_set_id"
        f" WHERE s.database_name = '{DATABASE}' AND s.user_name <> 'sa' ORDER BY s.backup_set_id DESC"
    )
    foreign = broken.run(newest)[0]
    assert tuple(foreign)[:4] == ("RS\\svc_saver", "Nightly Saver 9 log backup", "Nightly Saver 9", "NUL")
    (before,), (after,) = (broken.run(f"RESTORE HEADERONLY FROM DISK = '{name}.trn'") for name in ("before", "after"))
    assert (before.LastLSN, after.FirstLSN) == (foreign.first_lsn, foreign.last_lsn)
    broken.faults.inject("foreign_backup", "production", database=DATABASE, to="saver.vbk")
    broken.run(f"BACKUP DATABASE {DATABASE} TO DISK = 'diff.bak' WITH DIFFERENTIAL, INIT")
    (diff,) = broken.run("RESTORE HEADERONLY FROM DISK = 'diff.bak'")
    assert diff.DifferentialBaseGUID == broken.run("RESTORE HEADERONLY FROM DISK = 'saver.vbk'")[0].BackupSetGUID


def test_rights_are_lost_and_given_back(broken: Broken) -> None:
    login, restorer = "deadpool_backup", "deadpool_restore"
    statement = "BACKUP DATABASE MyHospitalBilling TO DISK = 'billing.bak' WITH COPY_ONLY, INIT"
    with broken.faults.injected("lost_permission", "production", login=login):
        assert "(262)" in broken.refusal(statement, login=login)
        broken.run(statement)
    broken.run(statement, login=login)
    over = "RESTORE FILELISTONLY FROM DISK = 'billing.bak'"
    with broken.faults.injected("lost_permission", "production", login=restorer, right="restore"):
        assert "(262)" in broken.refusal(over, login=restorer)
        replace = "RESTORE DATABASE MyHospitalBilling FROM DISK = 'billing.bak' WITH REPLACE"
        # 3110 comes first; FreeTDS tells the graver 3013 behind it.
        assert "RESTORE DATABASE is terminating abnormally. (3013)" in broken.refusal(replace, login=restorer)
    broken.run(over, login=restorer)
    with broken.faults.injected("lost_permission", "production", folder=str(broken.backups)):
        for refused in (statement, over):
            text = broken.refusal(refused)
            assert "(3201)" in text
            assert "5(Access is denied.)" in text
    broken.run(statement)


def test_the_clock_jumps_and_comes_back(broken: Broken) -> None:
    def off() -> timedelta:
        return broken.run("SELECT SYSUTCDATETIME()")[0][0].replace(tzinfo=timezone.utc) - datetime.now(timezone.utc)

    with broken.faults.injected("clock_jump", "production", seconds=-5400):
        assert abs(off() + timedelta(minutes=90)) < timedelta(seconds=5)
        broken.run(BACKUP)
        (header,) = broken.run("RESTORE HEADERONLY FROM DISK = 'ward.bak'")
        local = datetime.now(timezone(timedelta(hours=7))).replace(tzinfo=None)
        assert abs(local - header.BackupFinishDate - timedelta(minutes=90)) < timedelta(seconds=10)
    assert abs(off()) < timedelta(seconds=5)


def test_a_restore_meets_a_full_disk(broken: Broken) -> None:
    broken.run(BACKUP)
    moves = ", ".join(f"MOVE '{DATABASE}{end}' TO 'third{end}.file'" for end in ("", "_log"))
    with broken.faults.injected("full_disk", "production", area="data", free=8192):
        assert "(3257)" in broken.refusal(f"RESTORE DATABASE Third FROM DISK = 'ward.bak' WITH {moves}")
    assert not Path(broken.server["data"], "third.file").exists()
