# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bare storage host and a controller, which makes a site of them by playbooks/site.yml."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from .machines import ROOT, Lan, Machine, lan, python, skip_where_impossible

STORE, CONTROLLER, CLIENT, STRANGER = "10.77.1.13", "10.77.1.10", "10.77.1.11", "10.77.2.66"
PASSWORDS = {name: f'{name} word\'s "1" $x' for name in ("write", "read", "prune")}


@dataclass
class Site:
    """``client`` and ``stranger`` are places in the network: one that the firewall knows, and one that it does not."""

    storage: Machine
    controller: Machine
    client: str
    stranger: str
    inventory: Path

    def play(self, *words: str) -> tuple[int, str]:
        code, told, wrong = self.ansible("ansible-playbook", "playbooks/site.yml", *words)
        return code, told + wrong

    def ansible(self, program: str, *words: str) -> tuple[int, str, str]:
        command = [f"{sys.prefix}/bin/{program}", "-i", str(self.inventory), *words]
        environment = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOST_KEY_CHECKING": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        done = self.controller.start("env", "-C", str(ROOT), *command, **environment)
        return done.returncode, done.stdout, done.stderr

    def module(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The result of a module on the controller."""
        words = ["localhost", "-m", name, "-a", json.dumps(arguments)]
        _code, text, _wrong = self.ansible("ansible", *words, "-e", f"ansible_python_interpreter={sys.executable}")
        found: dict[str, Any] = yaml.safe_load(text[text.index("=>") + 2 :].replace("\t", " "))
        return found

    def params(self, who: str) -> dict[str, Any]:
        names = {"write": "deadpool_writer", "read": "deadpool_reader", "prune": "deadpool_pruner"}
        return {
            "host": STORE, "port": 21, "username": names[who], "password": PASSWORDS[who], "tls": "explicit",
            "ca_path": str(self.inventory.parent / "ca.pem"), "validate_certs": True, "timeout": 10,
        }  # fmt: skip

    def ask(self, what: str, *of: Any, place: str | None = None) -> Any:
        command = ["ip", "netns", "exec", place or self.client, sys.executable, "-m", "tests.hosts.asking"]
        given = json.dumps({"ask": what, "of": of})
        environment = {"PYTHONPATH": f"{ROOT}/collections:{ROOT}", "PATH": "/usr/bin:/bin:/usr/sbin"}
        done = subprocess.run(command, input=given, env=environment, cwd=ROOT, capture_output=True, text=True,
                              check=False, timeout=120)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def told(self, who: str, *questions: list[str]) -> list[str]:
        replies: list[str] = self.ask("session", self.params(who), list(questions))
        return replies

    def kept(self, path: str) -> None:
        """Waits until the keeper took that file."""
        deadline = time.monotonic() + 15
        while self.storage.run("stat", "--format", "%U", f"/srv/deadpool{path}") != "deadpool_pruner":
            assert time.monotonic() < deadline, "nobody kept it"
            time.sleep(0.2)


def changed(text: str) -> int:
    return sum(int(number) for number in re.findall(r"\bchanged=(\d+)", text))


def _inventory(folder: Path) -> Path:
    """The example, with these hosts, own passwords and what the firewall wants to know."""
    site = folder / "site"
    shutil.copytree(ROOT / "inventory/example", site)
    here = {"ansible_connection": "local", "mssql_host": CONTROLLER, "mssql_port": 1433, "mssql_server_name": "SQL"}
    host = {"ansible_host": STORE, "ansible_user": "root", "ansible_ssh_private_key_file": str(folder / "key"),
            "ansible_python_interpreter": "/usr/bin/python3"}  # fmt: skip
    groups = {name: {"hosts": {f"sql-{name}": here}} for name in ("production", "failover")}
    children = {"sql_servers": {"children": groups}, "backup_storage": {"hosts": {"backup1": host}}}
    (site / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": children}}))
    variables = {
        "store_host": STORE,
        "mssql_admin_login": "",  # no SQL Server is here: site.yml then leaves the servers as they are
        "storage_client_networks": ["10.77.1.0/24"], "storage_admin_networks": [f"{CONTROLLER}/32"],
        "storage_page_networks": ["10.77.1.0/24"],
        **{f"vault_store_{name}_password": word for name, word in PASSWORDS.items()},
    }  # fmt: skip
    (site / "group_vars/all/zz.yml").write_text(yaml.safe_dump(variables))
    return site


def _reachable_by_key(storage: Machine, folder: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    storage.run(
        "sh", "-c", f"mkdir -p /root/.ssh && echo '{(folder / 'key.pub').read_text()}' > /root/.ssh/authorized_keys"
    )


@pytest.fixture(scope="session")
def bare() -> Iterator[Site]:
    """Both hosts as Debian leaves them."""
    skip_where_impossible()
    with lan() as net:
        yield _booted(net)


def _booted(net: Lan) -> Site:
    inventory = _inventory(net.folder)
    storage = net.boot("backup1", 3, f"{STORE}/16")
    controller = net.boot("controller", 2, f"{CONTROLLER}/16", *python(), str(net.folder))
    _reachable_by_key(storage, net.folder)
    return Site(storage, controller, net.leg(4, f"{CLIENT}/16"), net.leg(5, f"{STRANGER}/16"), inventory)


@pytest.fixture(scope="session")
def site(bare: Site) -> Site:
    """As the playbook leaves them."""
    code, text = bare.play()
    assert code == 0, text
    authority = bare.controller.run("cat", "/etc/ssl/certs/deadpool-store-ca.pem")
    (bare.inventory.parent / "ca.pem").write_text(authority + "\n")
    return bare
