# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is at the other end of a connection: which host of the site.

All hosts are on this machine, and a client that does not choose its own address comes from 127.0.0.1. So it is told by
the process that holds the other end: one of the site's, or one whose environment says ``DEADPOOL_HOST``.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

CONTROLLER = "controller"  # whoever is none of the site's hosts


class Parties:
    """``run_folder``: where the pid files are; the site's facts lie above it."""

    def __init__(self, run_folder: Path) -> None:
        self._run = run_folder
        self._facts = run_folder.parent / "site.json"

    def hosts(self) -> list[str]:
        return sorted(set(self._site()[0].values()))

    def of(self, peer: tuple[str, int]) -> str:
        hosts, modules = self._site()
        if peer[0] in hosts:
            return hosts[peer[0]]
        inode = _inode_of(*peer)
        if inode is None:
            return CONTROLLER
        for pid in _pids():
            if _holds(pid, inode):
                return self._host_of(pid, modules)
        return CONTROLLER

    def _site(self) -> tuple[dict[str, str], dict[str, str]]:
        """Address -> host, and process of a module -> host."""
        if not self._facts.exists():
            return {}, {}
        facts = json.loads(self._facts.read_text("utf-8"))
        modules = {name: module["host"] for name, module in facts["modules"].items()}
        hosts = {module["address"]: module["host"] for module in facts["modules"].values()}
        hosts |= {server["address"]: role for role, server in facts["servers"].items()}
        return hosts | {facts["store"]["address"]: "store"}, modules

    def _host_of(self, pid: int, modules: dict[str, str]) -> str:
        for name, host in modules.items():
            try:
                if json.loads((self._run / f"{name}.pid").read_text("utf-8"))["pid"] == pid:
                    return host
            except (OSError, ValueError):
                continue
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return CONTROLLER
        named = (one.partition(b"=")[2].decode() for one in variables if one.startswith(b"DEADPOOL_HOST="))
        return next(named, CONTROLLER)


def _inode_of(address: str, port: int) -> str | None:
    """Of the socket whose own end this is."""
    raw = int.from_bytes(socket.inet_aton(address), "little")
    wanted = f"{raw:08X}:{port:04X}"
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        fields = line.split()
        if fields[1] == wanted and fields[9] != "0":
            return fields[9]
    return None


def _pids() -> Iterator[int]:
    own = os.getpid()
    yield from (int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own)


def _holds(pid: int, inode: str) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        return any(os.readlink(f"{folder}/{name}") == f"socket:[{inode}]" for name in os.listdir(folder))
    except OSError:
        return False
