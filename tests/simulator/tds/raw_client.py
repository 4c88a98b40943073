# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client of bytes, for what well-behaved clients never send."""

from __future__ import annotations

import socket
import struct

from tests.simulator.tds.scripted import LOGIN, PASSWORD

TDS_7_4 = 0x74000004
NO_TRANSACTION = struct.pack("<IIHQI", 22, 18, 2, 0, 1)
PLAIN_PRELOGIN = bytes.fromhex("00000b00060100110001ff") + bytes(6) + b"\x02"


def packet(kind: int, body: bytes, status: int = 1) -> bytes:
    return struct.pack(">BBHHBB", kind, status, 8 + len(body), 0, 1, 0) + body


def login7(
    version: int = TDS_7_4, flags2: int = 0, flags3: int = 0, features: bytes | None = None, **fields: str
) -> bytes:
    texts = {"host": "box", "login": LOGIN, "password": PASSWORD, "program": "raw", "database": "", **fields}
    scrambled = bytes((b << 4 & 0xF0 | b >> 4) ^ 0xA5 for b in texts["password"].encode("utf-16-le"))
    order = ("host", "login", "password", "program", "server", "extension", "interface", "language", "database")
    pairs, data = b"", b""
    for name in (*order, "client id", "sspi", "attach", "new_password"):
        if name == "client id":
            pairs += bytes(6)
            continue
        value = scrambled if name == "password" else texts.get(name, "").encode("utf-16-le")
        length = len(value) // 2
        if name == "extension" and features is not None:
            # Where the list of features begins; its length is counted in bytes.
            value = struct.pack("<I", 94 + len(data) + 4) + features
            length, flags3 = 4, flags3 | 0x10
        pairs += struct.pack("<HH", 94 + len(data), length)
        data += value
    fixed = struct.pack("<IIIIIIBBBBiI", 94 + len(data), version, 4096, 7, 4711, 0, 0xE0, flags2, 0, flags3, 0, 0)
    return packet(0x10, fixed + pairs + bytes(4) + data)


def batch(text: str, status: int = 1) -> bytes:
    return packet(1, NO_TRANSACTION + text.encode("utf-16-le"), status)


class RawClient:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def message(self) -> bytes:
        """The payload of the server's next message; empty when the server has closed the connection."""
        payload = b""
        while True:
            header = self._exactly(8)
            if not header:
                return b""
            payload += self._exactly(struct.unpack(">H", header[2:4])[0] - 8)
            if header[1] & 1:
                return payload

    def packet(self) -> tuple[bytes, bool]:
        """One packet, and whether it was the last of its message."""
        header = self._exactly(8)
        return self._exactly(struct.unpack(">H", header[2:4])[0] - 8), bool(header[1] & 1)

    def log_in(self) -> bytes:
        self.send(packet(0x12, PLAIN_PRELOGIN))
        self.message()
        self.send(login7())
        return self.message()

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self._socket.recv(length - len(data))
            if not piece:
                return b""
            data += piece
        return data


def says(payload: bytes, text: str) -> bool:
    return text.encode("utf-16-le") in payload


def error_number(payload: bytes) -> int:
    """The number of the first ERROR token; -1 without one."""
    at = payload.find(b"\xaa")
    return struct.unpack_from("<i", payload, at + 3)[0] if at >= 0 else -1


def last_done(payload: bytes) -> tuple[int, int]:
    """Kind and status of the DONE at the end."""
    kind, status = struct.unpack_from("<BH", payload, len(payload) - 13)
    return kind, status
