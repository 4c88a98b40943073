# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control socket of a process: one line of JSON asks, one answers.

``{"do": "inject", "fault": NAME, "arguments": {...}}``, ``{"do": "clear", "fault": NAME}`` (no fault: all of them) and
``{"do": "list"}``. The answer has ``ok`` and, where that is false, ``error``. What lasts is kept beside the socket and
is injected again when the process starts anew.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.faults.catalogue import FAULTS, UnknownFault, checked

_PATIENCE = 15.0  # seconds that a process may take to do what it is asked
Undo = Callable[[], None]


@dataclass(frozen=True)
class Injected:
    """What was done: in words, how it is taken back, and the arguments that do the same at the next start."""

    what: str
    undo: Undo = lambda: None
    again: Mapping[str, Any] | None = None


Handler = Callable[[Mapping[str, Any]], Injected]


@contextmanager
def _short_path(path: Path) -> Iterator[str]:
    """A socket's path has room for 108 bytes; one through the open folder is short wherever the folder lies."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def ask(path: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """Asks a process; what it refuses is raised."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_PATIENCE)
        try:
            with _short_path(path) as short:
                client.connect(short)
            client.sendall(json.dumps(request).encode() + b"\n")
            answer: dict[str, Any] = json.loads(client.makefile("rb").readline() or b"{}")
        except (OSError, ValueError) as problem:
            raise UnknownFault(
                f"{path.stem}: it does not answer on its control socket ({problem}). Does it run?"
            ) from None
    if not answer.get("ok"):
        raise UnknownFault(f"{path.stem}: {answer.get('error', 'it ended without an answer')}")
    return answer


class Control:
    """The listening side; requests are carried out one after the other."""

    def __init__(self, path: Path, kind: str, handlers: Mapping[str, Handler]) -> None:
        self._path, self._kind, self._handlers = path, kind, handlers
        self._kept = path.with_suffix(".faults.json")
        self._active: dict[str, list[tuple[dict[str, Any], Undo]]] = {}
        self._inject_kept()
        self._listener = socket.socket(socket.AF_UNIX)
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with _short_path(new) as short:
            self._listener.bind(short)
        new.chmod(0o600)
        self._listener.listen()
        new.replace(path)  # whoever sees it can connect
        threading.Thread(target=self._serve, name="control", daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _inject_kept(self) -> None:
        if self._kept.exists():
            for entry in json.loads(self._kept.read_text("utf-8")):
                try:
                    self._inject(entry["fault"], entry["arguments"])
                except UnknownFault as refusal:  # what it was done to is gone
                    print(f"A fault was not injected again: {refusal}", file=sys.stderr)

    def _keep(self) -> None:
        lasting = [{"fault": name, "arguments": arguments} for name, arguments in self._listed()]
        scratch = self._kept.with_suffix(".new")
        scratch.write_text(json.dumps(lasting), "utf-8")
        scratch.replace(self._kept)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                client.settimeout(_PATIENCE)
                try:
                    line = client.makefile("rb").readline()
                    client.sendall(json.dumps(self._answer(line)).encode() + b"\n")
                except OSError:
                    continue

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            do, name = request.get("do"), request.get("fault")
            if do == "inject":
                what = self._inject(str(name), checked(str(name), self._kind, request.get("arguments") or {}))
                self._keep()
                return {"ok": True, "what": what}
            if do == "clear":
                return {"ok": True, "cleared": self._clear(name)}
            if do == "list":
                return {"ok": True, "faults": [{"fault": name, "arguments": given} for name, given in self._listed()]}
            return {"ok": False, "error": f"{do!r}: it is told to inject, clear or list"}
        except Exception as problem:  # whatever it is, the asker must hear it
            text = str(problem) if isinstance(problem, UnknownFault) else f"{type(problem).__name__}: {problem}"
            return {"ok": False, "error": text}

    def _listed(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, arguments) for name, entries in self._active.items() for arguments, _ in entries]

    def _inject(self, name: str, arguments: dict[str, Any]) -> str:
        if name not in self._handlers:
            raise UnknownFault(f"{name}: this process cannot do that to itself")
        done = self._handlers[name](arguments)
        if FAULTS[name].lasting:
            self._active.setdefault(name, []).append((dict(done.again or arguments), done.undo))
        return done.what

    def _clear(self, name: str | None) -> list[str]:
        """The youngest first: each is taken back from what it found."""
        names = [name] if name else list(reversed(self._active))
        cleared = []
        for one in names:
            entries = self._active.get(one, [])
            while entries:
                entries[-1][1]()
                entries.pop()
                cleared.append(one)
            self._active.pop(one, None)
        self._keep()
        return cleared
