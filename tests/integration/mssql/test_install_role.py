# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role mssql_install as far as it goes without SQL Server's own setup: what is found, what is refused, what setup
would read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import PASSWORD, PROJECT, Instance

tree_sitter = pytest.importorskip("tree_sitter")
powershell = pytest.importorskip("tree_sitter_powershell")

ROLE = PROJECT / "roles/mssql_install"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ROLE.is_dir(), reason="roles are not shipped here"),
    pytest.mark.skipif(Path("/opt/mssql").exists(), reason="there is a SQL Server on this host"),
]
INI = {
    "hosts": "localhost",
    "gather_facts": False,
    "vars": {
        "mssql_install_features": ["SQLENGINE", "FULLTEXT"],
        "mssql_install_instance": "HIS",
        "mssql_install_edition": "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
        "mssql_install_collation": "Latin1_General_CI_AS",
        "mssql_install_directory": "",
        "mssql_install_administrators": ["BUILTIN\\Administrators", "HOSPITAL\\DBA team"],
        "mssql_install_sa_password": "It's {{ 'secret' }}; %1",
        "mssql_data_directory": "D:\\Data",
        "mssql_log_directory": "E:\\Log",
        "mssql_backup_directory": "\\\\backup1\\mssql",
    },
}


def site(production: Instance) -> dict[str, Any]:
    variables = {
        "ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False,
        "mssql_host": "127.0.0.1", "mssql_port": production.port, "mssql_server_name": production.name.lower(),
        "mssql_admin_login": "sa", "mssql_admin_password": PASSWORD, "mssql_data_directory": "/nowhere",
        "mssql_log_directory": "/nowhere", "mssql_backup_directory": "/nowhere",
    }  # fmt: skip
    install = {"mssql_install_manner": "install"}
    accepted = {**install, "mssql_install_license_accepted": True}
    hosts: dict[str, dict[str, Any]] = {
        "found": {},
        "renamed": {"mssql_server_name": "SQL9"},
        "unlicensed": install,
        "unsaid": accepted,
        "quoted": {
            **accepted, "mssql_install_edition": "Standard", "mssql_install_sa_password": 'a"b',
            "mssql_install_repository": "deb [trusted=yes] file:/nowhere ./",
        },
    }  # fmt: skip
    return {"all": {"vars": variables, "children": {"servers": {"hosts": hosts}}}}


def told(text: str, host: str) -> str:
    found = re.search(rf"^fatal: \[{host}\].*$", text, re.MULTILINE)
    return found[0] if found else ""


def test_what_is_found_refused_and_written(production: Instance, tmp_path: Path) -> None:
    template = {
        "name": "Write",
        "ansible.builtin.template": {
            "src": str(ROLE / "templates/ConfigurationFile.ini.j2"), "dest": str(tmp_path / "x.ini"), "mode": "0600",
        },
    }  # fmt: skip
    role = {"hosts": "servers", "gather_facts": False, "roles": ["ics.deadpool.mssql_install"]}
    (tmp_path / "site.json").write_text(json.dumps(site(production)))
    (tmp_path / "play.json").write_text(json.dumps([{**INI, "tasks": [template]}, role]))
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "site.json", "play.json"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_COLLECTIONS_PATH": str(PROJECT / "collections")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    text = done.stdout
    assert re.search(r"^found .*failed=0 .*$", text, re.MULTILINE), text
    assert "calls itself SQL1" in told(text, "renamed")
    assert "nobody accepted Microsoft's license terms" in told(text, "unlicensed")
    missing = "mssql_install_edition, mssql_install_sa_password, mssql_install_repository are empty"
    assert missing in told(text, "unsaid")
    assert "holds a quote" in told(text, "quoted")
    assert "changed=0" in text.split("PLAY RECAP")[1].split("found")[1].splitlines()[0]
    lines = (tmp_path / "x.ini").read_text().splitlines()
    assert lines[1] == "[OPTIONS]" and "FEATURES=SQLENGINE,FULLTEXT" in lines and 'INSTANCENAME="HIS"' in lines
    assert 'SQLSYSADMINACCOUNTS="BUILTIN\\Administrators" "HOSPITAL\\DBA team"' in lines
    assert 'PID="AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"' in lines and 'SQLUSERDBDIR="D:\\Data"' in lines
    assert not [line for line in lines if "SQLBACKUPDIR" in line or "INSTANCEDIR" in line], (
        "a share is no default folder"
    )
    assert all(line.startswith(";") or line == "[OPTIONS]" or re.fullmatch(r"\w+=.+", line) for line in lines), lines


def scripts() -> list[str]:
    setup = yaml.safe_load((ROLE / "tasks/windows_setup.yml").read_text())[0]
    answers = yaml.safe_load((ROLE / "tasks/windows_answers.yml").read_text())
    tasks = [*answers, *setup["block"], *setup["always"]]
    modules = [one.get("ansible.windows.win_powershell") for one in tasks]
    return [module["script"] for module in modules if module]


def test_the_scripts_are_powershell_and_take_parameters_only() -> None:
    parser = tree_sitter.Parser(tree_sitter.Language(powershell.language()))
    assert len(scripts()) == 3
    for text in scripts():
        assert not parser.parse(text.encode()).root_node.has_error and "{{" not in text and "param (" in text


def test_no_password_stands_on_a_command_line() -> None:
    """Where one does it is seen by every process of the host, and in its logs."""
    for path in (ROLE / "tasks").glob("*.yml"):
        text = path.read_text("utf-8")
        for line in text.splitlines():
            assert "sa_password" not in line or not re.search(r"\b(cmd|argv|arguments|environment):", line), (
                path,
                line,
            )
    environment = yaml.safe_load((ROLE / "vars/main.yml").read_text())["mssql_install_environment"]
    assert "MSSQL_SA_PASSWORD" not in environment
