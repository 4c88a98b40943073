# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The label of a medium: what RESTORE LABELONLY shows."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .mtf import Damage, Stream, date, guid, stream_header, text

#: Bit of the TAPE block's attributes: the description field holds a label in MTF's own syntax.
_LABEL_PRESENT = 0x02
#: Family, attributes, sequence; password: algorithm; sectors in a block; password: length; vendor; date.
_TAPE = struct.Struct("<52xIB3xHHH10xH8xH5s")
#: Stripes, mirrors, which stripe this is.
_RAID = struct.Struct("<20xHHH")


@dataclass(frozen=True)
class MediaLabel:
    """One row of RESTORE LABELONLY; below ``is_compressed``, what the bytes say beyond it."""

    media_name: str | None
    media_set_id: str | None
    family_count: int
    family_sequence_number: int
    media_family_id: str
    media_sequence_number: int
    media_label_present: bool
    media_description: str | None
    software_name: str | None
    software_vendor_id: int
    media_date: datetime | None  # the server's local time; the label does not know its offset
    mirror_count: int
    is_compressed: bool
    is_password_protected: bool = False
    password_algorithm: int = 0
    block_size: int = 512
    container_version: int | None = None  # of compressed media
    container_word: int | None = None  # the number behind it; its meaning is not known

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON carries."""
        values = dict(vars(self))
        values["media_date"] = self.media_date.isoformat() if self.media_date else None
        return values


def media_label(block: bytes, *, container: tuple[int, int] | None) -> MediaLabel:
    """The label in a TAPE block with its streams; ``container`` is version and next number of a compressed medium."""
    if len(block) < _TAPE.size:
        raise Damage(0, "the media label is too short")
    family, attributes, sequence, algorithm, sectors, password, vendor, written = _TAPE.unpack_from(block)
    raid = _raid(block)
    family_count, mirror_count, family_sequence = _RAID.unpack_from(raid)
    return MediaLabel(
        media_name=text(block, 68),
        media_description=text(block, 72),
        software_name=text(block, 80),
        media_set_id=guid(raid, 0),
        family_count=family_count,
        mirror_count=mirror_count,
        family_sequence_number=family_sequence,
        # A number here, a GUID in SQL Server's answer: it fills up with zeros.
        media_family_id=f"{family:08x}-0000-0000-0000-000000000000",
        media_sequence_number=sequence,
        media_label_present=bool(attributes & _LABEL_PRESENT),
        software_vendor_id=vendor,
        media_date=date(written, 88),
        is_compressed=container is not None,
        is_password_protected=password > 0,
        password_algorithm=algorithm,
        block_size=sectors * 512,
        container_version=container[0] if container else None,
        container_word=container[1] if container else None,
    )


def _raid(block: bytes) -> bytes:
    """The stream that says which stripe of how many this is."""
    at = int.from_bytes(block[8:10], "little")
    for _unused in range(8):
        stream: Stream = stream_header(block, at, at)
        if stream.type == b"RAID" and stream.length >= _RAID.size and stream.data + _RAID.size <= len(block):
            return block[stream.data : stream.data + stream.length]
        if stream.type == b"SPAD":
            break
        at = stream.end
    raise Damage(at, "the media label does not say which stripe it is")
