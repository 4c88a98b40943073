# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Media label, set header, volume and set map: the descriptor blocks around the data."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from simulator.media.blocks import HEADER, OS_WINDOWS_NT, UNICODE, UNIT, Block
from simulator.media.fields import (
    pack_date,
    pack_guid,
    read_text,
    unpack_date,
    unpack_guid,
    write_texts,
)

SOFTWARE = "Microsoft SQL Server"
VENDOR = 0x1200  # 4608
UNKNOWN_ZONE = 127

FULL_OR_LOG = 4
DIFFERENTIAL = 8
COPY_ONLY = 2


@dataclass(frozen=True)
class Label:
    """TAPE and its RAID stream: what LABELONLY shows. One per file; stripes share ``media_set_id``."""

    media_set_id: str
    media_family_id: int
    media_date: datetime | None
    block_size: int = 512
    family_count: int = 1
    mirror_count: int = 1
    family_sequence_number: int = 1
    media_sequence_number: int = 1
    media_name: str = ""
    media_description: str = ""
    software_name: str = SOFTWARE
    vendor: int = VENDOR
    password_algorithm: int = 0


@dataclass(frozen=True)
class SetHeader:
    """SSET, and the machine's name from VOLB."""

    position: int
    backup_set_guid: str
    attributes: int
    start_date: datetime | None
    major: int
    minor: int
    time_zone: int = UNKNOWN_ZONE  # quarter hours east of UTC
    name: str = ""
    description: str = ""
    user_name: str = ""
    machine_name: str = ""
    expiration_date: datetime | None = None
    offset: int = 0
    vendor: int = VENDOR


def _block_body(size: int) -> bytearray:
    """A block with room for its header, so that offsets count from the start of the block."""
    return bytearray(HEADER + size)


def label_body(label: Label) -> bytes:
    block = _block_body(42)
    numbers = (label.media_family_id, 5, label.media_sequence_number, 0, label.block_size // 512, 3)
    struct.pack_into("<IIHHHH", block, 52, *numbers)
    struct.pack_into("<HH", block, 84, UNIT, label.vendor)
    block[88:93] = pack_date(label.media_date)
    block[93] = 1  # version of the Tape Format
    # SQL Server's own name ends in two zeros, which count.
    write_texts(block, {68: label.media_name, 72: label.media_description, 80: label.software_name + "\0\0"})
    return bytes(block[HEADER:])


def family_data(label: Label) -> bytes:
    """The RAID stream: which stripe of which media set this is."""
    counts = (label.family_count, label.mirror_count, label.family_sequence_number)
    return pack_guid(label.media_set_id) + struct.pack("<IHHHIH", 0xF00000AD, *counts, 0, 1)


def read_label(block: Block, family: bytes) -> Label:
    data = block.data
    count, mirrors, sequence = struct.unpack_from("<HHH", family, 20)
    return Label(
        media_set_id=unpack_guid(family[:16]) or "",
        media_family_id=struct.unpack_from("<I", data, 52)[0],
        media_date=unpack_date(data[88:93]),
        block_size=struct.unpack_from("<H", data, 64)[0] * 512,
        family_count=count,
        mirror_count=mirrors,
        family_sequence_number=sequence,
        media_sequence_number=struct.unpack_from("<H", data, 60)[0],
        media_name=read_text(data, 68),
        media_description=read_text(data, 72),
        software_name=read_text(data, 80),
        vendor=struct.unpack_from("<H", data, 86)[0],
        password_algorithm=struct.unpack_from("<H", data, 62)[0],
    )


def set_body(header: SetHeader) -> bytes:
    """SSET; its 21 bytes of OS-specific data (at 100) are the set's GUID and expiration date."""
    block = _block_body(70)
    struct.pack_into("<II", block, 52, header.attributes, 0)
    struct.pack_into("<HH", block, 60, header.vendor, header.position)
    struct.pack_into("<Q", block, 80, header.offset)
    block[88:93] = pack_date(header.start_date)
    block[93:98] = struct.pack("<BBbBB", header.major, header.minor, header.time_zone, 0, 2)
    block[100:116] = pack_guid(header.backup_set_guid)
    block[116:121] = pack_date(header.expiration_date)
    write_texts(block, {64: header.name, 68: header.description, 76: header.user_name})
    return bytes(block[HEADER:])


def volume_body(header: SetHeader) -> bytes:
    block = _block_body(21)
    struct.pack_into("<I", block, 52, 2)
    block[68:73] = pack_date(header.start_date)
    write_texts(block, {56: "C:", 60: "", 64: header.machine_name})
    return bytes(block[HEADER:])


def read_set_header(block: Block, volume: Block | None) -> SetHeader:
    data = block.data
    attributes, _, vendor, position = struct.unpack_from("<IIHH", data, 52)
    major, minor, zone = struct.unpack_from("<BBb", data, 93)
    return SetHeader(
        position=position,
        backup_set_guid=unpack_guid(data[100:116]) or "",
        attributes=attributes,
        start_date=unpack_date(data[88:93]),
        major=major,
        minor=minor,
        time_zone=zone,
        name=read_text(data, 64),
        description=read_text(data, 68),
        user_name=read_text(data, 76),
        machine_name=read_text(volume.data, 64) if volume else "",
        expiration_date=unpack_date(data[116:121]),
        offset=block.offset,
        vendor=vendor,
    )


def end_of_set_body(header: SetHeader, first_copy: int = 0) -> bytes:
    """ESET; the second copy tells where the first one, which has the set map, stands."""
    end = struct.pack("<IIQQHH", header.attributes, 0, first_copy, 0, 0, header.position)
    return end + pack_date(header.start_date) + bytes(3)


def map_entry(header: SetHeader, size: int) -> bytes:
    """One set in the set map (TSMP), with its volume."""
    entry = bytearray(92)
    struct.pack_into("<HIIQ", entry, 2, 1, 0, header.attributes, header.offset)
    struct.pack_into("<H", entry, 30, header.position)
    struct.pack_into("<QH", entry, 52, size, 1)
    entry[80:85] = pack_date(header.start_date)
    entry[85:90] = struct.pack("<bBBBB", header.time_zone, *OS_WINDOWS_NT, UNICODE, 0)
    entry[90:92] = b"\x02\x00"
    write_texts(entry, {64: header.name, 68: header.description, 76: header.user_name})
    struct.pack_into("<H", entry, 0, len(entry))
    return bytes(entry) + _map_volume(header)


def _map_volume(header: SetHeader) -> bytes:
    volume = bytearray(62)
    struct.pack_into("<4sIHQ", volume, 2, b"VOLB", 1, 0, 1)
    volume[32:36] = struct.pack("<BBH", *OS_WINDOWS_NT, UNICODE)
    struct.pack_into("<I", volume, 36, 2)
    volume[56:61] = pack_date(header.start_date)
    write_texts(volume, {40: "C:", 44: "", 48: header.machine_name})
    struct.pack_into("<H", volume, 0, len(volume))
    return bytes(volume)


def pack_map(media_family_id: int, entries: Sequence[bytes]) -> bytes:
    return struct.pack("<IHH", media_family_id, len(entries), 0) + b"".join(entries)


def unpack_map(data: bytes) -> list[bytes]:
    """The entries as they stand, volumes included: an appended set repeats them and adds its own."""
    (count,) = struct.unpack_from("<H", data, 4)
    entries, at = [], 8
    for _ in range(count):
        start = at
        (length,) = struct.unpack_from("<H", data, at)
        (volumes,) = struct.unpack_from("<H", data, at + 60)
        at += length
        for _ in range(volumes):
            at += struct.unpack_from("<H", data, at)[0]
        entries.append(data[start:at])
    return entries
