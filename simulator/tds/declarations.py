# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameter declarations of sp_executesql and sp_prepare: '@P1 int, @name nvarchar(max) OUTPUT'."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.engine.events import Parameter, SqlType
from simulator.tds import refusals
from simulator.tds.column_types import is_known

_DECLARATION = re.compile(
    r"""\s*(?P<name>@[\w@$\#]*)\s+(?:as\s+)?
        (?:sys\s*\.\s*)?\[?(?P<type>[a-z_]\w*)\]?
        (?:\s*\(\s*(?P<first>max|\d+)\s*(?:,\s*(?P<second>\d+)\s*)?\))?
        (?:\s+(?P<output>out|output))?\s*(?:,|\Z)""",
    re.IGNORECASE | re.VERBOSE,
)
_TEMPORAL_DIGITS = {"time": 8, "datetime2": 19, "datetimeoffset": 26}
_WITH_PRECISION = ("decimal", "numeric", "dec")
_WITH_LENGTH = ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary")


@dataclass(frozen=True)
class Declaration:
    name: str
    type: SqlType
    output: bool


def parse(text: str) -> tuple[Declaration, ...]:
    declarations = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _DECLARATION.match(text, at)
        if match is None or not is_known(match["type"].lower()):
            raise refusals.bad_declaration(text[at : at + 40].strip())
        declarations.append(Declaration(match["name"], _declared_type(match), bool(match["output"])))
        at = match.end()
    return tuple(declarations)


def _declared_type(match: re.Match[str]) -> SqlType:
    name = match["type"].lower()
    first = match["first"]
    number = -1 if first and first.lower() == "max" else int(first or 0)
    if name in _WITH_LENGTH:
        return SqlType(name, number or 1)
    if name in _WITH_PRECISION:
        return SqlType(name, 0, number or 18, int(match["second"] or 0))
    if name in _TEMPORAL_DIGITS:
        scale = number if first else 7
        return SqlType(name, 0, _TEMPORAL_DIGITS[name] + (scale + 1 if scale else 0), scale)
    return SqlType(name, 0, number)


def bind(statement: str, declarations: tuple[Declaration, ...], given: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Values by name, or by place where they have none. The declared type counts; the value stays as it came."""
    values: dict[str, Parameter] = {}
    by_name = {declared.name.lower(): declared for declared in declarations}
    for place, parameter in enumerate(given):
        if not parameter.name and place >= len(declarations):
            raise refusals.surplus_parameter("sp_executesql")
        name = (parameter.name or declarations[place].name).lower()
        if name not in by_name:
            raise refusals.unknown_parameter("sp_executesql", parameter.name)
        values[name] = parameter
    for declared in declarations:
        if declared.name.lower() not in values:
            raise refusals.missing_parameter(statement, declared.name)
    return tuple(
        Parameter(
            declared.name,
            declared.type,
            values[declared.name.lower()].value,
            declared.output and values[declared.name.lower()].output,
        )
        for declared in declarations
    )
