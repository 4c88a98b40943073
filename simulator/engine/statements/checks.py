# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DBCC: CHECKDB and the few others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.engine.database import Database
from simulator.engine.events import Done, Event, Message, SqlError
from simulator.engine.messages import error, message
from simulator.engine.query.model import refuse
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution

_OPTIONS = frozenset(
    [
        "ALL_ERRORMSGS",
        "EXTENDED_LOGICAL_CHECKS",
        "NO_INFOMSGS",
        "TABLOCK",
        "ESTIMATEONLY",
        "PHYSICAL_ONLY",
        "DATA_PURITY",
        "MAXDOP",
        "TABLERESULTS",
    ]
)
_PAGE = re.compile(r"Page \((\d+):(\d+)\)")


def dbcc(execution: Execution, node: ast.Dbcc) -> Iterator[Event]:
    unknown = next((option for option in node.options if option not in _OPTIONS), None)
    if unknown is not None:
        raise refuse(155, unknown, f"DBCC {node.command}", line=node.line)
    if node.command == "CHECKDB":
        yield from _check_database(execution, node)
    elif node.command in {"TRACEON", "TRACEOFF"}:
        if not execution.session.rights.is_sysadmin:
            raise refuse(2571, execution.session.login.name, node.command, line=node.line)
        yield from _completed(node)
    else:
        raise refuse(40510, f"DBCC {node.command}", line=node.line)


def _completed(node: ast.Dbcc) -> Iterator[Event]:
    if "NO_INFOMSGS" not in node.options:
        yield message(2528)
    yield Done(None)


def _check_database(execution: Execution, node: ast.Dbcc) -> Iterator[Event]:
    session, instance = execution.session, execution.session.instance
    if set(node.options) & {"TABLERESULTS", "ESTIMATEONLY"}:
        raise refuse(40510, "DBCC CHECKDB WITH TABLERESULTS or ESTIMATEONLY", line=node.line)
    name = _name(execution, node)
    database = instance.database(name)
    if database is None:
        raise error(911, name)
    if not session.rights.may("CONTROL", database.name):
        raise error(7983, session.login.name, database.name)
    instance.require_usable(database.name)
    if session.running is not None:
        session.running.command = "DBCC TABLE CHECK"
    findings = [] if database.info.is_in_standby else _findings(database)
    quiet = "NO_INFOMSGS" in node.options
    if not quiet:
        yield message(2536, database.name)
    for finding in findings:
        yield from _finding(finding)
    if findings or not quiet:
        yield message(8989, 0, len(findings), database.name)
    if findings:
        yield message(8958, "repair_allow_data_loss", f"DBCC CHECKDB ({database.name})")
        yield Done(None, error=True)
        return
    yield from _completed(node)


def _name(execution: Execution, node: ast.Dbcc) -> str:
    if len(node.arguments) > 1 and node.arguments[1] not in ("NOINDEX",):
        raise refuse(40510, f"DBCC CHECKDB (..., {node.arguments[1]})", line=node.line)
    if not node.arguments or node.arguments[0] == 0:
        return execution.session.database
    first = node.arguments[0]
    if isinstance(first, (tree.Literal, tree.Variable)):
        value = execution.python(first)
        entry = execution.session.instance.state.databases.get(value) if isinstance(value, int) and value else None
        return entry.name if entry else (execution.session.database if value == 0 else str(value))
    return str(first)


def _findings(database: Database) -> list[str]:
    try:
        return database.check()
    except SqlError:
        raise
    except OSError as failure:
        raise error(5120, str(database.data_file), failure.errno or 2, failure.strerror or "") from None


def _finding(text: str) -> Iterator[Event]:
    """A damaged page as 8928 and 8939; what only the structure shows as 8992, in SQLite's words."""
    match = _PAGE.match(text)
    if match is None:
        yield Message(8992, 16, 1, f"Check Catalog Msg 3853, State 1: {text}")
        return
    page = f"({match.group(1)}:{match.group(2)})"
    yield message(8928, 0, -1, 0, 0, "Unknown", page)
    yield message(8939, 0, -1, 0, 0, "Unknown", page, "m_checksum == page checksum", 0, 1)
