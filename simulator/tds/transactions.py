# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Transaction manager requests: how ODBC and others begin and end transactions when autocommit is off."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.events import Done, Event, Session
from simulator.tds import refusals, requests
from simulator.tds.requests import TransactionRequest

_ISOLATION = {
    1: "READ UNCOMMITTED",
    2: "READ COMMITTED",
    3: "REPEATABLE READ",
    4: "SERIALIZABLE",
    5: "SNAPSHOT",
}


def transaction_events(session: Session, request: TransactionRequest) -> Iterator[Event]:
    """The events of the engine without its DONEs: the request has exactly one, which the response adds."""
    for event in _steps(session, request):
        if not isinstance(event, Done):
            yield event


def _steps(session: Session, request: TransactionRequest) -> Iterator[Event]:
    if request.kind == requests.BEGIN:
        yield from _begin(session, request)
    elif request.kind == requests.COMMIT:
        yield from session.commit()
    elif request.kind == requests.SAVE:
        yield from session.execute(f"SAVE TRANSACTION {_quoted(request.name)}")
    elif request.name:
        yield from session.execute(f"ROLLBACK TRANSACTION {_quoted(request.name)}")
    else:
        yield from session.rollback()
    if request.then_begin:
        yield from _begin(session, request)


def _begin(session: Session, request: TransactionRequest) -> Iterator[Event]:
    if request.isolation:
        if request.isolation not in _ISOLATION:
            raise refusals.unsupported(f"the isolation level {request.isolation}")
        yield from session.execute(f"SET TRANSACTION ISOLATION LEVEL {_ISOLATION[request.isolation]}")
    yield from session.begin("" if request.then_begin else request.name)


def _quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"
