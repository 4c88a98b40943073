# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the simulated backup store can be made to suffer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simulator import ftp_faults as ftp
from simulator.faults.bits import turn_back, turn_bit
from simulator.faults.catalogue import UnknownFault
from simulator.faults.control import Handler, Injected

Arguments = Mapping[str, Any]


class StoreFaults:
    def __init__(self, faults: ftp.Faults, folder: Path) -> None:
        self._faults = faults
        self._folder = folder

    def handlers(self) -> dict[str, Handler]:
        kinds: dict[str, Callable[[Arguments], ftp.Fault]] = {
            "ftp_cut": lambda given: ftp.Cut(given["verb"], given["at"]),
            "ftp_reply": lambda given: ftp.Reply(given["verb"], given["code"], given["times"]),
            "ftp_address": lambda given: ftp.WrongAddress(given["address"]),
            "ftp_tls_reuse": lambda _given: ftp.TlsReuse(),
            "ftp_slow": lambda given: ftp.Slow(given["rate"]),
            "ftp_quota": lambda given: ftp.Quota(given["bytes"], self._folder),
            "ftp_local_time": lambda given: ftp.LocalTime(given["hours"]),
            "ftp_no_mlsd": lambda _given: ftp.NoMlsd(),
        }
        return {"bit_flip": self.bit_flip, **{name: self._switch(name, make) for name, make in kinds.items()}}

    def _switch(self, name: str, make: Callable[[Arguments], ftp.Fault]) -> Handler:
        def inject(given: Arguments) -> Injected:
            try:
                fault = make(given)
            except ValueError as problem:
                raise UnknownFault(f"{name}: {problem}") from None
            self._faults.injected.append(fault)
            told = ", ".join(f"{key}={value}" for key, value in given.items())
            return Injected(f"{name} {told}".strip(), lambda: self._faults.injected.remove(fault))

        return inject

    def bit_flip(self, given: Arguments) -> Injected:
        if given["database"] or given["table"] or not given["file"]:
            raise UnknownFault("bit_flip: the store has files only: name one with file=")
        path = self._folder / given["file"].lstrip("/")
        if not path.is_file() or not path.resolve().is_relative_to(self._folder.resolve()):
            raise UnknownFault(f"bit_flip: there is no file {given['file']} in the store")
        size = path.stat().st_size
        offset = size // 2 if given["offset"] is None else given["offset"]
        if not 0 <= offset < size:
            raise UnknownFault(f"bit_flip: {given['file']} has {size} bytes, there is none at {offset}")
        left = given.get("left")
        if left is None:
            left = turn_bit(path, offset, given["bit"])
        return Injected(
            f"bit {given['bit']} of byte {offset} of {given['file']} is turned",
            lambda: turn_back(path, offset, given["bit"], left),
            {**given, "offset": offset, "left": left},
        )
