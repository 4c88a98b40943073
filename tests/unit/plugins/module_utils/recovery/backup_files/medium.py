# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup media for tests, made byte by byte as the description of the format has them: slow and plain."""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field
from datetime import datetime

PAGE = 8192
GUID = uuid.UUID("11111111-2222-3333-4444-555555555555")
START = datetime(2026, 11, 22, 2, 0, 0)
FINISH = datetime(2026, 11, 22, 2, 1, 30)


@dataclass
class BackupSet:
    """What goes into one backup set."""

    pages: list[bytes] = field(default_factory=list)
    log: bytes = b""
    kind: bytes = b"D"
    name: str = "Sales"
    first_lsn: tuple[int, int, int] = (37, 1112, 1)
    last_lsn: tuple[int, int, int] = (37, 1136, 1)
    flags: int = 512
    checksums: bool = False
    zone: int = 28  # quarter hours: +07:00
    data_files: tuple[int, ...] = (1,)
    missing_pages: int = 0  # that the closing configuration counts for each file, but are not there


def rotated(word: int, bits: int = 1) -> int:
    return ((word << bits) | (word >> (32 - bits))) & 0xFFFFFFFF


def sector_sum(data: bytes) -> int:
    """XOR of the words of each sector, rotated in between; word by word."""
    total = 0
    for start in range(0, len(data), 512):
        total = rotated(total)
        for (word,) in struct.iter_unpack("<I", data[start : start + 512]):
            total ^= word
    return total


def page(file_id: int, number: int, content: bytes = b"", *, kind: int = 1, checksum: bool = True) -> bytes:
    """A page with a header; its checksum is made with the field zero."""
    raw = bytearray(PAGE)
    raw[0:2] = bytes((1, kind))
    struct.pack_into("<H", raw, 4, 0x200 if checksum else 0)
    struct.pack_into("<IH", raw, 32, number, file_id)
    raw[96 : 96 + len(content)] = content
    if checksum:
        struct.pack_into("<I", raw, 60, sector_sum(bytes(raw)))
    return bytes(raw)


def medium(*sets: BackupSet, block_size: int = 512, families: tuple[int, int] = (1, 1), password: bytes = b"") -> bytes:
    """A whole plain medium."""
    tape = _Tape(block_size)
    tape.label(families, password)
    for position, one in enumerate(sets, start=1):
        tape.backup_set(one, position)
    return bytes(tape.data)


class _Tape:
    def __init__(self, block_size: int) -> None:
        self.data = bytearray()
        self.size = block_size
        self.base = 0
        self.marks: list[int] = []
        self.number = 0

    def label(self, families: tuple[int, int], password: bytes) -> None:
        body = bytearray(88)
        struct.pack_into("<IIHHHH", body, 0, 0x95A48FDA, 5, 1, 5 if password else 0, self.size // 512, 3)
        name = "Microsoft SQL Server".encode("utf-16-le")
        struct.pack_into("<HH", body, 24, len(password), 140)
        struct.pack_into("<HHHH", body, 28, len(name), 94, 1024, 0x1200)
        body[36:41] = _date(START)
        body[42:82] = name
        body += password + bytes(-len(password) % 4)
        self.block(b"TAPE", bytes(body), attributes=0x30000)
        raid = GUID.bytes_le + bytes(4) + struct.pack("<HHH", families[1], 1, families[0]) + bytes(6)
        self.stream(b"RAID", raid)
        self.fill()
        self.filemark()

    def backup_set(self, one: BackupSet, position: int) -> None:
        self.base, self.number = len(self.data), 0
        user = "sa".encode("utf-16-le")
        body = bytearray(100)
        struct.pack_into("<IIHH", body, 0, 4, 0, 0x1200, position)
        struct.pack_into("<HHQ", body, 24, len(user), 148, self.base)
        body[36:41] = _date(START)
        struct.pack_into("<BBb", body, 41, 16, 0, one.zone)
        body[48:64] = uuid.UUID(int=GUID.int + position).bytes_le
        self.block(b"SSET", bytes(body[:96]) + user, own=(21, 100))
        self.pad()
        machine = "SQL1".encode("utf-16-le")
        self.block(b"VOLB", struct.pack("<12xHH", len(machine), 68) + machine)
        self.pad()
        self.configuration(b"MSCI", one, finished=False)
        if one.pages:
            self.pages(one)
        self.log(one)
        self.configuration(b"MSLS", one, finished=True)
        self.data[self.data.rindex(b"SPAD") :] = b""
        self.fill()
        self.filemark()
        self.block(b"ESET", bytes(36))
        self.stream(b"OTCP", bytes(8))
        self.pad()
        self.block(b"ESET", bytes(36))
        self.fill()
        self.filemark()

    def configuration(self, kind: bytes, one: BackupSet, *, finished: bool) -> None:
        self.block(kind, bytes(4))
        self.stream(b"MQCI", configuration(one, finished=finished))
        self.pad()

    def pages(self, one: BackupSet) -> None:
        self.block(b"MSDA", struct.pack("<6xH", 1))
        self.align()
        data = bytes(2) + b"".join(one.pages)
        self.stream(b"MQDA", data, 0x102 if one.checksums else 2)
        if one.checksums:
            self.stream(b"CSUM", struct.pack("<I", sector_sum(data[2:])))
        self.stream(b"MQDA", b"", 6)
        self.pad()

    def log(self, one: BackupSet) -> None:
        self.block(b"MSTL", bytes(76))
        if one.log:
            self.align()
            self.stream(b"MQTL", bytes(2) + one.log, 0x100 if one.checksums else 0)
            if one.checksums:
                self.stream(b"CSUM", struct.pack("<I", sector_sum(one.log)))
        self.pad()

    def block(self, kind: bytes, body: bytes, *, attributes: int = 0, own: tuple[int, int] = (0, 0)) -> None:
        header = bytearray(52)
        placed = kind not in (b"TAPE", b"SFMB", b"ESET")
        address = (len(self.data) - self.base) // 1024 if placed else 0
        struct.pack_into("<4sIHBB8xQ", header, 0, kind, attributes, 52 + len(body) & 0xFFFF, 14, 1, address)
        struct.pack_into("<I4xHHB", header, 36, self.number if placed else 0, *own, 2)
        self.number += placed
        struct.pack_into("<H", header, 50, _xor(header[:50]))
        self.data += header + body

    def stream(self, kind: bytes, data: bytes, attributes: int = 0) -> None:
        self.data += bytes(-len(self.data) % 4)
        header = struct.pack("<4sHHQHH", kind, 0, attributes, len(data), 0, 0)
        self.data += header + struct.pack("<H", _xor(header)) + data

    def pad(self) -> None:
        """SPAD up to the next block, counted from the start of the set."""
        self.data += bytes(-len(self.data) % 4)
        self.stream(b"SPAD", bytes(-(len(self.data) - self.base + 22) % 1024))

    def fill(self) -> None:
        """SPAD up to the next filemark, which stands at a block of the medium."""
        self.data += bytes(-len(self.data) % 4)
        self.stream(b"SPAD", bytes(-(len(self.data) + 22) % max(1024, self.size)))

    def align(self) -> None:
        """Padding after which the data, less its two leading bytes, begins on a sector."""
        self.data += bytes(-len(self.data) % 4)
        self.stream(b"APAD", bytes(-(len(self.data) + 22 + 22 + 2) % 512), 0x80)

    def filemark(self) -> None:
        room = (self.size - 72) // 8
        listed = self.marks[::-1][:room]
        start = len(self.data)
        body = struct.pack("<III", room, len(listed), 72) + bytes(8) + struct.pack(f"<{len(listed)}Q", *listed)
        self.block(b"SFMB", body.ljust(self.size - 52, b"\0"), attributes=0x80000000)
        self.marks.append(start)


def configuration(one: BackupSet, *, finished: bool) -> bytes:
    """The content of an MQCI stream."""
    scin = bytearray(400)
    names = [one.name.encode("utf-16-le"), "SQL1".encode("utf-16-le")]
    scin[0:4] = b"SCIN"
    struct.pack_into("<II", scin, 4, 400 + sum(map(len, names)), one.flags | (16 if one.checksums else 0))
    struct.pack_into("<HBB", scin, 24, 1000, 0, 16)
    for offset, lsn in ((32, one.first_lsn), (42, one.last_lsn), (52, one.first_lsn), (62, (0, 0, 0))):
        struct.pack_into("<IIH", scin, offset, *lsn)
    scin[72:77] = _date(START)
    scin[77:82] = _date(START)
    scin[82:87] = _date(FINISH) if finished else bytes(5)
    scin[87:88] = one.kind
    struct.pack_into("<BHH", scin, 91, 160, 5, 957)
    struct.pack_into("<Q", scin, 96, len(one.pages) * PAGE if finished else 0)
    struct.pack_into("<HHHH", scin, 104, len(names[0]), 400, len(names[1]), 400 + len(names[0]))
    scin[156:172] = scin[224:240] = GUID.bytes_le
    blocks = bytes(scin) + b"".join(names)
    blocks += struct.pack("<4sI4xIHH", b"SFGI", 34, 1, 14, 20) + "PRIMARY".encode("utf-16-le")
    for file_id in one.data_files:
        mine = sum(PAGE for each in one.pages if each[36:38] == struct.pack("<H", file_id))
        mine += one.missing_pages * PAGE
        blocks += _file(file_id, 1, f"{one.name}_{file_id}", mine if finished else 0)
    return blocks + _file(99, 2, f"{one.name}_log", len(one.log) if finished else 0)


def _file(file_id: int, kind: int, name: str, size: int) -> bytes:
    names = [name.encode("utf-16-le"), f"D:\\Data\\{name}".encode("utf-16-le")]
    block = bytearray(270)
    struct.pack_into("<4sII", block, 0, b"SFIN", 270 + sum(map(len, names)), 132)
    struct.pack_into("<IIIIIQ", block, 20, file_id, 100, kind, 512, 1 if kind == 1 else 0, 100 * PAGE)
    struct.pack_into("<HHHH", block, 48, len(names[0]), 270, len(names[1]), 270 + len(names[0]))
    block[186:202] = uuid.UUID(int=GUID.int + file_id).bytes_le
    struct.pack_into("<Q", block, 250, size)
    return bytes(block) + b"".join(names)


def _date(moment: datetime) -> bytes:
    bits = moment.year << 26 | moment.month << 22 | moment.day << 17
    return (bits | moment.hour << 12 | moment.minute << 6 | moment.second).to_bytes(5, "big")


def _xor(data: bytes | bytearray) -> int:
    total = 0
    for (word,) in struct.iter_unpack("<H", bytes(data)):
        total ^= word
    return total
