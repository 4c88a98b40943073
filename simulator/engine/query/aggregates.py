# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Aggregates and ranking functions, alone or over a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine.events import SqlType
from simulator.engine.query import mixing, types
from simulator.engine.query.model import Sql, refuse
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.query.expressions import ExpressionTranslator

AGGREGATES = frozenset(
    """
    COUNT COUNT_BIG SUM AVG MIN MAX STDEV STDEVP VAR VARP STRING_AGG CHECKSUM_AGG GROUPING APPROX_COUNT_DISTINCT
    """.split()  # noqa: SIM905
)
RANKINGS = frozenset(["ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE"])


def contains_aggregate(node: object) -> bool:
    """An aggregate of this very SELECT; those inside of a subquery or a window belong elsewhere."""
    if isinstance(node, tree.Call):
        if node.name[-1].upper() in AGGREGATES and node.over is None:
            return True
        return any(contains_aggregate(argument) for argument in node.arguments)
    if isinstance(node, (tree.ScalarQuery, tree.InQuery, tree.Exists, tree.Quantified)):
        return False
    if isinstance(node, tuple):
        return any(contains_aggregate(part) for part in node)
    fields = getattr(node, "__dataclass_fields__", None)
    return fields is not None and any(contains_aggregate(getattr(node, name)) for name in fields)


def translate(translator: ExpressionTranslator, name: str, node: tree.Call) -> Sql:
    scope = translator.scopes[-1] if translator.scopes else None
    if scope is not None and scope.inside_aggregate and node.over is None:
        raise refuse(130)
    if name in RANKINGS:
        return _ranking(translator, name, node)
    if node.over is not None:  # the arguments of a window function are ordinary expressions of its SELECT
        return _aggregate(translator, name, node, f" {_window(translator, node.over)}")
    if scope is not None:
        scope.inside_aggregate = True
    try:
        return _aggregate(translator, name, node, "")
    finally:
        if scope is not None:
            scope.inside_aggregate = False


def _aggregate(translator: ExpressionTranslator, name: str, node: tree.Call, window: str) -> Sql:
    if name in {"COUNT", "COUNT_BIG"}:
        return _count(translator, name, node, window)
    if name == "STRING_AGG":
        return _string_agg(translator, node)
    if len(node.arguments) != 1:
        raise refuse(174, name, 1, line=node.line)
    value = translator.value(node.arguments[0])
    distinct = "DISTINCT " if node.distinct else ""
    if name in {"MIN", "MAX"}:
        return Sql(f"{name.lower()}({distinct}{mixing.sortable(value)}){window}", value.type)
    if name == "CHECKSUM_AGG" and value.type.name in types.INTEGERS:
        return Sql(f"f_checksum_agg({distinct}{value.text})", types.INT)
    if name == "CHECKSUM_AGG" or value.type.name not in types.NUMBERS - {"bit"}:
        raise refuse(8117, value.type.name or "NULL", name.lower(), line=node.line)
    if name in {"STDEV", "STDEVP", "VAR", "VARP"}:
        return Sql(f"f_{name.lower()}({distinct}{value.text})", types.FLOAT)
    if name not in {"SUM", "AVG"}:
        raise refuse(40514, name, line=node.line)
    return _sum(name, value, distinct, window)


def _sum(name: str, value: Sql, distinct: str, window: str) -> Sql:
    text = f"{name.lower()}({distinct}{value.text}){window}"
    if value.type.name in types.INTEGERS:
        gives = types.BIGINT if value.type.name == "bigint" else types.INT
        total = f"sum({distinct}{value.text}){window}"
        return Sql(total if name == "SUM" else f"({total} / count({distinct}{value.text}){window})", gives)
    if value.type.name in types.APPROXIMATE:
        return Sql(text, types.FLOAT)
    if value.type.name in {"money", "smallmoney"}:
        return Sql(f"round({text}, 4)", SqlType("money"))
    _, scale = types.exact_size(value.type)
    scale = scale if name == "SUM" else max(scale, 6)
    return Sql(f"round({text}, {scale})" if scale else text, SqlType("decimal", precision=38, scale=scale))


def _count(translator: ExpressionTranslator, name: str, node: tree.Call, window: str) -> Sql:
    gives = types.BIGINT if name == "COUNT_BIG" else types.INT
    if len(node.arguments) != 1:
        raise refuse(174, name.lower(), 1, line=node.line)
    if isinstance(node.arguments[0], tree.Star):
        return Sql(f"count(*){window}", gives, nullable=False)
    value = translator.value(node.arguments[0])
    return Sql(f"count({'DISTINCT ' if node.distinct else ''}{mixing.sortable(value)}){window}", gives, nullable=False)


def _string_agg(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    if len(node.arguments) != 2:
        raise refuse(174, "string_agg", 2, line=node.line)
    value, separator = (translator.value(argument) for argument in node.arguments)
    value = mixing.in_kind(value, types.nvarchar(4000))
    if not node.within:
        return Sql(f"group_concat({value.text}, {separator.text})", types.nvarchar(4000))
    keys = [translator.value(ordering.expression) for ordering in node.within]
    order = ", ".join(f"{key.text}, {int(o.descending)}" for key, o in zip(keys, node.within, strict=True))
    return Sql(f"f_string_agg({value.text}, {separator.text}, {order})", types.nvarchar(4000))


def _ranking(translator: ExpressionTranslator, name: str, node: tree.Call) -> Sql:
    if node.over is None:
        raise refuse(10753, name, line=node.line)
    if not node.over.order:
        raise refuse(4112, name, line=node.line)
    values = [translator.value(argument) for argument in node.arguments]
    gives = values[0].type if values and name != "NTILE" else types.BIGINT
    arguments = ", ".join(value.text for value in values)
    return Sql(f"{name.lower()}({arguments}) {_window(translator, node.over)}", gives)


def _window(translator: ExpressionTranslator, over: tree.Over) -> str:
    parts = []
    if over.partition:
        parts.append("PARTITION BY " + ", ".join(mixing.sortable(translator.value(part)) for part in over.partition))
    if over.order:
        parts.append("ORDER BY " + ", ".join(order_text(translator, ordering) for ordering in over.order))
    if over.frame:
        parts.append(over.frame)
    return f"OVER ({' '.join(parts)})"


def order_text(translator: ExpressionTranslator, ordering: tree.Ordering) -> str:
    return mixing.sortable(translator.value(ordering.expression)) + (" DESC" if ordering.descending else "")
