# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the store's witness reads from a backup, and when."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from simulator.engine.database import Database
from simulator.engine.devices import Device
from simulator.engine.facts import BackupOptions, InstanceFacts
from simulator.ftp_journal import UploadJournal
from simulator.judge_shipped import shipped
from simulator.media_facts import backup_sets

EAST = timedelta(hours=7)


def now() -> datetime:
    return datetime.now(timezone.utc)


def test_times_carry_the_zone_of_the_server_that_took_the_backup(tmp_path: Path) -> None:
    database = Database.create("D", 5, tmp_path / "d.mdf", tmp_path / "d.ldf", clock=now, utc_offset=EAST)
    facts = InstanceFacts("RSSQL01", "RSSQL01", utc_offset=EAST)
    before = now().replace(microsecond=0)
    for kind, name in (("full", "a.bak"), ("differential", "b.bak"), ("log", "c.trn")):
        database.backup(kind, [Device.disk(tmp_path / name)], BackupOptions(checksum=True), facts)
    database.close()
    sets = [one for name in ("a.bak", "b.bak", "c.trn") for one in backup_sets(tmp_path / name)]
    assert [(one["type"], one["database"], one["server"]) for one in sets] == [
        ("full", "D", "RSSQL01"),
        ("differential", "D", "RSSQL01"),
        ("log", "D", "RSSQL01"),
    ]
    for one in sets:
        assert one["start"].endswith("+07:00")
        assert before <= datetime.fromisoformat(one["start"]) <= datetime.fromisoformat(one["finish"]) <= now()
    reached = shipped([{"path": "x", "backup_sets": sets}], "D", "RSSQL01")
    assert reached and reached.type == "log"


def test_what_is_no_backup_is_witnessed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.bak").write_text("a shopping list")
    journal = UploadJournal(tmp_path / "journal", backup_sets)
    journal.record("writer", "/a.bak", tmp_path / "a.bak")
    assert "NotMedia" in (tmp_path / "journal").read_text()
