# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""FROM: tables, derived tables, VALUES, functions and joins into SQLite's."""

# ruff: noqa: S608 - to write SQL from a syntax tree is what this file is for.
from __future__ import annotations

from dataclasses import replace

from simulator.engine.events import SqlError
from simulator.engine.query import mixing, types
from simulator.engine.query.expressions import ExpressionTranslator, field_name
from simulator.engine.query.model import Environment, Field, Relation, quote, refuse
from simulator.engine.tsql import tree


class SourceTranslator(ExpressionTranslator):
    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.common: list[dict[str, Relation]] = []  # common table expressions, the innermost level last

    def query(self, query: tree.Query) -> tuple[str, tuple[Field, ...]]:
        raise NotImplementedError

    def subquery(self, query: tree.Query) -> tuple[str, tuple[Field, ...]]:
        return self.query(query)

    def sources(self, sources: tuple[tree.Source, ...]) -> str:
        if not sources:
            return ""
        return " FROM " + " CROSS JOIN ".join(self._source(source) for source in sources)

    def _source(self, source: tree.Source) -> str:
        if isinstance(source, tree.Join):
            return self._join(source)
        relation = self._relation(source)
        known = self.scopes[-1].relations
        if any(other.alias.lower() == relation.alias.lower() for other in known):
            raise refuse(1011 if getattr(source, "alias", "") else 1013, relation.alias, relation.alias)
        known.append(relation)
        return f"{relation.text} AS {quote(relation.alias)}"

    def _join(self, join: tree.Join) -> str:
        left = self._source(join.left)
        if join.kind.endswith("APPLY"):
            return self._apply(join, left)
        right = self._source(join.right)
        if isinstance(join.right, tree.Join):
            right = f"({right})"
        kind = "INNER" if join.kind == "INNER" else join.kind
        on = f" ON {self.condition(join.on)}" if join.on is not None else ""
        return f"{left} {kind} JOIN {right}{on}"

    def _apply(self, join: tree.Join, left: str) -> str:
        """SQLite has no lateral join: table functions are joined by their arguments,
        subqueries must not look outside."""
        try:
            right = self._source(join.right)
        except SqlError as refusal:
            if isinstance(join.right, tree.Derived) and refusal.messages[0].number in {207, 4104}:
                raise refuse(40514, "APPLY of a subquery that looks at the row it is applied to") from None
            raise
        relation = self.scopes[-1].relations[-1]
        self.scopes[-1].relations[-1] = replace(relation, condition="")
        kind = "INNER" if join.kind == "CROSS APPLY" else "LEFT"
        return f"{left} {kind} JOIN {right} ON {relation.condition or '1'}"

    def _relation(self, source: tree.Source) -> Relation:
        if isinstance(source, tree.TableRef):
            return self._table(source)
        if isinstance(source, tree.FunctionTable):
            arguments = [self.value(argument) for argument in source.arguments]
            relation = self.environment.table_function(source, arguments)
            return replace(relation, fields=named(relation.fields, source.columns, relation.alias))
        if isinstance(source, tree.Derived):
            outer, self.scopes = self.scopes, self.scopes[:-1]
            try:
                text, fields = self.query(source.query)
            finally:
                self.scopes = outer
            return Relation(source.alias, named(fields, source.columns, source.alias), renamed(text, fields, source))
        assert isinstance(source, tree.Rows)
        return self._rows(source)

    def _table(self, ref: tree.TableRef) -> Relation:
        if len(ref.name) == 1:
            for level in reversed(self.common):
                if ref.name[0].lower() in level:
                    return replace(level[ref.name[0].lower()], alias=ref.alias or ref.name[0])
        view = self.environment.view_text(ref)
        if view is None:
            return self.environment.relation(ref)
        query, columns = view
        scopes, self.scopes, common, self.common = self.scopes, [], self.common, []
        try:
            text, fields = self.query(query)
        finally:
            self.scopes, self.common = scopes, common
        fields = named(fields, columns, ref.name[-1])
        derived = tree.Derived(query, ref.alias or ref.name[-1], columns)
        return Relation(ref.alias or ref.name[-1], fields, renamed(text, fields, derived), ref.name)

    def _rows(self, source: tree.Rows) -> Relation:
        rows = [[self.value(value) for value in row] for row in source.rows]
        if len({len(row) for row in rows}) != 1:
            raise refuse(10709)
        columns = []
        for index in range(len(rows[0])):
            unified, winner = mixing.unify([row[index] for row in rows])
            for row, value in zip(rows, unified, strict=True):
                row[index] = value
            columns.append(Field("", winner if winner.name else types.INT))
        text = "(VALUES " + ", ".join(f"({', '.join(value.text for value in row)})" for row in rows) + ")"
        fields = named(tuple(columns), source.columns, source.alias)
        selected = ", ".join(f"column{index} AS {quote(field.name)}" for index, field in enumerate(fields, 1))
        return Relation(source.alias, fields, f"(SELECT {selected} FROM {text})")


def named(fields: tuple[Field, ...], columns: tuple[str, ...], owner: str) -> tuple[Field, ...]:
    """The columns of a derived table: each has a name, none twice."""
    if columns and len(columns) != len(fields):
        raise refuse(8158 if len(columns) < len(fields) else 8159, owner)
    if columns:
        fields = tuple(replace(field, name=name) for field, name in zip(fields, columns, strict=True))
    seen: set[str] = set()
    for index, field in enumerate(fields, 1):
        if not field.name:
            raise refuse(8155, index, owner)
        if field.name.lower() in seen:
            raise refuse(8156, field.name, owner)
        seen.add(field.name.lower())
    return fields


def renamed(text: str, fields: tuple[Field, ...], source: tree.Derived) -> str:
    if not source.columns:
        return f"({text})"
    pairs = zip(fields, source.columns, strict=True)
    columns = ", ".join(f"{quote(field_name(fields, i))} AS {quote(name)}" for i, (_, name) in enumerate(pairs))
    return f"(SELECT {columns} FROM ({text}))"
