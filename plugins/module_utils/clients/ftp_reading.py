# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup files on an FTP store: which there are, and reading one in pieces or from front to back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial

from ..recovery.errors import DamagedBackup, InvalidInput, NotABackup, Refused
from ..recovery.window import Read
from .folder_reading import Place
from .ftp import BLOCK, Ftp
from .local_files import BESIDE

#: Bytes of a file that is rather read to its end, in one transfer, than in pieces: most logs of a quarter of an hour.
_SMALL = 512 * 1024
#: A reader looks back a little, and skips a little: that is no reason to ask the server anew.
_KEPT = 1024 * 1024


@dataclass(frozen=True)
class StoreFile:
    """A file as the store lists it. ``modified`` is None where the server has no MLSD."""

    path: str
    size: int
    modified: datetime | None


def store_files(ftp: Ftp, directory: str, since: datetime | None) -> list[StoreFile]:
    """The files below ``directory``; with ``since``, without those that are known to be older."""
    entries = (entry for entry in ftp.walk(directory) if not entry.path.endswith(BESIDE))
    files = [StoreFile(entry.path, entry.size, listed_moment(entry.modified)) for entry in entries]
    return [file for file in files if since is None or file.modified is None or file.modified >= since]


def listed_moment(text: str) -> datetime | None:
    """RFC 3659: YYYYMMDDHHMMSS[.F...] in UTC."""
    try:
        found = datetime.strptime(text, "%Y%m%d%H%M%S.%f" if "." in text else "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return found.replace(tzinfo=timezone.utc)


def on_store(ftp: Ftp, account: str) -> Place:
    """The place for FolderReading. Accounts may see different folders as their root: each has a history of its own."""

    @contextmanager
    def pieces(file: StoreFile) -> Iterator[Read]:
        _size_known(file)
        if file.size > _SMALL:
            yield partial(ftp.read, file.path)
            return
        content = bytearray()
        ftp.retrieve(file.path, content.extend)
        yield lambda offset, length: bytes(content[offset : offset + length])

    @contextmanager
    def stream(file: StoreFile) -> Iterator[Read]:
        _size_known(file)
        front_to_back = _FrontToBack(ftp, file.path)
        try:
            yield front_to_back.read
        finally:
            front_to_back.close()

    # A file that is refused hides no other one; a connection that breaks is no answer about any file.
    reported = (NotABackup, DamagedBackup, InvalidInput, Refused)
    return Place(f"ftp://{account}@{ftp.host}:{ftp.port}", pieces, stream, reported)


def _size_known(file: StoreFile) -> None:
    if file.size < 0:
        raise InvalidInput(
            f"{file.path}: the store does not tell its size to this account",
            hint="Give the account the right to see and read the file, or take the file away.",
        )


class _FrontToBack:
    """Reads of one file from one RETR, as long as they go forward; a jump asks the server anew."""

    def __init__(self, ftp: Ftp, path: str) -> None:
        self._ftp, self._path = ftp, path
        self._conn: socket.socket | None = None
        self._held = bytearray()
        self._start = 0  # the offset of what is held

    def read(self, offset: int, length: int) -> bytes:
        with self._ftp.failing_to_read(self._path, offset):
            reached = self._start + len(self._held)
            if self._conn is None or not self._start <= offset <= reached + _KEPT:
                self._open(offset)
            end = offset + length
            while self._start + len(self._held) < end and self._receive():
                pass
        data = bytes(self._held[offset - self._start : end - self._start])
        if len(self._held) > 4 * _KEPT:
            gone = len(self._held) - _KEPT
            del self._held[:gone]
            self._start += gone
        return data

    def close(self) -> None:
        with self._ftp.failing_to_read(self._path, self._start + len(self._held)):
            self._end(cut_by_us=True)

    def _open(self, offset: int) -> None:
        self._end(cut_by_us=True)
        self._held.clear()
        self._start = offset
        self._conn = self._ftp.begin_read(self._path, offset)

    def _receive(self) -> bool:
        """The next bytes; False where the server says that the file ends here."""
        if self._conn is None:
            return False
        piece = self._conn.recv(BLOCK)
        self._held += piece
        if not piece:
            self._end(cut_by_us=False)
        return bool(piece)

    def _end(self, cut_by_us: bool) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            self._ftp.end_read(conn, cut_by_us)
