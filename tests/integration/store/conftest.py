# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store to talk to: the simulated one (pyftpdlib), as its own process on loopback."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simulator.certificates import make_authority, make_server_certificate

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Store:
    folder: Path
    port: int
    ca: Path
    faults: Path
    passwords: dict[str, str]

    def params(self, account: str, **changes: Any) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": account,
            "password": self.passwords[account],
            "tls": "explicit",
            "ca_path": str(self.ca),
            "validate_certs": True,
            "timeout": 10,
            **changes,
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended before it answered"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    keys = tmp_path / "keys"
    ca = make_authority(keys, "Test CA")
    certificate = make_server_certificate(keys, "store.test", ["127.0.0.1"])
    passwords = {"writer": "w p;{1}", "reader": "r'2\""}
    accounts = {"store": {kind: {"login": kind, "password": word} for kind, word in passwords.items()}}
    (tmp_path / "accounts.json").write_text(json.dumps(accounts))
    made = Store(tmp_path / "store", free_port(), ca, tmp_path / "faults.json", passwords)
    options = {
        "folder": made.folder,
        "port": made.port,
        "certificate": certificate,
        "accounts": tmp_path / "accounts.json",
        "journal": tmp_path / "uploads.jsonl",
        "faults": made.faults,
    }
    arguments = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    log = (tmp_path / "store.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "simulator.ftp", *arguments], cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_for(made.port, process)
        yield made
    finally:
        process.terminate()
        process.wait(10)
        log.close()
