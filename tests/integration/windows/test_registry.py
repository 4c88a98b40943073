# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ODBC DSNs and client aliases in the registry, repointed like files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.windows_request import repoint_windows
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.modules.app_repoint import ARGUMENT_SPEC

from .conftest import Windows
from .in_process import Direct, checked

DSN = "HKLM\\SOFTWARE\\ODBC\\ODBC.INI\\HIS"
ALIASES = "HKLM:\\SOFTWARE\\Microsoft\\MSSQLServer\\Client\\ConnectTo"
FILE = "C:\\HIS\\app.config"
CONFIG = b'<configuration><add name="a" connectionString="Server=SQL01"/></configuration>'
DRIVER = ("REG_SZ", "C:\\Windows\\System32\\msodbcsql18.dll")
KEYS: dict[str, dict[str, tuple[str, Any]]] = {
    "HKLM:\\SOFTWARE\\ODBC\\ODBC.INI\\HIS": {
        "Driver": DRIVER, "Server": ("REG_SZ", "SQL01"), "PWD": ("REG_SZ", 'Raha"sia\\1'), "Port": ("REG_DWORD", 7),
    },
    "HKLM:\\SOFTWARE\\WOW6432Node\\ODBC\\ODBC.INI\\HIS": {"Driver": DRIVER, "Server": ("REG_SZ", "tcp:SQL01")},
    "HKLM:\\SOFTWARE\\WOW6432Node\\Microsoft\\MSSQLServer\\Client\\ConnectTo": {
        "HISDB": ("REG_SZ", "DBMSSOCN,SQL01,1433"), "LAB": ("REG_SZ", "DBMSSOCN,LAB01,1433"),
    },
}  # fmt: skip


@pytest.fixture
def his(tmp_path: Path) -> Direct:
    his = Direct(tmp_path)
    his.double.registry.keys = copy.deepcopy(KEYS)
    his.double.disk.put(FILE, CONFIG)
    return his


def wanted(*paths: str, **options: Any) -> dict[str, Any]:
    return {
        "files": [{"path": path} for path in paths or (DSN, ALIASES, FILE)],
        "old": ["SQL01"],
        "new": {"host": "SQL02", "port": 14330},
        "backup_directory": "C:\\ProgramData\\deadpool",
        **options,
    }


def repoint(his: Direct, *paths: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return repoint_windows(his.host, checked(ARGUMENT_SPEC, **wanted(*paths, **options)), check_mode)


def servers(his: Any) -> list[Any]:
    keys = his.double.registry.keys
    return [keys[path][name][1] for path, name in zip(KEYS, ("Server", "Server", "HISDB"))]


OLD, NEW = ["SQL01", "tcp:SQL01", "DBMSSOCN,SQL01,1433"], ["SQL02,14330", "tcp:SQL02,14330", "DBMSSOCN,SQL02,14330"]


def test_both_views_there_and_back(his: Direct) -> None:
    done = repoint(his)
    assert servers(his) == NEW
    assert [file["status"] for file in done["files"]] == ["repointed"] * 3
    assert not repoint(his)["changed"]
    backup = his.double.disk.read(done["files"][0]["backup"]).decode("utf-16")
    assert backup.startswith("Windows Registry Editor Version 5.00\r\n")
    assert '"Server"="SQL01"' in backup and '"PWD"="Raha\\"sia\\\\1"' in backup
    assert repoint(his, state="restored")["changed"]
    assert his.double.registry.keys == KEYS
    assert [file["status"] for file in repoint(his, state="restored")["files"]] == ["original"] * 3


def test_looking_changes_nothing_and_shows_no_password(his: Direct) -> None:
    for done in (repoint(his, check_mode=True), repoint(his, stage="validate")):
        assert "Raha" not in str(done)
        assert "line 7: Server = SQL01" in str(done["diff"])
    assert his.double.registry.keys == KEYS


def test_where_a_value_cannot_be_set_everything_goes_back(his: Direct) -> None:
    his.double.registry.denied.add(list(KEYS)[2].lower())
    with pytest.raises(RecoveryError) as error:
        repoint(his)
    assert "HISDB cannot be set: Requested registry access is not allowed." in error.value.msg
    assert "nothing of this run is left" in error.value.msg
    assert his.double.registry.keys == KEYS
    assert his.double.disk.read(FILE) == CONFIG


def test_a_value_changed_meanwhile_stops_all(his: Direct) -> None:
    def edit() -> None:
        his.double.registry.keys[next(iter(KEYS))]["LastUser"] = ("REG_SZ", "sa")

    his.double.before["prepare"] = edit
    with pytest.raises(RecoveryError, match="was changed by another program meanwhile"):
        repoint(his)
    assert servers(his) == OLD


def test_what_cannot_be_changed_safely_is_refused(his: Direct) -> None:
    his.double.registry.keys[next(iter(KEYS))]["Server"] = ("REG_EXPAND_SZ", "SQL01")
    his.double.registry.keys[list(KEYS)[2]]["PIPE"] = ("REG_SZ", "DBNMPNTW,\\\\SQL01\\pipe\\sql\\query")
    with pytest.raises(RecoveryError) as error:
        repoint(his)
    assert "is written in hexadecimal" in error.value.msg and "is a named pipe" in error.value.msg
    assert servers(his)[1:] == OLD[1:]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("HKLM\\SOFTWARE\\ODBC\\ODBC.INI\\OTHER", "there is no such key"),
        ("HKCU\\Software\\ODBC\\ODBC.INI\\HIS", "not a key of HKLM or HKU"),
        ("HKEY_CLASSES_ROOT\\x", "not a key of HKLM or HKU"),
    ],
)
def test_a_key_that_is_none_is_refused(his: Direct, path: str, expected: str) -> None:
    with pytest.raises(RecoveryError, match=expected):
        repoint(his, path)


def test_through_the_transport(windows: Windows) -> None:
    windows.double.registry.keys = copy.deepcopy(KEYS)
    done = windows.run({"ics.deadpool.app_repoint": wanted(ALIASES)}, options=("-vvvvvvv",))
    assert done.code == 0, done.output + done.errors
    assert servers(windows) == [*OLD[:2], NEW[2]]
    assert "Raha" not in done.output + done.errors
