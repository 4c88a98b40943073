# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What msdb remembers of backups and restores, and forgets when it is told to."""

from __future__ import annotations

from pathlib import Path

from .conftest import MOVE, Client


def test_the_history_of_one_database_can_be_deleted(backed_up: Client, files: Path) -> None:
    backed_up.run(f"BACKUP DATABASE model TO DISK = '{files}/model.bak'")
    backed_up.run(f"RESTORE DATABASE Copy FROM DISK = '{files}/full.bak' WITH {MOVE.replace('h.', 'c.')}")
    backed_up.run("EXEC msdb.dbo.sp_delete_database_backuphistory @database_name = N'Hospital'")
    assert backed_up.rows("SELECT database_name FROM msdb.dbo.backupset") == [("model",)]
    for table in ("restorehistory", "restorefile"):
        assert backed_up.value(f"SELECT COUNT(*) FROM msdb.dbo.{table}") == 0
    assert backed_up.value("SELECT COUNT(*) FROM msdb.dbo.backupmediafamily") == 1
