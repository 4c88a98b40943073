# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tokens of a response, each as bytes (MS-TDS 2.2.7). Numbers are little-endian except LOGINACK's version."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from simulator.engine.events import Column, Message, ReturnValue
from simulator.tds.column_types import WireType, wire_type

DONE, DONEPROC, DONEINPROC = 0xFD, 0xFE, 0xFF

FINAL = 0x00
MORE = 0x01
ERROR = 0x02
COUNT = 0x10
ATTENTION = 0x20

SELECT_COMMAND = 0xC1

DATABASE, LANGUAGE, PACKET_SIZE, COLLATION, BEGIN, COMMIT, ROLLBACK, RESET = 1, 2, 4, 7, 8, 9, 10, 18

_DONE = struct.Struct("<BHHQ")
_ROW = b"\xd1"


def _b_varchar(text: str) -> bytes:
    text = text[:255]
    return bytes([len(text)]) + text.encode("utf-16-le", "surrogatepass")


def _us_varchar(text: str) -> bytes:
    text = text[:32000]
    data = text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<H", len(data) // 2) + data


def done(kind: int, status: int, command: int = 0, rowcount: int = 0) -> bytes:
    return _DONE.pack(kind, status, command, rowcount)


def message(text: Message, server: str) -> bytes:
    """ERROR from severity 11 on, INFO below. SQL Server sends severity 10 as 0, and pymssql fails on all from 6 on."""
    severity = 0 if text.severity == 10 else text.severity
    body = (
        struct.pack("<iBB", text.number, text.state & 0xFF, severity)
        + _us_varchar(text.text)
        + _b_varchar(server)
        + _b_varchar(text.procedure)
        + struct.pack("<I", text.line)
    )
    return bytes([0xAA if text.severity > 10 else 0xAB]) + struct.pack("<H", len(body)) + body


def old_error(text: Message, server: str) -> bytes:
    """ERROR and DONE for clients before TDS 7.2, whose line number and row count are shorter."""
    body = (
        struct.pack("<iBB", text.number, text.state & 0xFF, text.severity)
        + _us_varchar(text.text)
        + _b_varchar(server)
        + _b_varchar("")
        + struct.pack("<H", text.line)
    )
    return b"\xaa" + struct.pack("<H", len(body)) + body + struct.pack("<BHHI", DONE, ERROR, 0, 0)


def _environment(kind: int, new: bytes, old: bytes) -> bytes:
    body = bytes([kind]) + new + old
    return b"\xe3" + struct.pack("<H", len(body)) + body


def changed_text(kind: int, new: str, old: str) -> bytes:
    """ENVCHANGE of the database, the language or the packet size."""
    return _environment(kind, _b_varchar(new), _b_varchar(old))


def changed_collation(new: bytes) -> bytes:
    return _environment(COLLATION, bytes([len(new)]) + new, b"\x00")


def transaction_began(descriptor: int) -> bytes:
    return _environment(BEGIN, b"\x08" + struct.pack("<Q", descriptor), b"\x00")


def transaction_ended(kind: int, descriptor: int) -> bytes:
    return _environment(kind, b"\x00", b"\x08" + struct.pack("<Q", descriptor))


def reset_acknowledged() -> bytes:
    return _environment(RESET, b"\x00", b"\x00")


def login_acknowledged(tds_version: int, version: tuple[int, int, int]) -> bytes:
    major, minor, build = version
    body = (
        b"\x01"
        + struct.pack(">I", tds_version)
        + _b_varchar("Microsoft SQL Server")
        + struct.pack(">BBH", major, minor, build)
    )
    return b"\xad" + struct.pack("<H", len(body)) + body


def features_acknowledged() -> bytes:
    """None of the features that clients offer is needed here; the list ends at once."""
    return b"\xae\xff"


def return_status(value: int) -> bytes:
    return b"\x79" + struct.pack("<i", value)


def column_metadata(columns: Sequence[Column], types: Sequence[WireType]) -> bytes:
    parts = [b"\x81", struct.pack("<H", len(columns))]
    for column, wire in zip(columns, types, strict=True):
        # Bit 3: whether the column can be updated is not known.
        flags = 0x08 | bool(column.nullable)
        parts.append(struct.pack("<IH", 0, flags) + wire.info)
        if wire.names_table:
            parts.append(b"\x01" + _us_varchar(""))
        parts.append(_b_varchar(column.name))
    return b"".join(parts)


def row(types: Sequence[WireType], values: Sequence[object]) -> bytes:
    return _ROW + b"".join([wire.encode(value) for wire, value in zip(types, values, strict=True)])


def return_value(ordinal: int, parameter: ReturnValue, tds_version: int) -> bytes:
    wire = wire_type(parameter.type, tds_version)
    return (
        b"\xac"
        + struct.pack("<H", ordinal)
        + _b_varchar(parameter.name)
        + b"\x01"
        + struct.pack("<IH", 0, 0x01)
        + wire.info
        + wire.encode(parameter.value)
    )
