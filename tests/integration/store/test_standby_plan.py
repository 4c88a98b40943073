# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A file that nobody here can read stops the standby until somebody names it, as the refusal says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.task_file import LOCAL, included
from tests.unit.plugins.module_utils.recovery.backup_files.medium import BackupSet, medium, page
from tests.unit.plugins.module_utils.recovery.backup_files.test_foreign_files import encrypted_medium

from .conftest import Store

pytestmark = pytest.mark.slow

FULL = medium(BackupSet(pages=[page(1, number) for number in range(8)], log=b"log!" * 512, checksums=True))


def planned(store: Store, folder: Path, unusable: dict[str, str]) -> tuple[int, str]:
    reader = store.params("reader")
    values = {
        **LOCAL,
        "store_host": reader["host"],
        "store_port": reader["port"],
        "store_read_user": reader["username"],
        "store_read_password": reader["password"],
        "store_ca": reader["ca_path"],
        "store_directory": "/",
        "site_timezone": "Asia/Jakarta",
        "standby_databases": ["Sales"],
        "standby_priorities": {},
        "standby_delay_minutes": 0,
        "standby_server": {"database_states": {}, "volumes": [], "server": {"server_name": "SQL2"}},
        "mssql_data_directory": "/data",
        "mssql_log_directory": "/data",
        "preflight_run_folder": str(folder),
        "restore_plan_unusable": unusable,
    }
    return included(folder, "roles/standby/tasks/plan.yml", {"sql2": values}, "sql2")


def test_an_encrypted_file_stops_the_standby_until_it_is_named(store: Store, tmp_path: Path) -> None:
    (store.folder / "full.bak").write_bytes(FULL)
    (store.folder / "secret.bak").write_bytes(encrypted_medium())
    code, text = planned(store, tmp_path, {})
    assert code != 0 and "/secret.bak on the store is younger and encrypted" in text, text
    code, text = planned(store, tmp_path, {"/secret.bak": "of the accountants, no part of this site"})
    assert code == 0, text
