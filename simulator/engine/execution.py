# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a batch: flow of control, variables, and what an error means for what follows."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine import statements
from simulator.engine.binding import Binding
from simulator.engine.events import Done, Event, Message, Parameter, ReturnStatus, ReturnValue, SqlError, SqlType
from simulator.engine.globals import global_variable
from simulator.engine.handles import Cancelled
from simulator.engine.messages import message
from simulator.engine.query import conversion, types, values
from simulator.engine.query.data import DataTranslator
from simulator.engine.query.mixing import arithmetic, cast
from simulator.engine.query.model import Sql, refuse
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree
from simulator.engine.tsql.batch import parse

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

# Errors after which SQL Server does not go on with the batch: names that bind to nothing, conversions, deadlock, THROW.
_ENDS_BATCH = frozenset(
    {207, 208, 209, 241, 242, 245, 248, 1205, 2812, 4104, 4121, 8114, 8169, 911, 137, 1087, 195, 8120, 3930}
)
# Of these, the ones that also roll the transaction back.
_ENDS_TRANSACTION = frozenset({241, 242, 245, 248, 1105, 1205, 8114, 8169})


class LeaveLoop(Exception):
    def __init__(self, again: bool) -> None:
        self.again = again


class LeaveBatch(Exception):
    def __init__(self, status: int = 0) -> None:
        self.status = status


class Execution:
    def __init__(self, session: EngineSession, depth: int = 0) -> None:
        self.session = session
        self.variables: dict[str, tuple[SqlType, Any]] = {}  # as SQLite keeps the value
        self.table_variables: list[str] = []
        self.depth = depth
        self.trying = 0

    # -------------------------------------------------------------------------------------------- batches

    def batch(self, text: str, parameters: tuple[Parameter, ...] = ()) -> Iterator[Event]:
        try:
            parsed = parse(text)
            for parameter in parameters:
                self.declare(parameter.name, parameter.type, values.store(parameter.value, parameter.type))
        except SqlError as refusal:
            yield from self._report(refusal)
            return
        try:
            yield from self.sequence(parsed)
        except LeaveBatch:
            pass
        except Cancelled:
            yield from self._cancelled()
        finally:
            statements.forget_table_variables(self)
        yield from self._outputs(parameters)

    def _outputs(self, parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        for parameter in parameters:
            if parameter.output:
                sql_type, value = self.variables[parameter.name.lower()]
                yield ReturnValue(parameter.name, sql_type, values.present(value, sql_type))

    def _cancelled(self) -> Iterator[Event]:
        """An attention ends the batch; it rolls back only under XACT_ABORT."""
        if self.session.settings.xact_abort:
            yield from self.session.transaction.abandon()

    def remote_call(self, procedure: str, parameters: tuple[Parameter, ...]) -> Iterator[Event]:
        arguments = []
        for index, parameter in enumerate(parameters):
            name = parameter.name or f"@p{index}"
            self.declare(name, parameter.type, values.store(parameter.value, parameter.type))
            arguments.append(ast.Argument(parameter.name, tree.Variable(name), parameter.output))
        call = ast.Execute(1, tuple(procedure.split(".")), tuple(arguments))
        try:
            yield from self.run(call)
        except LeaveBatch as leaving:
            yield ReturnStatus(leaving.status)
        except Cancelled:
            yield from self._cancelled()
        yield from self._outputs(
            tuple(p if p.name else Parameter(f"@p{i}", p.type, p.value, p.output) for i, p in enumerate(parameters))
        )

    def sequence(self, parsed: tuple[ast.Statement, ...]) -> Iterator[Event]:
        for statement in parsed:
            yield from self.run(statement)

    def run(self, node: ast.Statement) -> Iterator[Event]:
        """One statement; its error is reported, and decides whether the batch goes on."""
        if self.session.is_stopped():
            raise Cancelled
        self.session.now = self.session.instance.local_now()
        flow = self._flow().get(type(node))
        if flow is not None:
            yield from flow(node)
            return
        try:
            yield from statements.run(self, node)
            self.session.error_number = 0
        except SqlError as refusal:
            yield from self._failed(refusal)
            if isinstance(node, ast.Throw):
                raise LeaveBatch(1) from None
        except sqlite3.Error as failure:
            if self.session.is_stopped():
                raise Cancelled from None
            yield from self._failed(SqlError(message(50000, f"The simulator could not run this statement: {failure}")))

    def _failed(self, refusal: SqlError) -> Iterator[Event]:
        error = refusal.messages[0]
        self.session.error_number = error.number
        yield from self._unwind(error)
        if self.trying and error.severity < 20:
            raise refusal
        yield from self._report(refusal)
        if error.number in _ENDS_BATCH or error.severity >= 19 or self.session.settings.xact_abort:
            raise LeaveBatch(1)

    def _unwind(self, error: Message) -> Iterator[Event]:
        if not self.session.transaction.count:
            return
        if self.session.settings.xact_abort or error.number in _ENDS_TRANSACTION:
            if self.trying and error.number != 1205:
                self.session.transaction.doomed = True
            else:
                yield from self.session.transaction.abandon()

    def _report(self, refusal: SqlError) -> Iterator[Event]:
        yield from refusal.messages
        yield Done(None, error=True)

    # -------------------------------------------------------------------------------------------- flow of control

    def _flow(self) -> dict[type, Callable[[Any], Iterator[Event]]]:
        return {
            ast.Block: lambda node: self.sequence(node.statements),
            ast.If: self._if,
            ast.While: self._while,
            ast.TryCatch: self._try,
            ast.Break: self._leave_loop,
            ast.Continue: self._leave_loop,
            ast.Return: self._return,
        }

    def _decide(self, condition: tree.Expression) -> Generator[Event, None, bool | None]:
        """None when the condition itself failed, and was reported."""
        try:
            return self.test(condition)
        except SqlError as refusal:
            yield from self._failed(refusal)
            return None

    def _if(self, node: ast.If) -> Iterator[Event]:
        holds = yield from self._decide(node.condition)
        if holds:
            yield from self.run(node.then)
        elif holds is False and node.otherwise is not None:
            yield from self.run(node.otherwise)

    def _while(self, node: ast.While) -> Iterator[Event]:
        while (yield from self._decide(node.condition)):
            try:
                yield from self.run(node.body)
            except LeaveLoop as leaving:
                if not leaving.again:
                    return
            time.sleep(0)

    def _try(self, node: ast.TryCatch) -> Iterator[Event]:
        self.trying += 1
        try:
            yield from self.run(node.attempt)
            return
        except SqlError as refusal:
            error = refusal.messages[0]
        finally:
            self.trying -= 1
        outer, self.session.caught = self.session.caught, error
        try:
            yield from self.run(node.handler)
        finally:
            self.session.caught = outer

    def _leave_loop(self, node: ast.Statement) -> Iterator[Event]:
        raise LeaveLoop(isinstance(node, ast.Continue))
        yield

    def _return(self, node: ast.Return) -> Iterator[Event]:
        status = 0
        try:
            value = 0 if node.value is None else self.python(node.value)
            if value is not None and not isinstance(value, int):
                raise refuse(245, "varchar", value, "int", line=node.line)
            status = value or 0
        except SqlError as refusal:
            yield from self._failed(refusal)
        raise LeaveBatch(status)

    # -------------------------------------------------------------------------------------------- values

    def declare(self, name: str, sql_type: SqlType, value: Any = None) -> None:
        if name.lower() in self.variables:
            raise refuse(134, name)
        self.variables[name.lower()] = (sql_type, value)

    def variable(self, name: str) -> tuple[SqlType, Any]:
        if name.startswith("@@"):
            return global_variable(self.session, name)
        if name.lower() not in self.variables:
            raise refuse(137, name)
        return self.variables[name.lower()]

    def assign(self, name: str, sql: Sql, binding: Binding) -> None:
        """SET and SELECT cut what is too long for the variable, as T-SQL does."""
        target, _ = self.variable(name)
        self.variables[name.lower()] = (target, self.evaluate_sql(cast(sql, target) if sql.type.name else sql, binding))

    def assign_value(self, name: str, sql_type: SqlType, value: Any) -> None:
        target, _ = self.variable(name)
        self.variables[name.lower()] = (target, conversion.convert(value, sql_type, target))

    def evaluate(self, node: tree.Expression) -> tuple[SqlType, Any]:
        binding = Binding(self, node)
        sql = DataTranslator(binding).value(node)
        return sql.type, self.evaluate_sql(sql, binding)

    def evaluate_sql(self, sql: Sql, binding: Binding) -> Any:
        return self._fetch(f"SELECT {sql.text}", binding)

    def python(self, node: tree.Expression) -> Any:
        sql_type, value = self.evaluate(node)
        return values.present(value, sql_type) if sql_type.name else value

    def text(self, node: tree.Expression) -> str:
        """A value where the grammar wants text: a name, a path, a message."""
        sql_type, value = self.evaluate(node)
        found = conversion.convert(value, sql_type, types.nvarchar(-1))
        return "" if found is None else str(found)

    def changed_by(self, operator: str, name: str, node: tree.Expression, binding: Binding) -> Sql:
        value = DataTranslator(binding).value(node)
        return value if operator == "=" else arithmetic(operator[0], binding.variable(name), value)

    def test(self, node: tree.Expression) -> bool:
        binding = Binding(self, node)
        text = DataTranslator(binding).condition(node)
        return self._fetch(f"SELECT {text}", binding) == 1

    def _fetch(self, text: str, binding: Binding) -> Any:
        handle = binding.handle
        try:
            binding.fill_copies()
            return handle.connection.execute(text, binding.parameters).fetchone()[0]
        except sqlite3.Error as failure:
            if self.session.is_stopped():
                raise Cancelled from None
            raise handle.failures.take(failure) from None
