# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The simulated FTPS store on loopback, as its own process, for as long as a measurement takes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.certificates import make_authority, make_server_certificate

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(folder: Path, work: Path) -> Iterator[dict[str, Any]]:
    """Gives the options of a connection to a store that shows ``folder``."""
    ca = make_authority(work, "Benchmark CA")
    certificate = make_server_certificate(work, "store.test", ["127.0.0.1"])
    accounts = {"store": {kind: {"login": kind, "password": "secret"} for kind in ("writer", "reader")}}
    (work / "accounts.json").write_text(json.dumps(accounts))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"folder": folder, "port": port, "certificate": certificate, "accounts": work / "accounts.json",
               "journal": work / "uploads.jsonl"}  # fmt: skip
    command = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, "-m", "simulator.ftp", *command], cwd=ROOT, **quiet)  # type: ignore[call-overload]
    try:
        _wait(port)
        yield {"host": "127.0.0.1", "port": port, "username": "reader", "password": "secret", "tls": "explicit",
               "ca_path": str(ca), "validate_certs": True, "timeout": 30}  # fmt: skip
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
