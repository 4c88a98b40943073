# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The connection is cut, frozen or refused, and each end is killed, at many points of a transfer each way: afterwards
the file is whole under its name or it is not there under its name, and the next run finishes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_run import Line, fetch_files, ship
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

from .faulty_way import faulty_way
from .servers import ROOT, Server, again, running

POINTS = 50
CONTENT = os.urandom(3_000_000)
#: What passes on the way from the first reply to the last, about: the points are spread over it.
PASSES = len(CONTENT) + 2_600
FAULTS = ("cut", "frozen", "refused", "server killed", "client killed")
CASES = [(fault, way) for fault in FAULTS for way in ("store", "fetch")]

MOVER = """
import json, sys
from functools import partial
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_run import Line, fetch_files, ship
params, way, pair = json.load(sys.stdin)
(ship if way == "store" else fetch_files)(Line(partial(Ftp, params), retries=0), [tuple(pair)], Manner())
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running("pyftpdlib", "none") as made:
        yield made


class Case:
    """One file, one way, one fault at one point."""

    def __init__(self, server: Server, folder: Path, fault: str, way: str) -> None:
        self.server, self.fault, self.way = server, fault, way
        self.name = f"{fault}-{way}-{folder.name}-{time.monotonic_ns()}.bak".replace(" ", "")
        self.local, self.remote = folder / self.name, server.folder / self.name
        self.source, self.target = (self.local, self.remote) if way == "store" else (self.remote, self.local)
        self.source.write_bytes(CONTENT)
        if way == "fetch":
            digest = hashlib.sha256(CONTENT).hexdigest()
            self.remote.with_name(f"{self.name}.sha256").write_text(f"{digest}  {self.name}\n")
        self.client: subprocess.Popen[str] | None = None

    def pair(self) -> tuple[str, str]:
        there = f"{self.server.top}/{self.name}"
        return (str(self.local), there) if self.way == "store" else (there, str(self.local))

    def move(self, port: int, retries: int) -> None:
        line = Line(partial(Ftp, self.server.params(port=port, timeout=0.5)), retries=retries, pause=0.1)
        if self.way == "fetch":
            fetch_files(line, [self.pair()], Manner())
            return
        for error in ship(line, [self.pair()], Manner())[1].values():
            raise error

    def strike(self) -> None:
        if self.fault == "client killed" and self.client is not None:
            self.client.kill()
        elif self.fault == "server killed":
            os.kill(self.server.process.pid, signal.SIGKILL)

    def happens_at(self, point: int) -> bool:
        """Whether the fault was reached."""
        fault = self.fault if self.fault in ("cut", "frozen", "refused") else "cut"
        with faulty_way(self.server.port, fault, point, self.strike) as way:
            if self.fault == "client killed":
                self._in_a_process(way.port)
            else:
                retries = 0 if self.fault == "server killed" else 3
                try:
                    self.move(way.port, retries)
                except RecoveryError as error:
                    assert self.fault == "server killed", error  # the others are overcome within the run
                    assert error.hint
        return way.happened

    def _in_a_process(self, port: int) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}/collections:{ROOT}"}
        self.client = subprocess.Popen(
            [sys.executable, "-c", MOVER], stdin=subprocess.PIPE, text=True, env=environment, stderr=subprocess.DEVNULL
        )
        self.client.communicate(json.dumps([self.server.params(port=port), self.way, self.pair()]), timeout=20)

    def whole_or_not_there(self) -> None:
        if self.target.exists():
            assert self.target.read_bytes() == CONTENT
            if self.way == "store":
                digest = self.remote.with_name(f"{self.name}.sha256").read_text().split()[0]
                assert digest == hashlib.sha256(CONTENT).hexdigest()

    def finish(self) -> None:
        self.move(self.server.port, 3)
        assert self.target.exists()
        self.whole_or_not_there()
        left = [path for path in (self.target.parent.iterdir()) if path.name == f"{self.name}.part"]
        assert not left
        for path in (self.local, self.remote, self.remote.with_name(f"{self.name}.sha256")):
            path.unlink(missing_ok=True)


def try_point(server: Server, folder: Path, case: Any, point: int) -> None:
    one = Case(server, folder, *case)
    happened = one.happens_at(point)
    assert happened or point > len(CONTENT), "the fault was never reached"
    if one.fault == "server killed" and happened:
        again(server)
    one.whole_or_not_there()
    one.finish()


def points(number: int) -> list[int]:
    """The first replies, the middle of the bytes, the renames at the end."""
    return [60 + (PASSES - 60) * index // (number - 1) for index in range(number)]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_fault_leaves_a_whole_file_or_none(server: Server, tmp_path: Path, case: Any) -> None:
    for point in (points(POINTS)[1], len(CONTENT) // 2, len(CONTENT) + 1_500):
        try_point(server, tmp_path, case, point)


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_every_point(server: Server, tmp_path: Path, case: Any) -> None:
    for point in points(POINTS):
        try_point(server, tmp_path, case, point)
