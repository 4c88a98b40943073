# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""LOGIN7 (MS-TDS 2.2.6.4): who wants in, with what."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from simulator.tds import packets, refusals
from simulator.tds.reading import utf16
from simulator.tds.refusals import ProtocolError

_FIXED = struct.Struct("<IIIIIIBBBBiI")
_INTEGRATED_SECURITY = 0x80  # OptionFlags2
_CHANGE_PASSWORD = 0x01  # OptionFlags3
_EXTENSION = 0x10  # OptionFlags3
_FEATURES_END = 0xFF
_FEDERATED_AUTHENTICATION = 0x02

TDS_7_2 = 0x72090002
TDS_7_3 = 0x730A0003
TDS_7_4 = 0x74000004
TDS_8_0 = 0x08000000

# Offset and length pairs after the fixed part, in this order; the client's MAC address stands between the two groups.
_NAMES = ("host", "login", "password", "program", "server", "extension", "interface", "language", "database")
_AFTER_CLIENT_ID = ("sspi", "attach", "new_password")


class OldClient(ProtocolError):
    """It needs its refusal in the form that it knows."""


@dataclass(frozen=True)
class Login:
    tds_version: int
    packet_size: int
    client_pid: int
    host: str
    login: str
    password: str
    program: str
    server: str
    interface: str
    database: str
    has_features: bool

    @property
    def answered_version(self) -> int:
        """The version we both speak."""
        if self.tds_version == TDS_8_0:
            return TDS_8_0
        return min(self.tds_version, TDS_7_4)


def parse(payload: bytes) -> Login:
    if len(payload) < _FIXED.size:
        raise refusals.bad_login_packet("LOGIN7 is too short.")
    length, version, size, _, pid, _, _, flags2, _, flags3, _, _ = _FIXED.unpack_from(payload)
    if version < TDS_7_2 and version != TDS_8_0:
        raise OldClient(refusals.old_client(version).message)
    if length != len(payload) or length < _FIXED.size + 58:
        raise refusals.bad_login_packet(f"LOGIN7 says {length} bytes and has {len(payload)}.")
    fields = _fields(payload)
    _refuse_what_we_lack(flags2, flags3, fields)
    return Login(
        tds_version=version,
        packet_size=size,
        client_pid=pid,
        host=utf16(fields["host"]),
        login=utf16(fields["login"]),
        password=utf16(_unscrambled(fields["password"])),
        program=utf16(fields["program"]),
        server=utf16(fields["server"]),
        interface=utf16(fields["interface"]),
        database=utf16(fields["database"]),
        has_features=bool(flags3 & _EXTENSION) and _has_features(payload, fields["extension"]),
    )


def _fields(payload: bytes) -> dict[str, bytes]:
    fields: dict[str, bytes] = {}
    for names, start in ((_NAMES, _FIXED.size), (_AFTER_CLIENT_ID, _FIXED.size + 4 * len(_NAMES) + 6)):
        for number, name in enumerate(names):
            offset, length = struct.unpack_from("<HH", payload, start + 4 * number)
            # Only the extension and the SSPI token are counted in bytes, the rest in characters.
            size = length if name in ("extension", "sspi") else 2 * length
            if size and offset + size > len(payload):
                raise refusals.bad_login_packet(f"{name} lies outside of the packet.")
            fields[name] = payload[offset : offset + size]
    return fields


def _unscrambled(password: bytes) -> bytes:
    """The client swaps the halves of each byte, then XORs it with 0xA5."""
    return bytes(((byte ^ 0xA5) << 4 & 0xF0) | ((byte ^ 0xA5) >> 4) for byte in password)


def _refuse_what_we_lack(flags2: int, flags3: int, fields: dict[str, bytes]) -> None:
    if flags2 & _INTEGRATED_SECURITY:
        raise refusals.integrated_login()
    if flags3 & _CHANGE_PASSWORD or fields["new_password"]:
        raise refusals.unsupported("changing the password while logging in")
    if fields["attach"]:
        raise refusals.unsupported("attaching a database file while logging in")


def _has_features(payload: bytes, extension: bytes) -> bool:
    """Walks the feature list, so that a client that wants Azure's authentication is told so."""
    if len(extension) < 4:
        raise refusals.bad_login_packet("The extension block is too short.")
    at = struct.unpack("<I", extension[:4])[0]
    while payload[at : at + 1] != bytes([_FEATURES_END]):
        if at + 5 > len(payload):
            raise refusals.bad_login_packet("The feature list does not end.")
        feature, length = struct.unpack_from("<BI", payload, at)
        if feature == _FEDERATED_AUTHENTICATION:
            raise refusals.unsupported("federated authentication")
        at += 5 + length
    return True


def agreed_packet_size(asked: int, *, encrypted: bool) -> int:
    largest = packets.LARGEST_ENCRYPTED_SIZE if encrypted else packets.LARGEST_SIZE
    return min(max(asked, 512), largest) if asked else packets.DEFAULT_SIZE
