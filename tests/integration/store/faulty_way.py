# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way between a client and an FTP server, on which something happens once so many bytes have passed: both the
control connection and those that PASV announces go through it. With TLS nobody on the way can read what PASV says: then
the way has an address of its own and the ports of the server, which is told to keep to a few."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

#: cut: both connections are reset. frozen: nothing passes any more. refused: as cut, and nobody is let in for a while.
FAULTS = ("cut", "frozen", "refused")
REFUSED_SECONDS = 0.4
#: Where a way stands that has the ports of the server.
ASIDE = "127.0.0.2"


@dataclass
class Way:
    """Happens once, at byte ``at`` counted over all connections and both directions; ``also`` is called then."""

    server_port: int
    fault: str
    at: int
    also: Callable[[], None] = lambda: None
    host: str = "127.0.0.1"
    passed: int = 0
    happened: bool = False
    closed_until: float = 0.0
    port: int = 0
    listeners: list[socket.socket] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)
    frozen: set[socket.socket] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def listen(self, target: int, port: int = 0) -> int:
        listener = socket.create_server((self.host, port))
        self.listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener, target), daemon=True).start()
        return int(listener.getsockname()[1])

    def _accept(self, listener: socket.socket, target: int) -> None:
        while not self.over.is_set():
            try:
                near = listener.accept()[0]
                if time.monotonic() < self.closed_until:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", target), 5)
            except OSError:
                return
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets += [near, far]
            threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, from_server: bool) -> None:
        with suppress(OSError):
            while data := source.recv(16384):
                if from_server and self.host != ASIDE and source.getpeername()[1] == self.server_port:
                    data = self._redirected(data)
                data = self._let_through(data)
                while source in self.frozen:
                    if self.over.wait(0.05):
                        return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _redirected(self, data: bytes) -> bytes:
        """PASV's port is one of ours."""
        found = re.match(rb"227 .*?\((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)", data)
        if found is None:
            return data
        port = self.listen(int(found[5]) * 256 + int(found[6]))
        return b"227 Entering Passive Mode (127,0,0,1,%d,%d).\r\n" % (port // 256, port % 256)

    def _let_through(self, data: bytes) -> bytes:
        with self.lock:
            self.passed += len(data)
            if self.happened or self.passed < self.at:
                return data
            self.happened = True
            kept = data[: len(data) - (self.passed - self.at)]
            if self.fault == "frozen":
                self.frozen = set(self.sockets)
            else:
                self.closed_until = time.monotonic() + (REFUSED_SECONDS if self.fault == "refused" else 0)
        self.also()
        if self.fault != "frozen":
            self._reset()
        return kept

    def _reset(self) -> None:
        for one in list(self.sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def faulty_way(
    server_port: int, fault: str, at: int, also: Callable[[], None] = lambda: None, passive: Iterable[int] = ()
) -> Iterator[Way]:
    """With ``passive``, the ports that the server keeps to for data, the way stands aside with the same ones."""
    ports = list(passive)
    way = Way(server_port, fault, at, also, ASIDE if ports else "127.0.0.1")
    try:
        way.port = way.listen(server_port, server_port if ports else 0)
        for port in ports:
            way.listen(port, port)
        yield way
    finally:
        way.over.set()
        for one in [*way.listeners, *way.sockets]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # a thread that waits for it would keep it open
        for one in [*way.listeners, *way.sockets]:
            one.close()
