# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files are called and laid out as Ola Hallengren's scripts do."""

from __future__ import annotations

from datetime import datetime

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_location import (
    backup_path,
    folder,
    refuse_same_folders,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput

AT = datetime(2026, 11, 4, 3, 15, 0, 999000)


@pytest.mark.parametrize(
    ("directory", "server", "database", "kind", "path"),
    [
        ("/b", "SQL1", "Sales", "log", "/b/SQL1/Sales/LOG/SQL1_Sales_LOG_20261104_031500.trn"),
        ("/b/", "SQL1", "Sales", "full", "/b/SQL1/Sales/FULL/SQL1_Sales_FULL_20261104_031500.bak"),
        ("D:\\b", "S", "x", "differential", "D:\\b\\S\\x\\DIFF\\S_x_DIFF_20261104_031500.bak"),
        ("\\\\nas\\b\\", "S\\INST", "x", "full", "\\\\nas\\b\\S$INST\\x\\FULL\\S$INST_x_FULL_20261104_031500.bak"),
        ("/b", "S", "a/b:c*", "full", "/b/S/abc/FULL/S_abc_FULL_20261104_031500.bak"),
        ("/b", "S", "O'Neill] ☃", "full", "/b/S/O'Neill] ☃/FULL/S_O'Neill] ☃_FULL_20261104_031500.bak"),
        ("/b", "S", "..", "full", None),
    ],
)
def test_paths(directory: str, server: str, database: str, kind: str, path: str | None) -> None:
    if path is None:
        with pytest.raises(InvalidInput):
            backup_path(directory, server, database, kind, AT)
    else:
        assert backup_path(directory, server, database, kind, AT) == path


def test_copy_only_backups_lie_apart() -> None:
    path = backup_path("/b", "S", "x", "full", AT, copy_only=True)
    assert path == "/b/S/x/FULL_COPY_ONLY/S_x_FULL_COPY_ONLY_20261104_031500.bak"


def test_a_path_that_sql_server_does_not_take_is_refused() -> None:
    with pytest.raises(InvalidInput, match="SQL Server takes 259"):
        backup_path("/" + "b" * 240, "S", "x", "full", AT)


@pytest.mark.parametrize(
    ("path", "its"), [("/a/b/c.bak", "/a/b"), ("D:\\a\\c.bak", "D:\\a"), ("\\\\n\\s\\c", "\\\\n\\s")]
)
def test_folder(path: str, its: str) -> None:
    assert folder(path) == its


def test_two_databases_never_share_a_file() -> None:
    refuse_same_folders(["a", "b", "a/b"])
    for pair in (["a/b", "ab"], ["Sales", "SALES"]):
        with pytest.raises(InvalidInput, match="the same folder"):
            refuse_same_folders(pair)
