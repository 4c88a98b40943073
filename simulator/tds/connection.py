# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A connection from its first byte to its login; then the session loop takes over."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass

from simulator.engine.events import LoginRequest, Message, Server, Session, SqlError
from simulator.tds import login, packets, prelogin, refusals, tokens
from simulator.tds.certificate import TlsContexts
from simulator.tds.channel import Channel
from simulator.tds.collation import COLLATION
from simulator.tds.login import Login
from simulator.tds.packets import Packetizer, Request
from simulator.tds.refusals import Disconnected, ProtocolError
from simulator.tds.session_loop import SessionLoop

_log = logging.getLogger(__name__)
_LANGUAGE = "us_english"


@dataclass(frozen=True)
class Settings:
    server: Server
    encryption: str
    contexts: TlsContexts
    login_seconds: float
    largest_request: int
    max_connections: int


class Connection:
    def __init__(self, client: socket.socket, peer: tuple[str, int], settings: Settings, *, surplus: bool) -> None:
        self._channel = Channel(client, settings.largest_request)
        self._client = client
        self.peer = peer
        self._address = peer[0]
        self._settings = settings
        self._surplus = surplus
        self._packetizer = Packetizer()
        self._loop: SessionLoop | None = None
        self._strict = False
        self._encrypt_login_only = False
        self._tds_version = login.TDS_7_4

    def run(self) -> None:
        try:
            self._channel.set_timeout(self._settings.login_seconds)
            self._loop = self._log_in()
            if self._loop is not None:
                self._channel.set_timeout(None)
                self._loop.run()
        except Disconnected as reason:
            _log.debug("%s: %s", self._address, reason)
        except ProtocolError as error:
            _log.info("%s: %s", self._address, error)
            self._refuse(error.message)
        finally:
            self._channel.close()

    @property
    def descriptor(self) -> int:
        """Of its socket; -1 when it is closed."""
        return self._client.fileno()

    def cut(self) -> None:
        """From any thread: what runs is cancelled, the client is gone."""
        loop = self._loop
        if loop is not None:
            loop.interrupt()
        self._channel.cut()

    def _refuse(self, *messages: Message) -> None:
        parts = [tokens.message(message, self._settings.server.name) for message in messages]
        self._say_and_leave(b"".join(parts) + tokens.done(tokens.DONE, tokens.ERROR))

    def _say_and_leave(self, payload: bytes) -> None:
        try:
            self._channel.send(self._packetizer.message(payload))
        except Disconnected:
            return
        self._channel.linger()

    def _log_in(self) -> SessionLoop | None:
        request = self._login_packet()
        encrypted = self._channel.encrypted
        if self._encrypt_login_only:
            self._channel.stop_tls()
        try:
            wanted = login.parse(request.payload)
        except login.OldClient as old:
            self._say_and_leave(tokens.old_error(old.message, self._settings.server.name))
            return None
        self._tds_version = wanted.answered_version
        if self._surplus:
            raise refusals.too_many_connections(self._settings.max_connections)
        try:
            session = self._settings.server.login(self._login_request(wanted, encrypted))
        except SqlError as error:
            _log.info("%s: %s", self._address, error)
            self._refuse(*error.messages)
            return None
        return self._welcome(session, wanted)

    def _login_packet(self) -> Request:
        self._strict = self._channel.starts_with_tls()
        if self._strict:
            if self._settings.encryption == "off":
                raise Disconnected("TLS is switched off.")
            self._channel.start_strict_tls(self._settings.contexts.tds8)
        request = self._channel.receive()
        if request.type == packets.PRELOGIN:
            self._negotiate(prelogin.parse(request.payload))
            request = self._channel.receive()
        if request.type == packets.OLD_LOGIN:
            # TDS 4.2 and 5.0 have no Unicode; these clients understand little more than the end of the connection.
            raise refusals.old_client(0x04020000)
        if request.type != packets.LOGIN7:
            raise refusals.bad_login_packet(f"Packet type 0x{request.type:02X} before the login.")
        if self._settings.encryption == "required" and not self._channel.encrypted:
            raise refusals.encryption_required()
        return request

    def _negotiate(self, asked: prelogin.Prelogin) -> None:
        server = self._settings.server
        if self._strict:
            self._channel.send(self._packetizer.message(prelogin.answer(server.version, prelogin.OFF, asked)))
            return
        encryption = prelogin.encryption_answer(self._settings.encryption, asked.encryption)
        self._channel.send(self._packetizer.message(prelogin.answer(server.version, encryption, asked)))
        if encryption == prelogin.NOT_SUPPORTED:
            return
        if asked.encryption == prelogin.NOT_SUPPORTED:
            raise refusals.encryption_required()
        self._channel.start_tls(self._settings.contexts.tds7)
        self._encrypt_login_only = encryption == prelogin.OFF

    def _login_request(self, wanted: Login, encrypted: bool) -> LoginRequest:
        return LoginRequest(
            login=wanted.login,
            password=wanted.password,
            database=wanted.database,
            program=wanted.program,
            host=wanted.host,
            client_interface=wanted.interface,
            client_address=self._address,
            client_pid=wanted.client_pid,
            encrypted=encrypted and not self._encrypt_login_only,
        )

    def _welcome(self, session: Session, wanted: Login) -> SessionLoop:
        """In SQL Server's order: environment, LOGINACK, features, packet size."""
        server = self._settings.server
        size = login.agreed_packet_size(wanted.packet_size, encrypted=self._channel.encrypted)
        self._packetizer.spid = session.spid
        answer = [
            tokens.changed_text(tokens.DATABASE, session.database, "master"),
            tokens.message(Message(5701, 10, 2, f"Changed database context to '{session.database}'."), server.name),
            tokens.changed_collation(COLLATION),
            tokens.changed_text(tokens.LANGUAGE, _LANGUAGE, ""),
            tokens.message(Message(5703, 10, 1, f"Changed language setting to {_LANGUAGE}."), server.name),
            tokens.login_acknowledged(self._tds_version, server.version),
            tokens.features_acknowledged() if wanted.has_features else b"",
            tokens.changed_text(tokens.PACKET_SIZE, str(size), str(packets.DEFAULT_SIZE)),
            tokens.done(tokens.DONE, tokens.FINAL),
        ]
        try:
            self._channel.send(self._packetizer.message(b"".join(answer)))
        except Disconnected:
            session.close()
            raise
        self._packetizer.size = size
        return SessionLoop(
            self._channel, session, self._packetizer, server_name=server.name, tds_version=self._tds_version
        )
