# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A simulated hospital with ten modules on three hosts, and the transaction over them while something goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from simulator.apps.configuration import read_configuration
from simulator.site_databases import _create_database, administrator, modules_of

from ..name_servers import KEY, PROGRAMS, SECRET, ZONE, NameServer, program

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
#: Modules of two hosts that list one record in DNS beside their files, where a DNS server is installed.
RECORD = "hisdb.hospital.lan"
WITH_RECORD = ("billing", "pharmacy")
KEYS = {"nutrition": {"format": "hosts", "keys": [{"server": "sqlprod"}]}}


@dataclass
class Run:
    code: int
    text: str

    def says(self, *words: str) -> bool:
        flat = " ".join(self.text.split())
        return all(" ".join(word.split()) in flat for word in words)


@dataclass
class Ward:
    folder: Path
    site: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)
    names: NameServer | None = None

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def open(self) -> None:
        self.simulator("start", "--modules", "10", "--speed", "1")
        self.site = json.loads((self.state / "site.json").read_text())
        self.secrets = json.loads((self.state / "secrets.json").read_text())
        with administrator(self.site, self.secrets, "failover") as connection:
            for module in modules_of(self.site):
                _create_database(connection, module)
        for module in modules_of(self.site):
            with administrator(self.site, self.secrets, "failover", module.database) as connection:
                connection.execute(module.create())
        self._name_server()
        self._inventory()

    def close(self) -> None:
        self.simulator("stop", check=False)
        if self.names:
            self.names.stop()

    def _name_server(self) -> None:
        kind = next(filter(program, PROGRAMS), None)
        if kind:
            zone = ZONE.replace("hisdb A 10.0.0.5", f"hisdb A {self.site['servers']['production']['address']}")
            (self.folder / "dns").mkdir()
            self.names = NameServer(kind, self.folder / "dns", zone)
            self.names.start()

    def simulator(self, *arguments: str, check: bool = True) -> str:
        command = [sys.executable, "-m", "simulator", *arguments, "--state", str(self.state)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def entries(self, **changed: dict[str, Any]) -> list[dict[str, Any]]:
        app = self.state / "bin" / "app"
        return [
            {
                "name": name,
                "host": module["host"],
                "files": [{"path": module["config"], **KEYS.get(name, {})}, *self._record(name)],
                "stop": f"{app} stop {name}",
                "restart": f"{app} restart {name}",
                "health": module["health"],
                "sessions": [{"program": module["program"], "login": module["login"], "host": module["host"].upper()}],
                "databases": [module["database"]],
                **changed.get(name, {}),
            }
            for name, module in self.site["modules"].items()
        ]

    def _record(self, name: str) -> list[dict[str, Any]]:
        if not self.names or name not in WITH_RECORD:
            return []
        return [{"path": f"dns:{RECORD}", "dns": {"server": "127.0.0.1", "port": self.names.port, "key": KEY}}]

    def _inventory(self) -> None:
        inventory = self.folder / "inventory"
        shutil.copytree(ROOT / "inventory/demo", inventory)
        hosts = yaml.safe_load((inventory / "hosts.yml").read_text())
        hosts["all"]["children"]["application"]["hosts"]["app3"] = None
        (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
        self.describe()

    def describe(self, **changed: dict[str, Any]) -> None:
        """The entries of the modules; ``changed`` by name."""
        told = {
            "applications": self.entries(**changed),
            "site_databases": self.site["databases"],
            "repoint_dns_keys": {KEY: {"secret": SECRET}},
        }
        (self.folder / "inventory/group_vars/all/zz_ten.yml").write_text(json.dumps(told))

    def run(self, target: str, *arguments: str, **environment: str) -> Run:
        """The transaction towards a server; ``environment`` holds what is to go wrong."""
        journal = f"preflight_run_folder={self.folder / 'journal'}"
        more = ["-e", f"target={target}", "-e", journal, "-e", "repoint_wait_seconds=8", *arguments]
        return self._play(HERE / "transaction.yml", *more, **environment)

    def find_applications(self) -> Run:
        return self._play(ROOT / "playbooks/find_applications.yml")

    def _play(self, playbook: Path, *arguments: str, **environment: str) -> Run:
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(self.folder / "inventory")]
        command += [str(playbook), *arguments]
        surroundings = {
            **os.environ,
            "DEADPOOL_STATE": str(self.state),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_FORKS": "3",
            "CRASH_MARK": str(self.folder),
            "CRASH_LOG": str(self.folder / "events"),
            "CRASH_CONTROLLER": str(self.folder / "controller"),
            **environment,
        }
        (self.folder / "events").write_text("")
        with (self.folder / "output").open("w+") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=output, stderr=subprocess.STDOUT)
            (self.folder / "controller").write_text(str(process.pid))
            code = process.wait(timeout=600)
            self._wait_for_orphans()
            output.seek(0)
            return Run(code, output.read())

    def events(self) -> list[str]:
        return (self.folder / "events").read_text().splitlines()

    def killed_at_event(self, target: str, number: int) -> Run:
        """The controller, at the n-th beginning or end of a task; what it started on the hosts goes on by itself."""
        return self.run(target, **self.counting(), CRASH_AT_EVENT=str(number))

    def disturbed(self, target: str, where: str, command: str) -> Run:
        """A shell command carried out in the middle, at the event that begins with ``where``."""
        return self.run(target, **self.counting(), CRASH_WHERE=where, CRASH_COMMAND=command)

    def config(self, module: str) -> Path:
        return Path(self.site["modules"][module]["config"])

    def sql(self, role: str, statement: str) -> None:
        with administrator(self.site, self.secrets, role) as connection:
            connection.execute(statement)

    @staticmethod
    def counting() -> dict[str, str]:
        return {"ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "killer"}

    def killed_at_write(self, target: str, host: str, number: int) -> Run:
        """The controller and the module on one host, at the n-th thing that it does to that host's files."""
        watch = {"PYTHONPATH": str(HERE / "startup"), "CRASH_FOLDER": str(self.state / "hosts" / host) + "/"}
        return self.run(target, **watch, CRASH_AT_WRITE=str(number))

    def _wait_for_orphans(self) -> None:
        """What a dead controller left running ends by itself."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and any(map(self._is_orphan, Path("/proc").glob("[0-9]*"))):
            time.sleep(0.05)

    def _is_orphan(self, process: Path) -> bool:
        try:
            if f"CRASH_MARK={self.folder}\0".encode() not in (process / "environ").read_bytes():
                return False
            return b"simulator\0" not in (process / "cmdline").read_bytes().replace(b"simulator.apps\0", b"simulator\0")
        except OSError:
            return False

    def named(self) -> dict[str, str]:
        """Which server the file of each module names, as the module itself reads it."""
        roles = {server["address"]: role for role, server in self.site["servers"].items()}
        return {
            name: roles[read_configuration(name, Path(module["config"])).host]
            for name, module in self.site["modules"].items()
        }

    def working(self) -> dict[str, str]:
        """Which server each module says that it works on."""
        roles = {server["name"]: role for role, server in self.site["servers"].items()}
        return {
            name: roles.get(self._server(module["health"]), "none") for name, module in self.site["modules"].items()
        }

    @staticmethod
    def _server(address: str) -> str:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return str(json.load(answer)["server"])
        except (OSError, urllib.error.HTTPError):
            return ""

    def everything_on(self, role: str) -> bool:
        everywhere = dict.fromkeys(self.site["modules"], role)
        return self.named() == everywhere == self.working() and self.recorded() in (None, role)

    def recorded(self) -> str | None:
        """Which server the record in DNS leads to."""
        roles = {server["address"]: role for role, server in self.site["servers"].items()}
        return roles[self.names.values(RECORD)[0]] if self.names else None

    def leftovers(self) -> list[str]:
        return [str(path) for path in (self.state / "hosts").rglob("*.deadpool-new")]
