# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A logged-in connection: one thread reads what the client sends, the other runs it and answers.

The reader never waits for the engine, or a client could not cancel what runs.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator

from simulator.engine.events import (
    DatabaseChanged,
    Event,
    Session,
    SqlError,
    TransactionBegan,
    TransactionEnded,
)
from simulator.tds import packets, refusals, requests, tokens
from simulator.tds.channel import Channel
from simulator.tds.packets import Packetizer, Request
from simulator.tds.procedures import Procedures
from simulator.tds.refusals import Disconnected, ProtocolError
from simulator.tds.response import QUIET_SECONDS, Response
from simulator.tds.transactions import transaction_events

_log = logging.getLogger(__name__)
_MOST_WAITING = 4
_IDLE_SECONDS = 0.5
_MOST_AFTER_INTERRUPT = 1000
_STATE_CHANGES = (TransactionBegan, TransactionEnded, DatabaseChanged)


class SessionLoop:
    def __init__(
        self, channel: Channel, session: Session, packetizer: Packetizer, *, server_name: str, tds_version: int
    ) -> None:
        self._channel = channel
        self._session = session
        self._packetizer = packetizer
        self._server_name = server_name
        self._tds_version = tds_version
        self._procedures = Procedures(session)
        self._waiting: queue.Queue[Request | ProtocolError | None] = queue.Queue()
        self._lock = threading.Lock()
        self._unanswered = 0
        self._running: Response | None = None
        self._interrupted = threading.Event()

    def run(self) -> None:
        """Until the client leaves, or something happens after which it must."""
        reader = threading.Thread(target=self._read, name=f"{threading.current_thread().name}-reader", daemon=True)
        reader.start()
        try:
            while self._answer(self._waiting.get()):
                pass
        except Disconnected:
            pass
        finally:
            self._unanswered = 0
            self._session.close()
            self._channel.linger()
            self._channel.cut()
            reader.join()

    def interrupt(self) -> None:
        """Stops what runs, from any thread."""
        self._interrupted.set()
        with self._lock:
            if self._running is not None:
                self._session.cancel()

    # -- the reader -----------------------------------------------------------------------------------------------

    def _read(self) -> None:
        last: ProtocolError | None = None
        try:
            while True:
                self._enqueue(self._next_request())
        except ProtocolError as error:
            last = error
        except Disconnected:
            pass
        finally:
            self._waiting.put(last)
        while self._unanswered:
            self.interrupt()
            time.sleep(QUIET_SECONDS)

    def _next_request(self) -> Request:
        while not self._channel.readable(QUIET_SECONDS if self._unanswered else _IDLE_SECONDS):
            if self._session.killed and not self._unanswered:
                raise Disconnected("The session was killed.")
            running = self._running
            if running is not None and self._channel.writable():
                running.quiet()
            if self._interrupted.is_set():
                # The engine may have begun just after the first cancel.
                self.interrupt()
        return self._channel.receive()

    def _enqueue(self, request: Request) -> None:
        if self._unanswered >= _MOST_WAITING:
            raise refusals.unsupported("more requests at once on one connection (MARS)")
        with self._lock:
            self._unanswered += 1
        if request.type == packets.ATTENTION:
            self.interrupt()
        self._waiting.put(request)

    # -- the worker -----------------------------------------------------------------------------------------------

    def _answer(self, request: Request | ProtocolError | None) -> bool:
        """Whether the connection goes on."""
        if request is None:
            return False
        response = Response(
            self._packetizer, self._channel.send, server_name=self._server_name, tds_version=self._tds_version
        )
        if isinstance(request, ProtocolError):
            response.take(request.message)
            response.finish()
            return False
        # From here the client may send its next request, which the reader must be able to count.
        goes_on = self._acknowledge(response) if request.type == packets.ATTENTION else self._run(request, response)
        with self._lock:
            self._unanswered -= 1
        return goes_on

    def _acknowledge(self, response: Response) -> bool:
        self._interrupted.clear()
        response.acknowledge_attention()
        return True

    def _run(self, request: Request, response: Response) -> bool:
        with self._lock:
            self._running = response
        try:
            self._reset_if_asked(request, response)
            if not request.status & packets.IGNORE:
                self._dispatch(request, response)
        except ProtocolError as error:
            response.take(error.message)
        finally:
            with self._lock:
                self._running = None
        if self._interrupted.is_set() or request.status & packets.IGNORE:
            response.interrupt()
        else:
            response.finish()
        return not response.fatal

    def _reset_if_asked(self, request: Request, response: Response) -> None:
        """RESETCONNECTION: what a connection pool says when it hands the connection to the next user."""
        if not request.status & (packets.RESET_CONNECTION | packets.RESET_KEEPING_TRANSACTION):
            return
        if request.status & packets.RESET_KEEPING_TRANSACTION and self._session.transaction_descriptor:
            raise refusals.unsupported("a connection reset that keeps its transaction")
        response.write_token(tokens.reset_acknowledged())
        for event in self._procedures.reset_session():
            response.take(event)

    def _dispatch(self, request: Request, response: Response) -> None:
        if request.type == packets.SQL_BATCH:
            batch = requests.parse_batch(request.payload)
            self._require_transaction(request, batch.descriptor)
            self._relay(self._session.execute(batch.text), response)
        elif request.type == packets.RPC:
            calls = requests.parse_calls(request.payload)
            self._require_transaction(request, calls.descriptor)
            for call in calls.calls:
                self._call(call, response)
        elif request.type == packets.TRANSACTION:
            transaction = requests.parse_transaction(request.payload)
            self._require_transaction(request, transaction.descriptor)
            self._relay(transaction_events(self._session, transaction), response)
        else:
            raise refusals.unsupported(f"packets of type 0x{request.type:02X}")

    def _require_transaction(self, request: Request, descriptor: int) -> None:
        """A request names the transaction that it belongs to; one that resets the connection has left it."""
        left_it = request.status & packets.RESET_CONNECTION or self._session.killed
        if descriptor != self._session.transaction_descriptor and not left_it:
            raise refusals.stale_transaction()

    def _call(self, call: requests.Call, response: Response) -> None:
        response.begin_procedure()
        try:
            self._relay(self._procedures.run(call), response)
        except ProtocolError as error:
            response.take(error.message)
        if not self._interrupted.is_set():
            response.end_procedure()

    def _relay(self, events: Iterator[Event], response: Response) -> None:
        left = _MOST_AFTER_INTERRUPT if not self._interrupted.is_set() else 0
        try:
            for event in events if left else ():
                if not self._interrupted.is_set():
                    response.take(event)
                    continue
                # The engine may say goodbye; of that the client only needs what it repeats in its next request.
                if isinstance(event, _STATE_CHANGES):
                    response.take(event)
                left -= 1
                if not left:
                    return
        except SqlError as error:
            for message in error.messages:
                response.take(message)
        except (Disconnected, ProtocolError):
            raise
        except Exception as error:
            _log.exception("The engine failed in session %s", self._session.spid)
            response.take(refusals.internal_failure(f"{type(error).__name__}: {error}"))
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()
