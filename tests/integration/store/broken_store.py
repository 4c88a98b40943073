# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plain FTP server in a thread that behaves as told: breaks off, refuses files, has no MLSD, has other rights."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer


@dataclass
class Manners:
    """``breaks_at``: byte at which reading a file fails with 426. ``lines``: what every LIST shows before its own."""

    refused: tuple[str, ...] = ()
    hangs_up_on: tuple[str, ...] = ()
    breaks_at: int | None = None
    mlsd: bool = True
    lines: tuple[str, ...] = ()
    sizes_hidden: tuple[str, ...] = ()
    deletes_refused: tuple[str, ...] = ()
    deletes_cut: tuple[str, ...] = ()
    verbs: list[str] = field(default_factory=list)


class _Breaking:
    def __init__(self, file: Any, at: int) -> None:
        self._file, self._at = file, at

    def read(self, length: int) -> bytes:
        if self._file.tell() >= self._at:
            raise OSError(5, "Input/output error")
        return bytes(self._file.read(min(length, self._at - self._file.tell())))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _FileSystem(AbstractedFS):
    def open(self, filename: str, mode: str) -> Any:
        manners: Manners = self.cmd_channel.manners
        if Path(filename).name in manners.refused:
            raise PermissionError(13, "Permission denied")
        file = super().open(filename, mode)
        return file if manners.breaks_at is None else _Breaking(file, manners.breaks_at)

    def format_list(self, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        yield from (f"{line}\r\n".encode() for line in self.cmd_channel.manners.lines)
        yield from super().format_list(*args, **kwargs)


class _Handler(FTPHandler):
    abstracted_fs = _FileSystem
    use_sendfile = False
    manners: Manners

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        self.manners.verbs.append(line)
        if (cmd == "RETR" and Path(arg).name in self.manners.hangs_up_on) or (
            cmd == "DELE" and arg in self.manners.deletes_cut
        ):
            self.close()
        elif (cmd == "DELE" and arg in self.manners.deletes_refused) or (
            cmd == "SIZE" and Path(arg).name in self.manners.sizes_hidden
        ):
            self.respond("550 Not for you.")
        else:
            super().pre_process_command(line, cmd, arg)


@contextmanager
def broken_store(folder: Path, manners: Manners, rights: str = "elr") -> Iterator[dict[str, Any]]:
    """Serves the folder; gives the options of our modules."""
    users = DummyAuthorizer()
    users.add_user("reader", "secret", str(folder), perm=rights)
    verbs = {
        verb: entry for verb, entry in FTPHandler.proto_cmds.items() if manners.mlsd or verb not in ("MLSD", "MLST")
    }
    handler = type("Handler", (_Handler,), {"authorizer": users, "manners": manners, "proto_cmds": verbs})
    server = FTPServer(("127.0.0.1", 0), handler)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            server.serve_forever(timeout=0.02, blocking=False)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield {
            "host": "127.0.0.1",
            "port": server.address[1],
            "username": "reader",
            "password": "secret",
            "tls": "none",
            "ca_path": None,
            "validate_certs": True,
            "timeout": 5,
        }
    finally:
        done.set()
        thread.join()
        server.close_all()
