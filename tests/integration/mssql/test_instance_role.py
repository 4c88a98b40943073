# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role instance on two simulated SQL Servers: shown before, done once, and nothing left to do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import PASSWORD, PROJECT, Instance, MakeSales

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (PROJECT / "roles/instance").is_dir(), reason="roles are not shipped here"),
]
SECRETS = ["Backup's-secret-1", "Restore's-secret-1", "Key's-secret-1", "Master's-secret-1"]
PLAY = [{"hosts": "sql_servers", "gather_facts": False, "roles": ["ics.deadpool.instance"]}]


def host(server: Instance) -> dict[str, Any]:
    places = {name: str(server.folder / name) for name in ("own backups", "incoming", "data", "log")}
    for name in ("data", "log"):
        Path(places[name]).mkdir(exist_ok=True)
    return {
        "mssql_host": "127.0.0.1", "mssql_port": server.port, "mssql_server_name": server.name,
        "mssql_backup_directory": places["own backups"], "mssql_restore_directory": places["incoming"],
        "mssql_data_directory": places["data"], "mssql_log_directory": places["log"],
    }  # fmt: skip


def site(production: Instance, failover: Instance, database: str, folder: Path) -> dict[str, Any]:
    variables = {
        "ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False,
        "site_name": "RS Uji", "site_databases": [database], "mssql_admin_login": "sa",
        "mssql_admin_password": PASSWORD, "mssql_backup_login": "deadpool_backup",
        "mssql_backup_password": SECRETS[0], "mssql_restore_login": "deadpool_restore",
        "mssql_restore_password": SECRETS[1], "instance_certificates": [{"name": "Backups of RS Uji"}],
        "instance_certificate_password": SECRETS[2], "instance_master_key_password": SECRETS[3],
        "instance_certificate_archive": str(folder / "archive"),
    }  # fmt: skip
    groups = {
        "production": {"hosts": {"sql1": host(production)}},
        "failover": {"hosts": {"sql2": host(failover)}},
    }
    return {"all": {"vars": variables, "children": {"sql_servers": {"children": groups}}}}


def play(folder: Path, *arguments: str) -> tuple[int, str, int]:
    return run(folder, "ansible-playbook", "play.json", "-vv", *arguments)


def run(folder: Path, program: str, *arguments: str) -> tuple[int, str, int]:
    """The exit code, what was printed, and how many tasks changed something."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), "-i", "site.json", *arguments],
        cwd=folder,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_COLLECTIONS_PATH": str(PROJECT / "collections")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    text = done.stdout + done.stderr
    return done.returncode, text, sum(int(number) for number in re.findall(r"\bchanged=(\d+)", text))


def test_both_servers_are_set_up_once_with_the_same_accounts_and_keys(
    make_sales: MakeSales, production: Instance, failover: Instance, tmp_path: Path
) -> None:
    sales = make_sales(name="SalesOfTheRole", recovery_model="SIMPLE")
    (tmp_path / "site.json").write_text(json.dumps(site(production, failover, sales.name, tmp_path)))
    (tmp_path / "play.json").write_text(json.dumps(PLAY))

    code, text, changed = play(tmp_path, "--check", "--diff")
    assert code == 0 and changed > 0 and "create it" in text, text
    logins = "SELECT sid FROM sys.server_principals WHERE name LIKE 'deadpool[_]%' ORDER BY name"
    assert not production.sql(logins) and not failover.sql(logins) and not (production.folder / "own backups").exists()

    code, text, changed = play(tmp_path, "--diff")
    assert code == 0 and changed > 0, text
    assert "Take a full backup now: ansible-playbook -i" in text and "/site.json playbooks/backup.yml" in text
    assert not [secret for secret in SECRETS if secret[-9:] in text]
    assert len(production.sql(logins)) == 2 and production.sql(logins) == failover.sql(logins)
    thumbprints = "SELECT thumbprint FROM master.sys.certificates WHERE name = 'Backups of RS Uji'"
    assert production.sql(thumbprints) == failover.sql(thumbprints) != []
    kept = sorted(path.suffix for path in (tmp_path / "archive").rglob("*.*"))
    assert kept == [".cer", ".pvk"]
    for server in (production, failover):
        assert not list((server.folder / "incoming/certificates").iterdir()), "a key is left on the server's disk"
    model = "SELECT recovery_model_desc FROM sys.databases WHERE name = ?"
    assert production.sql(model, sales.name)[0][0] == "FULL"

    code, text, changed = play(tmp_path)
    assert code == 0 and changed == 0, text
    for path in (tmp_path / "archive").rglob("*.pvk"):
        path.unlink()
    code, text, changed = play(tmp_path)
    assert code == 0 and changed > 0 and len(list((tmp_path / "archive").rglob("*.pvk"))) == 1, text


def test_where_production_does_not_answer_no_sid_is_guessed(
    production: Instance, failover: Instance, tmp_path: Path
) -> None:
    """What is there already goes on; what is not has no SID to take. The hint says how this server goes on alone."""
    there = site(production, failover, "NoSuchDatabase", tmp_path)
    there["all"]["vars"] |= {"instance_certificates": [], "mssql_restore_login": "deadpool_alone"}
    there["all"]["children"]["sql_servers"]["children"]["production"]["hosts"]["sql1"]["mssql_port"] = 1
    (tmp_path / "site.json").write_text(json.dumps(there))
    (tmp_path / "play.json").write_text(json.dumps(PLAY))
    code, text, changed = play(tmp_path, "--limit", "sql2")
    assert code != 0 and "deadpool_alone" in text and "sql1 does not answer" in " ".join(text.split()), text
    alone = ["-m", "include_role", "-a", "name=ics.deadpool.instance", "-e", "instance_source=sql2"]
    assert f"ansible sql2 -i {tmp_path}/site.json {' '.join(alone)}" in " ".join(text.split()), text
    named = "SELECT 1 FROM sys.server_principals WHERE name = 'deadpool_alone'"
    assert not failover.sql(named)
    code, text, _changed = run(tmp_path, "ansible", "sql2", *alone)
    assert code == 0 and failover.sql(named), text
    code, text, changed = play(tmp_path, "--limit", "sql2")
    assert code == 0 and changed == 0, text
