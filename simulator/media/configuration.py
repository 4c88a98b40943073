# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The configuration of a backup set (MQCI): what HEADERONLY and FILELISTONLY show, at its place in the stream."""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from simulator.media.blocks import Damaged
from simulator.media.fields import (
    CHAR,
    DATE,
    GUID,
    LSN,
    U8,
    U16,
    U32,
    U64,
    Buffer,
    Layout,
    read_fields,
    read_text,
    write_fields,
    write_texts,
)

HAS_CHECKSUMS = 16
IS_DAMAGED = 32
IS_TAIL = 64
IS_INCOMPLETE = 128
IS_NORECOVERY = 256
ALWAYS = 512
ON_DIFFERENTIALS = 0x800

#: DatabaseStatus, the sysdatabases.status of old.
SELECT_INTO = 4
TRUNCATE_LOG = 8
TORN_PAGE = 16
PAGE_CHECKSUM = 0x10000


@dataclass(frozen=True)
class FileGroup:
    file_group_id: int
    name: str


@dataclass(frozen=True)
class FileEntry:
    """A file of the database (SFIN). ``backup_size`` is what the set holds of it, in bytes."""

    file_id: int
    kind: int  # 1 data, 2 log
    logical_name: str
    physical_name: str
    size: int
    flags: int = 4
    page_size: int = 8192
    pages: int = 0
    source_block_size: int = 512
    file_group_id: int = 0
    max_size: int = 0x1FFFFFFFE000
    differential_base_lsn: int | None = None
    differential_base_guid: str | None = None
    unique_id: str | None = None
    checkpoint_lsn: int | None = None
    last_lsn: int | None = None
    second_checkpoint_lsn: int | None = None
    backup_size: int = 0
    base_time: int = 0  # FILETIME


@dataclass(frozen=True)
class Configuration:
    """SCIN with its file groups and files. Times are the server's local time, LSNs numeric(25,0)."""

    kind: str  # D full, I differential, L log
    database_name: str
    server_name: str
    flags: int = ALWAYS
    data_files: int = 1
    log_files: int = 1
    build: int = 0
    minor: int = 0
    major: int = 0
    writer: int = 9
    first_lsn: int | None = None
    last_lsn: int | None = None
    checkpoint_lsn: int | None = None
    database_backup_lsn: int | None = None
    creation_date: datetime | None = None
    start_date: datetime | None = None
    finish_date: datetime | None = None
    sort_order: int = 52
    one: int = 1
    compatibility_level: int = 150
    database_id: int = 0
    database_version: int = 0
    backup_size: int = 0
    unicode_locale_id: int = 1033
    unicode_comparison_style: int = 196609
    binding_id: str | None = None
    fork_lsn: int | None = None
    fork_id: str | None = None
    previous_fork_lsn: int | None = None
    previous_fork_id: str | None = None
    current_base_guid: str | None = None
    collation_id: int = 0x00D00409
    sort_id: int = 52
    family_guid: str | None = None
    status: int = 0
    chain_origin: int | None = None
    differential_base_lsn: int | None = None
    differential_base_guid: str | None = None
    last_log_backup_lsn: int | None = None
    compressed_size: int = 0
    groups: tuple[FileGroup, ...] = ()
    files: tuple[FileEntry, ...] = ()


_SCIN: Layout = {
    "flags": (8, U32), "data_files": (12, U32), "log_files": (16, U32),
    "build": (24, U16), "minor": (26, U8), "major": (27, U8), "writer": (28, U32),
    "first_lsn": (32, LSN), "last_lsn": (42, LSN), "checkpoint_lsn": (52, LSN), "database_backup_lsn": (62, LSN),
    "creation_date": (72, DATE), "start_date": (77, DATE), "finish_date": (82, DATE),
    "kind": (87, CHAR), "sort_order": (88, U8), "one": (89, U8), "compatibility_level": (91, U8),
    "database_id": (92, U16), "database_version": (94, U16), "backup_size": (96, U64),
    "unicode_locale_id": (116, U32), "unicode_comparison_style": (120, U32), "binding_id": (124, GUID),
    "fork_lsn": (144, LSN), "fork_id": (156, GUID), "previous_fork_lsn": (172, LSN), "previous_fork_id": (184, GUID),
    "current_base_guid": (200, GUID), "collation_id": (216, U32), "sort_id": (220, U32), "family_guid": (224, GUID),
    "status": (244, U32), "chain_origin": (248, LSN),
    "differential_base_lsn": (260, LSN), "differential_base_guid": (272, GUID),
    "last_log_backup_lsn": (332, LSN), "compressed_size": (344, U64),
}  # fmt: skip
_SCIN_SIZE = 400  # since 2012; 364 in 2008, 344 in 2005
_SFIN: Layout = {
    "flags": (8, U32), "page_size": (16, U32), "file_id": (20, U32), "pages": (24, U32), "kind": (28, U32),
    "source_block_size": (32, U32), "file_group_id": (36, U32), "size": (40, U64), "max_size": (86, U64),
    "differential_base_lsn": (158, LSN), "differential_base_guid": (170, GUID), "unique_id": (186, GUID),
    "checkpoint_lsn": (202, LSN), "last_lsn": (218, LSN), "second_checkpoint_lsn": (234, LSN),
    "backup_size": (250, U64), "base_time": (262, U64),
}  # fmt: skip
_SFIN_SIZE = 1028
_SFGI_SIZE = 224


def _values(item: Configuration | FileEntry, layout: Layout) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(item) if field.name in layout}


def _section(kind: bytes, block: bytearray) -> bytes:
    struct.pack_into("<4sI", block, 0, kind, len(block))
    return bytes(block)


def pack_configuration(configuration: Configuration) -> bytes:
    """The data of the MQCI stream."""
    block = bytearray(_SCIN_SIZE)
    write_fields(block, _SCIN, _values(configuration, _SCIN))
    write_texts(block, {104: configuration.database_name, 108: configuration.server_name})
    sections = [_section(b"SCIN", block)]
    for group in configuration.groups:
        block = bytearray(_SFGI_SIZE)
        struct.pack_into("<II", block, 8, 0x10, group.file_group_id)
        write_texts(block, {16: group.name})
        sections.append(_section(b"SFGI", block))
    for entry in configuration.files:
        block = bytearray(_SFIN_SIZE)
        write_fields(block, _SFIN, _values(entry, _SFIN))
        write_texts(block, {48: entry.logical_name, 52: entry.physical_name})
        sections.append(_section(b"SFIN", block))
    return b"".join(sections)


def unpack_configuration(data: bytes, offset: int = 0) -> Configuration:
    head: dict[str, Any] = {}
    groups: list[FileGroup] = []
    files: list[FileEntry] = []
    for kind, block in _sections(data, offset):
        if kind == b"SCIN":
            (texts,) = struct.unpack_from("<H", block, 106)  # the fixed part, longer since each version, ends here
            head = _without_none(read_fields(block[:texts], _SCIN), Configuration)
            head |= {"database_name": read_text(block, 104), "server_name": read_text(block, 108)}
        elif kind == b"SFGI":
            groups.append(FileGroup(struct.unpack_from("<I", block, 12)[0], read_text(block, 16)))
        elif kind == b"SFIN":
            values = _without_none(read_fields(block, _SFIN), FileEntry)
            files.append(FileEntry(logical_name=read_text(block, 48), physical_name=read_text(block, 52), **values))
    if not head:
        raise Damaged("the configuration of the backup set has no header", offset)
    return Configuration(groups=tuple(groups), files=tuple(files), **head)


def _sections(data: Buffer, offset: int) -> list[tuple[bytes, bytes]]:
    found = []
    at = 0
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        if length < 8 or at + length > len(data):
            raise Damaged(f"section {kind!r} of the configuration has length {length}", offset + at)
        found.append((kind, bytes(data[at : at + length])))
        at += length
    return found


def _without_none(values: dict[str, Any], cls: type) -> dict[str, Any]:
    """Fields an older, shorter layout lacks fall back to their defaults."""
    optional = {field.name for field in fields(cls) if field.default is None}
    return {name: value for name, value in values.items() if value is not None or name in optional}
