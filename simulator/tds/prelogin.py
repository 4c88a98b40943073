# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PRELOGIN: the versions, and whether to encrypt what follows (MS-TDS 2.2.6.5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from simulator.tds import refusals

_VERSION, _ENCRYPTION, _INSTANCE, _THREAD, _MARS, _FEDAUTH = 0, 1, 2, 3, 4, 6
_END = 0xFF

OFF, ON, NOT_SUPPORTED, REQUIRED = 0, 1, 2, 3

# (what the server is set to, what the client says) -> what the server answers.
_ANSWERS = {
    ("off", OFF): NOT_SUPPORTED,
    ("off", ON): NOT_SUPPORTED,
    ("off", NOT_SUPPORTED): NOT_SUPPORTED,
    ("off", REQUIRED): NOT_SUPPORTED,
    ("on", OFF): OFF,
    ("on", ON): ON,
    ("on", NOT_SUPPORTED): NOT_SUPPORTED,
    ("on", REQUIRED): ON,
    ("required", OFF): REQUIRED,
    ("required", ON): ON,
    ("required", NOT_SUPPORTED): REQUIRED,
    ("required", REQUIRED): ON,
}


@dataclass(frozen=True)
class Prelogin:
    encryption: int
    asks_federated: bool


def parse(payload: bytes) -> Prelogin:
    options: dict[int, bytes] = {}
    at = 0
    while payload[at : at + 1] != bytes([_END]):
        if at + 5 > len(payload):
            raise refusals.bad_login_packet("The PRELOGIN options do not end.")
        option, offset, length = struct.unpack_from(">BHH", payload, at)
        if offset + length > len(payload):
            raise refusals.bad_login_packet(f"PRELOGIN option {option} lies outside of the packet.")
        options[option] = payload[offset : offset + length]
        at += 5
    encryption = options.get(_ENCRYPTION, b"")[:1] or bytes([NOT_SUPPORTED])
    return Prelogin(encryption[0] & 0x0F, _FEDAUTH in options)


def encryption_answer(server: str, client: int) -> int:
    if (server, client) not in _ANSWERS:
        raise refusals.bad_login_packet(f"Encryption {client} is unknown.")
    return _ANSWERS[server, client]


def answer(version: tuple[int, int, int], encryption: int, asked: Prelogin) -> bytes:
    major, minor, build = version
    options = {
        _VERSION: struct.pack(">BBHH", major, minor, build, 0),
        _ENCRYPTION: bytes([encryption]),
        _INSTANCE: b"\x00",
        _THREAD: b"",
        _MARS: b"\x00",
    }
    if asked.asks_federated:
        options[_FEDAUTH] = b"\x00"
    offset = 5 * len(options) + 1
    head, body = b"", b""
    for option, data in options.items():
        head += struct.pack(">BHH", option, offset + len(body), len(data))
        body += data
    return head + bytes([_END]) + body
