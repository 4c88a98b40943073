# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tries ports from this host, all at once. Nothing is sent: a port that accepts is a port that is open."""

from __future__ import annotations

import errno
import queue
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

_ROUTELESS = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)
Row = dict[str, Any]


def try_ports(ports: Sequence[Mapping[str, Any]], timeout: float) -> list[Row]:
    """Each port as it was given, with ``result``, ``seconds`` and ``detail``.

    Ends ``timeout`` seconds from now whatever a resolver or a firewall does: who is silent then has not answered."""
    told: queue.Queue[tuple[int, Row]] = queue.Queue()
    until = time.monotonic() + timeout
    for number, port in enumerate(ports):
        # A daemon: a resolver that hangs in the C library must not keep the module from ending.
        work = threading.Thread(target=_report, args=(told, number, dict(port), timeout), daemon=True)
        work.start()
    rows: dict[int, Row] = {}
    while len(rows) < len(ports):
        try:
            number, row = told.get(timeout=max(until + 0.5 - time.monotonic(), 0.01))
        except queue.Empty:
            break
        rows[number] = row
    late = {"result": "timeout", "seconds": timeout, "detail": ""}
    return [rows.get(number, {**port, **late}) for number, port in enumerate(ports)]


def _report(told: queue.Queue[tuple[int, Row]], number: int, port: Row, timeout: float) -> None:
    began = time.monotonic()
    try:
        result, detail = _tried(str(port["address"]), int(port["port"]), began + timeout)
    except Exception as error:  # an attempt that breaks in an unforeseen way is one that failed, and never silence
        result, detail = "no_route", f"{type(error).__name__}: {error}"
    told.put((number, {**port, "result": result, "seconds": round(time.monotonic() - began, 3), "detail": detail}))


def _tried(address: str, port: int, until: float) -> tuple[str, str]:
    """The first address of a name that accepts; else what the last one said."""
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        return "no_name", str(getattr(error, "strerror", None) or error)
    answer = ("no_name", "")
    for family, kind, protocol, _name, place in found:
        answer = _connected(socket.socket(family, kind, protocol), place, until)
        if answer[0] == "open":
            break
    return answer


def _connected(conn: socket.socket, place: Any, until: float) -> tuple[str, str]:
    with conn:
        try:
            conn.settimeout(max(until - time.monotonic(), 0.01))
            conn.connect(place)
        except socket.timeout:
            return "timeout", ""
        except ConnectionRefusedError:
            return "refused", ""
        except OSError as error:
            # ICMP of a router or a firewall, or a network that this host has no way to.
            gone = "timeout" if error.errno == errno.ETIMEDOUT else "no_route"
            return gone, "" if error.errno in _ROUTELESS else str(error.strerror or error)
    return "open", ""
