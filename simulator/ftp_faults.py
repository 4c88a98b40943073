# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be wrong with the store, on purpose. Faults come over the control socket (``python -m simulator fault``), or
from a JSON file that is read again whenever it has changed: ``{"quota_bytes": 1000000}``.

A new fault is a class with one of the methods of :class:`Fault`, a line in the catalogue of ``simulator.faults``, and
one in ``simulator.faults.store``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class TransferRefused(OSError):
    """A write to the store fails; ``reply`` is what the client hears."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class TransferCut(OSError):
    """The line breaks in the middle of a transfer: neither side hears more."""


class Fault:
    #: Address that PASV names instead of the store's own.
    address: str | None = None
    #: Verbs that FEAT does not show.
    hidden: frozenset[str] = frozenset()
    #: Whether data connections must reuse the control connection's TLS session.
    needs_reuse = False
    #: What LIST adds to UTC.
    zone_seconds = 0
    #: Bytes per second; 0: no limit.
    rate = 0

    def refusal(self, verb: str, path: str) -> str | None:
        """The reply to a verb that is refused, or None."""
        return None

    def before_write(self, path: str, offset: int, length: int) -> None:
        """Raises :class:`TransferRefused` before bytes of an upload reach the disk."""

    def goes_through(self, verb: str, offset: int, length: int) -> int:
        """How many of the next bytes of a transfer come through before the line breaks."""
        return length


class Quota(Fault):
    def __init__(self, limit: int, folder: Path) -> None:
        self._limit = limit
        self._folder = folder
        self._used = 0

    def refusal(self, verb: str, path: str) -> str | None:
        if verb in ("STOR", "APPE"):
            self._used = sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())
            if self._used >= self._limit:
                return "552 Requested file action aborted: storage allocation exceeded."
        return None

    def before_write(self, path: str, offset: int, length: int) -> None:
        if self._used + length > self._limit:
            raise TransferRefused("552 Requested file action aborted: storage allocation exceeded.")
        self._used += length


class Cut(Fault):
    def __init__(self, verb: str, at: int) -> None:
        self._verb, self._at = verb, at

    def goes_through(self, verb: str, offset: int, length: int) -> int:
        return max(0, min(length, self._at - offset)) if verb == self._verb else length


class Reply(Fault):
    def __init__(self, verb: str, code: int, times: int) -> None:
        if not 400 <= code <= 599:
            raise ValueError(f"code={code} is none of 400 to 599")
        self._verb, self._code, self._left = verb.upper(), code, times or -1

    def refusal(self, verb: str, path: str) -> str | None:
        if verb != self._verb or not self._left:
            return None
        self._left -= 1
        kind = "Try again later." if self._code < 500 else "Requested action not taken."
        return f"{self._code} {kind}"


class WrongAddress(Fault):
    hidden = frozenset({"EPSV"})

    def __init__(self, address: str) -> None:
        self.address = address

    def refusal(self, verb: str, path: str) -> str | None:
        return '500 Command "EPSV" not understood.' if verb == "EPSV" else None


class TlsReuse(Fault):
    needs_reuse = True


class Slow(Fault):
    def __init__(self, rate: int) -> None:
        self.rate = max(1, rate)


class LocalTime(Fault):
    def __init__(self, hours: int) -> None:
        self.zone_seconds = hours * 3600


class NoMlsd(Fault):
    hidden = frozenset({"MLSD", "MLST"})

    def refusal(self, verb: str, path: str) -> str | None:
        return f'500 Command "{verb}" not understood.' if verb in self.hidden else None


_KINDS: dict[str, Callable[[Any, Path], Fault]] = {
    "quota_bytes": lambda value, folder: Quota(int(value), folder),
}


class Faults:
    """The faults that are switched on at this moment."""

    def __init__(self, file: Path | None, folder: Path) -> None:
        self._file = file
        self._folder = folder
        self._seen: tuple[int, int] | None = None
        self._of_file: list[Fault] = []
        self.injected: list[Fault] = []  # by the control socket

    @property
    def _faults(self) -> list[Fault]:
        return [*self._of_file, *self.injected]

    def refusal(self, verb: str, path: str) -> str | None:
        self._reload()
        return next((reply for fault in self._faults if (reply := fault.refusal(verb, path))), None)

    def before_write(self, path: str, offset: int, length: int) -> None:
        for fault in self._faults:
            fault.before_write(path, offset, length)

    def goes_through(self, verb: str, offset: int, length: int) -> int:
        return min([length, *(fault.goes_through(verb, offset, length) for fault in self._faults)])

    @property
    def address(self) -> str | None:
        return next((fault.address for fault in self._faults if fault.address), None)

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset().union(*(fault.hidden for fault in self._faults))

    @property
    def needs_reuse(self) -> bool:
        return any(fault.needs_reuse for fault in self._faults)

    @property
    def zone_seconds(self) -> int:
        return sum(fault.zone_seconds for fault in self._faults)

    @property
    def rate(self) -> int:
        return min((fault.rate for fault in self._faults if fault.rate), default=0)

    def _reload(self) -> None:
        stat = self._file.stat() if self._file and self._file.exists() else None
        seen = (stat.st_mtime_ns, stat.st_size) if stat else None
        if seen == self._seen:
            return
        self._seen = seen
        wanted = json.loads(self._file.read_text("utf-8")) if self._file and stat else {}
        self._of_file = [_KINDS[name](value, self._folder) for name, value in wanted.items()]
