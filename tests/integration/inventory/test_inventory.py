# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A copied inventory is a whole site: it defines every variable that the procedure reads, and no other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
INVENTORIES = [ROOT / "inventory/demo", ROOT / "inventory/example"]
PROCEDURE = [path for folder in ("roles", "playbooks") for path in (ROOT / folder).rglob("*.yml")]
#: What no extra variable may change is read from the inventory by Python.
POLICY = [ROOT / "plugins/plugin_utils/site_policy.py"]
MODULES = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
VARIABLE = re.compile(r"(?<![\w-])(?:(?:mssql|store|site)_\w+|applications)\b(?!:)")
#: Of the roles' own defaults; a site that does not set them gets what no site wants.
SETTINGS = {"verify_canaries", "repoint_backup_directory", "preflight_reports_directory"}

pytestmark = pytest.mark.skipif(
    not PROCEDURE or not all(path.is_dir() for path in INVENTORIES), reason="inventories and roles are not shipped here"
)


def used() -> set[str]:
    """The variables that roles and playbooks read, without those that they do without."""
    names = set()
    for path in PROCEDURE:
        if path.parent.name != "meta":
            # Comments, names of modules and names of their options are no variables.
            text = re.sub(r"^\s*#.*|ics\.deadpool\.\w+|'[\w-]+'(?=\])", "", path.read_text("utf-8"), flags=re.MULTILINE)
            text = re.sub(r"\w+ \| default\((?:omit|\[\]|'\w+')\)|'\w+', default=", "", text)
            names |= set(VARIABLE.findall(text))
    # The roles mssql_install and site_document name their own variables so; a site needs none of them.
    return {name for name in names if not name.startswith(("mssql_install", "site_document"))} - MODULES


def inventory(path: Path) -> dict[str, Any]:
    """As Ansible reads it, without evaluating anything."""
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "inventory", "-i", str(path), "--list"],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def test_the_search_finds_what_is_known_to_be_used() -> None:
    assert {"mssql_host", "mssql_backup_password", "mssql_application_endpoint", "store_ca", "site_name"} <= used()
    assert {"applications", "site_databases", "site_timezone"} <= used() and "mssql_restore" not in used()


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.name)
def test_a_site_defines_every_variable_that_the_procedure_reads(path: Path) -> None:
    site = inventory(path)
    for group in ("production", "failover"):
        (host,) = site[group]["hosts"]
        missing = (used() | SETTINGS) - set(site["_meta"]["hostvars"][host])
        assert not missing, f"{path.name}: {host} has no {sorted(missing)}"
    for host in site["application"]["hosts"]:
        missing = {name for name in used() | SETTINGS if not name.startswith("mssql_")}
        assert missing <= set(site["_meta"]["hostvars"][host])


def test_the_example_defines_nothing_that_nobody_reads() -> None:
    files = [*INVENTORIES[1].rglob("*.yml"), *PROCEDURE, *POLICY]
    text = "\n".join(path.read_text("utf-8") for path in files)
    site = inventory(INVENTORIES[1])
    names = {name for host in site["_meta"]["hostvars"].values() for name in host if not name.startswith("ansible_")}
    idle = {name for name in names if len(re.findall(rf"\b{name}\b", text)) < 2}
    assert not idle, f"defined in the example and never read: {sorted(idle)}"


def test_the_example_passes_what_the_preflight_asks_of_a_site() -> None:
    site = inventory(INVENTORIES[1])
    (host,) = site["production"]["hosts"]
    variables = site["_meta"]["hostvars"][host]
    for module in variables["applications"]:
        assert {"name", "host", "files", "restart", "health", "sessions"} <= set(module)
        assert module["host"] in site["application"]["hosts"]
        assert set(module["databases"]) <= set(variables["site_databases"])
    assert {row["database"] for row in variables["verify_canaries"]} == set(variables["site_databases"])


def test_the_example_holds_no_password_but_in_its_vault() -> None:
    for path in INVENTORIES[1].rglob("*.yml"):
        if path.name != "vault.yml":
            for name, value in re.findall(r"^\s*(\w*password\w*):\s*(.+)$", path.read_text("utf-8"), re.MULTILINE):
                assert value == f'"{{{{ vault_{name} }}}}"', f"{path.name}: {name}"
