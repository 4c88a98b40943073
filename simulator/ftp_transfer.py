# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files, listings and data connections of the store, through the faults."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from OpenSSL import SSL
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import TLS_DTPHandler

from simulator.ftp_faults import Faults, TransferCut, TransferRefused

_log = logging.getLogger("pyftpdlib")


class _Upload:
    """A file being written."""

    def __init__(self, file: Any, path: str, faults: Faults) -> None:
        self._file, self._path, self._faults = file, path, faults

    def write(self, data: bytes) -> int:
        self._faults.before_write(self._path, self._file.tell(), len(data))
        through = self._faults.goes_through("STOR", self._file.tell(), len(data))
        written: int = self._file.write(data[:through])
        if through < len(data):
            raise TransferCut(f"cut at byte {self._file.tell()}")
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Download:
    """A file being read. It has no descriptor to show: the kernel would send the file past the faults."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file, self._faults = file, faults

    def read(self, length: int = -1) -> bytes:
        offset = self._file.tell()
        data: bytes = self._file.read(length)
        through = self._faults.goes_through("RETR", offset, len(data))
        if data and not through:
            raise TransferCut(f"cut at byte {offset}")
        self._file.seek(offset + through)
        return data[:through]

    def __getattr__(self, name: str) -> Any:
        if name == "fileno":
            raise AttributeError(name)
        return getattr(self._file, name)


class FileSystem(AbstractedFS):
    _shift = 0

    def open(self, filename: str, mode: str) -> Any:
        file, faults = super().open(filename, mode), self.cmd_channel.faults
        return _Download(file, faults) if mode.startswith("rb") else _Upload(file, filename, faults)

    def format_list(self, *arguments: Any, **options: Any) -> Iterator[bytes]:
        """Only here times are shifted; MLSD and MDTM keep UTC."""
        self._shift = self.cmd_channel.faults.zone_seconds
        try:
            yield from super().format_list(*arguments, **options)
        finally:
            self._shift = 0

    def lstat(self, path: str) -> Any:
        found = super().lstat(path)
        if not self._shift:
            return found
        names = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid")
        shifted = {name: getattr(found, name) for name in names}
        return SimpleNamespace(**shifted, st_mtime=found.st_mtime + self._shift)


class DataChannel(TLS_DTPHandler):
    _resp: Any
    _resting = False

    def handle_error(self) -> None:
        problem = sys.exc_info()[1]
        cause = problem.__cause__ if problem else None
        if isinstance(cause, TransferCut):
            self._break(str(cause))
        elif isinstance(cause, TransferRefused):
            self._resp = (cause.reply, _log.warning)
            self.close()
        else:
            super().handle_error()

    def _break(self, why: str) -> None:
        """As a line that is cut: no reply, no farewell of TLS, on either connection."""
        _log.warning(why)
        self._resp = ()
        control = self.cmd_channel
        self._error = control._error = True
        self.close()
        control.close()

    def handle_ssl_established(self) -> None:
        if self.cmd_channel.faults.needs_reuse and not _is_reused(self.socket):
            self.cmd_channel.respond("522 SSL connection failed: session reuse required.")
            self._resp = ()
            self._error = True
            self.close()

    # -------------------------------------------------------------------------------------------- slowness

    def recv(self, buffer_size: int) -> bytes:
        data: bytes = super().recv(buffer_size)
        self._rest(len(data))
        return data

    def send(self, data: bytes) -> int:
        rate = self.cmd_channel.faults.rate
        sent: int = super().send(bytes(data)[: max(1, rate // 10)] if rate else data)
        self._rest(sent)
        return sent

    def _rest(self, count: int) -> None:
        """Out of the loop for as long as so many bytes take; others go on meanwhile."""
        rate = self.cmd_channel.faults.rate
        if not rate or not count or self._closed or self._resting:
            return
        self._resting = True
        self.del_channel()
        self.ioloop.call_later(count / rate, self._go_on)

    def _go_on(self) -> None:
        self._resting = False
        if self._closed:
            return
        self.add_channel(events=self.ioloop.READ if self.receive else self.ioloop.WRITE)
        if self.receive and isinstance(self.socket, SSL.Connection) and self.socket.pending():
            self.handle_read_event()

    def close(self) -> None:
        if self._resting and not self._closed:
            self._resting = False
            self.add_channel(events=self.ioloop.READ)
        super().close()


def _is_reused(connection: Any) -> bool:
    """PyOpenSSL has no name for it."""
    return bool(SSL._lib.SSL_session_reused(connection._ssl))
