# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_executesql, the family that prepares statements, sp_reset_connection; all others belong to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.engine.events import (
    DatabaseChanged,
    Event,
    Parameter,
    ReturnValue,
    Session,
    SqlType,
    TransactionEnded,
)
from simulator.tds import declarations, refusals
from simulator.tds.declarations import Declaration
from simulator.tds.requests import Call

_MOST_PREPARED = 10_000


@dataclass(frozen=True)
class Prepared:
    statement: str
    declared: tuple[Declaration, ...]


class Procedures:
    """The prepared statements of one session, and the calls that use them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._prepared: dict[int, Prepared] = {}
        self._last_handle = 0
        self._own: dict[str, Callable[[tuple[Parameter, ...]], Iterator[Event]]] = {
            "sp_executesql": self._executesql,
            "sp_prepare": self._prepare,
            "sp_execute": self._execute,
            "sp_prepexec": self._prepexec,
            "sp_unprepare": self._unprepare,
            "sp_reset_connection": lambda _: self.reset_session(),
        }

    def run(self, call: Call) -> Iterator[Event]:
        own = self._own.get(_plain_name(call.procedure))
        if own is None:
            return self._session.call(call.procedure, call.parameters)
        return own(call.parameters)

    def reset_session(self) -> Iterator[Event]:
        """As new, for the next user of a pooled connection."""
        database, transaction = self._session.database, self._session.transaction_descriptor
        self._prepared.clear()
        self._session.reset()
        if transaction:
            yield TransactionEnded(transaction, committed=False)
        if self._session.database != database:
            yield DatabaseChanged(database, self._session.database)

    def _executesql(self, given: tuple[Parameter, ...]) -> Iterator[Event]:
        statement = _text(given, 0, "sp_executesql")
        declared = declarations.parse(_text(given, 1, "sp_executesql")) if len(given) > 1 else ()
        yield from self._session.execute(statement, declarations.bind(statement, declared, given[2:]))

    def _prepare(self, given: tuple[Parameter, ...]) -> Iterator[Event]:
        prepared = Prepared(_text(given, 2, "sp_prepare"), _declared(given, "sp_prepare"))
        yield self._new_handle(given[0], prepared)

    def _execute(self, given: tuple[Parameter, ...]) -> Iterator[Event]:
        prepared = self._find(given)
        yield from self._run_prepared(prepared, given[1:])

    def _prepexec(self, given: tuple[Parameter, ...]) -> Iterator[Event]:
        prepared = Prepared(_text(given, 2, "sp_prepexec"), _declared(given, "sp_prepexec"))
        # The client may hand in the handle of the statement that this one replaces.
        if given[0].value is not None:
            self._prepared.pop(given[0].value, None)
        yield self._new_handle(given[0], prepared)
        yield from self._run_prepared(prepared, given[3:])

    def _unprepare(self, given: tuple[Parameter, ...]) -> Iterator[Event]:
        self._find(given)
        del self._prepared[given[0].value]
        yield from ()

    def _run_prepared(self, prepared: Prepared, given: tuple[Parameter, ...]) -> Iterator[Event]:
        bound = declarations.bind(prepared.statement, prepared.declared, given)
        yield from self._session.execute(prepared.statement, bound)

    def _find(self, given: tuple[Parameter, ...]) -> Prepared:
        handle = given[0].value if given else None
        if handle not in self._prepared:
            raise refusals.no_prepared_statement(handle if handle is not None else 0)
        return self._prepared[handle]

    def _new_handle(self, parameter: Parameter, prepared: Prepared) -> ReturnValue:
        if len(self._prepared) >= _MOST_PREPARED:
            raise refusals.refused(f"more than {_MOST_PREPARED} prepared statements in one session")
        self._last_handle += 1
        self._prepared[self._last_handle] = prepared
        return ReturnValue(parameter.name, SqlType("int"), self._last_handle)


def _plain_name(procedure: str) -> str:
    """sp_executesql may be called as master.sys.sp_executesql or [sys].[sp_executesql]."""
    return procedure.rsplit(".", 1)[-1].strip("[] ").lower()


def _text(given: tuple[Parameter, ...], place: int, procedure: str) -> str:
    if place >= len(given) or not isinstance(given[place].value, str):
        raise refusals.statement_expected(procedure)
    return str(given[place].value)


def _declared(given: tuple[Parameter, ...], procedure: str) -> tuple[Declaration, ...]:
    """The second argument, which is NULL when the statement has no parameters."""
    if len(given) > 1 and given[1].value is None:
        return ()
    return declarations.parse(_text(given, 1, procedure))
