# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases with several data files: all of them are needed, and backups carry them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_verify import verify_backup_file

from simulator.engine.instance import Instance

from .conftest import Client

ROWS = "SELECT COUNT(*), MAX(LEN(Note)) FROM Archive.dbo.Visits"


@pytest.fixture
def archive(client: Client, tmp_path: Path) -> Iterator[Client]:
    """A database in three data files, with a few hundred pages."""
    files = ", ".join(f"(NAME = A{number}, FILENAME = '{tmp_path}/a{number}.ndf')" for number in (1, 2, 3))
    client.run(f"CREATE DATABASE Archive ON PRIMARY {files} LOG ON (NAME = ALog, FILENAME = '{tmp_path}/a.ldf')")
    client.run("CREATE TABLE Archive.dbo.Visits (Id int NOT NULL PRIMARY KEY, Note varchar(4000))")
    fill(client, 0, 300)
    yield client


def fill(client: Client, first: int, count: int) -> None:
    rows = ", ".join(f"({number}, REPLICATE('{number % 10}', 3000))" for number in range(first, first + count))
    client.run(f"INSERT INTO Archive.dbo.Visits VALUES {rows}")


def moves(folder: Path, *names: str) -> str:
    return ", ".join(f"MOVE '{name}' TO '{folder}/moved_{name}'" for name in names)


def restarted(client: Client) -> Client:
    client.instance.stop()
    return Client(Instance.start(client.instance.settings))


def test_they_are_in_the_catalogue(archive: Client, tmp_path: Path) -> None:
    query = (
        "SELECT file_id, type_desc, name, physical_name FROM sys.master_files WHERE database_id = DB_ID('Archive')"
        " ORDER BY file_id"
    )
    assert archive.rows(query) == [
        (1, "ROWS", "A1", f"{tmp_path}/a1.ndf"),
        (2, "LOG", "ALog", f"{tmp_path}/a.ldf"),
        (3, "ROWS", "A2", f"{tmp_path}/a2.ndf"),
        (4, "ROWS", "A3", f"{tmp_path}/a3.ndf"),
    ]


def test_the_bytes_live_in_all_of_them(archive: Client, tmp_path: Path) -> None:
    expected = archive.rows(ROWS)
    archive.instance.stop()
    sizes = [sum(1 for byte in (tmp_path / f"a{number}.ndf").read_bytes() if byte) for number in (1, 2, 3)]
    assert min(sizes) > sum(sizes) // 5
    again = Client(Instance.start(archive.instance.settings))
    assert again.rows(ROWS) == expected
    again.run("DBCC CHECKDB (Archive)")
    again.instance.stop()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_lost_file_loses_the_database(archive: Client, tmp_path: Path, number: int) -> None:
    archive.instance.stop()
    (tmp_path / f"a{number}.ndf").unlink()
    again = Client(Instance.start(archive.instance.settings))
    assert again.rows("SELECT state_desc FROM sys.databases WHERE name = 'Archive'") == [("RECOVERY_PENDING",)]
    assert again.refused(ROWS)[0] == 945
    again.instance.stop()


def test_a_file_that_was_cut_too(archive: Client, tmp_path: Path) -> None:
    archive.instance.stop()
    with (tmp_path / "a2.ndf").open("r+b") as file:
        file.truncate(65536)
    again = Client(Instance.start(archive.instance.settings))
    assert again.rows("SELECT state_desc FROM sys.databases WHERE name = 'Archive'") == [("RECOVERY_PENDING",)]
    again.instance.stop()


def test_a_byte_that_rots_in_one(archive: Client, tmp_path: Path) -> None:
    archive.instance.stop()
    with (tmp_path / "a3.ndf").open("r+b") as file:
        file.seek(8192 * 3 + 4000)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    again = Client(Instance.start(archive.instance.settings))
    assert again.ask("DBCC CHECKDB (Archive)").errors
    again.instance.stop()


@pytest.mark.parametrize("option", ["COMPRESSION", "NO_COMPRESSION"])
def test_backed_up_and_restored(archive: Client, other: Instance, files: Path, tmp_path: Path, option: str) -> None:
    answer = archive.run(f"BACKUP DATABASE Archive TO DISK = '{files}/full.bak' WITH {option}, CHECKSUM")
    assert answer.numbers[:4] == [4035] * 4 and answer.numbers[-1] == 3014
    fill(archive, 1000, 40)
    archive.run(f"BACKUP DATABASE Archive TO DISK = '{files}/diff.bak' WITH DIFFERENTIAL, {option}, CHECKSUM")
    fill(archive, 2000, 40)
    archive.run(f"BACKUP LOG Archive TO DISK = '{files}/log.trn' WITH {option}")
    listed = archive.rows(f"RESTORE FILELISTONLY FROM DISK = '{files}/full.bak'")
    assert [row[0] for row in listed] == ["A1", "A2", "A3", "ALog"]
    target = Client(other)
    restore = f"RESTORE DATABASE Archive FROM DISK = '{files}/full.bak' WITH NORECOVERY"
    # On the machine of the source its files are in use; every file needs its MOVE.
    some = moves(files, "A1", "A2", "ALog")
    assert target.refused(f"{restore}, {some}")[-2:] == [3119, 3013]
    target.run(f"{restore}, {moves(files, 'A1', 'A2', 'A3', 'ALog')}")
    target.run(f"RESTORE DATABASE Archive FROM DISK = '{files}/diff.bak' WITH NORECOVERY")
    target.run(f"RESTORE LOG Archive FROM DISK = '{files}/log.trn' WITH RECOVERY")
    assert target.rows(ROWS) == archive.rows(ROWS) == [(380, 3000)]
    target.run("DBCC CHECKDB (Archive)")
    expected = target.rows("SELECT Id, Note FROM Archive.dbo.Visits ORDER BY Id")
    again = restarted(target)
    assert again.rows("SELECT Id, Note FROM Archive.dbo.Visits ORDER BY Id") == expected
    again.instance.stop()


def test_a_restoring_database_needs_them_too(archive: Client, other: Instance, files: Path) -> None:
    archive.run(f"BACKUP DATABASE Archive TO DISK = '{files}/full.bak'")
    archive.run(f"BACKUP LOG Archive TO DISK = '{files}/log.trn'")
    target = Client(other)
    where = moves(files, "A1", "A2", "A3", "ALog")
    target.run(f"RESTORE DATABASE Archive FROM DISK = '{files}/full.bak' WITH NORECOVERY, {where}")
    (files / "moved_A3").unlink()
    assert target.refused(f"RESTORE LOG Archive FROM DISK = '{files}/log.trn'") == [5120, 3013]


def test_a_file_that_is_added(archive: Client, other: Instance, files: Path, tmp_path: Path) -> None:
    archive.run(f"BACKUP DATABASE Archive TO DISK = '{files}/full.bak'")
    add = f"ALTER DATABASE Archive ADD FILE (NAME = A4, FILENAME = '{tmp_path}/a4.ndf', SIZE = 8MB)"
    archive.run(add)
    assert archive.refused(add) == [1828, 5069]
    assert archive.refused(add.replace("A4", "A5")) == [5170, 5069]
    assert archive.refused("ALTER DATABASE Archive ADD FILE (NAME = A5)") == [1036, 5069]
    fill(archive, 3000, 30)
    archive.run(f"BACKUP LOG Archive TO DISK = '{files}/log.trn'")
    target = Client(other)
    where = moves(files, "A1", "A2", "A3", "ALog")
    target.run(f"RESTORE DATABASE Archive FROM DISK = '{files}/full.bak' WITH NORECOVERY, {where}")
    assert target.refused(f"RESTORE LOG Archive FROM DISK = '{files}/log.trn'")[-2:] == [3119, 3013]
    target.run(f"RESTORE LOG Archive FROM DISK = '{files}/log.trn' WITH {moves(files, 'A4')}")
    assert target.rows(ROWS) == archive.rows(ROWS)
    assert (files / "moved_A4").stat().st_size > 65536
    again = restarted(archive)
    assert again.rows(ROWS) == target.rows(ROWS)
    again.instance.stop()


def test_the_collection_reads_and_verifies_them(archive: Client, files: Path) -> None:
    archive.run(f"BACKUP DATABASE Archive TO DISK = '{files}/a.bak', DISK = '{files}/b.bak' WITH CHECKSUM")
    archive.run(f"BACKUP DATABASE Archive TO DISK = '{files}/one.bak' WITH CHECKSUM")
    for name in ("a", "b", "one"):
        data = (files / f"{name}.bak").read_bytes()
        verdict = verify_backup_file(lambda at, length, data=data: data[at : at + length], len(data), name)
        assert verdict.verdict == "sound", verdict.reason
    found = read_backup_file(lambda at, length: data[at : at + length], len(data), "one")
    assert [one.logical_name for one in found.sets[0].files] == ["A1", "A2", "A3", "ALog"]
    sizes = [one.backup_size_in_bytes for one in found.sets[0].files[:3]]
    assert max(sizes) - min(sizes) <= 8 * 8192 and min(sizes) > 8 * 8192


def test_dropped_with_all_files(archive: Client, tmp_path: Path) -> None:
    archive.run("DROP DATABASE Archive")
    assert not list(tmp_path.glob("a?.ndf"))


def test_what_is_refused(client: Client, tmp_path: Path) -> None:
    def create(first: str, second: str) -> list[int]:
        return client.refused(f"CREATE DATABASE X ON (NAME = A, FILENAME = '{tmp_path}/{first}'), ({second})")

    assert create("a.mdf", f"NAME = a, FILENAME = '{tmp_path}/b.ndf'") == [1828]
    assert create("a.mdf", f"NAME = B, FILENAME = '{tmp_path}/a.mdf'") == [5170]
    assert create("a.mdf", "NAME = B") == [1036]
    assert create("a.mdf", "NAME = B, FILENAME = '/nowhere/b.ndf'") == [5133, 1802]
    assert not (tmp_path / "a.mdf").exists()
