# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An old server that was dead when the plan was made, asked once more when no module works any more."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyodbc
import pytest

from tests.integration.task_file import LOCAL, ROOT, included

pytestmark = pytest.mark.slow

PASSWORD = "Sa-Returned-1"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a server with the databases Sales and Closed, of which the second is restoring."""
    folder = tmp_path_factory.mktemp("old")
    (folder / "sa").write_text(PASSWORD)
    command = [sys.executable, "-m", "simulator.sqlserver", "--state", str(folder), "--name", "SQL1", "--port", "0"]
    started = [*command, "--sa-password-file", str(folder / "sa")]
    with subprocess.Popen(started, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listens = int(json.loads(process.stdout.readline())["port"])
        text = (
            f"DRIVER=FreeTDS;SERVER=127.0.0.1;PORT={listens};UID=sa;PWD={PASSWORD};TDS_Version=7.4;Encryption=require"
        )
        session = pyodbc.connect(text, autocommit=True, timeout=10)
        for name in ("Sales", "Closed"):
            session.execute(f"CREATE DATABASE {name}")
            session.execute(f"BACKUP DATABASE {name} TO DISK = '{folder}/{name}.bak'")
        session.execute(f"BACKUP LOG Closed TO DISK = '{folder}/Closed.trn' WITH NORECOVERY")
        session.close()
        yield listens
        process.terminate()


def moved(
    folder: Path, port: int, *databases: str, password: str = PASSWORD, planned: dict[str, bool] | None = None
) -> tuple[int, str]:
    """Whether the modules would be moved, their databases being these; ``planned``: what it answered to the plan."""
    login = {"mssql_host": "127.0.0.1", "mssql_restore_login": "sa", "mssql_restore_password": password}
    other = {"reachable": False} if planned is None else planned
    plans = {"plans": [{"source_database": name} for name in databases]}
    hosts = {
        "sql1": {**LOCAL, **login, "mssql_port": port, "mssql_server_name": "SQL1"},
        "sql2": {**LOCAL, "mssql_server_name": "SQL2", "restore_plan_result": plans, "restore_plan_other": other},
        "app1": LOCAL,
        "app2": LOCAL,
    }
    return included(
        folder, "roles/repoint/tasks/returned.yml", hosts, "app1,app2", {"repoint_from": "sql1", "repoint_to": "sql2"}
    )


def test_what_is_open_there_moves_nobody(port: int, tmp_path: Path) -> None:
    code, text = moved(tmp_path, port, "Sales", "Closed")
    assert code != 0
    assert "SQL1 did not answer when the plan was made, has come back since and has Sales open." in text
    assert "recovery_replace=true" in text
    assert text.count("failed=1") == 2, "every host stops, and goes to the rescue of its own"


def test_what_is_closed_there_is_no_matter(port: int, tmp_path: Path) -> None:
    code, text = moved(tmp_path, port, "Closed")
    assert code == 0, text


def test_one_that_answers_again_and_lets_nobody_in_moves_nobody(port: int, tmp_path: Path) -> None:
    code, text = moved(tmp_path, port, "Sales", password="another one")
    assert code != 0
    assert "answers again and does not say what it has open, so no module was moved:" in text
    assert "Msg 18456" in text and text.count("failed=1") == 2


def test_one_that_let_nobody_in_before_was_judged_by_the_fence(port: int, tmp_path: Path) -> None:
    code, text = moved(tmp_path, port, "Sales", password="another one", planned={})
    assert code == 0, text


def test_a_server_that_stayed_dead_is_no_matter(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    code, text = moved(tmp_path, port, "Sales")
    assert code == 0, text
