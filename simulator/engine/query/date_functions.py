# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""DATEADD, DATEDIFF, DATEPART and DATENAME: functions whose first argument is a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine.query import mixing, types
from simulator.engine.query.dates import PARTS
from simulator.engine.query.model import Sql, code, quote_text, refuse
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.query.expressions import ExpressionTranslator

DATE_FUNCTIONS = {"DATEADD": 3, "DATEDIFF": 3, "DATEDIFF_BIG": 3, "DATEPART": 2, "DATENAME": 2}


def translate(translator: ExpressionTranslator, name: str, node: tree.Call) -> Sql:
    if len(node.arguments) != DATE_FUNCTIONS[name]:
        raise refuse(174, name.lower(), DATE_FUNCTIONS[name], line=node.line)
    part = _date_part(name, node)
    values = [translator.value(argument) for argument in node.arguments[1:]]
    if name == "DATEADD":
        amount, moment = mixing.cast(values[0], types.INT), _moment(values[1])
        gives = (
            moment.type if moment.type.name != "datetime2" or values[1].type.name not in types.TEXT else types.DATETIME
        )
        return Sql(f"f_dateadd({part}, {amount.text}, {moment.text}, {code(moment.type)})", gives, moment.nullable)
    moments = [_moment(value) for value in values]
    arguments = ", ".join(f"{moment.text}, {code(moment.type)}" for moment in moments)
    gives = {"DATEDIFF_BIG": types.BIGINT, "DATENAME": types.nvarchar(30)}.get(name, types.INT)
    return Sql(f"f_{name.lower()}({part}, {arguments})", gives)


def _date_part(name: str, node: tree.Call) -> str:
    first = node.arguments[0]
    word = first.name[-1] if isinstance(first, tree.ColumnRef) and len(first.name) == 1 else ""
    if word.lower() not in PARTS:
        raise refuse(155, word, f"{name.lower()} option" if not word else name.lower(), line=node.line)
    return quote_text(PARTS[word.lower()])


def _moment(value: Sql) -> Sql:
    if value.type.name in types.DATES:
        return value
    return mixing.cast(value, types.DATETIME2 if value.type.name in types.TEXT else types.DATETIME)
