# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One simulated SQL Server as one process.

    python -m simulator.sqlserver --state DIR --name PRODUCTION --port 0 --sa-password-file FILE

Prints one line of JSON when it accepts connections ({"event": "ready", "name": ..., "host": ..., "port": ...,
"pid": ...}),
runs until SIGTERM or SIGINT, closes its databases and exits 0. The folder holds data/, backup/, log/errorlog and the
instance's own catalogue; started again on the same folder it recovers what a SIGKILL left behind.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from simulator.engine.instance import Instance, Settings
from simulator.engine.product import EDITIONS, parse_version
from simulator.faults.control import Control
from simulator.faults.network import Network
from simulator.faults.parties import Parties
from simulator.faults.server import ServerFaults
from simulator.tds.server import serve


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator.sqlserver", description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path, required=True, help="folder of the instance, made if it is not there")
    parser.add_argument("--name", required=True, help="@@SERVERNAME, as HOST or HOST\\INSTANCE")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--sa-password-file", type=Path, help="password of sa; needed when the folder is new")
    parser.add_argument("--backup-directory", type=Path, help="default folder of backups (STATE/backup)")
    parser.add_argument("--utc-offset", default="+07:00", help="the local zone that GETDATE() follows")
    parser.add_argument("--server-version", default="15.0.4385", help="15.0.x is SQL Server 2019, 16.0.x is 2022")
    parser.add_argument("--edition", default="Developer", choices=EDITIONS, help="Express has no Agent")
    parser.add_argument("--disk-size", type=int, help="bytes of the disk that the folder pretends to be")
    parser.add_argument("--certificate", type=Path, help="PEM of the TLS certificate; a self-signed one if left out")
    parser.add_argument("--private-key", type=Path)
    parser.add_argument("--control", type=Path, help="UNIX socket over which faults are injected")
    parser.add_argument("--force-encryption", action="store_true")
    return parser.parse_args(argv)


def settings(options: argparse.Namespace) -> Settings:
    password = options.sa_password_file.read_text("utf-8").strip() if options.sa_password_file else None
    return Settings(
        state=options.state.absolute(),
        name=options.name,
        sa_password=password,
        backup_directory=options.backup_directory,
        utc_offset=options.utc_offset,
        version=parse_version(options.server_version),
        edition=options.edition,
        disk_size=options.disk_size,
    )


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    instance = Instance.start(settings(options))
    try:
        listener = serve(
            instance, options.host, options.port, certificate=options.certificate, key=options.private_key,
            encryption="required" if options.force_encryption else "on",
        )  # fmt: skip
        if options.control:
            network = Network(listener, Parties(options.control.parent))
            Control(options.control, "server", {**network.handlers(), **ServerFaults(instance).handlers()})
        ready = {
            "event": "ready",
            "name": instance.name,
            "host": options.host,
            "port": listener.port,
            "pid": os.getpid(),
        }
        print(json.dumps(ready), flush=True)
        stop.wait()
        listener.stop()
    finally:
        instance.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
