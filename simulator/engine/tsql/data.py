# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The grammar of INSERT, UPDATE, DELETE, MERGE and TRUNCATE."""

from __future__ import annotations

from simulator.engine.events import SqlError
from simulator.engine.messages import message
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree
from simulator.engine.tsql.queries import Queries

_ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=")


class DataStatements(Queries):
    def execute(self) -> ast.Execute:
        raise NotImplementedError

    def data_statement(self) -> ast.Statement:
        """One statement that may begin with WITH."""
        line = self.token.line
        start = self.position
        tables = self.common_tables()
        rules = {"INSERT": self._insert, "UPDATE": self._update, "DELETE": self._delete, "MERGE": self._merge}
        rule = rules.get(self.token.key)
        if rule is not None:
            return rule(line, tables)
        self.position = start
        return ast.QueryStatement(line, self.query())

    def truncate(self) -> ast.Truncate:
        line = self.token.line
        self.expect("TRUNCATE", "TABLE")
        return ast.Truncate(line, self.dotted_name())

    def _insert(self, line: int, tables: tuple[tree.CommonTable, ...]) -> ast.Insert:
        self.expect("INSERT")
        top = self.top()
        self.accept("INTO")
        target = self._target()
        self._table_hints()
        columns = self.parenthesised(self._column_name) if self.at("(") and not self._is_query() else ()
        output = self._output()
        return ast.Insert(line, target, tuple(columns), self._inserted(), output, tables, top)

    def _column_name(self) -> str:
        return self.dotted_name()[-1]

    def _inserted(self) -> tree.Query | tree.Rows | ast.Execute | None:
        if self.accept("DEFAULT", "VALUES"):
            return None
        if self.at("VALUES"):
            return tree.Rows(self.values())
        if self.at("EXEC", "EXECUTE"):
            return self.execute()
        return self.query()

    def _target(self) -> tree.Name:
        return (self.variable(),) if self.token.kind == "variable" else self.dotted_name()

    def _output(self) -> ast.Output | None:
        if not self.accept("OUTPUT"):
            return None
        items = tuple(self.listed(self._item))
        into = self._target() if self.accept("INTO") else ()
        if into and self.at("("):
            self.parenthesised(self.name)
        return ast.Output(items, into)

    def _update(self, line: int, tables: tuple[tree.CommonTable, ...]) -> ast.Update:
        self.expect("UPDATE")
        top = self.top()
        target = self._target()
        self._table_hints()
        self.expect("SET")
        assignments = tuple(self.listed(self.assignment))
        output = self._output()
        sources = self.sources() if self.accept("FROM") else ()
        where = self.condition() if self.accept("WHERE") else None
        self._query_hints()
        return ast.Update(line, target, assignments, sources, where, output, tables, top)

    def assignment(self) -> ast.Assignment:
        variable = ""
        if self.token.kind == "variable":
            variable = self.variable()
            if self.ahead(1).key != "=" or self.ahead(2).kind == "end":
                return ast.Assignment((), self.choice(*_ASSIGNMENTS), self.expression(), variable)
            self.expect("=")
            if not (self.at_name() and self.ahead().key in _ASSIGNMENTS):
                return ast.Assignment((), "=", self.expression(), variable)
        column = self.dotted_name()
        operator = self.choice(*_ASSIGNMENTS)
        return ast.Assignment(column, operator, self.inserted_value(), variable)

    def _delete(self, line: int, tables: tuple[tree.CommonTable, ...]) -> ast.Delete:
        self.expect("DELETE")
        top = self.top()
        self.accept("FROM")
        target = self._target()
        self._table_hints()
        output = self._output()
        sources = self.sources() if self.accept("FROM") else ()
        where = self.condition() if self.accept("WHERE") else None
        self._query_hints()
        return ast.Delete(line, target, sources, where, output, tables, top)

    def _merge(self, line: int, tables: tuple[tree.CommonTable, ...]) -> ast.Merge:
        self.expect("MERGE")
        self.accept("INTO")
        target = self._target()
        self._table_hints()
        alias = self._alias()
        self.expect("USING")
        source = self._source()
        self.expect("ON")
        on = self.condition()
        actions = []
        while self.accept("WHEN"):
            actions.append(self._merge_action())
        output = self._output()
        self._query_hints()
        if not self.at(";"):
            raise SqlError(message(10713, line=line))
        return ast.Merge(line, target, alias, source, on, tuple(actions), output, tables)

    def _merge_action(self) -> ast.MergeAction:
        matched = "NOT MATCHED" if self.accept("NOT") else "MATCHED"
        self.expect("MATCHED")
        if matched == "NOT MATCHED" and self.accept("BY"):
            matched = "NOT MATCHED BY SOURCE" if self.choice("SOURCE", "TARGET") == "SOURCE" else matched
        condition = self.condition() if self.accept("AND") else None
        self.expect("THEN")
        if self.accept("DELETE"):
            return ast.MergeAction(matched, condition, "DELETE")
        if self.accept("UPDATE"):
            self.expect("SET")
            return ast.MergeAction(matched, condition, "UPDATE", tuple(self.listed(self.assignment)))
        self.expect("INSERT")
        columns = tuple(self.parenthesised(self._column_name)) if self.at("(") else ()
        if self.accept("DEFAULT", "VALUES"):
            return ast.MergeAction(matched, condition, "INSERT")
        self.expect("VALUES")
        values = tuple(self.parenthesised(self.inserted_value))
        return ast.MergeAction(matched, condition, "INSERT", columns=columns, values=values)
