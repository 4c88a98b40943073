# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The transaction log file: records one after the other, the oldest cut off when nobody needs them any more."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from simulator.engine import log_record
from simulator.engine.log_record import BadRecord, LogRecord
from simulator.engine.misfortune import SOUND_DISK, DiskFaults
from simulator.engine.wal import WalMark

_HEADER_SIZE = 8192
_HEADER = struct.Struct("<8sQIB8s")
_MAGIC = b"SIMLOG01"
_PIECE = 1 << 20


class LogFile:
    """``start`` and ``end`` are positions (see :mod:`simulator.engine.lsn`); ``wal`` is how far SQLite's log is in."""

    disk: DiskFaults = SOUND_DISK

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()  # backups read while a truncation exchanges the file
        self._fd = _open_locked(path)
        head = os.pread(self._fd, _HEADER.size + 4, 0)
        if len(head) < _HEADER.size + 4 or zlib.crc32(head[:-4]) != struct.unpack("<I", head[-4:])[0]:
            os.close(self._fd)
            raise BadRecord("the log file's header is damaged")
        _, self.start, frames, salt_size, salt = _HEADER.unpack_from(head)
        self.wal = WalMark(salt[:salt_size], frames)
        self.end = self.start
        self.last: LogRecord | None = None
        self._find_end()

    @classmethod
    def create(cls, path: Path, start: int, wal: WalMark | None = None) -> LogFile:
        _write_file(path, start, wal or WalMark(), ())
        return cls(path)

    def close(self) -> None:
        os.close(self._fd)

    @property
    def size(self) -> int:
        return os.fstat(self._fd).st_size

    def read(self, position: int, length: int) -> bytes:
        with self._lock:
            return os.pread(self._fd, max(0, min(length, self.end - position)), self._offset(position))

    def append(self, record: LogRecord, bodies: Iterable[bytes] = ()) -> LogRecord:
        """``record.position`` must be ``end``. On an error (no space) the log is as it was."""
        try:
            whole = log_record.write_record(self._write, record, bodies)
        except OSError:
            os.ftruncate(self._fd, self._offset(self.end))
            raise
        self._accept(whole)
        return whole

    def records(self, start: int, end: int | None = None) -> Iterator[LogRecord]:
        return log_record.read_records(self.read, start, self.end if end is None else end)

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes themselves, for a backup."""
        for at in range(start, end, _PIECE):
            self.disk.reading(self.path, self._offset(at), min(_PIECE, end - at))
            yield self.read(at, min(_PIECE, end - at))

    def truncate(self, before: int) -> None:
        """Forgets the records before a position: what is left is written anew and put in place at once."""
        if before <= self.start:
            return
        _write_file(self.path, before, self.wal, self.pieces(before, self.end))
        with self._lock:
            os.close(self._fd)
            self._fd = _open_locked(self.path)
            self.start = before

    def _offset(self, position: int) -> int:
        return _HEADER_SIZE + position - self.start

    def _write(self, position: int, data: bytes) -> None:
        self.disk.writing(len(data))
        written = os.pwrite(self._fd, data, self._offset(position))
        if written < len(data):
            self._write(position + written, data[written:])

    def _accept(self, record: LogRecord) -> None:
        self.end, self.last = record.end, record
        if record.wal.salt:
            self.wal = record.wal

    def _find_end(self) -> None:
        """Up to the first record that is not whole; only the last can be cut short, so only it is read wholly."""
        previous = (self.end, self.last, self.wal)
        limit = self.start + self.size - _HEADER_SIZE

        def read(position: int, length: int) -> bytes:
            return os.pread(self._fd, max(0, min(length, limit - position)), self._offset(position))

        try:
            for record in log_record.read_records(read, self.start, limit):
                previous = (self.end, self.last, self.wal)
                self._accept(record)
        except BadRecord:
            pass
        if self.last is None or self.last.end > limit:
            self.end, self.last, self.wal = previous
            return
        try:
            for _ in log_record.page_bodies(read, self.last):
                pass
        except BadRecord:
            self.end, self.last, self.wal = previous


def _open_locked(path: Path) -> int:
    """One instance owns a database: a second process gets EWOULDBLOCK."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _write_file(path: Path, start: int, wal: WalMark, pieces: Iterable[bytes]) -> None:
    head = _HEADER.pack(_MAGIC, start, wal.frames, len(wal.salt), wal.salt)
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write((head + struct.pack("<I", zlib.crc32(head))).ljust(_HEADER_SIZE, b"\0"))
        for piece in pieces:
            file.write(piece)
    os.replace(new, path)
