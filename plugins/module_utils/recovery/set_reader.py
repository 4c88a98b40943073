# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One backup set: its start (SSET, VOLB, opening configuration) and its closing configuration make a BackupSet."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .backup_configuration import Configuration, changed_lsns, configuration, contradiction
from .backup_set import BackupSet
from .media_label import MediaLabel
from .mtf import STREAM_HEADER_SIZE, Damage, date, descriptor, guid, stream_header, text
from .tape import Block, Tape, read_block

_SSET = struct.Struct("<I4xHH16xQ5s2xb")
_COPY_ONLY = 2
_UNKNOWN_ZONE = 127


@dataclass(frozen=True)
class Opening:
    """The start of a set: what stands in it for good, and the opening configuration."""

    start: int  # in the file
    position: int
    columns: dict[str, Any]
    zone: timezone | None
    configuration: bytes
    configuration_at: int
    size: int  # up to the end of the opening configuration


def read_opening(tape: Tape, start: int) -> Opening:
    """The set that begins at ``start``, directly behind a filemark."""
    sset = _block(tape, start, 0, b"SSET")
    volb = _block(tape, start, sset.end, b"VOLB")
    msci = _block(tape, start, volb.end, b"MSCI")
    stream = next((each for each in msci.streams if each.type == b"MQCI"), None)
    if stream is None:
        raise Damage(tape.place(start, msci.header.at), "the set has no opening configuration")
    content = tape.get(start, stream.data, stream.length)
    position, columns, zone = _set_columns(sset.data, start)
    columns["machine_name"] = text(volb.data, 64)
    return Opening(start, position, columns, zone, content, start + stream.data, msci.end)


def _block(tape: Tape, start: int, offset: int, kind: bytes) -> Block:
    block = read_block(tape, start, offset)
    if block.header.type != kind:
        raise Damage(tape.place(start, offset), f"{kind.decode()} should stand here, not {block.header.type.decode()}")
    return block


def _set_columns(sset: bytes, start: int) -> tuple[int, dict[str, Any], timezone | None]:
    if len(sset) < 96:
        raise Damage(start, "the start of the backup set is too short")
    attributes, vendor, position, offset, written, zone = _SSET.unpack_from(sset, 52)
    own = int.from_bytes(sset[46:48], "little")
    set_guid = guid(sset, own) if own >= 52 else None
    if set_guid is None:
        raise Damage(start, "the backup set has no GUID")
    columns = {
        "position": position,
        "backup_set_guid": set_guid,
        "backup_name": text(sset, 64),
        "backup_description": text(sset, 68),
        "user_name": text(sset, 76),
        "software_vendor_id": vendor,
        "set_attributes": attributes,
        "set_offset": offset,
        "set_write_date": date(written, start + 88),
        "is_copy_only": bool(attributes & _COPY_ONLY),
        "is_password_protected": sset[72:74] != b"\0\0",
        "expiration_date": date(sset[own + 16 : own + 21], start + own + 16),
        "time_zone_known": zone != _UNKNOWN_ZONE,
        "time_zone_quarter_hours": None if zone == _UNKNOWN_ZONE else zone,
    }
    return position, columns, _zone(zone, start)


def _zone(quarter_hours: int, start: int) -> timezone | None:
    if quarter_hours == _UNKNOWN_ZONE:
        return None
    if not -12 * 4 <= quarter_hours <= 14 * 4:
        raise Damage(start + 95, f"the server's clock cannot be {quarter_hours} quarter hours from UTC")
    return timezone(timedelta(minutes=15 * quarter_hours))


class SetReader:
    """Makes BackupSets of one medium. What is true for the first set (sizes) is the guess for the others."""

    def __init__(self, tape: Tape, label: MediaLabel, first: Opening, path: str) -> None:
        self.tape = tape
        self.first = first
        self.opening_reach = first.size + 4096
        unit = max(tape.block_size, 1024)
        # From the closing configuration to the last filemark lie a filemark, two end-of-set blocks, one of them with
        # the map of all sets, and what rounds them up. Media with large blocks are read in single bites instead.
        self.closing_reach = 0 if unit > 4096 else len(first.configuration) + 1024 + max(5 * unit, 12 * 1024)
        self._fixed = {
            "path": path,
            "size": tape.window.size,
            "media_set_id": label.media_set_id,
            "family_count": label.family_count,
            "family_sequence_number": label.family_sequence_number,
            "mirror_count": label.mirror_count,
            "compressed": tape.compressed,
            "block_size": tape.block_size,
        }
        self._media_password = label.is_password_protected

    def preliminary(self, opening: Opening) -> BackupSet:
        """The set as it was known when it began: not good enough for a restore plan, and marked so."""
        content = configuration(opening.configuration, opening.configuration_at)
        return self._backup_set(opening, content, complete=False)

    def final(self, opening: Opening, filemark: int, *, ended: bool) -> BackupSet:
        """The set as its closing configuration before ``filemark`` has it; complete if its end is there too."""
        data, at = self.tape.closing(filemark, len(opening.configuration))
        header = descriptor(data, 0, at)
        stream = stream_header(data, header.first_stream, at + header.first_stream)
        begin = header.first_stream + STREAM_HEADER_SIZE
        if stream.type != b"MQCI" or begin + stream.length > len(data):
            raise Damage(at, "the closing configuration reaches past its filemark")
        raw = data[begin : begin + stream.length]
        closing = configuration(raw, at + begin)
        column = contradiction(opening.configuration, raw)
        if column:
            raise Damage(at, f"opening and closing configuration disagree about {column}")
        lsns = changed_lsns(opening.configuration, raw)
        return self._backup_set(opening, closing, complete=ended, preliminary_lsns=lsns)

    def _backup_set(
        self,
        opening: Opening,
        content: Configuration,
        *,
        complete: bool,
        preliminary_lsns: tuple[int, int, int] | None = None,
    ) -> BackupSet:
        columns = {**self._fixed, **opening.columns, **content.columns}
        for name in ("backup_start_date", "backup_finish_date", "set_write_date"):
            columns[name] = _local(columns[name], opening.zone)
        columns["is_password_protected"] = columns["is_password_protected"] or self._media_password
        columns.update(files=content.files, complete=complete, preliminary_lsns=preliminary_lsns)
        return BackupSet.of(columns)


def _local(moment: datetime | None, zone: timezone | None) -> datetime | None:
    return moment.replace(tzinfo=zone) if moment and zone else moment
