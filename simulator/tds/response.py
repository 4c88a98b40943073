# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One answer to one request: the engine's events become tokens, tokens become packets.

A DONE says whether anything follows, which is only known when the next event comes: it is held back until then, or
until the engine has been silent for a moment. That is how BACKUP's messages reach a client while BACKUP runs.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from functools import singledispatchmethod

from simulator.engine.events import (
    Columns,
    DatabaseChanged,
    Done,
    Event,
    Message,
    ReturnStatus,
    ReturnValue,
    Row,
    TransactionBegan,
    TransactionEnded,
)
from simulator.tds import refusals, tokens
from simulator.tds.column_types import WireType, wire_type
from simulator.tds.packets import Packetizer

QUIET_SECONDS = 0.05
_FATAL_SEVERITY = 20


class Response:
    """``take`` and ``finish`` belong to the thread that runs the request, ``quiet`` may come from another one."""

    def __init__(
        self, packetizer: Packetizer, send: Callable[[bytes], None], *, server_name: str, tds_version: int
    ) -> None:
        self._packetizer = packetizer
        self._send = send
        self._server_name = server_name
        self._tds_version = tds_version
        self._lock = threading.RLock()
        self._buffer = bytearray()
        self._held: tuple[int, int, int, int] | None = None
        self._last_event = time.monotonic()
        self._ended = False
        self._columns: tuple[WireType, ...] = ()
        self._failed = False
        self._in_procedure = False
        self._return_values: list[ReturnValue] = []
        self._return_status: int | None = None
        self._last_error = 0
        self.fatal = False

    # -- what happens ---------------------------------------------------------------------------------------------

    def begin_procedure(self) -> None:
        """What follows was called by RPC: its statements end with DONEINPROC."""
        with self._lock:
            self._in_procedure = True
            self._return_status = None
            self._return_values = []
            self._failed = False
            self._last_error = 0

    def end_procedure(self) -> None:
        """Status, output parameters, DONEPROC: in this order (MS-TDS 2.2.6.7)."""
        with self._lock:
            self._release(more=True)
            status = self._last_error if self._return_status is None else self._return_status
            self._write(tokens.return_status(status))
            for number, value in enumerate(self._return_values):
                self._write(tokens.return_value(number, value, self._tds_version))
            self._hold(tokens.DONEPROC, tokens.ERROR if self._last_error else 0)
            self._in_procedure = False
            self._failed = False

    def take(self, event: Event) -> None:
        with self._lock:
            self._last_event = time.monotonic()
            self._take(event)

    def write_token(self, token: bytes) -> None:
        with self._lock:
            self._release(more=True)
            self._write(token)

    def quiet(self) -> None:
        """Called while the engine is silent: what waits goes out. Never waits for the lock or the client."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if not self._ended and time.monotonic() - self._last_event >= QUIET_SECONDS:
                self._release(more=True)
                self._flush()
        finally:
            self._lock.release()

    def finish(self) -> None:
        with self._lock:
            if self._held is None:
                self._hold(tokens.DONE, tokens.ERROR if self._failed else 0)
            self._release(more=False)
            self._end()

    def interrupt(self) -> None:
        """The request was cancelled: it ends with an error; the attention is acknowledged in a message of its own."""
        with self._lock:
            self._release(more=True)
            self._write(tokens.done(tokens.DONE, tokens.ERROR))
            self._end()

    def acknowledge_attention(self) -> None:
        with self._lock:
            self._write(tokens.done(tokens.DONE, tokens.ATTENTION))
            self._end()

    # -- events ---------------------------------------------------------------------------------------------------

    @singledispatchmethod
    def _take(self, event: Event) -> None:
        raise TypeError(f"the engine yielded {event!r}")

    @_take.register
    def _columns_event(self, event: Columns) -> None:
        self._columns = tuple(wire_type(column.type, self._tds_version) for column in event.columns)
        metadata = tokens.column_metadata(event.columns, self._columns)
        self._release(more=True)
        self._write(metadata)

    @_take.register
    def _row_event(self, event: Row) -> None:
        try:
            row = tokens.row(self._columns, event.values)
        except (ValueError, TypeError, ArithmeticError, struct.error) as error:
            raise refusals.unsendable(repr(event.values)[:200], str(error)) from error
        self._write(row)

    @_take.register
    def _message_event(self, event: Message) -> None:
        # An open statement's DONE goes out before the next statement's INFO.
        self._release(more=True)
        self._write(tokens.message(event, self._server_name))
        if event.severity > 10:
            self._failed = True
            self._last_error = event.number
            self.fatal = self.fatal or event.severity >= _FATAL_SEVERITY
        else:
            self._flush()

    @_take.register
    def _done_event(self, event: Done) -> None:
        status = tokens.ERROR if event.error or self._failed else 0
        if event.rowcount is not None:
            status |= tokens.COUNT
        kind = tokens.DONEINPROC if self._in_procedure else tokens.DONE
        if self._held and self._held[0] == tokens.DONEPROC:
            # The end of a procedure that the batch executed is also the end of its EXECUTE.
            kind, self._held = tokens.DONEPROC, None
        self._failed = False
        self._hold(kind, status, tokens.SELECT_COMMAND if event.is_select else 0, event.rowcount or 0)

    @_take.register
    def _database_event(self, event: DatabaseChanged) -> None:
        self._release(more=True)
        self._write(tokens.changed_text(tokens.DATABASE, event.new, event.old))

    @_take.register
    def _began_event(self, event: TransactionBegan) -> None:
        self._release(more=True)
        self._write(tokens.transaction_began(event.descriptor))

    @_take.register
    def _ended_event(self, event: TransactionEnded) -> None:
        self._release(more=True)
        kind = tokens.COMMIT if event.committed else tokens.ROLLBACK
        self._write(tokens.transaction_ended(kind, event.descriptor))

    @_take.register
    def _status_event(self, event: ReturnStatus) -> None:
        if self._in_procedure:
            self._return_status = event.value
            return
        self._release(more=True)
        self._write(tokens.return_status(event.value))
        self._hold(tokens.DONEPROC, tokens.ERROR if self._failed else 0)

    @_take.register
    def _value_event(self, event: ReturnValue) -> None:
        self._return_values.append(event)

    # -- bytes ----------------------------------------------------------------------------------------------------

    def _hold(self, kind: int, status: int, command: int = 0, rowcount: int = 0) -> None:
        self._release(more=True)
        self._held = (kind, status, command, rowcount)

    def _release(self, *, more: bool) -> None:
        """Writes the DONE that was held back, now that it is known whether more follows."""
        if self._held is None:
            return
        kind, status, command, rowcount = self._held
        self._held = None
        self._write(tokens.done(kind, status | (tokens.MORE if more else 0), command, rowcount))

    def _write(self, token: bytes) -> None:
        self._buffer += token
        room = self._packetizer.room
        # The last packet must have something in it: a full one waits until more comes.
        while len(self._buffer) > room:
            self._send(self._packetizer.packet(bytes(self._buffer[:room]), last=False))
            del self._buffer[:room]

    def _flush(self) -> None:
        """A short packet that does not end the message: the client handles what it has."""
        if self._buffer:
            self._send(self._packetizer.packet(bytes(self._buffer), last=False))
            self._buffer.clear()

    def _end(self) -> None:
        self._send(self._packetizer.packet(bytes(self._buffer), last=True))
        self._buffer.clear()
        self._ended = True
