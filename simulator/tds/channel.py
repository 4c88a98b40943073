# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One client's socket: messages in, packets out, TLS around them in any of the ways TDS knows.

One thread reads and one writes; only the TLS state is shared between them.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading

from simulator.tds import packets
from simulator.tds.packets import Assembler, Packetizer, Request
from simulator.tds.refusals import Disconnected, unsupported

_CHUNK = 65536
_TLS_HANDSHAKE = 0x16


class Channel:
    def __init__(self, connection: socket.socket, largest_message: int) -> None:
        self._socket = connection
        self._assembler = Assembler(largest_message)
        self._arrived: list[Request] = []
        self._tls: ssl.SSLObject | None = None
        self._tls_in = ssl.MemoryBIO()
        self._tls_out = ssl.MemoryBIO()
        self._tls_lock = threading.Lock()

    @property
    def encrypted(self) -> bool:
        return self._tls is not None

    def receive(self) -> Request:
        """The next message; Disconnected when the client is gone."""
        while not self._arrived:
            self._arrived += self._assembler.feed(self._read())
        return self._arrived.pop(0)

    def readable(self, seconds: float | None) -> bool:
        """Whether the client sent something (or left) within that time; None waits for ever."""
        if self._arrived:
            return True
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(None if seconds is None else seconds * 1000))

    def send(self, data: bytes) -> None:
        try:
            self._socket.sendall(self._encrypted(data))
        except OSError as error:
            raise Disconnected(str(error)) from error

    def writable(self) -> bool:
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        return bool(poll.poll(0))

    def starts_with_tls(self) -> bool:
        """TDS 8 begins with a TLS handshake, everything older with a packet."""
        try:
            return self._socket.recv(1, socket.MSG_PEEK)[:1] == bytes([_TLS_HANDSHAKE])
        except OSError as error:
            raise Disconnected(str(error)) from error

    def start_strict_tls(self, context: ssl.SSLContext) -> None:
        self._handshake(context, packeted=False)

    def start_tls(self, context: ssl.SSLContext) -> None:
        """The handshake of TDS 7: TLS inside of PRELOGIN packets, both ways."""
        self._handshake(context, packeted=True)

    def stop_tls(self) -> None:
        """Encryption of the login only: from here on the bytes are plain, without a farewell of TLS."""
        self._tls = None

    def _handshake(self, context: ssl.SSLContext, *, packeted: bool) -> None:
        tls = context.wrap_bio(self._tls_in, self._tls_out, server_side=True)
        wrap = Packetizer(packets.PRELOGIN)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send_handshake(wrap, packeted=packeted)
                self._tls_in.write(self._handshake_packet() if packeted else self._received())
            except ssl.SSLError as error:
                # The alert tells the client why; it must leave before the connection does.
                self._send_handshake(wrap, packeted=packeted)
                raise Disconnected(f"TLS handshake failed: {error}") from error
        self._send_handshake(wrap, packeted=packeted)
        self._tls = tls

    def _send_handshake(self, wrap: Packetizer, *, packeted: bool) -> None:
        pending = self._tls_out.read()
        if pending:
            self._send_plain(wrap.message(pending) if packeted else pending)

    def _handshake_packet(self) -> bytes:
        while not self._arrived:
            self._arrived += self._assembler.feed(self._received())
        request = self._arrived.pop(0)
        if request.type != packets.PRELOGIN:
            raise unsupported(f"a TLS handshake in packets of type 0x{request.type:02X}")
        return request.payload

    def _send_plain(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Disconnected(str(error)) from error

    def _encrypted(self, data: bytes) -> bytes:
        with self._tls_lock:
            if self._tls is None:
                return data
            self._tls.write(data)
            return self._tls_out.read()

    def _received(self) -> bytes:
        try:
            data = self._socket.recv(_CHUNK)
        except OSError as error:
            raise Disconnected(str(error)) from error
        if not data:
            raise Disconnected("The client closed the connection.")
        return data

    def _read(self) -> bytes:
        """What came, decrypted; empty when it was only part of a TLS record."""
        if self._tls is None:
            return self._received()
        plain = self._decrypted()
        return plain or self._after_receiving()

    def _after_receiving(self) -> bytes:
        data = self._received()
        with self._tls_lock:
            self._tls_in.write(data)
        return self._decrypted()

    def _decrypted(self) -> bytes:
        plain = bytearray()
        with self._tls_lock:
            while self._tls is not None:
                try:
                    piece = self._tls.read(_CHUNK)
                except ssl.SSLWantReadError:
                    break
                except ssl.SSLError as error:
                    raise Disconnected(f"TLS: {error}") from error
                if not piece:
                    raise Disconnected("The client closed TLS.")
                plain += piece
        return bytes(plain)

    def set_timeout(self, seconds: float | None) -> None:
        self._socket.settimeout(seconds)

    def linger(self, seconds: float = 1.0) -> None:
        """Lets the last answer arrive: a close with unread input would make the kernel take it back (RST)."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(seconds)
            while self._socket.recv(_CHUNK):
                pass
        except OSError:
            pass

    def cut(self) -> None:
        """Ends the connection at once, from any thread; whoever waits in the socket wakes up."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        """Only when no other thread uses the socket any more."""
        self._socket.close()
