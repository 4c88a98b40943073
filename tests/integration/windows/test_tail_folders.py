# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The folders that a tail is backed up to, on a Windows host and on another: tasks as they stand in the roles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import PROJECT, Windows

pytestmark = pytest.mark.slow
TASKS = {"tail_log": "tail_log/tasks/take.yml", "fence": "fence/tasks/close.yml"}
SERVERS = {"tail_log": "tail_log_other_server", "fence": "fence_server"}


def making(role: str, server: str, path: str) -> dict[str, Any]:
    """The task that makes the folders, for one file."""
    tasks = yaml.safe_load((PROJECT / "roles" / TASKS[role]).read_text("utf-8"))[0]["block"]
    (task,) = (one for one in tasks if one["name"].startswith("Make the folders"))
    places = {"backups": [{"files": [path]}]}
    return {**task, "vars": {**task["vars"], SERVERS[role]: server, f"{role}_places": places}}


@pytest.mark.parametrize("role", TASKS)
def test_on_a_windows_host(windows: Windows, role: str) -> None:
    told: list[dict[str, Any]] = []
    for module in ("ansible.windows.win_file", "ansible.windows.win_acl"):
        windows.double.answers[module] = lambda call: told.append(call.arguments) or {"changed": True}
    windows.variables["mssql_service_account"] = "NT SERVICE\\MSSQLSERVER"
    done = windows.run(making(role, "win1", "D:\\Backup\\SQL1\\Sales\\LOG\\tail.trn"))
    assert done.code == 0, done.output + done.errors
    assert [one["path"] for one in told] == ["D:\\Backup\\SQL1\\Sales\\LOG"] * 2
    assert told[1]["user"] == "NT SERVICE\\MSSQLSERVER" and told[1]["rights"] == "Modify"


@pytest.mark.parametrize("role", TASKS)
def test_on_another_host(windows: Windows, role: str, tmp_path: Path) -> None:
    """The host of the play speaks WinRM: it is the host of the server that counts."""
    tail = tmp_path / "backup" / "Sales" / "LOG" / "tail.trn"
    done = windows.run(making(role, "localhost", str(tail)))
    assert done.code == 0, done.output + done.errors
    assert tail.parent.is_dir() and not windows.double.asked
