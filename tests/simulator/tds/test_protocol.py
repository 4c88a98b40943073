# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bytes that no client should send: a clear error, a closed connection, and a server that goes on."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engine.events import Done, SqlType
from simulator.tds import login, prelogin, requests
from simulator.tds.packets import Assembler, Packetizer, Request
from simulator.tds.refusals import ProtocolError
from simulator.tds.server import TdsServer, serve
from tests.simulator.tds.raw_client import (
    NO_TRANSACTION,
    PLAIN_PRELOGIN,
    RawClient,
    batch,
    error_number,
    last_done,
    login7,
    packet,
    says,
)
from tests.simulator.tds.scripted import ScriptedServer, select


@contextmanager
def _logged_in(listening: TdsServer) -> Iterator[RawClient]:
    with RawClient(listening.port) as client:
        client.log_in()
        yield client


def _expect_the_end(client: RawClient, number: int) -> None:
    answer = client.message()
    assert error_number(answer) == number
    assert last_done(answer) == (0xFD, 0x02)
    assert client.message() == b""


@pytest.mark.parametrize("kind", [0x07, 0x08, 0x11, 0x42, 0x12, 0x10])
def test_unknown_packet_type(listening: TdsServer, kind: int) -> None:
    with _logged_in(listening) as client:
        client.send(packet(kind, b"whatever"))
        _expect_the_end(client, 50000)


def test_packet_of_impossible_length(listening: TdsServer) -> None:
    with _logged_in(listening) as client:
        client.send(struct.pack(">BBHHBB", 1, 1, 4, 0, 1, 0))
        _expect_the_end(client, 17836)


def test_packet_types_mixed_in_one_message(listening: TdsServer) -> None:
    with _logged_in(listening) as client:
        client.send(packet(1, NO_TRANSACTION, status=0) + packet(3, b"x"))
        _expect_the_end(client, 17836)


def test_batch_that_ends_in_its_headers(listening: TdsServer) -> None:
    with _logged_in(listening) as client:
        client.send(packet(1, b"\x16\x00\x00\x00\x12"))
        _expect_the_end(client, 4002)


@pytest.mark.parametrize("token", [0xF3, 0xF0, 0x62, 0x01])
def test_parameter_of_a_type_we_lack(listening: TdsServer, token: int) -> None:
    call = struct.pack("<HHH", 0xFFFF, 10, 0) + bytes([0, 0, token]) + bytes(20)
    with _logged_in(listening) as client:
        client.send(packet(3, NO_TRANSACTION + call))
        answer = client.message()
        assert error_number(answer) in (8009, 50000)
        assert client.message() == b""


def test_request_larger_than_allowed(engine: ScriptedServer) -> None:
    with serve(engine, largest_request=100_000) as listening, _logged_in(listening) as client:
        for _ in range(4):
            client.send(packet(1, bytes(30_000), status=0))
        _expect_the_end(client, 17836)


def test_more_requests_at_once_than_one_connection_may_have(engine: ScriptedServer, listening: TdsServer) -> None:
    engine.scripts["wait"] = lambda session, _: [Done(session.cancelled.wait(5))]
    with _logged_in(listening) as client:
        client.send(batch("wait") * 8)
        client.message()
        answers = b""
        while answer := client.message():
            answers += answer
        assert says(answers, "MARS")


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 64, b"\xff" * 64, b"\x16\x03\x01\x00\x02xx"])
def test_garbage_instead_of_a_login(engine: ScriptedServer, garbage: bytes) -> None:
    with serve(engine, login_seconds=0.5) as listening:
        with RawClient(listening.port) as client:
            client.send(garbage)
            client.message()
        with _logged_in(listening) as client:
            client.send(batch("SET NOCOUNT ON"))
            assert last_done(client.message()) == (0xFD, 0)
    assert len(engine.saw("login")) == 1


def test_batch_before_the_login(engine: ScriptedServer, listening: TdsServer) -> None:
    with RawClient(listening.port) as client:
        client.send(batch("SELECT 1"))
        _expect_the_end(client, 17832)
    assert not engine.journal


@pytest.mark.parametrize("changes", [{"flags3": 0x01}, {"attach": "c:\\x.mdf"}, {"new_password": "x"}])
def test_logins_that_want_what_we_lack(
    engine: ScriptedServer, listening: TdsServer, changes: dict[str, object]
) -> None:
    with RawClient(listening.port) as client:
        client.send(packet(0x12, PLAIN_PRELOGIN))
        client.message()
        client.send(login7(**changes))  # type: ignore[arg-type]
        _expect_the_end(client, 50000)
    assert not engine.saw("login")


UTF8_SUPPORT = b"\x0a\x01\x00\x00\x00\x01"
FEDERATED_AUTHENTICATION = b"\x02\x01\x00\x00\x00\x02"


@pytest.mark.parametrize(
    ("features", "number"),
    [
        (UTF8_SUPPORT + b"\xff", -1),
        (b"\xff", -1),
        (UTF8_SUPPORT + FEDERATED_AUTHENTICATION + b"\xff", 50000),
        (b"\x0a\xff\xff\x00\x00", 17832),
    ],
)
def test_features_that_a_client_offers(listening: TdsServer, features: bytes, number: int) -> None:
    with RawClient(listening.port) as client:
        client.send(packet(0x12, PLAIN_PRELOGIN))
        client.message()
        client.send(login7(features=features))
        answer = client.message()
        assert error_number(answer) == number
        assert (b"\xae\xff" in answer) == (number == -1)


def test_refusal_arrives_although_the_client_still_talks(listening: TdsServer) -> None:
    """A connection closed with unread input would take the error back (RST)."""
    with _logged_in(listening) as client:
        client.send(packet(0x42, b"") + bytes(300_000))
        time.sleep(0.2)
        _expect_the_end(client, 50000)


def test_message_ends_exactly_at_a_packet(engine: ScriptedServer, listening: TdsServer) -> None:
    """Whatever the length of the answer, its last packet is marked and not empty."""
    for length in range(3900, 4100):
        text = "x" * length
        engine.answer(text, *select("t", SqlType("varchar", 8000), text))
    with _logged_in(listening) as client:
        for length in range(3900, 4100):
            client.send(_in_packets("x" * length))
            payload, last = b"", False
            while not last:
                piece, last = client.packet()
                assert piece
                payload += piece
            assert last_done(payload) == (0xFD, 0x10)


def _in_packets(text: str) -> bytes:
    return Packetizer(1).message(NO_TRANSACTION + text.encode("utf-16-le"))


@given(st.binary(max_size=20_000), st.integers(512, 4096), st.integers(1, 5000))
@settings(max_examples=100, deadline=None)
def test_messages_survive_any_cut(payload: bytes, size: int, piece: int) -> None:
    data = Packetizer(1, size).message(payload) * 2
    assembler = Assembler(1 << 20)
    found = [request for at in range(0, len(data), piece) for request in assembler.feed(data[at : at + piece])]
    assert found == [Request(1, 1, payload)] * 2


PARSERS = [
    prelogin.parse,
    login.parse,
    requests.parse_batch,
    requests.parse_calls,
    requests.parse_transaction,
    lambda data: requests.parse_batch(NO_TRANSACTION + data),
    lambda data: requests.parse_calls(NO_TRANSACTION + data),
    lambda data: requests.parse_transaction(NO_TRANSACTION + data),
    lambda data: list(Assembler(4096).feed(data)),
]


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_understood_or_refused(parse: object, data: bytes) -> None:
    try:
        parse(data)  # type: ignore[operator]
    except ProtocolError as refusal:
        assert refusal.message.text


@settings(max_examples=500, deadline=None)
@given(at=st.integers(0, 200), value=st.integers(0, 255))
def test_login_with_one_byte_changed_is_read_or_refused(at: int, value: int) -> None:
    payload = bytearray(login7()[8:])
    payload[at % len(payload)] = value
    try:
        login.parse(bytes(payload))
    except ProtocolError as refusal:
        assert refusal.message.severity >= 14


VALID = [
    batch("SELECT 1"),
    packet(3, NO_TRANSACTION + bytes.fromhex("ffff0a0000000000e7401f0904d00034 0600 53004500 4c00")),
    packet(14, NO_TRANSACTION + b"\x05\x00\x00\x00"),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=st.sampled_from(VALID), changes=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=4))
def test_changed_requests_never_break_the_server(
    listening: TdsServer, caplog: pytest.LogCaptureFixture, base: bytes, changes: list[tuple[int, int]]
) -> None:
    """Header bytes keep their length, so that an answer is due; what it is does not matter."""
    request = bytearray(base)
    for at, value in changes:
        if at % len(request) not in (1, 2, 3):
            request[at % len(request)] = value
    with _logged_in(listening) as client:
        client.send(bytes(request))
        assert client.message()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
