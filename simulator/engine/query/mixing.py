# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mixed types: what T-SQL converts by itself before it compares, adds or assigns."""

from __future__ import annotations

from simulator.engine.events import SqlType
from simulator.engine.query import types
from simulator.engine.query.model import Sql, code, quote_text, refuse

_KINDS = (
    (types.TEXT, "text"), (types.NUMBERS, "number"), (types.MOMENTS - {"datetimeoffset"}, "moment"),
    (frozenset({"datetimeoffset"}), "offset"), (types.BINARY, "binary"),
)  # fmt: skip


def kind(sql_type: SqlType) -> str:
    """Types of one kind are kept alike, so that SQLite may compare them."""
    for names, found in _KINDS:
        if sql_type.name in names:
            return found
    return sql_type.name


def cast(value: Sql, target: SqlType, style: str = "0", forgiving: bool = False) -> Sql:
    if value.type == target and style == "0":
        return value
    function = "f_try_cast" if forgiving else "f_cast"
    text = f"{function}({value.text}, {code(value.type)}, {code(target)}, {style})"
    return Sql(text, target, value.nullable or forgiving, value.collation)


def in_kind(value: Sql, target: SqlType) -> Sql:
    """Converts only where the kinds differ."""
    if kind(value.type) == kind(target) or not value.type.name:
        return value
    return cast(value, target)


def unify(values: list[Sql]) -> tuple[list[Sql], SqlType]:
    """For CASE, COALESCE, UNION, IN: all in the type that wins."""
    winner = types.UNTYPED
    for value in values:
        winner = types.higher(winner, value.type)
    return [in_kind(value, winner) for value in values], winner


def compare(left: Sql, operator: str, right: Sql) -> str:
    (one, other), winner = unify([left, right])
    if "xml" in (left.type.name, right.type.name):
        raise refuse(402, left.type.name, right.type.name, {"=": "equal to"}.get(operator, operator))
    if kind(winner) == "text":
        return f"({one.text} {operator} {other.text} COLLATE {collation(left, right)})"
    if kind(winner) == "offset":
        return f"(substr({one.text}, 1, 26) {operator} substr({other.text}, 1, 26))"
    return f"({one.text} {operator} {other.text})"


def collation(*values: Sql) -> str:
    return "BINARY" if any(value.collation == "BINARY" for value in values) else "NOCASE"


def sortable(value: Sql) -> str:
    return f"{value.text} COLLATE {value.collation}" if kind(value.type) == "text" else value.text


def is_exact(sql_type: SqlType) -> bool:
    return sql_type.name in types.EXACT


def assign(value: Sql, target: SqlType, table: str, column: str) -> str:
    """The value as a column of this type keeps it; 2628 rather than a silent cut."""
    if value.text == "NULL" or _fits(value.type, target):
        return value.text
    places = f"{quote_text(table)}, {quote_text(column)}"
    return f"f_fit({value.text}, {code(value.type)}, {code(target)}, {places})"


def _fits(source: SqlType, target: SqlType) -> bool:
    if source == target:
        return True
    if source.name in types.TEXT and target.name in types.TEXT:
        return target.length == -1 or (0 < source.length <= target.length)
    if source.name in types.INTEGERS and target.name in types.INTEGERS:
        return types.rank(source) <= types.rank(target)
    return False


def arithmetic(operator: str, left: Sql, right: Sql) -> Sql:
    if not left.type.name and not right.type.name:
        return Sql("NULL", types.INT)
    winner = types.higher(left.type, right.type)
    if operator == "+" and kind(winner) == "text":
        return _concatenate(left, right, winner)
    if kind(winner) in {"moment"} and operator in "+-":
        return _move(operator, left, right, winner)
    if operator == "+" and kind(winner) == "binary":
        return Sql(f"f_join({left.text}, {right.text})", types.varbinary(8000))
    if winner.name not in types.NUMBERS:
        if winner.name in types.TEXT and not {left.type.name, right.type.name} & types.NUMBERS:
            raise refuse(402, left.type.name, right.type.name, _OPERATOR_NAMES[operator])
        raise refuse(8117, winner.name, _OPERATOR_NAMES[operator])
    return _calculate(operator, in_kind(left, winner), in_kind(right, winner), winner)


_OPERATOR_NAMES = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo", "&": "'&'", "|": "'|'", "^": "'^'",
}  # fmt: skip


def _concatenate(left: Sql, right: Sql, winner: SqlType) -> Sql:
    lengths = (left.type.length, right.type.length)
    limit = 4000 if winner.name in types.UNICODE else 8000
    length = -1 if -1 in lengths else min(sum(lengths), limit)
    name = "nvarchar" if winner.name in types.UNICODE else "varchar"
    text = f"({in_kind(left, winner).text} || {in_kind(right, winner).text})"
    return Sql(text, SqlType(name, length), left.nullable or right.nullable, collation(left, right))


def _move(operator: str, left: Sql, right: Sql, winner: SqlType) -> Sql:
    """datetime + days; the newer types refuse it as SQL Server does."""
    if winner.name not in {"datetime", "smalldatetime"}:
        raise refuse(206, right.type.name, winner.name)
    sign = "-" if operator == "-" else ""
    text = f"f_move({cast(left, types.DATETIME).text}, {sign}({cast(right, types.FLOAT).text}))"
    return Sql(text, types.DATETIME)


def _calculate(operator: str, left: Sql, right: Sql, winner: SqlType) -> Sql:
    nullable = left.nullable or right.nullable
    if operator in "&|^":
        text = f"f_xor({left.text}, {right.text})" if operator == "^" else f"({left.text} {operator} {right.text})"
        return Sql(text, winner, nullable)
    if winner.name == "bit":
        winner = types.INT if operator in "/%" else winner
    if operator in "/%":
        function = "f_divide" if operator == "/" else "f_modulo"
        text = f"{function}({left.text}, {right.text}, {int(winner.name in types.INTEGERS)})"
    else:
        text = f"({left.text} {operator} {right.text})"
    if is_exact(winner):
        winner = _exact_result(operator, left.type, right.type, winner)
        text = f"round({text}, {winner.scale})" if winner.scale else text
    return Sql(text, winner, nullable)


def _exact_result(operator: str, left: SqlType, right: SqlType, winner: SqlType) -> SqlType:
    """Documented precision and scale of decimal arithmetic."""
    if winner.name in {"money", "smallmoney"}:
        return SqlType("money", scale=4)
    (p1, s1), (p2, s2) = types.exact_size(left), types.exact_size(right)
    if operator == "*":
        precision, scale = p1 + p2 + 1, s1 + s2
    elif operator == "/":
        scale = max(6, s1 + p2 + 1)
        precision = p1 - s1 + s2 + scale
    elif operator == "%":
        scale = max(s1, s2)
        precision = min(p1 - s1, p2 - s2) + scale
    else:
        scale = max(s1, s2)
        precision = max(p1 - s1, p2 - s2) + scale + 1
    if precision > 38:
        whole = precision - scale
        scale = max(38 - whole, min(scale, 6))
        precision = 38
    return SqlType("numeric", precision=precision, scale=scale)
