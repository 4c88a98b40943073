# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log records: what one transaction changed, a checkpoint, a recovery. Read from a log file or from a backup alike.

A record begins at a sector and fills whole ones: header, mark names, table of pages, page images.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from simulator.engine.lsn import SECTOR
from simulator.engine.pages import BODY
from simulator.engine.wal import WalMark

COMMIT = 1
CHECKPOINT = 2

_HEADER = struct.Struct("<4sHHQQqiIIIII8sHH")
_MAGIC = b"LOGR"
_TABLE_ENTRY = struct.Struct("<II")
_STORED = 0x80000000  # in the table: the image is stored as it is
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

#: Reads ``length`` bytes at a log position.
ReadLog = Callable[[int, int], bytes]


class BadRecord(Exception):
    """No whole record stands at this position."""


@dataclass(frozen=True)
class LogRecord:
    position: int
    kind: int
    time: datetime  # UTC; the commit of the transaction
    utc_offset: timedelta  # of the server's clock then
    database_pages: int
    wal: WalMark
    page_ids: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    mark: str = ""
    mark_description: str = ""
    length: int = 0
    body_checksum: int = 0

    @property
    def end(self) -> int:
        return self.position + self.length

    @property
    def local_time(self) -> datetime:
        """By the clock of the server that committed it, which is what STOPAT speaks of."""
        return (self.time + self.utc_offset).replace(tzinfo=None)


def head_size(mark: str, description: str, pages: int) -> int:
    return _HEADER.size + 4 + len(mark.encode()) + len(description.encode()) + pages * _TABLE_ENTRY.size


def pack_body(body: bytes) -> tuple[bytes, int]:
    """A page image, and its entry in the table: compressed where that helps."""
    packed = zlib.compress(body, 1)
    return (packed, len(packed)) if len(packed) < BODY else (body, BODY | _STORED)


def pack_head(record: LogRecord) -> bytes:
    names = record.mark.encode(), record.mark_description.encode()
    head = _HEADER.pack(
        _MAGIC,
        record.kind,
        0,
        record.position,
        record.length,
        (record.time - _EPOCH) // timedelta(microseconds=1),
        int(record.utc_offset.total_seconds()),
        record.database_pages,
        len(record.page_ids),
        record.body_checksum,
        record.wal.frames,
        len(record.wal.salt),
        record.wal.salt,
        len(names[0]),
        len(names[1]),
    )
    table = b"".join(_TABLE_ENTRY.pack(*entry) for entry in zip(record.page_ids, record.sizes, strict=True))
    rest = b"".join(names) + table
    return head + struct.pack("<I", zlib.crc32(rest, zlib.crc32(head))) + rest


def read_record(read: ReadLog, position: int) -> LogRecord:
    """Raises BadRecord where none stands. The page images are not read."""
    head = read(position, _HEADER.size + 4)
    if len(head) < _HEADER.size + 4 or head[:4] != _MAGIC:
        raise BadRecord(position)
    values = _HEADER.unpack_from(head)
    (_, kind, _, at, length, time, offset, database_pages, count, body, frames, salt_size, salt, *names) = values
    rest_size = sum(names) + count * _TABLE_ENTRY.size
    rest = read(position + len(head), rest_size) if rest_size <= length else b""
    (checksum,) = struct.unpack_from("<I", head, _HEADER.size)
    if at != position or len(rest) != rest_size or zlib.crc32(rest, zlib.crc32(head[: _HEADER.size])) != checksum:
        raise BadRecord(position)
    table = list(_TABLE_ENTRY.iter_unpack(rest[sum(names) :]))
    return LogRecord(
        position=position,
        kind=kind,
        time=_EPOCH + timedelta(microseconds=time),
        utc_offset=timedelta(seconds=offset),
        database_pages=database_pages,
        wal=WalMark(salt[:salt_size], frames),
        page_ids=tuple(page_id for page_id, _ in table),
        sizes=tuple(size for _, size in table),
        mark=rest[: names[0]].decode(),
        mark_description=rest[names[0] : sum(names)].decode(),
        length=length,
        body_checksum=body,
    )


def read_records(read: ReadLog, start: int, end: int) -> Iterator[LogRecord]:
    while start < end:
        record = read_record(read, start)
        yield record
        start = record.end


def page_bodies(read: ReadLog, record: LogRecord) -> Iterator[tuple[int, bytes]]:
    """The images a record carries; BadRecord when they are damaged, after the last one."""
    at = record.position + head_size(record.mark, record.mark_description, len(record.page_ids))
    checksum = 0
    for page_id, entry in zip(record.page_ids, record.sizes, strict=True):
        size = entry & ~_STORED
        data = read(at, size)
        if len(data) < size:
            raise BadRecord(record.position)
        checksum = zlib.crc32(data, checksum)
        try:
            yield page_id, data if entry & _STORED else zlib.decompress(data)
        except zlib.error:
            raise BadRecord(record.position) from None
        at += size
    if checksum != record.body_checksum:
        raise BadRecord(record.position)


def write_record(write: Callable[[int, bytes], None], record: LogRecord, bodies: Iterable[bytes]) -> LogRecord:
    """Writes images first and the header last: a record that was cut short does not exist.

    ``bodies`` are the images of ``record.page_ids`` in that order.
    """
    head = head_size(record.mark, record.mark_description, len(record.page_ids))
    at, checksum, sizes = record.position + head, 0, []
    for body in bodies:
        data, entry = pack_body(body)
        write(at, data)
        checksum = zlib.crc32(data, checksum)
        sizes.append(entry)
        at += len(data)
    padding = -at % SECTOR
    if padding:
        write(at, bytes(padding))
    length = at + padding - record.position
    whole = replace(record, sizes=tuple(sizes), length=length, body_checksum=checksum)
    write(record.position, pack_head(whole))
    return whole
