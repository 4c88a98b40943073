# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The listening side: one thread accepts, each connection has a worker and a reader."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal

from simulator.engine.events import Server
from simulator.tds.certificate import tls_contexts
from simulator.tds.connection import Connection, Settings

_log = logging.getLogger(__name__)
# So many more may come as far as the login, to be told there that the server is full.
_TO_BE_REFUSED = 16

Encryption = Literal["on", "required", "off"]


class TdsServer:
    """A running server. ``stop`` cancels what runs, closes every session and waits for the threads."""

    def __init__(self, listener: socket.socket, settings: Settings) -> None:
        self._listener = listener
        self._settings = settings
        self._lock = threading.Lock()
        self._connections: dict[Connection, threading.Thread] = {}
        self._stopping = False
        self.host, self.port = listener.getsockname()[:2]
        #: Whether a new connection is served; who says no takes the socket.
        self.admit: Callable[[socket.socket, tuple[str, int]], bool] = lambda _client, _address: True
        self._acceptor = self._start_acceptor()

    def _start_acceptor(self) -> threading.Thread:
        acceptor = threading.Thread(target=self._accept, name=f"tds-{self.port}-accept", daemon=True)
        acceptor.start()
        return acceptor

    def __enter__(self) -> TdsServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def connection_count(self) -> int:
        with self._lock:
            return len(self._connections)

    def wait(self) -> None:
        """Until somebody stops the server."""
        self._acceptor.join()

    def drop_connections(self) -> None:
        """Cuts every client off, as a network does; new ones are welcome."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.cut()

    def descriptors(self) -> list[tuple[int, tuple[str, int]]]:
        """Open connections: file descriptor and peer."""
        with self._lock:
            return [(found.descriptor, found.peer) for found in self._connections if found.descriptor >= 0]

    def listening(self) -> int:
        return self._listener.fileno()

    def close_listener(self) -> None:
        """New connections are refused; those that are there go on."""
        self._stopping = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self._acceptor.join()

    def open_listener(self) -> None:
        """At the same port as before."""
        self._listener = _listener(self.host, self.port)
        self._stopping = False
        self._acceptor = self._start_acceptor()

    def stop(self, seconds: float = 10.0) -> None:
        self.close_listener()
        with self._lock:
            threads = list(self._connections.values())
        self.drop_connections()
        deadline = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                _log.warning("%s did not end within %s seconds", thread.name, seconds)

    def _accept(self) -> None:
        while not self._stopping:
            try:
                client, address = self._listener.accept()
            except OSError as error:
                if self._stopping:
                    return
                # Out of file descriptors, or the client left again: neither is a reason to stop serving.
                _log.warning("accept: %s", error)
                time.sleep(0.1)
                continue
            if self.admit(client, address):
                self._start(client, address)

    def _start(self, client: socket.socket, peer: tuple[str, int]) -> None:
        address = peer[0]
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with self._lock:
            count = len(self._connections)
            limit = self._settings.max_connections
            if count >= limit + _TO_BE_REFUSED:
                client.close()
                return
            connection = Connection(client, peer, self._settings, surplus=count >= limit)
            thread = threading.Thread(
                target=self._serve, args=(connection,), name=f"tds-{self.port}-{address}", daemon=True
            )
            self._connections[connection] = thread
        thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            connection.run()
        except Exception:
            _log.exception("A connection failed")
        finally:
            with self._lock:
                self._connections.pop(connection, None)


def serve(
    server: Server,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    encryption: Encryption = "on",
    max_connections: int = 500,
    login_seconds: float = 30.0,
    largest_request: int = 64 * 1024 * 1024,
) -> TdsServer:
    """Listens and returns at once. Port 0 takes a free one (``.port``); without a certificate one is made.

    Encryption as in SQL Server: "on" follows the client (at least its login is encrypted), "required" forces it,
    "off" has no certificate at all.
    """
    if encryption not in ("on", "required", "off"):
        raise ValueError(f"encryption is on, required or off, not {encryption!r}")
    settings = Settings(
        server=server,
        encryption=encryption,
        contexts=tls_contexts(certificate, key, host),
        login_seconds=login_seconds,
        largest_request=largest_request,
        max_connections=max_connections,
    )
    return TdsServer(_listener(host, port), settings)


def _listener(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), backlog=128)
