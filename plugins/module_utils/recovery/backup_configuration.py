# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The configuration of a backup set: what RESTORE HEADERONLY and FILELISTONLY show, in the words of the bytes.

It stands twice in each set, as the MQCI stream of MSCI (opening) and of MSLS (closing): ``SCIN``, then one ``SFGI``
for each filegroup and one ``SFIN`` for each file. Only the closing one is true: the size, the finish time and since
SQL Server 2019 the LSNs too are not known when a backup begins.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .backup_set import DatabaseFile
from .mtf import Damage, date, guid, lsn, text

#: BackupType by the letter of msdb.dbo.backupset.type.
_TYPES = {
    b"D": "full",
    b"L": "log",
    b"F": "file",
    b"I": "differential",
    b"G": "differential_file",
    b"P": "partial",
    b"Q": "differential_partial",
}
#: Others (FILESTREAM, full-text) were never seen in a file; their numbers are not known.
_FILE_TYPES = {1: "D", 2: "L"}
#: RESTORE HEADERONLY, column Flags.
_FLAGS = {
    "has_bulk_logged_data": 1,
    "is_snapshot": 2,
    "is_read_only": 4,
    "is_single_user": 8,
    "has_backup_checksums": 16,
    "is_damaged": 32,
    "is_tail_log": 64,
    "has_incomplete_meta_data": 128,
    "is_force_offline": 256,
}
#: Bits of the old sysdatabases.status.
_SELECT_INTO, _TRUNCATE_LOG = 4, 8

#: Flags, version; dates, type, sort order, compatibility, database id and version, size.
_SCIN = struct.Struct("<8xI12xHBB44x5s5s5scB2xBHHQ")
#: Locale and comparison style; collation; status.
_NUMBERS = struct.Struct("<116xII92xII20xI")
_SCIN_SIZE = 344  # SQL Server 2005; later versions append
#: Flags, number, kind, sector, group, size; maximum size.
_SFIN = struct.Struct("<8xI8xI4xIIIQ38xQ")
_SFIN_SIZE = 202


#: Bytes that SQL Server knows only at the end of a backup, by block: all others are the same in both configurations.
_CHANGING = {
    # LSNs; finish time; size; end of the set; chain origin; last log backup; compressed size
    b"SCIN": ((32, 62), (82, 87), (96, 104), (144, 154), (248, 258), (332, 342), (344, 352)),
    b"SFGI": ((54, 140),),
    # pages; size; differential base; LSNs; backup size; time of the base
    b"SFIN": ((24, 28), (40, 48), (158, 186), (202, 250), (250, 258), (262, 270)),
}


_SAME = (
    ("database_creation_date", 72, 77),
    ("backup_start_date", 77, 82),
    ("backup_type", 87, 88),
    ("family_guid", 224, 240),
)


@dataclass(frozen=True)
class Configuration:
    """One reading of the configuration: columns of BackupSet by name, and the files."""

    columns: dict[str, Any]
    files: tuple[DatabaseFile, ...]


def configuration(data: bytes, at: int) -> Configuration:
    """The content of an MQCI stream that stands at ``at`` on the tape."""
    blocks = _blocks(data, at)
    if not blocks or blocks[0][0] != b"SCIN":
        raise Damage(at, "the configuration of the backup set does not begin with SCIN")
    groups = {}
    rows = []
    for kind, start, block in blocks[1:]:
        if kind == b"SFGI":
            groups[_u32(block, 12)] = text(block, 16)
        elif kind == b"SFIN":
            rows.append((start, block))
    files = tuple(_file(block, start, groups) for start, block in rows)
    return Configuration(_columns(blocks[0][2], at), files)


def _blocks(data: bytes, at: int) -> list[tuple[bytes, int, bytes]]:
    """Type, place on the tape and bytes of each block. A block has at least 24 bytes, so the loop is bounded."""
    found = []
    offset = 0
    while offset + 8 <= len(data):
        kind, length = data[offset : offset + 4], _u32(data, offset + 4)
        if kind not in (b"SCIN", b"SFGI", b"SFIN") or length < 24 or offset + length > len(data):
            if not any(data[offset:]):
                break
            raise Damage(at + offset, f"no configuration block begins here: found {kind!r} of {length} bytes")
        found.append((kind, at + offset, data[offset : offset + length]))
        offset += length
    return found


def contradiction(opening: bytes, closing: bytes) -> str | None:
    """The first column that cannot change during a backup and differs between the two configurations all the same."""
    for column, low, high in _SAME:
        if opening[low:high] != closing[low:high]:
            return column
    for column, field in (("database_name", 104), ("server_name", 108)):
        if text(opening, field) != text(closing, field):
            return column
    return None


def changed_lsns(opening: bytes, closing: bytes) -> tuple[int, int, int] | None:
    """First, last and checkpoint LSN of the opening configuration, where the closing one has others."""
    if opening[32:62] == closing[32:62]:
        return None
    return lsn(opening, 32), lsn(opening, 42), lsn(opening, 52)


def unexplained_difference(opening: bytes, closing: bytes) -> int | None:
    """The first byte that differs between the two configurations of a set although nothing may have changed there."""
    if len(opening) != len(closing):
        return min(len(opening), len(closing))
    if opening == closing:
        return None
    for kind, start, block in _blocks(opening, 0):
        one, other = bytearray(block), bytearray(closing[start : start + len(block)])
        for low, high in _CHANGING[kind]:
            width = len(one[low:high])
            one[low:high] = other[low:high] = bytes(width)
        if one != other:
            return start + next(i for i, (a, b) in enumerate(zip(one, other)) if a != b)
    return None


def _columns(block: bytes, at: int) -> dict[str, Any]:
    if len(block) < _SCIN_SIZE:
        raise Damage(at, f"the configuration of the backup set has only {len(block)} bytes")
    flags, build, minor, major, created, start, finish, kind, sort_order, level, database_id, version, size = (
        _SCIN.unpack_from(block)
    )
    if kind not in _TYPES:
        raise Damage(at + 87, f"an unknown backup type {kind!r}")
    begin = date(start, at + 77)
    if begin is None:
        raise Damage(at + 77, "the backup set has no start time")
    columns = {
        **_flags(flags),
        "flags": flags,
        "software_version_major": major,
        "software_version_minor": minor,
        "software_version_build": build,
        "database_creation_date": date(created, at + 72),
        "backup_start_date": begin,
        "backup_finish_date": date(finish, at + 82),
        "backup_type": _TYPES[kind],
        "sort_order": sort_order,
        "compatibility_level": level,
        "database_id": database_id,
        "database_version": version,
        "backup_size": size,
    }
    columns.update(_names(block, at))
    columns.update(_chain(block, kind == b"L"))
    return columns


@lru_cache(maxsize=64)  # the backups of a server have few combinations
def _flags(flags: int) -> dict[str, bool]:
    return {name: bool(flags & bit) for name, bit in _FLAGS.items()}


def _names(block: bytes, at: int) -> dict[str, Any]:
    locale, style, collation, sort, status = _NUMBERS.unpack_from(block)
    database, server = text(block, 104), text(block, 108)
    if not database or not server:
        raise Damage(at + 104, "the backup set names no database or no server")
    return {
        "database_name": database,
        "server_name": server,
        "unicode_locale_id": locale,
        "unicode_comparison_style": style,
        "binding_id": guid(block, 124),
        "collation_id": collation,
        "sort_id": sort,
        "family_guid": guid(block, 224),
        "database_status": status,
        "recovery_model": _recovery_model(status),
        # SQL Server 2005 knows no compression and ends before this field.
        "compressed_backup_size": int.from_bytes(block[344:352], "little") if _fixed_size(block) >= 352 else 0,
    }


def _fixed_size(block: bytes) -> int:
    """Where the strings of SCIN begin: everything before are fields."""
    return min(int.from_bytes(block[106:108], "little"), int.from_bytes(block[110:112], "little"))


def _recovery_model(status: int) -> str:
    if status & _TRUNCATE_LOG:
        return "SIMPLE"
    return "BULK-LOGGED" if status & _SELECT_INTO else "FULL"


def _chain(block: bytes, is_log: bool) -> dict[str, Any]:
    """LSNs and recovery forks: what a restore plan is made of."""
    first, origin = lsn(block, 32), lsn(block, 248)
    fork, earlier_lsn, earlier = guid(block, 156), lsn(block, 172), guid(block, 184)
    stack = ((lsn(block, 144), fork), (earlier_lsn, earlier))
    spans_fork = earlier is not None and first < earlier_lsn
    return {
        "first_lsn": first,
        "last_lsn": lsn(block, 42),
        "checkpoint_lsn": lsn(block, 52),
        "database_backup_lsn": lsn(block, 62),
        "recovery_fork_id": fork,
        "first_recovery_fork_id": earlier if spans_fork else fork,
        "fork_point_lsn": earlier_lsn if spans_fork else None,
        "recovery_fork_stack": tuple((end, name) for end, name in stack if name is not None),
        "current_differential_base_guid": guid(block, 200),
        "log_backup_chain_origin": origin or None,
        "begins_log_chain": is_log and first == origin,
        "differential_base_lsn": lsn(block, 260) or None,
        "differential_base_guid": guid(block, 272),
        "last_log_backup_lsn": lsn(block, 332) or None,
    }


def _file(block: bytes, at: int, groups: dict[int, str | None]) -> DatabaseFile:
    if len(block) < _SFIN_SIZE:
        raise Damage(at, f"the entry of a database file has only {len(block)} bytes")
    flags, file_id, kind, sector, group, size, max_size = _SFIN.unpack_from(block)
    logical, physical = text(block, 48), text(block, 52)
    if not logical or not physical:
        raise Damage(at + 48, f"database file {file_id} has no name")
    return DatabaseFile(
        logical_name=logical,
        physical_name=physical,
        type=_FILE_TYPES.get(kind, "?"),
        size=size,
        file_id=file_id,
        file_group_name=groups.get(group),
        max_size=max_size,
        backup_size_in_bytes=int.from_bytes(block[250:258], "little"),
        source_block_size=sector,
        file_group_id=group,
        unique_id=guid(block, 186),
        create_lsn=lsn(block, 138),
        differential_base_lsn=lsn(block, 158) or None,
        differential_base_guid=guid(block, 170),
        file_flags=flags,
    )


def _u32(block: bytes, offset: int) -> int:
    return int.from_bytes(block[offset : offset + 4], "little")
