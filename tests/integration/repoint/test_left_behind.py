# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module that may stay behind, and whose file does not go back either: nobody is told that it is where it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
HERE = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}


def test_what_could_not_be_put_back_is_told(tmp_path: Path) -> None:
    """It does not come back on the new server, and has written its own file meanwhile."""
    config = tmp_path / "app" / "reporting.env"
    config.parent.mkdir()
    config.write_text("DB_CONNECTION=sqlsrv\nDB_HOST=10.0.0.5\n", encoding="utf-8")
    module = {
        "name": "reporting",
        "files": [{"path": str(config)}],
        "restart": f"sh -c 'echo OWN=1 >> {config}'",
        "health": "http://127.0.0.1:9/",
    }
    servers = {"sql1": {**HERE, "mssql_server_name": "SQL1"}, "sql2": {**HERE, "mssql_server_name": "SQL2"}}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": {**servers, "app1": HERE}}}))
    tasks = [
        {"ansible.builtin.include_tasks": str(ROOT / "roles/repoint/tasks/apart.yml")},
        {"ansible.builtin.copy": {"content": "{{ repoint_left_behind | to_json }}", "dest": str(tmp_path / "behind")}},
    ]
    servers_of = {"old": ["10.0.0.5"], "new": {"host": "10.0.0.6"}, "backup_directory": str(tmp_path / "copies")}
    play = {
        "hosts": "app1",
        "gather_facts": False,
        "module_defaults": {"ics.deadpool.app_repoint": servers_of},
        "vars": {"repoint_from": "sql1", "repoint_to": "sql2", "repoint_one": module, "repoint_wait_seconds": 1},
        "tasks": [{"ansible.builtin.set_fact": {"repoint_left_behind": [], "repoint_apart_files": []}}, *tasks],
    }
    (tmp_path / "play.json").write_text(json.dumps([play]))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(tmp_path / "hosts.json")]
    done = subprocess.run(
        [*command, str(tmp_path / "play.json")],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    (behind,) = json.loads((tmp_path / "behind").read_text())
    assert behind["name"] == "reporting" and "does not work on SQL2" in behind["reason"]
    assert "while putting back: " in behind["reason"] and str(config) in behind["reason"]
    assert behind["health"].startswith("not put back: ")
    assert "10.0.0.6" in config.read_text(), "and it is true"
