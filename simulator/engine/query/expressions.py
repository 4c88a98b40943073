# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""T-SQL expressions into SQLite's, with types."""

# ruff: noqa: S608 - to write SQL from a syntax tree is what this file is for.
from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulator.engine.events import SqlType
from simulator.engine.query import functions, mixing, types
from simulator.engine.query.aggregates import contains_aggregate
from simulator.engine.query.model import Environment, Field, Relation, Scope, Sql, quote, quote_text, refuse
from simulator.engine.tsql import tree


class ExpressionTranslator:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.scopes: list[Scope] = []

    def subquery(self, query: tree.Query) -> tuple[str, tuple[Field, ...]]:
        raise NotImplementedError

    def star_values(self, star: tree.Star) -> list[Sql]:
        raise NotImplementedError

    # -------------------------------------------------------------------------------------------- values

    def value(self, node: tree.Expression) -> Sql:
        scope = self.scopes[-1] if self.scopes else None
        if scope is None or scope.grouped is None or scope.inside_aggregate or contains_aggregate(node):
            return self._value(node)
        allowed, scope.grouped = scope.grouped, None
        try:
            plain = self._value(node)
        finally:
            scope.grouped = allowed
        return plain if plain.text in allowed else self._value(node)

    def _value(self, node: tree.Expression) -> Sql:
        method = getattr(self, f"_{type(node).__name__.lower()}")
        found: Sql = method(node)
        return found

    def _literal(self, node: tree.Literal) -> Sql:
        return Sql(literal_text(node.value), node.type, nullable=False)

    def _null(self, _node: tree.Null) -> Sql:
        return Sql("NULL", types.UNTYPED)

    def _variable(self, node: tree.Variable) -> Sql:
        return self.environment.variable(node.name)

    def _columnref(self, node: tree.ColumnRef) -> Sql:
        for depth, scope in enumerate(reversed(self.scopes)):
            relation, found = self._find(scope, node)
            if relation is not None and found is not None:
                sql = Sql(f"{quote(relation.alias)}.{quote(found.name)}", found.type, found.nullable)
                if (
                    depth == 0
                    and scope.grouped is not None
                    and not scope.inside_aggregate
                    and sql.text not in scope.grouped
                ):
                    raise refuse(8120, relation.alias, found.name, line=node.line)
                return sql
        if len(node.name) > 1:
            raise refuse(4104, ".".join(node.name), line=node.line)
        raise refuse(207, node.name[-1], line=node.line)

    def _find(self, scope: Scope, node: tree.ColumnRef) -> tuple[Relation | None, Field | None]:
        *qualifier, name = node.name
        matches = [
            relation for relation in scope.relations if not qualifier or matches_qualifier(relation, tuple(qualifier))
        ]
        found = [(relation, relation.field(name)) for relation in matches if relation.field(name)]
        if len(found) > 1:
            raise refuse(209, name, line=node.line)
        if found:
            return found[0]
        if qualifier and matches:
            raise refuse(207, name, line=node.line)
        return None, None

    def _star(self, _node: tree.Star) -> Sql:
        raise refuse(102, "*")

    def _unary(self, node: tree.Unary) -> Sql:
        operand = self.value(node.operand)
        if node.operator == "+":
            return operand
        if operand.type.name not in types.NUMBERS and operand.type.name:
            raise refuse(8117, operand.type.name, "minus" if node.operator == "-" else "'~'")
        return Sql(f"({node.operator}{operand.text})", operand.type, operand.nullable)

    def _binary(self, node: tree.Binary) -> Sql:
        return mixing.arithmetic(node.operator, self.value(node.left), self.value(node.right))

    def _case(self, node: tree.Case) -> Sql:
        results = [self.value(result) for _, result in node.branches]
        results.append(self.value(node.otherwise) if node.otherwise is not None else Sql("NULL", types.UNTYPED))
        unified, winner = mixing.unify(results)
        if not winner.name:
            raise refuse(8133)
        parts = ["CASE"]
        for (test, _), result in zip(node.branches, unified, strict=False):
            parts.append(f"WHEN {self._case_test(node, test)} THEN {result.text}")
        parts.append(f"ELSE {unified[-1].text} END")
        nullable = any(result.nullable for result in results)
        return Sql(" ".join(parts), winner, nullable)

    def _case_test(self, node: tree.Case, test: tree.Expression) -> str:
        if node.operand is None:
            return self.condition(test)
        return mixing.compare(self.value(node.operand), "=", self.value(test))

    def _cast(self, node: tree.Cast) -> Sql:
        style = mixing.cast(self.value(node.style), types.INT).text if node.style is not None else "0"
        return mixing.cast(self.value(node.operand), node.type, style, node.forgiving)

    def _collate(self, node: tree.Collate) -> Sql:
        operand = self.value(node.operand)
        if operand.type.name not in types.TEXT and operand.type.name:
            raise refuse(447, operand.type.name)
        collation = node.collation.upper()
        if not (
            collation.endswith(("_CI_AS", "_CS_AS", "_CI_AI", "_BIN", "_BIN2", "_UTF8", "_SC", "_WS"))
            or "DEFAULT" in collation
        ):
            raise refuse(448, node.collation)
        exact = "_CS" in collation or "_BIN" in collation
        return Sql(operand.text, operand.type, operand.nullable, "BINARY" if exact else "NOCASE")

    def _attimezone(self, node: tree.AtTimeZone) -> Sql:
        operand, zone = self.value(node.operand), self.value(node.zone)
        text = f"f_attimezone({operand.text}, {int(operand.type.name == 'datetimeoffset')}, {zone.text})"
        return Sql(text, types.DATETIMEOFFSET)

    def _scalarquery(self, node: tree.ScalarQuery) -> Sql:
        text, fields = self.subquery(node.query)
        if len(fields) != 1:
            raise refuse(116)
        # SQLite would take the first of several rows; SQL Server refuses (512).
        counted = (
            f"(SELECT CASE WHEN count(*) > 1 THEN f_toomany() ELSE max(v) END FROM (SELECT * FROM ({text}) LIMIT 2))"
        )
        counted = counted.replace("max(v)", f"max({quote(field_name(fields, 0))})")
        return Sql(counted, fields[0].type)

    def _call(self, node: tree.Call) -> Sql:
        return functions.translate(self, node)

    # -------------------------------------------------------------------------------------------- conditions

    def condition(self, node: tree.Expression) -> str:
        method = getattr(self, f"_is_{type(node).__name__.lower()}", None)
        if method is None:
            raise refuse(4145, "")
        text: str = method(node)
        return text

    def _is_comparison(self, node: tree.Comparison) -> str:
        return mixing.compare(self.value(node.left), node.operator, self.value(node.right))

    def _is_logical(self, node: tree.Logical) -> str:
        return f"({self.condition(node.left)} {node.operator} {self.condition(node.right)})"

    def _is_not(self, node: tree.Not) -> str:
        return f"(NOT {self.condition(node.operand)})"

    def _is_isnull(self, node: tree.IsNull) -> str:
        return f"({self.value(node.operand).text} IS {'NOT ' if node.negated else ''}NULL)"

    def _is_between(self, node: tree.Between) -> str:
        operand = self.value(node.operand)
        low = mixing.compare(operand, ">=", self.value(node.low))
        high = mixing.compare(operand, "<=", self.value(node.high))
        return f"({'NOT ' if node.negated else ''}({low} AND {high}))"

    def _is_like(self, node: tree.Like) -> str:
        operand, pattern = self.value(node.operand), self.value(node.pattern)
        operand, pattern = (mixing.in_kind(part, types.nvarchar(4000)) for part in (operand, pattern))
        escape = self.value(node.escape).text if node.escape is not None else "''"
        exact = int(mixing.collation(operand, pattern) == "BINARY")
        return f"({'NOT ' if node.negated else ''}f_like({operand.text}, {pattern.text}, {escape}, {exact}))"

    def _is_inlist(self, node: tree.InList) -> str:
        operand = self.value(node.operand)
        tests = [mixing.compare(operand, "=", self.value(item)) for item in node.items]
        return f"({'NOT ' if node.negated else ''}({' OR '.join(tests)}))"

    def _is_inquery(self, node: tree.InQuery) -> str:
        text, fields = self.subquery(node.query)
        if len(fields) != 1:
            raise refuse(116)
        operand = mixing.in_kind(self.value(node.operand), fields[0].type)
        collate = " COLLATE NOCASE" if mixing.kind(operand.type) == "text" else ""
        return f"({operand.text}{collate} {'NOT ' if node.negated else ''}IN ({text}))"

    def _is_exists(self, node: tree.Exists) -> str:
        return f"EXISTS ({self.subquery(node.query)[0]})"

    def _is_quantified(self, node: tree.Quantified) -> str:
        """a > ALL (q): no row of q for which it does not hold."""
        text, fields = self.subquery(node.query)
        inner = Sql(f"q.{quote(field_name(fields, 0))}", fields[0].type)
        test = mixing.compare(self.value(node.left), node.operator, inner)
        if node.quantifier == "ALL":
            return f"(NOT EXISTS (SELECT 1 FROM ({text}) AS q WHERE NOT {test} OR {test} IS NULL))"
        return f"EXISTS (SELECT 1 FROM ({text}) AS q WHERE {test})"


def matches_qualifier(relation: Relation, qualifier: tree.Name) -> bool:
    """alias, table, schema.table or database.schema.table."""
    wanted = tuple(part.lower() for part in qualifier)
    if wanted == (relation.alias.lower(),):
        return True
    name = tuple(part.lower() for part in relation.name)
    if not name or name[-1] != relation.alias.lower():
        return False  # an alias hides the table's own name
    full = ("",) * (3 - len(name)) + name
    padded = ("",) * (3 - len(wanted)) + wanted
    return all(
        not mine or mine == theirs or (mine == "dbo" and not theirs) for mine, theirs in zip(padded, full, strict=False)
    )


def field_name(fields: tuple[Field, ...], index: int) -> str:
    return fields[index].name or f"c{index + 1}"


def literal_text(value: Any) -> str:
    if isinstance(value, str):
        return quote_text(value)
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() and abs(value) < 2**63 else repr(float(value))
    return repr(value)


def literal_type(value: Any, sql_type: SqlType) -> Sql:
    return Sql(literal_text(value), sql_type, nullable=False)
