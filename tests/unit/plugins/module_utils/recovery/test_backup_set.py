# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The value of a backup set: made quickly it is the same, and it survives JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_set import BackupSet, DatabaseFile

JAKARTA = timezone(timedelta(hours=7))
COLUMNS: dict[str, Any] = {
    "path": "/srv/backup/Sales.bak",
    "database_name": "Sales",
    "server_name": "SQL1",
    "backup_type": "differential",
    "backup_set_guid": "11111111-2222-3333-4444-555555555555",
    "first_lsn": 4294967295_4294967295_65535,
    "last_lsn": 37000000113600001,
    "checkpoint_lsn": 37000000111200001,
    "database_backup_lsn": 0,
    "backup_start_date": datetime(2026, 11, 24, 3, 15, tzinfo=JAKARTA),
    "database_creation_date": datetime(2020, 1, 1),
    "recovery_fork_stack": ((37000000111200001, "one"), (0, "two")),
    "preliminary_lsns": (1, 2, 3),
    "files": (DatabaseFile("Sales", "D:\\Sales.mdf", "D", 8192), DatabaseFile("Log", "E:\\Sales.ldf", "L", 4096)),
}


def test_both_ways_to_make_one_make_the_same() -> None:
    quick, plain = BackupSet.of(COLUMNS), BackupSet(**COLUMNS)
    assert quick == plain and hash(quick) == hash(plain) and repr(quick) == repr(plain)
    assert list(vars(quick)) == [field.name for field in fields(BackupSet)]
    assert replace(quick, position=2) == replace(plain, position=2)
    with pytest.raises(FrozenInstanceError):
        quick.position = 2  # type: ignore[misc]


@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"path": None}])
def test_wrong_columns_are_refused(wrong: dict[str, Any]) -> None:
    columns = {**COLUMNS, **wrong}
    columns = {name: value for name, value in columns.items() if value is not None}
    with pytest.raises(TypeError, match=r"colour|path"):
        BackupSet.of(columns)


def test_json_there_and_back() -> None:
    values = json.loads(json.dumps(BackupSet.of(COLUMNS).to_dict()))
    assert values["backup_start_date"] == "2026-11-24T03:15:00+07:00"
    assert (values["backup_type_number"], values["backup_type_description"]) == (5, "DATABASE DIFFERENTIAL")
    assert BackupSet.from_dict(values) == BackupSet(**COLUMNS)
    assert BackupSet.from_dict({**values, "of_a_newer_version": 1}).first_lsn == COLUMNS["first_lsn"]
