# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network of a process that listens: connections reset, refused, swallowed, or accepted and never answered.

Cut from everybody, a listener is really closed (connection refused), or lets no packet in (connecting hangs, as what
is connected does). Between two parties only, the kernel has shaken hands before it can be told who comes: such a
connection is reset at once, or hangs from its first byte on.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.faults.catalogue import UnknownFault
from simulator.faults.control import Handler, Injected
from simulator.faults.parties import CONTROLLER, Parties

ALL = "all"
_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
_libc = ctypes.CDLL(None, use_errno=True)


class Listening(Protocol):
    """What a server must offer to have its network cut. ``admit`` decides over each new connection: whoever gets False
    leaves the socket to the gate."""

    admit: Callable[[socket.socket, tuple[str, int]], bool]

    def descriptors(self) -> Iterable[tuple[int, tuple[str, int]]]:
        """Open connections: file descriptor and peer."""

    def listening(self) -> int:
        """The listener's file descriptor."""

    def close_listener(self) -> None: ...

    def open_listener(self) -> None: ...


def let_nothing_in(descriptor: int, drop: bool) -> None:
    """A filter that takes no packet; removed, the peer's repetitions come through, as in a network that has healed."""
    if not drop:
        _option(descriptor, _SO_DETACH_FILTER, ctypes.create_string_buffer(4))
        return
    instruction = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))  # return 0: keep no byte
    program = struct.pack("@HP", 1, ctypes.addressof(instruction))
    _option(descriptor, _SO_ATTACH_FILTER, ctypes.create_string_buffer(program, len(program)))


def _option(descriptor: int, option: int, value: Any) -> None:
    if _libc.setsockopt(descriptor, socket.SOL_SOCKET, option, value, len(value)):
        raise OSError(ctypes.get_errno(), "the socket's filter could not be changed")


def reset(descriptor: int) -> None:
    """RST to the peer, from any thread; whoever owns the descriptor finds it disconnected and closes it."""
    nobody = struct.pack("=H14x", socket.AF_UNSPEC)
    _libc.connect(descriptor, nobody, len(nobody))


@dataclass(frozen=True)
class _Cut:
    party: str
    how: str


class Network:
    def __init__(self, listening: Listening, parties: Parties) -> None:
        self._listening = listening
        self._parties = parties
        self._cuts: list[_Cut] = []
        self._deaf = False
        self._held: list[socket.socket] = []
        listening.admit = self._admit

    def handlers(self) -> dict[str, Handler]:
        return {"drop_connections": self.drop, "cut": self.cut, "freeze": self.go_deaf}

    def drop(self, _given: Mapping[str, Any]) -> Injected:
        count = 0
        for descriptor, _ in list(self._listening.descriptors()):
            reset(descriptor)
            count += 1
        return Injected(f"{count} connections were reset")

    def go_deaf(self, _given: Mapping[str, Any]) -> Injected:
        self._deaf = True

        def undo() -> None:
            self._deaf = False
            self._let_go()

        return Injected("the listener accepts and does not answer", undo)

    def cut(self, given: Mapping[str, Any]) -> Injected:
        cut = _Cut(given["party"], given["how"])
        known = (*self._parties.hosts(), CONTROLLER, ALL)
        if cut.party not in known:
            raise UnknownFault(f"cut: party={cut.party!r} is none of {', '.join(known)}")
        swallowed = [descriptor for descriptor, peer in self._listening.descriptors() if self._meant(cut, peer)]
        self._cuts.append(cut)
        if cut.party == ALL:
            self._close(cut.how)
        for descriptor in swallowed:
            reset(descriptor) if cut.how == "refused" else let_nothing_in(descriptor, drop=True)
        return Injected(f"cut from {cut.party}: {cut.how}", lambda: self._heal(cut))

    def _close(self, how: str) -> None:
        if how == "refused":
            self._listening.close_listener()
        else:
            let_nothing_in(self._listening.listening(), drop=True)

    def _heal(self, cut: _Cut) -> None:
        self._cuts.remove(cut)
        if cut.party == ALL and cut.how == "refused":
            self._listening.open_listener()
        elif cut.party == ALL:
            let_nothing_in(self._listening.listening(), drop=False)
        if cut.how == "blackhole":
            for descriptor, peer in self._listening.descriptors():
                if self._meant(cut, peer):
                    _heal_connection(descriptor)
            self._let_go()

    def _let_go(self) -> None:
        """Connections that were swallowed before they began are reset: their clients gave up, or will now."""
        while self._held:
            held = self._held.pop()
            reset(held.fileno())
            held.close()

    def _meant(self, cut: _Cut, peer: tuple[str, int]) -> bool:
        return cut.party == ALL or self._parties.of(peer) == cut.party

    def _admit(self, client: socket.socket, peer: tuple[str, int]) -> bool:
        cut = next((cut for cut in self._cuts if self._meant(cut, peer)), None)
        if cut is not None and cut.how == "refused":
            reset(client.fileno())
            client.close()
            return False
        if cut is not None or self._deaf:
            if cut is not None:
                let_nothing_in(client.fileno(), drop=True)
            self._held.append(client)
            return False
        return True


def _heal_connection(descriptor: int) -> None:
    try:
        let_nothing_in(descriptor, drop=False)
    except OSError:
        return  # it had no filter, or is gone
