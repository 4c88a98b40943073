# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new site from a file of facts, by the playbook: written, read by Ansible, unchanged the second time."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
FACTS = {
    "new_site_name": "RS Sehat Sentosa",
    "new_site_time_zone": "Asia/Makassar",
    "new_site_production": "sql1 10.20.0.11",
    "new_site_failover": "sql2 10.20.0.12",
    "new_site_store": "backup1 10.20.0.13",
    "new_site_applications": "app1 10.20.0.21",
    "new_site_databases": "Registration, Billing",
    "new_site_modules": "registration app1 Registration Billing",
    "new_site_passwords": {"vault_store_read_password": "gift 'of' #old"},
}


def run(folder: Path, facts: dict[str, object], *more: str) -> tuple[int, str]:
    file = folder / "facts.json"
    file.write_text(json.dumps(facts))
    given = ["-e", f"@{file}", "-e", f"new_site_folder={folder / 'site'}"]
    given += ["-e", f"new_site_vault_password_file={folder / 'key/password'}", *more]
    return play("new_site", "-i", "localhost,", *given)


def play(name: str, *arguments: str) -> tuple[int, str]:
    command = [str(Path(sys.executable).parent / "ansible-playbook"), f"playbooks/{name}.yml", *arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "200", "ANSIBLE_TIMEOUT": "3"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def test_a_site_is_written_once_and_never_overwritten_unasked(tmp_path: Path) -> None:
    code, told = run(tmp_path, FACTS)
    assert code == 0 and "written group_vars/all/vault.yml" in told, told
    assert "Lakukan: ansible-playbook -i" in told and "gift" not in told
    site, key = tmp_path / "site", tmp_path / "key/password"
    vault = site / "group_vars/all/vault.yml"
    assert vault.read_text().startswith("$ANSIBLE_VAULT") and "gift" not in vault.read_text()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (vault, key)] == [0o600, 0o600]

    listed = [
        sys.executable,
        "-m",
        "ansible",
        "inventory",
        "-i",
        str(site),
        "--vault-password-file",
        str(key),
        "--list",
    ]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    values = json.loads(done.stdout)["_meta"]["hostvars"]["sql1"]
    assert "gift 'of' #old" in str(values["vault_store_read_password"])
    assert (
        values["site_timezone"] == "Asia/Makassar"
        and len(values["vault_mssql_backup_password"]["__ansible_unsafe"]) == 32
    )

    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    code, told = run(tmp_path, FACTS)
    assert code == 0 and "changed=0" in told, told
    code, told = run(tmp_path, {**FACTS, "new_site_databases": "Registration, Billing, Laboratory"})
    assert code != 0 and "differs group_vars/all/site.yml" in told, told
    assert "+site_databases: [Registration, Billing, Laboratory]" in told and "were left as they are" in told
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before


def test_without_a_terminal_nobody_answers_and_nothing_is_written(tmp_path: Path) -> None:
    code, told = run(tmp_path, {"new_site_time_zone": "WIB"})
    assert code != 0 and "Asia/Jakarta" in told and "Say new_site_name" in told and "new_site_production" in told, told
    assert not (tmp_path / "site").exists() and not (tmp_path / "key").exists()


def test_a_password_on_the_command_line_is_refused(tmp_path: Path) -> None:
    code, told = run(tmp_path, FACTS, "-e", '{"new_site_passwords": {"vault_store_read_password": "x"}}')
    assert code != 0 and "others can read them" in told and not (tmp_path / "site").exists(), told


def test_a_site_whose_hosts_are_not_there_yet_is_told_of_every_route(tmp_path: Path) -> None:
    hosts = {
        "production": "sql1 sql1.invalid",
        "failover": "sql2 sql2.invalid",
        "store": "b1 b1.invalid",
        "applications": "app1 app1.invalid",
    }
    more = {"preflight_reports_directory": str(tmp_path / "reports")}
    facts = {**FACTS, **{f"new_site_{name}": told for name, told in hosts.items()}, "new_site_more": more}
    assert run(tmp_path, facts)[0] == 0
    site = ["-i", str(tmp_path / "site"), "--vault-password-file", str(tmp_path / "key/password")]
    code, told = play("connectivity", *site)
    assert code != 0 and "20 of 20 routes are closed" in told, told
    assert "✘ controller sql1 sql1.invalid:22 SSH nama tidak dikenal" in told
    assert "✘ app1 sql1 sql1.invalid:1433 SQL Server tidak dapat dicoba" in told
    assert "Buat app1 dapat dijangkau Ansible dulu" in told
    (report,) = (tmp_path / "reports").glob("*-connectivity/report.json")
    assert json.loads(report.read_text())["outcome"] == "failed"
