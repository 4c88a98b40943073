# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables of the Agent in msdb, read and written in somebody's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from simulator.engine import catalog as catalogs
from simulator.engine.catalog import Catalog, Table
from simulator.engine.database import WaitCancelled
from simulator.engine.events import SqlError
from simulator.engine.messages import error
from simulator.engine.query import values
from simulator.engine.query.model import quote
from simulator.engine.statements.writing import changing

if TYPE_CHECKING:
    from simulator.engine.execution import Execution
    from simulator.engine.instance import Instance

Row = dict[str, Any]
# How msdb is not to be had: offline or being restored, damaged, or the Agent was stopped while it waited for it.
UNAVAILABLE = (SqlError, sqlite3.Error, OSError, WaitCancelled)


class JobTables:
    """Rows are dictionaries of T-SQL's values by column."""

    def __init__(self, connection: sqlite3.Connection, catalog: Catalog) -> None:
        self.connection = connection
        self.catalog = catalog

    def rows(self, name: str, **equal: Any) -> list[Row]:
        table = self._table(name)
        columns = ", ".join(quote(column.name) for column in table.columns)
        where, given = self._where(table, equal)
        text = f"SELECT {columns} FROM main.{quote(table.stored_name)}{where}"  # noqa: S608
        return [
            {c.name: values.present(cell, c.type) for c, cell in zip(table.columns, row, strict=True)}
            for row in self.connection.execute(text, given).fetchall()
        ]

    def row(self, name: str, **equal: Any) -> Row | None:
        return next(iter(self.rows(name, **equal)), None)

    def insert(self, name: str, row: Row) -> None:
        table = self._table(name)
        stored = [values.store(row.get(column.name), column.type) for column in table.columns]
        marks = ", ".join("?" * len(stored))
        self.connection.execute(f"INSERT INTO main.{quote(table.stored_name)} VALUES ({marks})", stored)  # noqa: S608

    def update(self, name: str, changed: Row, **equal: Any) -> None:
        table = self._table(name)
        types = {column.name: column.type for column in table.columns}
        assigned = ", ".join(f"{quote(column)} = ?" for column in changed)
        given = [values.store(value, types[column]) for column, value in changed.items()]
        where, keys = self._where(table, equal)
        self.connection.execute(f"UPDATE main.{quote(table.stored_name)} SET {assigned}{where}", given + keys)  # noqa: S608

    def delete(self, name: str, **equal: Any) -> None:
        table = self._table(name)
        where, keys = self._where(table, equal)
        self.connection.execute(f"DELETE FROM main.{quote(table.stored_name)}{where}", keys)  # noqa: S608

    def next_number(self, name: str, column: str) -> int:
        table = self._table(name)
        text = f"SELECT MAX({quote(column)}) FROM main.{quote(table.stored_name)}"  # noqa: S608
        return int(self.connection.execute(text).fetchone()[0] or 0) + 1

    def _table(self, name: str) -> Table:
        table = self.catalog.find("dbo", name)
        if not isinstance(table, Table):
            raise error(208, f"msdb.dbo.{name}")
        return table

    def _where(self, table: Table, equal: Row) -> tuple[str, list[Any]]:
        types = {column.name: column.type for column in table.columns}
        tests = " AND ".join(f"{quote(column)} = ?" for column in equal)
        return f" WHERE {tests}" if tests else "", [values.store(value, types[c]) for c, value in equal.items()]


def reading(execution: Execution) -> JobTables:
    handle = execution.session.handle("msdb")
    return JobTables(handle.connection, handle.catalog)


@contextmanager
def writing(execution: Execution) -> Iterator[JobTables]:
    """In the transaction of the session that calls the procedure."""
    handle = execution.session.handle("msdb")
    with changing(execution, handle):
        yield JobTables(handle.connection, handle.catalog)


@contextmanager
def of_agent(instance: Instance, stopped: Callable[[], bool]) -> Iterator[JobTables]:
    """In a transaction of the Agent's own, for which it waits until it is stopped."""
    database = instance.database("msdb")
    if database is None:
        raise error(911, "msdb")
    connection = database.connect()
    try:
        with database.transaction(connection, stopped):
            yield JobTables(connection, catalogs.load(connection))
    finally:
        connection.close()
