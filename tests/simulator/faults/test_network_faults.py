# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Processes that stand still or die, and networks that are cut: refused, and swallowed."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pyodbc
import pytest

from simulator.faults.catalogue import FAULTS, UnknownFault

from .conftest import Broken

pytestmark = pytest.mark.slow


def _wait_for(fact: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not fact():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def _silent(broken: Broken, at: dict) -> bool:
    """Whether one connects and hears nothing. (SQL Server waits for the client's first word.)"""
    with socket.create_connection((at["address"], at["port"]), 2) as client:
        client.settimeout(0.6)
        client.sendall(
            bytes.fromhex("1201002f0000010000001a00060100200001020021000103002200040400260001ff") + bytes(13)
        )
        try:
            client.recv(1)
        except TimeoutError:
            return True
    return False


def _status(broken: Broken, module: str) -> str:
    return (broken.site.health(module) or {"status": "silent"})["status"]


def test_a_frozen_process_accepts_and_is_silent_until_it_thaws(broken: Broken) -> None:
    told = broken.command("freeze", "production")
    assert told.stdout == "production stands still\n"
    assert _silent(broken, broken.server)
    assert broken.faults.active() == [{"where": "production", "fault": "freeze", "arguments": {"how": "process"}}]
    assert broken.faults.clear() == ["freeze on production"]
    assert broken.run("SELECT 1")[0][0] == 1


@pytest.mark.parametrize("where", ["production", "store"])
def test_a_listener_that_never_answers(broken: Broken, where: str) -> None:
    at = broken.server if where == "production" else broken.store
    with broken.sql() as early:
        with broken.faults.injected("freeze", where, how="listener"):
            assert _silent(broken, at)
            assert early.execute("SELECT 1").fetchone()[0] == 1
        assert not _silent(broken, at)


def test_connections_are_dropped_and_new_ones_are_welcome(broken: Broken) -> None:
    with broken.sql() as connection:
        broken.faults.inject("drop_connections", "production")
        with pytest.raises(pyodbc.Error):
            connection.execute("SELECT 1")
    assert broken.run("SELECT 1")
    with contextlib.suppress(EOFError, OSError), broken.ftp() as ftp:
        broken.faults.inject("drop_connections", "store")
        with pytest.raises((EOFError, OSError)):
            ftp.voidcmd("NOOP")
    with broken.ftp() as ftp:
        ftp.voidcmd("NOOP")


@pytest.mark.parametrize("where", ["production", "store"])
def test_cut_from_everybody_a_listener_refuses(broken: Broken, where: str) -> None:
    at = broken.server if where == "production" else broken.store
    with broken.faults.injected("cut", where), pytest.raises(ConnectionRefusedError):
        socket.create_connection((at["address"], at["port"]), 2)
    assert not _silent(broken, at)


@pytest.mark.parametrize("where", ["production", "store"])
def test_in_a_black_hole_connecting_hangs(broken: Broken, where: str) -> None:
    at = broken.server if where == "production" else broken.store
    with broken.faults.injected("cut", where, how="blackhole"), pytest.raises(TimeoutError):
        socket.create_connection((at["address"], at["port"]), 0.4)
    assert not _silent(broken, at)


def test_what_a_black_hole_swallowed_arrives_when_it_is_gone(broken: Broken) -> None:
    """An open connection outlives a short cut, as TCP does."""
    with broken.sql() as connection:
        broken.faults.inject("cut", "production", how="blackhole")
        healed = threading.Timer(0.5, broken.faults.clear)
        healed.start()
        started = time.monotonic()
        assert connection.execute("SELECT 1").fetchone()[0] == 1
        assert time.monotonic() - started >= 0.4
        healed.join()


def test_one_party_is_cut_off_and_others_are_not(broken: Broken) -> None:
    module = broken.site.modules[0]
    host = broken.site.facts["modules"][module]["host"]
    _wait_for(lambda: _status(broken, module) == "ok")
    with broken.faults.injected("cut", "production", party=host):
        _wait_for(lambda: _status(broken, module) == "down")
        time.sleep(0.5)
        assert _status(broken, module) == "down"
        assert broken.run("SELECT 1")
        assert _connects(broken, {"DEADPOOL_HOST": "failover"}) == "answered"
    _wait_for(lambda: _status(broken, module) == "ok")


def test_a_party_is_known_by_its_address_or_by_what_its_process_says(broken: Broken) -> None:
    with broken.faults.injected("cut", "production", party="failover", how="blackhole"):
        assert _connects(broken, {"DEADPOOL_HOST": "failover"}) == "silence"
        assert _connects(broken, {}, source=broken.site.facts["servers"]["failover"]["address"]) == "silence"
        assert _connects(broken, {"DEADPOOL_HOST": "store"}) == "answered"
    with broken.faults.injected("cut", "production", party="controller"):
        assert _connects(broken, {}) == "reset"
        assert _connects(broken, {"DEADPOOL_HOST": "failover"}) == "answered"


_CLIENT = """
import socket, sys

address, port, source = sys.argv[1], int(sys.argv[2]), sys.argv[3]
hello = bytes.fromhex("1201002f0000010000001a00060100200001020021000103002200040400260001ff") + bytes(13)
try:
    client = socket.create_connection((address, port), 2, source_address=(source, 0) if source else None)
    client.settimeout(0.6)
    client.sendall(hello)
    print("answered" if client.recv(1) else "reset")
except TimeoutError:
    print("silence")
except OSError:
    print("reset")
"""


def _connects(broken: Broken, environment: dict[str, str], source: str = "") -> str:
    """A client of its own process."""
    command = [sys.executable, "-S", "-c", _CLIENT, broken.server["address"], str(broken.server["port"]), source]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20, env=os.environ | environment)
    return done.stdout.strip()


def test_a_cut_outlives_the_process_and_can_be_mended_without_it(broken: Broken) -> None:
    broken.faults.inject("cut", "store")
    for _ in range(2):
        broken.faults.inject("kill", "store")
        assert broken.faults.active()[0]["fault"] == "cut"
        broken.site.start_one("store")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((broken.store["address"], broken.store["port"]), 2)
        assert {entry["fault"] for entry in broken.faults.active()} == {"cut"}
        assert broken.site.process("store").pid  # refused, not gone
    broken.faults.clear()
    with broken.ftp() as ftp:
        ftp.voidcmd("NOOP")
    broken.faults.inject("cut", "store")
    broken.faults.inject("kill", "store")
    broken.faults.clear()
    broken.site.start_one("store")
    with broken.ftp() as ftp:
        ftp.voidcmd("NOOP")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["earthquake", "production"], "no fault of that name"),
        (["kill"], "where? Name a process: production"),
        (["kill", "moon"], "not a name here; there are production"),
        (["ftp_slow", "production", "rate=1"], "happens to a store, not to a server"),
        (["full_disk", "production", "size=3"], "unknown argument 'size'. It takes: free, area"),
        (["full_disk", "production", "area=attic"], "none of all, data, log, backup"),
        (["slow_disk", "production", "rate=fast"], "not a whole number"),
        (["slow_disk", "production"], "rate= is missing (bytes per second)"),
        (["slow_disk", "production", "fast"], "'fast' is not KEY=VALUE"),
        (["bit_flip", "production", "database=Nowhere"], "no open database 'Nowhere'"),
        (["bit_flip", "production", "file=nothing.bak"], "there is no file"),
        (["lost_permission", "production", "login=nobody"], "no login 'nobody'"),
        (["cut", "production", "party=moon"], "is none of app1"),
        (["freeze", "registration", "how=listener"], "a module can only be killed"),
        (["clear", "earthquake"], "neither a fault"),
    ],
)
def test_what_is_not_known_is_said_with_what_is(
    broken: Broken, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    from simulator.__main__ import main

    assert main(["fault", *words, "--state", str(broken.site.state)]) == 2
    assert says in capsys.readouterr().err
    assert broken.faults.active() == []


def test_the_list_says_what_each_fault_does(broken: Broken) -> None:
    listed = broken.command("list").stdout
    for fault in FAULTS.values():
        assert f"{fault.name} (" in listed
        assert fault.what in listed
    broken.faults.inject("ftp_slow", "store", rate=1000)
    assert json.loads(broken.command("list", "--json").stdout) == [
        {"where": "store", "fault": "ftp_slow", "arguments": {"rate": 1000}}
    ]


def test_a_process_that_does_not_run_is_named(broken: Broken) -> None:
    broken.site.stop_one("failover")
    try:
        with pytest.raises(UnknownFault, match="Does it run"):
            broken.faults.inject("clock_jump", "failover", seconds=1)
    finally:
        broken.site.start_one("failover")


@pytest.mark.parametrize(
    "line", [b"hello\n", b"[1]\n", b'{"do": "dance"}\n', b'{"do": "inject", "fault": "kill"}\n', b"\n"]
)
def test_the_socket_answers_nonsense_with_an_error(broken: Broken, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        folder = os.open(broken.site.state / "run", os.O_RDONLY)
        client.connect(f"/proc/self/fd/{folder}/production.control")
        os.close(folder)
        client.sendall(line)
        answer = json.loads(client.makefile("rb").readline())
    assert answer["ok"] is False
    assert answer["error"]


def test_a_fault_of_something_that_is_gone_does_not_hinder_the_start(broken: Broken) -> None:
    broken.run("CREATE DATABASE Gone")
    broken.run("CREATE TABLE T (Id int); INSERT INTO T VALUES (1)", "Gone")
    broken.faults.inject("read_error", "production", database="Gone")
    broken.run("DROP DATABASE Gone")
    broken.site.restart_one("production")
    assert broken.faults.active() == []
