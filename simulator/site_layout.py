# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a simulated site consists of: hosts, addresses, ports, folders, accounts. Decided once, at the first start, and
kept in ``site.json`` and ``secrets.json``.

Each host has an address of its own on the loopback network (Linux answers on all of 127.0.0.0/8), so that the old and
the new server are told apart by address, as on a real network.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from simulator.apps.installed_files import WRITERS, Endpoint
from simulator.apps.modules import MODULES, Module
from simulator.apps.more_files import MORE_FILES, beside
from simulator.apps.more_modules import ALL_MODULES, MORE_MODULES

ADDRESSES = {
    "production": "127.0.10.1",
    "failover": "127.0.10.2",
    "backup_storage": "127.0.10.3",
    "app1": "127.0.10.11",
    "app2": "127.0.10.12",
    "app3": "127.0.10.13",
}
SERVER_NAMES = {"production": "RSSQL01", "failover": "RSSQL02"}
MODULE_HOSTS = {"registration": "app1", "pharmacy": "app1", "laboratory": "app2", "billing": "app2"}
MODULE_HOSTS |= {"radiology": "app1", "emergency": "app2"} | dict.fromkeys(
    ("inpatient", "nutrition", "surgery"), "app3"
)
MODULE_HOSTS["reporting"] = "app3"
#: How many modules a site may have: four on two hosts, or ten on three.
SIZES = {len(MODULES): tuple(MODULES), len(ALL_MODULES): tuple(ALL_MODULES)}
TOOL_LOGINS = {
    "backup": "deadpool_backup",
    "restore": "deadpool_restore",
    "verify": "deadpool_verify",
    "admin": "deadpool_admin",
}
#: The login that somebody once created by hand on the failover: after a restore its user is an orphan.
STRANGER = "billing"
#: What the passwords end with, so that every format has something to escape.
_AWKWARD = {"registration": "+/'", "pharmacy": "&<", "laboratory": ";=", "billing": "\\:=#!"} | dict.fromkeys(
    MORE_MODULES, "_9"
)
_FILES = {name: (file, write) for name, (file, write, _read) in MORE_FILES.items()} | WRITERS

Facts = dict[str, Any]


def load(state: Path, size: int = len(MODULES)) -> tuple[Facts, Facts]:
    """``site.json`` and ``secrets.json``; made, with folders and configuration files, where there are none."""
    site_file, secrets_file = state / "site.json", state / "secrets.json"
    if not site_file.exists():
        _write(secrets_file, new_secrets(SIZES[size]), 0o600)
        _write(site_file, new_site(state, SIZES[size]), 0o644)
        install(json.loads(site_file.read_text("utf-8")), json.loads(secrets_file.read_text("utf-8")))
    return json.loads(site_file.read_text("utf-8")), json.loads(secrets_file.read_text("utf-8"))


def new_site(state: Path, modules: Sequence[str] = tuple(MODULES)) -> Facts:
    ca = state / "ca" / "ca.pem"
    # A hosts file holds no port: both servers must listen on the same.
    port = free_port(*(ADDRESSES[role] for role in SERVER_NAMES)) if "nutrition" in modules else 0
    return {
        "name": "RS Contoh Sehat",
        "state": str(state),
        "run": str(state / "run"),
        "ca": str(ca),
        "servers": {role: _server(state, role, port) for role in SERVER_NAMES},
        "store": {
            "host": "backup_storage",
            "address": ADDRESSES["backup_storage"],
            "port": free_port(ADDRESSES["backup_storage"]),
            "tls": "explicit",
            "folder": str(state / "hosts" / "backup_storage" / "files"),
            "journal": str(state / "hosts" / "backup_storage" / "uploads.jsonl"),
            "faults": str(state / "run" / "store-faults.json"),
        },
        "databases": [ALL_MODULES[name].database for name in modules],
        "logins": TOOL_LOGINS,
        "modules": {name: _module(state, ALL_MODULES[name]) for name in modules},
    }


def _server(state: Path, role: str, port: int) -> Facts:
    folder = state / "hosts" / role
    return {
        "name": SERVER_NAMES[role],
        "address": ADDRESSES[role],
        "port": port or free_port(ADDRESSES[role]),
        "folder": str(folder),
        "data": str(folder / "data"),
        "log": str(folder / "data"),
        "backup": str(folder / "backup"),
        "incoming": str(folder / "incoming"),
    }


def _module(state: Path, module: Module) -> Facts:
    host = MODULE_HOSTS[module.name]
    folder = state / "hosts" / host / module.name
    port = free_port(ADDRESSES[host])
    return {
        "host": host,
        "address": ADDRESSES[host],
        "port": port,
        "health": f"http://{ADDRESSES[host]}:{port}/health",
        "program": module.program,
        "login": module.login,
        "database": module.database,
        "config": str(folder / _FILES[module.name][0]),
        "journal": str(folder / "written.jsonl"),
        "restart": [str(state / "bin" / "app"), "restart", module.name],
    }


def new_secrets(modules: Sequence[str] = tuple(MODULES)) -> Facts:
    logins = {login: _password() for login in TOOL_LOGINS.values()}
    logins |= {ALL_MODULES[name].login: _password() + _AWKWARD[name] for name in modules}
    return {
        "sa": {role: _password() for role in SERVER_NAMES},
        "logins": logins,
        "store": {
            "writer": {"login": "deadpool_ship", "password": _password()},
            "reader": {"login": "deadpool_fetch", "password": _password()},
            "pruner": {"login": "deadpool_prune", "password": _password()},
        },
    }


def _password() -> str:
    # Three kinds of characters at least, as SQL Server's password policy wants them.
    return "Dp1-" + secrets.token_urlsafe(15)


def free_port(address: str, *others: str) -> int:
    """A port that is free on all of these addresses."""
    while True:
        with ExitStack() as open_probes:
            probes = [open_probes.enter_context(socket.socket()) for _ in range(1 + len(others))]
            probes[0].bind((address, 0))
            port = int(probes[0].getsockname()[1])
            try:
                for probe, other in zip(probes[1:], others, strict=True):
                    probe.bind((other, port))
            except OSError:
                continue
            return port


def install(site: Facts, passwords: Facts) -> None:
    """The folders and the configuration files, all of them pointing to production."""
    for server in site["servers"].values():
        for kind in ("data", "backup", "incoming"):
            Path(server[kind]).mkdir(parents=True, exist_ok=True)
    Path(site["store"]["folder"]).mkdir(parents=True, exist_ok=True)
    production = site["servers"]["production"]
    for name, module in site["modules"].items():
        endpoint = Endpoint(
            host=production["address"],
            port=production["port"],
            database=module["database"],
            login=module["login"],
            password=passwords["logins"][module["login"]],
            program=module["program"],
        )
        config = Path(module["config"])
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_bytes(_FILES[name][1](endpoint))
        config.chmod(0o640)
        if name in MORE_FILES:
            config.with_name("login.json").write_bytes(beside(endpoint))


def _write(path: Path, value: Facts, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.touch(mode=mode)
    part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
    os.replace(part, path)
