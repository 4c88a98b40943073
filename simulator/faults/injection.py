# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults for whoever breaks a site on purpose: tests, drills, training.

faults = Faults(Site(state))
faults.inject("full_disk", "production", area="backup")
faults.inject("cut", "production", party="app1", how="blackhole")
faults.clear()
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.faults.catalogue import MODULE, SERVER, STORE, UnknownFault, checked, fault_named
from simulator.faults.control import ask
from simulator.site import SERVERS, Site


class Faults:
    def __init__(self, site: Site) -> None:
        self.site = site
        self._frozen = site.state / "run" / "frozen.json"

    @classmethod
    def of(cls, state: Path) -> Faults:
        return cls(Site(state, say=lambda _: None))

    def inject(self, name: str, where: str, **arguments: Any) -> str:
        """What was done, in words. :class:`UnknownFault` where it is not known, or refused."""
        given = checked(name, self._kind(where), arguments)
        if name == "kill":
            self.site.stop_one(where, kill=True)
            return f"{where} was killed"
        if name == "freeze" and given["how"] == "process":
            return self._freeze(where)
        if self._kind(where) == MODULE:
            raise UnknownFault(f"{name}: a module can only be killed, or frozen as a process")
        wanted = {key: value for key, value in arguments.items() if value is not None}
        request = {"do": "inject", "fault": name, "arguments": wanted}
        return f"{where}: {ask(self.site.control(where), request)['what']}"

    @contextmanager
    def injected(self, name: str, where: str, **arguments: Any) -> Iterator[str]:
        """For the length of the block."""
        told = self.inject(name, where, **arguments)
        try:
            yield told
        finally:
            self.clear(name, where)

    def clear(self, name: str | None = None, where: str | None = None) -> list[str]:
        """The faults that ended. What has happened (kill, foreign_backup, drop_connections) is not undone."""
        if name:
            fault_named(name)
        places = [where] if where else list(self.site.names)
        cleared = []
        for place in places:
            kind = self._kind(place)
            if name in (None, "freeze") and self._thaw(place):
                cleared.append(f"freeze on {place}")
            if kind != MODULE and self.site.process(place).pid:
                request = {"do": "clear", "fault": name}
                cleared += [f"{one} on {place}" for one in ask(self.site.control(place), request)["cleared"]]
            elif kind != MODULE and name is None:
                self._kept(place).unlink(missing_ok=True)
        return cleared

    def active(self) -> list[dict[str, Any]]:
        """``where``, ``fault`` and ``arguments`` of everything that lasts at this moment."""
        frozen = self._noted()
        found = [{"where": place, "fault": "freeze", "arguments": {"how": "process"}} for place in frozen]
        for place in (*SERVERS, "store"):
            if place in frozen or not self.site.process(place).pid:
                kept = self._kept(place)
                entries = json.loads(kept.read_text("utf-8")) if kept.exists() else []
            else:
                entries = ask(self.site.control(place), {"do": "list"})["faults"]
            found += [{"where": place, **entry} for entry in entries]
        return found

    def _kept(self, place: str) -> Path:
        return self.site.control(place).with_suffix(".faults.json")

    def _kind(self, where: str) -> str:
        if where not in self.site.names:
            raise UnknownFault(f"{where}: not a name here; there are {', '.join(self.site.names)}")
        return SERVER if where in SERVERS else STORE if where == "store" else MODULE

    # -------------------------------------------------------------------------------------------- frozen processes

    def _noted(self) -> dict[str, int]:
        noted = json.loads(self._frozen.read_text("utf-8")) if self._frozen.exists() else {}
        return {name: pid for name, pid in noted.items() if self.site.process(name).pid == pid}

    def _freeze(self, where: str) -> str:
        pid = self.site.process(where).pid
        if pid is None:
            raise UnknownFault(f"freeze: {where} does not run")
        os.kill(pid, signal.SIGSTOP)
        self._frozen.write_text(json.dumps({**self._noted(), where: pid}), "utf-8")
        return f"{where} stands still"

    def _thaw(self, where: str) -> bool:
        noted = self._noted()
        pid = noted.pop(where, None)
        if pid is None:
            return False
        os.kill(pid, signal.SIGCONT)
        self._frozen.write_text(json.dumps(noted), "utf-8")
        return True
