# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MERGE: who matches whom is decided once, then each row is updated, deleted or inserted."""

# ruff: noqa: S608 - to write SQL from a syntax tree is what this file is for.
from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.engine.binding import Binding
from simulator.engine.catalog import Table
from simulator.engine.events import Event
from simulator.engine.messages import error
from simulator.engine.query.data import DataTranslator, is_default
from simulator.engine.query.model import Relation, Scope, quote, refuse
from simulator.engine.statements.data import done, sqlite_failure
from simulator.engine.statements.table_building import check_text
from simulator.engine.statements.writing import changing
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.execution import Execution


@dataclass(frozen=True)
class Step:
    """One WHEN clause: the rows it takes (target row first, then new values), and what is done to each."""

    action: ast.MergeAction
    query: str
    change: str


def merge(execution: Execution, node: ast.Merge) -> Iterator[Event]:
    if node.output is not None:
        raise refuse(40514, "MERGE ... OUTPUT", line=node.line)
    binding = Binding(execution, node, target=node.target)
    table = binding.table(node.target, node.line)
    for action in node.actions:
        binding.require(action.kind, binding.handle, table)
    translator = _Translator(binding)
    steps = translator.steps(node, table)
    with changing(execution, binding.handle):
        binding.fill_copies()
        binding.handle.guard_checks(table, lambda text: check_text(binding, table, text))
        try:
            count = _carry_out(binding, steps)
        except sqlite3.Error as failure:
            raise sqlite_failure(execution, binding.handle, failure, table, "MERGE") from None
        execution.session.keep_identities(binding.handle)
    yield done(execution, count)


def _carry_out(binding: Binding, steps: list[Step]) -> int:
    """All clauses look at the tables as they were; a row belongs to the first clause that wants it."""
    connection = binding.handle.connection
    taken: set[Any] = set()
    work: list[tuple[Step, list[tuple[Any, ...]]]] = []
    for step in steps:
        rows = connection.execute(step.query, binding.parameters).fetchall()
        if step.action.kind == "INSERT":
            work.append((step, [row[1:] for row in rows]))
            continue
        numbers = [row[0] for row in rows if row[0] not in taken]
        if len(set(numbers)) != len(numbers):
            raise error(8672)
        work.append((step, [(*row[1:], row[0]) for row in rows if row[0] not in taken]))
        taken |= set(numbers)
    for step, rows in work:
        connection.executemany(step.change, rows)
    return sum(len(rows) for _, rows in work)


class _Translator(DataTranslator):
    def steps(self, node: ast.Merge, table: Table) -> list[Step]:
        with_clause = self.push_common(node.tables)
        try:
            return [self._step(node, table, action, with_clause) for action in node.actions]
        finally:
            self.common.pop()

    def _step(self, node: ast.Merge, table: Table, action: ast.MergeAction, with_clause: str) -> Step:
        self.scopes.append(Scope())
        try:
            target = self._source(tree.TableRef(node.target, node.alias))
            relation = self.scopes[-1].relations[0]
            source = self._source(node.source)
            on = self.condition(node.on)
            if action.kind == "INSERT":
                self.scopes[-1].relations.remove(relation)  # there is no target row to speak of
            condition = f" AND {self.condition(action.condition)}" if action.condition is not None else ""
            values, change = self._change(action, table, relation)
        finally:
            self.scopes.pop()
        rowid = f"{quote(relation.alias)}.rowid"
        if action.matched == "MATCHED":
            rows = f"{target} JOIN {source} ON {on} WHERE 1{condition}"
        elif action.matched == "NOT MATCHED":
            rows, rowid = f"{source} WHERE NOT EXISTS (SELECT 1 FROM {target} WHERE {on}){condition}", "NULL"
        else:
            rows = f"{target} WHERE NOT EXISTS (SELECT 1 FROM {source} WHERE {on}){condition}"
        return Step(action, f"{with_clause}SELECT {', '.join([rowid, *values])} FROM {rows}", change)

    def _change(self, action: ast.MergeAction, table: Table, target: Relation) -> tuple[list[str], str]:
        stored = quote(table.stored_name)
        if action.kind == "DELETE":
            return [], f"DELETE FROM main.{stored} WHERE rowid = ?"
        if action.kind == "UPDATE":
            pairs = [self._new_value(assignment, table, target) for assignment in action.assignments]
            sets = ", ".join(f"{quote(column.name)} = ?" for column, _ in pairs)
            return [text for _, text in pairs], f"UPDATE main.{stored} SET {sets} WHERE rowid = ?"
        marks = ", ".join("?" * len(table.columns))
        return self._inserted_values(action, table), f"INSERT INTO main.{stored} VALUES ({marks})"

    def _inserted_values(self, action: ast.MergeAction, table: Table) -> list[str]:
        columns = [column for column in table.columns if not column.identity]
        if action.columns:
            columns = [found for name in action.columns if (found := table.column(name)) is not None]
            if len(columns) != len(action.columns):
                raise refuse(207, next(name for name in action.columns if table.column(name) is None))
        if action.values and len(action.values) != len(columns):
            raise refuse(110 if len(action.values) > len(columns) else 109)
        given = dict(zip((column.column_id for column in columns), action.values, strict=False))
        if table.identity is not None and table.identity.column_id in given:
            raise refuse(544, table.name)
        cells = []
        for column in table.columns:
            value = given.get(column.column_id)
            cells.append(self._cell(column, table, None if value is None or is_default(value) else value))
        return cells
