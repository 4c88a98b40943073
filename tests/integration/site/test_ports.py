# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ports tried over real sockets: one that accepts, one that refuses, one that is silent, a name that nobody knows."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.clients import ports


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def silent() -> Iterator[int]:
    """As a firewall that drops: Linux leaves a SYN unanswered where the queue of a listener is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _number in range(2):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def test_each_failure_is_a_fact_of_its_own(listening: int, closed: int, silent: int) -> None:
    asked = [
        {"address": "127.0.0.1", "port": listening, "service": "sql"},
        {"address": "127.0.0.1", "port": closed},
        {"address": "127.0.0.1", "port": silent},
        {"address": "no-such-host.invalid", "port": 1433},
        {"address": "x" * 70, "port": 1433},
    ]
    rows = ports.try_ports(asked, 1.0)
    assert [row["result"] for row in rows] == ["open", "refused", "timeout", "no_name", "no_name"]
    assert rows[0]["service"] == "sql", "what was given comes back"


def test_all_of_them_take_no_longer_than_one(silent: int) -> None:
    began = time.monotonic()
    rows = ports.try_ports([{"address": "127.0.0.1", "port": silent}] * 60, 1.0)
    assert {row["result"] for row in rows} == {"timeout"} and time.monotonic() - began < 20


def test_a_resolver_that_hangs_holds_up_nothing(listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(host: str, *more: object, **options: object) -> object:
        if host == "slow.example":
            time.sleep(4)
        return real(host, *more, **options)  # type: ignore[arg-type]

    real = socket.getaddrinfo
    monkeypatch.setattr(ports.socket, "getaddrinfo", asked)
    began = time.monotonic()
    rows = ports.try_ports([{"address": name, "port": listening} for name in ("slow.example", "127.0.0.1")], 0.3)
    assert [row["result"] for row in rows] == ["timeout", "open"] and time.monotonic() - began < 3.5


def test_an_attempt_that_breaks_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = ports.try_ports([{"address": "127.0.0.1", "port": "what"}], 0.5)
    assert row["result"] == "no_route" and "ValueError" in row["detail"]
