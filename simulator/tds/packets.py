# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packets: eight bytes of header each (MS-TDS 2.2.3); a message is one or more of them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.tds import refusals

_HEADER = struct.Struct(">BBHHBB")

SQL_BATCH = 0x01
OLD_LOGIN = 0x02
RPC = 0x03
RESPONSE = 0x04
ATTENTION = 0x06
BULK_LOAD = 0x07
FEDERATED_TOKEN = 0x08
TRANSACTION = 0x0E
LOGIN7 = 0x10
SSPI = 0x11
PRELOGIN = 0x12

_FROM_CLIENTS = (
    SQL_BATCH,
    OLD_LOGIN,
    RPC,
    ATTENTION,
    BULK_LOAD,
    FEDERATED_TOKEN,
    TRANSACTION,
    LOGIN7,
    SSPI,
    PRELOGIN,
)

END_OF_MESSAGE = 0x01
IGNORE = 0x02
RESET_CONNECTION = 0x08
RESET_KEEPING_TRANSACTION = 0x10

DEFAULT_SIZE = 4096
LARGEST_SIZE = 32767
# A TLS record holds 16 KiB; SQL Server does not negotiate larger packets on encrypted connections.
LARGEST_ENCRYPTED_SIZE = 16383


@dataclass(frozen=True)
class Request:
    """A whole message from the client. ``status`` has the bits of all of its packets."""

    type: int
    status: int
    payload: bytes


class Assembler:
    """Puts packets together into messages, whatever pieces the bytes arrive in."""

    def __init__(self, largest_message: int) -> None:
        self._largest = largest_message
        self._pending = bytearray()
        self._payload = bytearray()
        self._type = 0
        self._status = 0

    def feed(self, data: bytes) -> Iterator[Request]:
        self._pending += data
        while len(self._pending) >= _HEADER.size:
            packet_type, status, length, _spid, _number, _window = _HEADER.unpack_from(self._pending)
            if packet_type not in _FROM_CLIENTS:
                raise refusals.unsupported(f"packets of type 0x{packet_type:02X}")
            if not _HEADER.size <= length <= LARGEST_SIZE:
                raise refusals.wrong_length(f"A packet claims {length} bytes.")
            if len(self._pending) < length:
                return
            body = bytes(self._pending[_HEADER.size : length])
            del self._pending[:length]
            yield from self._packet(packet_type, status, body)

    def _packet(self, packet_type: int, status: int, body: bytes) -> Iterator[Request]:
        if packet_type == ATTENTION:
            # It may break into the middle of a message, which then is never finished.
            self._payload.clear()
            self._type = self._status = 0
            yield Request(ATTENTION, status, body)
            return
        if self._type not in (0, packet_type):
            raise refusals.wrong_length(f"Packet type 0x{packet_type:02X} inside a message of 0x{self._type:02X}.")
        if len(self._payload) + len(body) > self._largest:
            raise refusals.wrong_length(f"The message is larger than {self._largest} bytes.")
        self._type = packet_type
        self._status |= status
        self._payload += body
        if status & END_OF_MESSAGE:
            request = Request(packet_type, self._status, bytes(self._payload))
            self._payload.clear()
            self._type = self._status = 0
            yield request


class Packetizer:
    """Cuts a message of the server into packets and hands each to ``send``."""

    def __init__(self, packet_type: int = RESPONSE, size: int = DEFAULT_SIZE, spid: int = 0) -> None:
        self.size = size
        self.spid = spid
        self._type = packet_type
        self._number = 0

    def packet(self, body: bytes, *, last: bool) -> bytes:
        self._number = self._number % 255 + 1
        header = _HEADER.pack(
            self._type, END_OF_MESSAGE if last else 0, _HEADER.size + len(body), self.spid & 0xFFFF, self._number, 0
        )
        if last:
            self._number = 0
        return header + body

    @property
    def room(self) -> int:
        return self.size - _HEADER.size

    def message(self, payload: bytes) -> bytes:
        """All the packets of one message."""
        cuts = range(0, len(payload), self.room) or range(1)
        return b"".join(
            self.packet(payload[cut : cut + self.room], last=cut + self.room >= len(payload)) for cut in cuts
        )
