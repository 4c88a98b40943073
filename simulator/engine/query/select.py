# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SELECT, set operations and common table expressions into SQLite's."""

# ruff: noqa: S608 - to write SQL from a syntax tree is what this file is for.
from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.engine.query import aggregates, mixing, types
from simulator.engine.query.expressions import field_name, matches_qualifier
from simulator.engine.query.model import Field, Relation, Scope, Sql, quote, refuse
from simulator.engine.query.sources import SourceTranslator, named
from simulator.engine.tsql import tree
from simulator.engine.tsql.batch import parse


@dataclass(frozen=True)
class Selected:
    """One column of a select list."""

    sql: Sql
    name: str


class QueryTranslator(SourceTranslator):
    def query(self, query: tree.Query) -> tuple[str, tuple[Field, ...]]:
        prefix = self.push_common(query.tables)
        try:
            text, fields = self._ordered(query)
        finally:
            self.common.pop()
        return prefix + text, fields

    def push_common(self, tables: tuple[tree.CommonTable, ...]) -> str:
        """Opens a level of common table expressions and gives the WITH clause for it."""
        self.common.append({})
        parts = [self._common_table(table) for table in tables]
        return f"WITH RECURSIVE {', '.join(parts)} " if parts else ""

    def _common_table(self, table: tree.CommonTable) -> str:
        body = table.query.body
        level = self.common[-1]
        if isinstance(body, tree.SetOperation):  # the first arm gives a recursive table its columns
            _, fields = self._body(body.left)
            level[table.name.lower()] = self._named_relation(table, fields)
        text, fields = self.query(table.query)
        level[table.name.lower()] = relation = self._named_relation(table, fields)
        columns = ", ".join(quote(field.name) for field in relation.fields)
        return f"{quote(table.name)} ({columns}) AS ({text})"

    def _named_relation(self, table: tree.CommonTable, fields: tuple[Field, ...]) -> Relation:
        fields = named(fields, table.columns, table.name)
        return Relation(table.name, fields, quote(table.name))

    # -------------------------------------------------------------------------------------------- bodies

    def _ordered(self, query: tree.Query) -> tuple[str, tuple[Field, ...]]:
        body = query.body
        if isinstance(body, tree.Select):
            text, fields, order = self._select(body, query.order_by)
        else:
            text, fields = self._body(body)
            order = [self._result_order(ordering, fields) for ordering in query.order_by]
        if order:
            text += " ORDER BY " + ", ".join(order)
        limit = self._limit(query)
        return text + limit, fields

    def _limit(self, query: tree.Query) -> str:
        if query.offset is not None:
            count = mixing.cast(self.value(query.fetch), types.BIGINT).text if query.fetch is not None else "-1"
            return f" LIMIT {count} OFFSET {mixing.cast(self.value(query.offset), types.BIGINT).text}"
        top = query.body.top if isinstance(query.body, tree.Select) else None
        if top is None:
            return ""
        if top.percent or top.ties:
            raise refuse(40514, "TOP ... PERCENT" if top.percent else "TOP ... WITH TIES")
        value = self.value(top.count)
        if value.type.name not in types.INTEGERS:
            raise refuse(1060)
        return f" LIMIT {value.text}"

    def _body(self, body: tree.Body) -> tuple[str, tuple[Field, ...]]:
        """An arm of a set operation; SQLite wants one with its own TOP or ORDER BY wrapped."""
        if isinstance(body, tree.Query):
            text, fields = self.query(body)
            return f"SELECT * FROM ({text})", fields
        if isinstance(body, tree.Select):
            if body.top is not None:
                text, fields = self.query(tree.Query(body))
                return f"SELECT * FROM ({text})", fields
            text, fields, _ = self._select(body, ())
            return text, fields
        return self._set_operation(body)

    def _set_operation(self, body: tree.SetOperation) -> tuple[str, tuple[Field, ...]]:
        left, left_fields = self._body(body.left)
        right, right_fields = self._body(body.right)
        if len(left_fields) != len(right_fields):
            raise refuse(205)
        fields = tuple(
            replace(mine, type=types.higher(mine.type, theirs.type), nullable=mine.nullable or theirs.nullable)
            for mine, theirs in zip(left_fields, right_fields, strict=True)
        )
        left, right = (_in_types(text, own, fields) for text, own in ((left, left_fields), (right, right_fields)))
        return f"{left} {body.operator} {right}", fields

    def _result_order(self, ordering: tree.Ordering, fields: tuple[Field, ...]) -> str:
        position = self._position(ordering.expression, fields)
        if position is None:
            raise refuse(104)
        text = mixing.kind(fields[position - 1].type) == "text"
        return f"{position}{' COLLATE NOCASE' if text else ''}{' DESC' if ordering.descending else ''}"

    def _position(self, expression: tree.Expression, fields: tuple[Field, ...]) -> int | None:
        """Of a column of the result that ORDER BY names or numbers."""
        if isinstance(expression, tree.Literal) and isinstance(expression.value, int):
            if not 1 <= expression.value <= len(fields):
                raise refuse(108, expression.value)
            return expression.value
        if isinstance(expression, tree.ColumnRef) and len(expression.name) == 1:
            wanted = expression.name[0].lower()
            return next((index for index, field in enumerate(fields, 1) if field.name.lower() == wanted), None)
        return None

    # -------------------------------------------------------------------------------------------- SELECT

    def _select(
        self, select: tree.Select, order_by: tuple[tree.Ordering, ...]
    ) -> tuple[str, tuple[Field, ...], list[str]]:
        scope = Scope()
        self.scopes.append(scope)
        try:
            source = self.sources(select.sources)
            if aggregates.contains_aggregate(select.where):
                raise refuse(147, line=select.line)
            where = f" WHERE {self.condition(select.where)}" if select.where is not None else ""
            group = self._group(select, scope)
            selected = self._items(select.items)
            having = f" HAVING {self.condition(select.having)}" if select.having is not None else ""
            fields = tuple(Field(item.name, item.sql.type, item.sql.nullable) for item in selected)
            order = [self._order(ordering, fields, select.distinct) for ordering in order_by]
        finally:
            self.scopes.pop()
        columns = ", ".join(
            f"{item.sql.text} AS {quote(field_name(fields, index))}" for index, item in enumerate(selected)
        )
        where += self._function_conditions(scope, where)
        distinct = "DISTINCT " if select.distinct else ""
        return f"SELECT {distinct}{columns}{source}{where}{group}{having}", fields, order

    def _function_conditions(self, scope: Scope, where: str) -> str:
        conditions = [relation.condition for relation in scope.relations if relation.condition]
        if not conditions:
            return ""
        return f"{' AND ' if where else ' WHERE '}{' AND '.join(conditions)}"

    def _group(self, select: tree.Select, scope: Scope) -> str:
        if not select.group_by:
            if (
                aggregates.contains_aggregate(tuple(item.expression for item in select.items))
                or select.having is not None
            ):
                scope.grouped = set()
            return ""
        texts = [self.value(expression) for expression in select.group_by]
        scope.grouped = {value.text for value in texts}
        return " GROUP BY " + ", ".join(mixing.sortable(value) for value in texts)

    def _order(self, ordering: tree.Ordering, fields: tuple[Field, ...], distinct: bool) -> str:
        if self._position(ordering.expression, fields) is not None:
            return self._result_order(ordering, fields)
        if distinct:
            raise refuse(145)
        return aggregates.order_text(self, ordering)

    def _items(self, items: tuple[tree.SelectItem, ...]) -> list[Selected]:
        found: list[Selected] = []
        for item in items:
            if isinstance(item.expression, tree.Star):
                found += [Selected(value, name) for value, name in self._expand(item.expression)]
            else:
                found.append(Selected(self.value(item.expression), item.alias or default_name(item.expression)))
        return found

    def _expand(self, star: tree.Star) -> list[tuple[Sql, str]]:
        found = []
        relations = self.scopes[-1].relations
        if star.qualifier:
            relations = [relation for relation in relations if matches_qualifier(relation, star.qualifier)]
            if not relations:
                raise refuse(107, ".".join(star.qualifier))
        elif not relations:
            raise refuse(263)
        for relation in relations:
            for field in relation.fields:
                reference = tree.ColumnRef((relation.alias, field.name))
                found.append((self.value(reference), field.name))
        return found

    def star_values(self, star: tree.Star) -> list[Sql]:
        return [value for value, _ in self._expand(star)]


def _in_types(text: str, own: tuple[Field, ...], wanted: tuple[Field, ...]) -> str:
    """An arm of UNION with its columns converted where the other arm's type wins."""
    if all(
        mixing.kind(mine.type) == mixing.kind(goal.type) or not mine.type.name
        for mine, goal in zip(own, wanted, strict=True)
    ):
        return text
    columns = []
    for index, (mine, goal) in enumerate(zip(own, wanted, strict=True)):
        name = quote(field_name(own, index))
        columns.append(f"{mixing.in_kind(Sql(name, mine.type), goal.type).text} AS {name}")
    return f"SELECT {', '.join(columns)} FROM ({text})"


def default_name(expression: tree.Expression) -> str:
    return expression.name[-1] if isinstance(expression, tree.ColumnRef) else ""


def view_query(text: str) -> tree.Query:
    statement = parse(text)[0]
    query: tree.Query = statement.query  # type: ignore[attr-defined]
    return query
