# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""INSERT, UPDATE and DELETE into SQLite's."""

# ruff: noqa: S608 - to write SQL from a syntax tree is what this file is for.
from __future__ import annotations

from dataclasses import dataclass

from simulator.engine.catalog import Column, Table
from simulator.engine.query import mixing, types
from simulator.engine.query.expressions import field_name
from simulator.engine.query.model import Field, Relation, Scope, Sql, quote, quote_text, refuse
from simulator.engine.query.select import QueryTranslator
from simulator.engine.tsql import statements as ast
from simulator.engine.tsql import tree
from simulator.engine.tsql.batch import Batch

_MOST_ROWS = 1000


@dataclass(frozen=True)
class Change:
    """SQLite's statement; ``output``: the columns that it returns, None when it returns none."""

    text: str
    output: tuple[Field, ...] | None = None


class DataTranslator(QueryTranslator):
    def insert(self, node: ast.Insert, table: Table, explicit_identity: bool) -> Change:
        with_clause = self.push_common(node.tables)
        try:
            chosen = self._chosen_columns(node, table)
            self._refuse_identity(node, table, chosen, explicit_identity)
            source = self._insert_rows(node, table, chosen)
            output = self.output(node.output, table, "inserted")
        finally:
            self.common.pop()
        names = ", ".join(quote(column.name) for column in table.columns)
        text = f"{with_clause}INSERT INTO {quote(table.stored_name)} ({names}) {source}"
        return self._returning(text, output)

    def _chosen_columns(self, node: ast.Insert, table: Table) -> list[Column]:
        if not node.columns:
            return [column for column in table.columns if not column.identity]
        chosen = []
        for name in node.columns:
            column = table.column(name)
            if column is None:
                raise refuse(207, name, line=node.line)
            if column in chosen:
                raise refuse(264, name, line=node.line)
            chosen.append(column)
        return chosen

    def _refuse_identity(self, node: ast.Insert, table: Table, chosen: list[Column], explicit: bool) -> None:
        identity = table.identity
        if identity is None:
            return
        if identity in chosen and not explicit:
            raise refuse(544, table.name, line=node.line)
        if explicit and identity not in chosen:
            raise refuse(545, table.name, line=node.line)

    def _insert_rows(self, node: ast.Insert, table: Table, chosen: list[Column]) -> str:
        if node.source is None:
            return f"VALUES ({', '.join(self._left_out(column, table).text for column in table.columns)})"
        if isinstance(node.source, tree.Rows):
            return self._insert_values(node.source, table, chosen, node.line)
        assert isinstance(node.source, tree.Query)
        text, fields = self.query(node.source)
        if len(fields) != len(chosen):
            wrong = 120 if len(fields) < len(chosen) else 121
            raise refuse(wrong if node.columns else 213, line=node.line)
        values = []
        for column in table.columns:
            if column in chosen:
                index = chosen.index(column)
                value = Sql(f"s.{quote(field_name(fields, index))}", fields[index].type)
                values.append(self._assigned(value, column, table))
            else:
                values.append(self._left_out(column, table).text)
        unique = self._with_unique_names(text, fields)
        return f"SELECT {', '.join(values)} FROM ({unique}) AS s WHERE 1"

    def _with_unique_names(self, text: str, fields: tuple[Field, ...]) -> str:
        names = [field_name(fields, index).lower() for index in range(len(fields))]
        if len(set(names)) != len(names):
            raise refuse(8156, next(name for name in names if names.count(name) > 1), "s")
        return text

    def _insert_values(self, source: tree.Rows, table: Table, chosen: list[Column], line: int) -> str:
        if len(source.rows) > _MOST_ROWS:
            raise refuse(10738, _MOST_ROWS, line=line)
        rows = []
        for row in source.rows:
            if len(row) != len(chosen):
                raise refuse(109 if len(row) < len(chosen) else 110, line=line)
            given = dict(zip((column.column_id for column in chosen), row, strict=True))
            cells = [self._cell(column, table, given.get(column.column_id)) for column in table.columns]
            rows.append(f"({', '.join(cells)})")
        return f"VALUES {', '.join(rows)}"

    def _cell(self, column: Column, table: Table, node: tree.Expression | None) -> str:
        if node is None or is_default(node):
            return self._left_out(column, table).text
        return self._assigned(self.value(node), column, table)

    def _left_out(self, column: Column, table: Table) -> Sql:
        if column.identity:
            return Sql(f"f_identity({quote_text(table.stored_name)})", column.type)
        return self.default(column, table)

    def default(self, column: Column, table: Table) -> Sql:
        if not column.default:
            return Sql("NULL", column.type)
        value = self.value(Batch(column.default).expression())
        return Sql(self._assigned(value, column, table), column.type)

    def _assigned(self, value: Sql, column: Column, table: Table) -> str:
        refuse_implicit(value, column)
        return mixing.assign(value, column.type, f"{self.environment.home}.{table.stored_name}", column.name)

    # -------------------------------------------------------------------------------------------- UPDATE

    def update(self, node: ast.Update, table: Table, ref: tree.TableRef) -> Change:
        with_clause = self.push_common(node.tables)
        scope = Scope()
        self.scopes.append(scope)
        try:
            source, target = self._changed_rows(node.sources, ref)
            values = [self._new_value(assignment, table, target) for assignment in node.assignments]
            where = f" WHERE {self.condition(node.where)}" if node.where is not None else ""
            limit = self._changed_limit(node.top)
            output = self.output(node.output, table, "inserted")
        finally:
            self.scopes.pop()
            self.common.pop()
        selected = ", ".join(f"{text} AS v{index}" for index, (_, text) in enumerate(values))
        rows = f"SELECT {quote(target.alias)}.rowid AS r, {selected} FROM {source}{where}{limit}"
        updates = ", ".join(f"{quote(column.name)} = s.v{index}" for index, (column, _) in enumerate(values))
        stored = quote(table.stored_name)
        text = f"{with_clause}UPDATE {stored} SET {updates} FROM ({rows}) AS s WHERE {stored}.rowid = s.r"
        return self._returning(text, output)

    def _new_value(self, assignment: ast.Assignment, table: Table, target: Relation) -> tuple[Column, str]:
        if assignment.variable or not assignment.column:
            raise refuse(40514, "UPDATE ... SET @variable")
        column = table.column(assignment.column[-1])
        if column is None:
            raise refuse(207, assignment.column[-1])
        if column.identity:
            raise refuse(8102, column.name)
        if is_default(assignment.value):
            return column, self.default(column, table).text
        value = self.value(assignment.value)
        if assignment.operator != "=":
            present = Sql(f"{quote(target.alias)}.{quote(column.name)}", column.type)
            value = mixing.arithmetic(assignment.operator[0], present, value)
        return column, self._assigned(value, column, table)

    def _changed_rows(self, sources: tuple[tree.Source, ...], ref: tree.TableRef) -> tuple[str, Relation]:
        """The FROM of the rows to change, and which of its relations is the target."""
        if not sources:
            text = self._source(ref)
            return text, self.scopes[-1].relations[0]
        text = self.sources(sources)[len(" FROM ") :]
        wanted = (ref.alias or ref.name[-1]).lower()
        named = [relation for relation in self.scopes[-1].relations if relation.alias.lower() == wanted]
        if not named:
            raise refuse(208, ".".join(ref.name), line=ref.line)
        return text, named[0]

    def _changed_limit(self, top: tree.Top | None) -> str:
        if top is None:
            return ""
        if top.percent:
            raise refuse(40514, "TOP ... PERCENT")
        return f" LIMIT {self.value(top.count).text}"

    # -------------------------------------------------------------------------------------------- DELETE

    def delete(self, node: ast.Delete, table: Table, ref: tree.TableRef) -> Change:
        with_clause = self.push_common(node.tables)
        self.scopes.append(Scope())
        try:
            source, target = self._changed_rows(node.sources, ref)
            where = f" WHERE {self.condition(node.where)}" if node.where is not None else ""
            limit = self._changed_limit(node.top)
            output = self.output(node.output, table, "deleted")
        finally:
            self.scopes.pop()
            self.common.pop()
        rows = f"SELECT {quote(target.alias)}.rowid FROM {source}{where}{limit}"
        text = f"{with_clause}DELETE FROM {quote(table.stored_name)} WHERE rowid IN ({rows})"
        return self._returning(text, output)

    # -------------------------------------------------------------------------------------------- OUTPUT

    def output(self, node: ast.Output | None, table: Table, pseudo: str) -> list[tuple[str, Field]] | None:
        if node is None:
            return None
        if node.into:
            raise refuse(40514, "OUTPUT ... INTO")
        fields = tuple(Field(column.name, column.type, column.nullable) for column in table.columns)
        outer, self.scopes = self.scopes, [Scope([Relation(pseudo, fields, "", (pseudo,))])]
        try:
            items = self._items(node.items)
        finally:
            self.scopes = outer
        prefix = f'"{pseudo}".'
        return [
            (item.sql.text.replace(prefix, ""), Field(item.name, item.sql.type, item.sql.nullable)) for item in items
        ]

    def _returning(self, text: str, output: list[tuple[str, Field]] | None) -> Change:
        if output is None:
            return Change(text)
        columns = ", ".join(f"{sql} AS c{index}" for index, (sql, _) in enumerate(output))
        return Change(f"{text} RETURNING {columns}", tuple(field for _, field in output))


def is_default(node: tree.Expression) -> bool:
    return isinstance(node, tree.Call) and node.name == ("DEFAULT",)


def refuse_implicit(value: Sql, column: Column) -> None:
    """Conversions that the documentation allows only explicitly."""
    source, target = value.type, column.type
    binary_from_text = source.name in types.TEXT and target.name in types.BINARY
    text_to_money = source.name in {"nvarchar", "nchar"} and target.name == "smallmoney"
    moment_to_number = source.name in types.DATES and target.name in types.NUMBERS
    number_to_moment = source.name in types.NUMBERS and target.name in {"date", "time", "datetime2", "datetimeoffset"}
    if binary_from_text or moment_to_number or text_to_money:
        raise refuse(257, source.name, target.name)
    if number_to_moment:
        raise refuse(206, source.name, target.name)
