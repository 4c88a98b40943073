# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The connection is cut, frozen or refused, and each end is killed, at many points of a transfer each way: afterwards
the file is whole under its name or it is not there under its name, and the next run finishes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_run import Line, fetch_files, ship
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError

from .faulty_way import Way, faulty_way
from .servers import PASSIVE, ROOT, Server, again, free_ports, kill, running

pytestmark = pytest.mark.slow

POINTS = 50
CONTENT = os.urandom(3_000_000)
FAULTS = ("cut", "frozen", "refused", "server killed", "client killed")

MOVER = """
import json, sys
from functools import partial
from ansible_collections.ics.deadpool.plugins.module_utils.clients.ftp import Ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store import Manner
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_run import Line, fetch_files, ship
params, way, pair = json.load(sys.stdin)
(ship if way == "store" else fetch_files)(Line(partial(Ftp, params), retries=0), [tuple(pair)], Manner())
"""


#: With TLS the way between cannot read which port PASV says: the server keeps to a few, from a free one on.
SERVERS = [
    "pyftpdlib none",
    pytest.param("vsftpd explicit", marks=pytest.mark.slow),
    pytest.param("proftpd explicit", marks=pytest.mark.long),
]


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    kind, tls = request.param.split()
    options = {"passive": str(free_ports(PASSIVE))} if tls != "none" else {}
    with running(kind, tls, **options) as made:
        yield made


@pytest.fixture(scope="module", params=["store", "fetch"])
def passage(server: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Passage:
    """How much passes from the first reply to the last where nothing happens: the points are spread over it."""
    one = Case(server, tmp_path_factory.mktemp("whole"), "nothing", request.param)
    with one.way_between(sys.maxsize) as way:
        one.move(way, retries=0)
    one.finish()
    return Passage(server, request.param, way.passed)


@dataclass(frozen=True)
class Passage:
    server: Server
    way: str
    bytes: int

    def points(self, number: int) -> list[int]:
        """The first replies, the middle of the bytes, the renames at the end."""
        return [60 + (self.bytes - 60) * index // number for index in range(number)]


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

    def way_between(self, point: int) -> AbstractContextManager[Way]:
        fault = self.fault if self.fault in ("cut", "frozen", "refused") else "cut"
        return faulty_way(self.server.port, fault, point, self.strike, self.server.passive)

    def move(self, way: Way | None, retries: int) -> None:
        """Over the way, or past it."""
        there = {"host": way.host, "port": way.port} if way else {}
        timeout = 0.5 if self.server.tls == "none" else 4
        line = Line(partial(Ftp, self.server.params(timeout=timeout, **there)), retries=retries, pause=0.1)
        if self.way == "fetch":
            fetch_files(line, [self.pair()], Manner())
            return
        for error in ship(line, [self.pair()], Manner())[1].values():
            raise error

    def strike(self) -> None:
        if self.fault == "client killed" and self.client is not None:
            self.client.kill()
        elif self.fault == "server killed":
            kill(self.server)

    def happens_at(self, point: int) -> bool:
        """Whether the fault was reached."""
        with self.way_between(point) as way:
            if self.fault == "client killed":
                self._in_a_process(way)
            else:
                retries = 0 if self.fault == "server killed" else 3
                try:
                    self.move(way, retries)
                except RecoveryError as error:
                    assert self.fault == "server killed", error  # the others are overcome within the run
                    assert error.hint
        return way.happened

    def _in_a_process(self, way: Way) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}/collections:{ROOT}"}
        self.client = subprocess.Popen(
            [sys.executable, "-c", MOVER], stdin=subprocess.PIPE, text=True, env=environment, stderr=subprocess.DEVNULL
        )
        params = self.server.params(host=way.host, port=way.port)
        self.client.communicate(json.dumps([params, self.way, self.pair()]), timeout=60)

    def whole_or_not_there(self) -> None:
        if self.target.exists():
            assert self.target.read_bytes() == CONTENT
            if self.way == "store":
                digest = self.remote.with_name(f"{self.name}.sha256").read_text().split()[0]
                assert digest == hashlib.sha256(CONTENT).hexdigest()

    def finish(self) -> None:
        self.move(None, 3)
        assert self.target.exists()
        self.whole_or_not_there()
        left = [path for path in (self.target.parent.iterdir()) if path.name == f"{self.name}.part"]
        assert not left
        for path in (self.local, self.remote, self.remote.with_name(f"{self.name}.sha256")):
            path.unlink(missing_ok=True)


def try_point(passage: Passage, folder: Path, fault: str, point: int) -> None:
    one = Case(passage.server, folder, fault, passage.way)
    happened = one.happens_at(point)
    assert happened or point > len(CONTENT), "the fault was never reached"
    if fault == "server killed" and happened:
        again(passage.server)
    one.whole_or_not_there()
    one.finish()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_leaves_a_whole_file_or_none(passage: Passage, tmp_path: Path, fault: str) -> None:
    some = (1, POINTS // 2, POINTS - 1) if passage.server.tls == "none" else (POINTS // 2,)
    for point in some:
        try_point(passage, tmp_path, fault, passage.points(POINTS)[point])


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_every_point(passage: Passage, tmp_path: Path, fault: str) -> None:
    for point in passage.points(POINTS):
        try_point(passage, tmp_path, fault, point)
