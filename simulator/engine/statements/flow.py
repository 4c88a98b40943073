# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DECLARE, SET, PRINT, RAISERROR, THROW, USE, WAITFOR, KILL, transactions and the small rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.engine.binding import Binding
from simulator.engine.events import Done, Event, Message, SqlError
from simulator.engine.handles import Cancelled
from simulator.engine.messages import error, message
from simulator.engine.query.model import refuse
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$")
_FORMAT = re.compile(r"%([-+ 0#]*)(\d*|\*)(?:\.(\d+))?(?:l|h|I64)?([diuoxXs%])")


def declare(execution: Execution, node: ast.Declare) -> Iterator[Event]:
    for variable in node.variables:
        execution.declare(variable.name, variable.type)
        if variable.value is not None:
            binding = Binding(execution, variable.value)
            execution.assign(variable.name, execution.changed_by("=", variable.name, variable.value, binding), binding)
    yield from ()


def set_variable(execution: Execution, node: ast.SetVariable) -> Iterator[Event]:
    execution.variable(node.name)
    binding = Binding(execution, node.value)
    execution.assign(node.name, execution.changed_by(node.operator, node.name, node.value, binding), binding)
    yield from ()


def set_option(execution: Execution, node: ast.SetOption) -> Iterator[Event]:
    settings = execution.session.settings
    value = execution.python(node.value) if isinstance(node.value, (tree.Literal, tree.Variable)) else node.value
    if node.option == "IDENTITY_INSERT":
        binding = Binding(execution, (), target=node.target)
        table = binding.table(node.target, node.line)
        settings.identity_insert = f"{binding.home}.{table.stored_name}" if value else ""
    elif node.option == "LANGUAGE":
        yield from _set_language(execution, str(value))
    elif node.option == "ROWCOUNT" and value:
        raise refuse(40510, "SET ROWCOUNT", line=node.line)
    elif node.option in {"NOEXEC", "PARSEONLY", "FMTONLY"} and value:
        raise refuse(40510, f"SET {node.option} ON", line=node.line)
    else:
        for option in node.option.split(","):
            _set(settings, option, value)


def _set(settings: Any, option: str, value: Any) -> None:
    name = option.lower()
    if hasattr(settings, name):
        setattr(settings, name, value)
    else:
        settings.other[name] = value


def _set_language(execution: Execution, language: str) -> Iterator[Event]:
    if language.lower() not in {"us_english", "english"}:
        raise refuse(40510, f"SET LANGUAGE {language}")
    execution.session.settings.language = "us_english"
    yield message(5703, "us_english")


# ------------------------------------------------------------------------------------------------ messages


def print_text(execution: Execution, node: ast.Print) -> Iterator[Event]:
    yield Message(0, 0, 1, execution.text(node.value), line=node.line)
    yield Done(None)


def raiserror(execution: Execution, node: ast.Raiserror) -> Iterator[Event]:
    given = execution.python(node.message)
    severity, state = execution.python(node.severity), execution.python(node.state)
    if not isinstance(severity, int) or not isinstance(state, int):
        raise refuse(2748, "varchar", line=node.line)
    number = 50000
    if isinstance(given, int):
        raise refuse(40510, "RAISERROR with a message number", line=node.line)
    if severity > 18 and not ("LOG" in node.options and execution.session.rights.is_sysadmin):
        raise refuse(2754, line=node.line)
    text = _formatted(str(given), [execution.python(argument) for argument in node.arguments])
    raised = Message(number, max(severity, 0), max(state, 0), text, line=node.line)
    if severity > 10:
        raise SqlError(raised)
    yield raised
    yield Done(None)


def _formatted(text: str, arguments: list[Any]) -> str:
    waiting = iter(arguments)

    def fill(match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        value = next(waiting, None)
        if value is None:
            return "(null)"
        precise = f".{precision}" if precision else ""
        return f"%{flags}{'' if width == '*' else width}{precise}{'d' if kind in 'iu' else kind}" % value

    return _FORMAT.sub(fill, text)


def throw(execution: Execution, node: ast.Throw) -> Iterator[Event]:
    if not node.arguments:
        caught = execution.session.caught
        if caught is None:
            raise refuse(10704, line=node.line)
        raise SqlError(caught)
    if len(node.arguments) != 3:
        raise refuse(102, "throw", line=node.line)
    number, text, state = (execution.python(argument) for argument in node.arguments)
    if not isinstance(number, int) or not isinstance(state, int):
        raise refuse(102, number if isinstance(number, str) else state, line=node.line)
    if not 50000 <= number < 2**31:
        raise refuse(35100, number, line=node.line)
    raise SqlError(Message(number, 16, int(state), str(text), line=node.line))
    yield


# ------------------------------------------------------------------------------------------------ session


def use(execution: Execution, node: ast.Use) -> Iterator[Event]:
    yield execution.session.enter(node.database)
    yield message(5701, execution.session.database)
    yield Done(None)


def transaction(execution: Execution, node: ast.Transaction) -> Iterator[Event]:
    current = execution.session.transaction
    name = execution.text(node.name) if node.name is not None else ""
    if node.action == "BEGIN":
        yield from current.begin(name, node.mark, node.marked)
    elif node.action == "COMMIT":
        yield from current.commit()
    elif node.action == "SAVE":
        if not current.count:
            raise refuse(628, line=node.line)
        current.save(name)
    elif name and current.count and current.rollback_to(name):
        pass
    elif name and name.lower() != current.name.lower():
        raise refuse(6401, name, line=node.line)
    else:
        yield from current.rollback()
    yield Done(None)


def waitfor(execution: Execution, node: ast.Waitfor) -> Iterator[Event]:
    text = execution.text(node.value)
    match = _TIME.match(text.strip())
    if match is None:
        raise refuse(148, text, line=node.line)
    hours, minutes, seconds, fraction = match.groups()
    amount = timedelta(
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds or 0),
        milliseconds=int((fraction or "0").ljust(3, "0")[:3]),
    )
    if amount >= timedelta(days=1) or int(minutes) > 59:
        raise refuse(148, text, line=node.line)
    if node.kind == "TIME":
        now = execution.session.instance.local_now()
        midnight = datetime.combine(now.date(), datetime.min.time())
        amount = (midnight + amount - now) % timedelta(days=1)
    if execution.session.running is not None:
        execution.session.running.command = "WAITFOR"
    if execution.session.stopped.wait(amount.total_seconds()):
        raise Cancelled
    yield Done(None)


def kill(execution: Execution, node: ast.Kill) -> Iterator[Event]:
    session = execution.session
    if not session.rights.may_server("ALTER ANY CONNECTION"):
        raise refuse(6102, line=node.line)
    if node.spid == session.spid:
        raise refuse(6104, line=node.line)
    if not 1 <= node.spid < 32768:
        raise refuse(6101, node.spid, line=node.line)
    if node.spid <= 50:
        raise refuse(6107, line=node.line)
    victim = session.instance.sessions.get(node.spid)
    if victim is None:
        raise refuse(6106, node.spid, line=node.line)
    victim.kill()
    yield Done(None)


def checkpoint(execution: Execution, node: ast.Checkpoint) -> Iterator[Event]:
    session = execution.session
    if not session.rights.may("CHECKPOINT", session.database):
        raise error(262, "CHECKPOINT", session.database)
    database = session.instance.database(session.database)
    if database is not None:
        database.checkpoint()
    yield Done(None)


def reconfigure(execution: Execution, node: ast.Reconfigure) -> Iterator[Event]:
    instance = execution.session.instance
    if not execution.session.rights.may_server("ALTER SETTINGS"):
        raise refuse(5812, line=node.line)
    with instance.lock:
        instance.state.running.update(instance.state.configured)
        instance.save()
    yield Done(None)
