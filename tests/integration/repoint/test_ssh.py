# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""app_repoint through real SSH: three sshd of our own, each a host with a folder of its own."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.apps import installed_files, more_files
from simulator.apps.installed_files import Endpoint

PROJECT = Path(__file__).resolve().parents[3]
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/sbin")
HOSTS = {"app1": "127.0.0.11", "app2": "127.0.0.12", "app3": "127.0.0.13"}
OLD, NEW = ("10.0.0.5", 1433), ("10.0.0.6", 1433)
SECRET = "Rahasia#sekali&9"
KEYS = {"nutrition": {"format": "hosts", "keys": [{"server": "sqlprod"}]}}

pytestmark = pytest.mark.skipif(not SSHD or not shutil.which("ssh"), reason="no sshd here (apt install openssh-server)")


def content(module: str, server: tuple[str, int]) -> bytes:
    writers = {**installed_files.WRITERS, **more_files.MORE_FILES}
    program = f"MyHospital {module.title()}"
    return writers[module][1](Endpoint(*server, f"My{module}", f"{module}_app", SECRET, program))


@dataclass
class Network:
    folder: Path
    servers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        for name in ("host", "user"):
            key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run(key, check=True)
        shutil.copy(self.folder / "user.pub", self.folder / "authorized")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        for host, address in HOSTS.items():
            self._start(host, address)

    def _start(self, host: str, address: str) -> None:
        with socket.socket() as probe:
            probe.bind((address, 0))
            self.ports[host] = probe.getsockname()[1]
        options = {
            "ListenAddress": f"{address}:{self.ports[host]}",
            "HostKey": self.folder / "host",
            "AuthorizedKeysFile": self.folder / "authorized",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "Subsystem": "sftp internal-sftp",
        }
        told = [text for key, value in options.items() for text in ("-o", f"{key}={value}")]
        log = (self.folder / f"{host}.log").open("wb")
        command = [str(SSHD), "-D", "-e", "-f", "/dev/null", *told]
        self.servers[host] = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection((address, self.ports[host]), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail((self.folder / f"{host}.log").read_text())

    def stop(self, host: str) -> None:
        self.servers[host].terminate()
        self.servers[host].wait(10)

    def modules(self, host: str) -> dict[str, Path]:
        """The files of a host; together the hosts have those of all ten modules."""
        names = {"app1": ("registration", "pharmacy", "radiology"), "app2": ("laboratory", "billing", "emergency")}
        mine = names.get(host, ("inpatient", "nutrition", "surgery", "reporting"))
        writers = {**installed_files.WRITERS, **more_files.MORE_FILES}
        return {name: self.folder / host / name / writers[name][0] for name in mine}

    def play(self, **options: Any) -> dict[str, Any]:
        """app_repoint on every host, then each file read back over the same connection."""
        wanted = {"old": [",".join(map(str, OLD))], "new": {"host": NEW[0], "port": NEW[1]}, **options}
        tasks: list[dict[str, Any]] = [
            {
                "ics.deadpool.app_repoint": {
                    "files": "{{ files }}",
                    "backup_directory": "{{ copies }}",
                    **wanted,
                },
                "register": "done",
            },
            {"ansible.builtin.slurp": {"src": "{{ item.path }}"}, "loop": "{{ files }}"},
        ]
        playbook = self.folder / "play.json"
        playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        inventory = self.folder / "hosts.json"
        inventory.write_text(json.dumps({"all": {"hosts": {host: self._variables(host) for host in HOSTS}}}))
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), str(playbook), "-D"]
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp"),
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=10s -o UserKnownHostsFile=/dev/null",
        }
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        assert SECRET not in done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
        print(*(one.get("msg", "") for one in found["plays"][0]["tasks"][0]["hosts"].values()), sep="\n")
        return found

    def _variables(self, host: str) -> dict[str, Any]:
        files = [{"path": str(path), **KEYS.get(name, {})} for name, path in self.modules(host).items()]
        return {
            "ansible_host": HOSTS[host],
            "ansible_port": self.ports[host],
            "ansible_ssh_private_key_file": str(self.folder / "user"),
            "ansible_python_interpreter": sys.executable,
            "files": files,
            "copies": str(self.folder / host / "copies"),
        }


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    network = Network(tmp_path)
    for host in HOSTS:
        for name, path in network.modules(host).items():
            path.parent.mkdir(parents=True)
            path.write_bytes(content(name, OLD))
            path.chmod(0o640)
    try:
        network.start()
        yield network
    finally:
        for host in network.servers:
            network.stop(host)


def read_back(found: dict[str, Any], host: str) -> dict[str, bytes]:
    results = found["plays"][0]["tasks"][1]["hosts"][host]["results"]
    return {one["source"]: base64.b64decode(one["content"]) for one in results}


@pytest.mark.slow
def test_there_and_back_through_ssh_is_byte_for_byte(network: Network) -> None:
    found = network.play()
    for host in HOSTS:
        wanted = {str(path): content(name, NEW) for name, path in network.modules(host).items()}
        for path, data in wanted.items():
            assert Path(path).stat().st_mode & 0o777 == 0o640
            assert read_back(found, host)[path] == data == Path(path).read_bytes(), path
    back = network.play(state="restored")
    for host in HOSTS:
        for name, path in network.modules(host).items():
            assert read_back(back, host)[str(path)] == content(name, OLD)


@pytest.mark.long
def test_a_host_that_cannot_be_reached_is_no_success(network: Network) -> None:
    network.stop("app2")
    found = network.play()
    assert found["stats"]["app2"]["unreachable"] == 1
    assert found["plays"][0]["tasks"][0]["hosts"]["app2"]["unreachable"]
    for name, path in network.modules("app2").items():
        assert path.read_bytes() == content(name, OLD)
    assert read_back(found, "app1") == {str(path): content(name, NEW) for name, path in network.modules("app1").items()}
