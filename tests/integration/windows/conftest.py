# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Windows host's stand-in behind HTTPS, and real ansible-playbook with real pywinrm and ansible.windows before it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.tds.certificate import write_self_signed
from tests.windows_double.host import WindowsDouble
from tests.windows_double.wsman import WsmanServer

PROJECT = Path(__file__).resolve().parents[3]
USER, PASSWORD = "deadpool", "Sandi&<kuat>1"


@dataclass
class Run:
    code: int
    output: str
    errors: str

    @property
    def results(self) -> list[dict[str, Any]]:
        """What each task returned, in order."""
        found = json.loads(self.output[self.output.index("{") :])
        return [task["hosts"]["win1"] for play in found["plays"] for task in play["tasks"]]

    @property
    def result(self) -> dict[str, Any]:
        return self.results[-1]


@dataclass
class Windows:
    """The host, its transport, and how a controller runs tasks on it."""

    folder: Path
    double: WindowsDouble
    server: WsmanServer
    certificate: Path
    variables: dict[str, Any] = field(default_factory=dict)

    def run(self, *tasks: dict[str, Any], options: tuple[str, ...] = (), **environment: str) -> Run:
        play = [{"hosts": "win1", "gather_facts": False, "tasks": list(tasks)}]
        host = {
            "ansible_connection": "winrm",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.server.port,
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "ansible_winrm_transport": "basic",
            "ansible_winrm_ca_trust_path": str(self.certificate),
            **self.variables,
        }
        (self.folder / "play.json").write_text(json.dumps(play))
        (self.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {"win1": host}}}))
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(self.folder / "inventory.json")]
        settings = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg")}
        done = subprocess.run(
            [*command, str(self.folder / "play.json"), *options],
            cwd=PROJECT,
            env={**os.environ, **settings, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of its own for 127.0.0.1, as WinRM's listener has one, and its key."""
    return write_self_signed(tmp_path_factory.mktemp("winrm"), "127.0.0.1")


@pytest.fixture
def windows(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Windows]:
    double = WindowsDouble(tmp_path / "disk")
    with WsmanServer(double.execute, USER, PASSWORD, certificate) as server:
        yield Windows(tmp_path, double, server, certificate[0])
        assert not server.refused, server.refused
