# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""T-SQL's functions: how many arguments, what type comes out, and SQLite's text for them.

``f_...`` are functions of :mod:`simulator.engine.query.runtime`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.engine.events import SqlType
from simulator.engine.query import aggregates, date_functions, mixing, types
from simulator.engine.query.model import Sql, code, refuse
from simulator.engine.tsql import tree

if TYPE_CHECKING:
    from simulator.engine.query.expressions import ExpressionTranslator

Rule = Callable[[list[Sql]], SqlType]


@dataclass(frozen=True)
class Scalar:
    """``takes``: the kinds that arguments are converted to; the last repeats. ``least``: how many must be there."""

    least: int
    most: int
    takes: tuple[SqlType | None, ...]
    gives: SqlType | Rule
    nullable: bool = True


_TEXT = types.nvarchar(4000)
_INT, _NAME, _FLOAT = types.INT, types.SYSNAME, types.FLOAT


def _as_first(values: list[Sql]) -> SqlType:
    first = values[0].type
    return first if first.name in types.TEXT else _TEXT


def _number(values: list[Sql]) -> SqlType:
    first = values[0].type
    return types.INT if first.name in {"bit", "tinyint", "smallint"} else first


def _whole(values: list[Sql]) -> SqlType:
    first = _number(values)
    return SqlType("numeric", precision=first.precision) if first.name in {"numeric", "decimal"} else first


def _rounded(values: list[Sql]) -> SqlType:
    first = _number(values)
    return (
        SqlType("numeric", precision=min(first.precision + 1, 38), scale=first.scale)
        if first.name == "numeric"
        else first
    )


SCALARS: dict[str, Scalar] = {
    # text
    "LEN": Scalar(1, 1, (_TEXT,), _INT), "UPPER": Scalar(1, 1, (_TEXT,), _as_first), "LOWER": Scalar(1, 1, (_TEXT,),
    _as_first),
    "LTRIM": Scalar(1, 1, (_TEXT,), _as_first), "RTRIM": Scalar(1, 1, (_TEXT,), _as_first),
    "TRIM": Scalar(1, 1, (_TEXT,), _as_first), "LEFT": Scalar(2, 2, (_TEXT, _INT), _as_first),
    "RIGHT": Scalar(2, 2, (_TEXT, _INT), _as_first), "SUBSTRING": Scalar(3, 3, (None, _INT, _INT), _as_first),
    "REPLACE": Scalar(3, 3, (_TEXT,), _TEXT), "CHARINDEX": Scalar(2, 3, (_TEXT, _TEXT, _INT), _INT),
    "PATINDEX": Scalar(2, 2, (_TEXT,), _INT), "REPLICATE": Scalar(2, 2, (_TEXT, _INT), _TEXT),
    "SPACE": Scalar(1, 1, (_INT,), types.varchar(8000)), "REVERSE": Scalar(1, 1, (_TEXT,), _as_first),
    "STUFF": Scalar(4, 4, (_TEXT, _INT, _INT, _TEXT), _TEXT), "CHAR": Scalar(1, 1, (_INT,), types.varchar(1)),
    "NCHAR": Scalar(1, 1, (_INT,), types.nvarchar(1)), "ASCII": Scalar(1, 1, (_TEXT,), _INT),
    "UNICODE": Scalar(1, 1, (_TEXT,), _INT), "QUOTENAME": Scalar(1, 2, (_TEXT, _TEXT), types.nvarchar(258)),
    "PARSENAME": Scalar(2, 2, (_TEXT, _INT), _NAME), "STR": Scalar(1, 3, (_FLOAT, _INT, _INT), types.varchar(8000)),
    "ISNUMERIC": Scalar(1, 1, (_TEXT,), _INT, nullable=False), "STRING_ESCAPE": Scalar(2, 2, (_TEXT,), _TEXT),
    # numbers
    "ABS": Scalar(1, 1, (None,), _number), "CEILING": Scalar(1, 1, (None,), _whole), "FLOOR": Scalar(1, 1, (None,),
    _whole),
    "ROUND": Scalar(2, 3, (None, _INT, _INT), _rounded), "SIGN": Scalar(1, 1, (None,), _number),
    "POWER": Scalar(2, 2, (None, _FLOAT), _number), "SQRT": Scalar(1, 1, (_FLOAT,), _FLOAT),
    "SQUARE": Scalar(1, 1, (_FLOAT,), _FLOAT), "EXP": Scalar(1, 1, (_FLOAT,), _FLOAT), "LOG": Scalar(1, 2, (_FLOAT,),
    _FLOAT),
    "LOG10": Scalar(1, 1, (_FLOAT,), _FLOAT), "PI": Scalar(0, 0, (), _FLOAT), "RAND": Scalar(0, 1, (_INT,), _FLOAT),
    # time
    "GETDATE": Scalar(0, 0, (), types.DATETIME, nullable=False), "GETUTCDATE": Scalar(0, 0, (), types.DATETIME,
    nullable=False),
    "SYSDATETIME": Scalar(0, 0, (), types.DATETIME2, nullable=False),
    "SYSUTCDATETIME": Scalar(0, 0, (), types.DATETIME2, nullable=False),
    "SYSDATETIMEOFFSET": Scalar(0, 0, (), types.DATETIMEOFFSET, nullable=False),
    "CURRENT_TIMESTAMP": Scalar(0, 0, (), types.DATETIME, nullable=False),
    "YEAR": Scalar(1, 1, (types.DATETIME2,), _INT), "MONTH": Scalar(1, 1, (types.DATETIME2,), _INT),
    "DAY": Scalar(1, 1, (types.DATETIME2,), _INT), "EOMONTH": Scalar(1, 2, (types.DATETIME2, _INT), SqlType("date")),
    "DATEFROMPARTS": Scalar(3, 3, (_INT,), SqlType("date")), "ISDATE": Scalar(1, 1, (_TEXT,), _INT, nullable=False),
    "SWITCHOFFSET": Scalar(2, 2, (types.DATETIMEOFFSET, _TEXT), types.DATETIMEOFFSET),
    "TODATETIMEOFFSET": Scalar(2, 2, (types.DATETIME2, _TEXT), types.DATETIMEOFFSET),
    # identity of things
    "NEWID": Scalar(0, 0, (), types.GUID, nullable=False), "NEWSEQUENTIALID": Scalar(0, 0, (), types.GUID,
    nullable=False),
    "DB_ID": Scalar(0, 1, (_TEXT,), SqlType("smallint")), "DB_NAME": Scalar(0, 1, (_INT,), types.nvarchar(128)),
    "OBJECT_ID": Scalar(1, 2, (_TEXT,), _INT), "OBJECT_NAME": Scalar(1, 2, (_INT,), _NAME),
    "OBJECT_SCHEMA_NAME": Scalar(1, 2, (_INT,), _NAME), "SCHEMA_ID": Scalar(0, 1, (_TEXT,), _INT),
    "SCHEMA_NAME": Scalar(0, 1, (_INT,), _NAME), "COL_LENGTH": Scalar(2, 2, (_TEXT,), SqlType("smallint")),
    "TYPE_NAME": Scalar(1, 1, (_INT,), _NAME), "TYPE_ID": Scalar(1, 1, (_TEXT,), _INT),
    "USER_NAME": Scalar(0, 1, (_INT,), types.nvarchar(256)), "USER_ID": Scalar(0, 1, (_TEXT,), _INT),
    "DATABASE_PRINCIPAL_ID": Scalar(0, 1, (_TEXT,), _INT), "SUSER_SNAME": Scalar(0, 1, (None,), types.nvarchar(128)),
    "SUSER_NAME": Scalar(0, 1, (_INT,), types.nvarchar(128)), "SUSER_ID": Scalar(0, 1, (_TEXT,), _INT),
    "SUSER_SID": Scalar(0, 2, (_TEXT, _INT), types.varbinary(85)), "ORIGINAL_LOGIN": Scalar(0, 0, (), _NAME),
    "SYSTEM_USER": Scalar(0, 0, (), types.nvarchar(128)), "CURRENT_USER": Scalar(0, 0, (), types.nvarchar(128)),
    "SESSION_USER": Scalar(0, 0, (), types.nvarchar(128)), "USER": Scalar(0, 0, (), types.nvarchar(128)),
    "HOST_NAME": Scalar(0, 0, (), types.nvarchar(128)), "APP_NAME": Scalar(0, 0, (), types.nvarchar(128)),
    # state and rights
    "DATABASEPROPERTYEX": Scalar(2, 2, (_TEXT,), types.nvarchar(128)), "HAS_DBACCESS": Scalar(1, 1, (_TEXT,), _INT),
    "HAS_PERMS_BY_NAME": Scalar(3, 5, (_TEXT,), _INT), "IS_SRVROLEMEMBER": Scalar(1, 2, (_TEXT,), _INT),
    "PWDCOMPARE": Scalar(2, 3, (_TEXT, types.varbinary(256), _INT), _INT),
    "IS_MEMBER": Scalar(1, 1, (_TEXT,), _INT), "IS_ROLEMEMBER": Scalar(1, 2, (_TEXT,), _INT),
    "SCOPE_IDENTITY": Scalar(0, 0, (), SqlType("numeric", precision=38)),
    "IDENT_CURRENT": Scalar(1, 1, (_TEXT,), SqlType("numeric", precision=38)), "XACT_STATE": Scalar(0, 0, (),
    SqlType("smallint")),
    "ROWCOUNT_BIG": Scalar(0, 0, (), types.BIGINT), "ERROR_NUMBER": Scalar(0, 0, (), _INT),
    "ERROR_MESSAGE": Scalar(0, 0, (), _TEXT), "ERROR_SEVERITY": Scalar(0, 0, (), _INT), "ERROR_STATE": Scalar(0, 0,
    (), _INT),
    "ERROR_LINE": Scalar(0, 0, (), _INT), "ERROR_PROCEDURE": Scalar(0, 0, (), types.nvarchar(128)),
    "CONNECTIONPROPERTY": Scalar(1, 1, (_TEXT,), types.nvarchar(128)),
}  # fmt: skip


def translate(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    if len(node.name) > 1 and node.name[0].lower() != "sys":
        raise refuse(4121, node.name[0], ".".join(node.name), line=node.line)
    name = node.name[-1].upper()
    if name in aggregates.AGGREGATES or name in aggregates.RANKINGS:
        return aggregates.translate(translator, name, node)
    if name in date_functions.DATE_FUNCTIONS:
        return date_functions.translate(translator, name, node)
    if name in _SPECIAL:
        return _SPECIAL[name](translator, node)
    if name not in SCALARS:
        raise refuse(195, node.name[-1], "built-in function name", line=node.line)
    return _scalar(translator, name, node)


def _scalar(translator: ExpressionTranslator, name: str, node: tree.Call) -> Sql:
    spec = SCALARS[name]
    count_arguments(name, node, spec.least, spec.most)
    values = [translator.value(argument) for argument in node.arguments]
    converted = []
    for index, value in enumerate(values):
        wanted = spec.takes[min(index, len(spec.takes) - 1)]
        converted.append(_of_its_kind(name, value, index) if wanted is None else mixing.in_kind(value, wanted))
    gives = spec.gives if isinstance(spec.gives, SqlType) else spec.gives(values)
    text = f"f_{name.lower()}({', '.join(value.text for value in converted)})"
    return Sql(text, gives, spec.nullable)


def _of_its_kind(name: str, value: Sql, index: int) -> Sql:
    """Arguments that keep their type: a number, or for SUBSTRING text or binary, for SUSER_SNAME a SID."""
    kinds = {"SUBSTRING": ("text", "binary"), "SUSER_SNAME": ("binary",)}.get(name, ("number",))
    if not value.type.name or mixing.kind(value.type) in kinds:
        return value
    if kinds == ("number",) and mixing.kind(value.type) == "text":
        return mixing.cast(value, _FLOAT)
    raise refuse(8116, value.type.name, index + 1, name.lower())


def count_arguments(name: str, node: tree.Call, least: int, most: int) -> None:
    if least <= len(node.arguments) <= most:
        return
    if least == most:
        raise refuse(174, name.lower(), least, line=node.line)
    raise refuse(189, name.lower(), least, most, line=node.line)


# ------------------------------------------------------------------------------------------------ the odd ones


def _isnull(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    """Takes the type of its first argument, unlike COALESCE."""
    count_arguments("isnull", node, 2, 2)
    first, second = (translator.value(argument) for argument in node.arguments)
    gives = first.type if first.type.name else second.type
    return Sql(f"ifnull({first.text}, {mixing.in_kind(second, gives).text})", gives, first.nullable and second.nullable)


def _coalesce(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    if not node.arguments:
        raise refuse(102, ")", line=node.line)
    values, winner = mixing.unify([translator.value(argument) for argument in node.arguments])
    if len(values) == 1:
        return values[0]
    text = f"coalesce({', '.join(value.text for value in values)})"
    return Sql(text, winner, all(value.nullable for value in values))


def _nullif(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    count_arguments("nullif", node, 2, 2)
    first, second = (translator.value(argument) for argument in node.arguments)
    test = mixing.compare(first, "=", second)
    return Sql(f"CASE WHEN {test} THEN NULL ELSE {first.text} END", first.type)


def _iif(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    count_arguments("iif", node, 3, 3)
    test = translator.condition(node.arguments[0])
    (yes, no), winner = mixing.unify([translator.value(argument) for argument in node.arguments[1:]])
    return Sql(f"CASE WHEN {test} THEN {yes.text} ELSE {no.text} END", winner)


def _choose(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    count_arguments("choose", node, 2, 254)
    index = mixing.cast(translator.value(node.arguments[0]), types.INT)
    values, winner = mixing.unify([translator.value(argument) for argument in node.arguments[1:]])
    branches = " ".join(f"WHEN {position} THEN {value.text}" for position, value in enumerate(values, 1))
    return Sql(f"CASE {index.text} {branches} END", winner)


def _concat(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    name, least = node.name[-1], 2 if node.name[-1].upper() == "CONCAT" else 3
    count_arguments(name, node, least, 254)
    values = [mixing.in_kind(translator.value(argument), _TEXT) for argument in node.arguments]
    return Sql(f"f_{name.lower()}({', '.join(value.text for value in values)})", _TEXT, nullable=False)


def _datalength(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    count_arguments("datalength", node, 1, 1)
    value = translator.value(node.arguments[0])
    return Sql(f"f_datalength({value.text}, {code(value.type)})", types.INT)


def _hashbytes(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    count_arguments("hashbytes", node, 2, 2)
    name, value = (translator.value(argument) for argument in node.arguments)
    name = mixing.in_kind(name, _TEXT)
    return Sql(f"f_hashbytes({name.text}, {value.text}, {code(value.type)})", types.varbinary(8000))


def _checksum(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    count_arguments(node.name[-1], node, 1, 1024)
    values: list[Sql] = []
    for argument in node.arguments:
        if isinstance(argument, tree.Star):
            values += translator.star_values(argument)
        else:
            values.append(translator.value(argument))
    arguments = ", ".join(value.text for value in values)
    return Sql(f"f_{node.name[-1].lower()}({arguments})", types.INT, nullable=False)


def _serverproperty(translator: ExpressionTranslator, node: tree.Call) -> Sql:
    """sql_variant in SQL Server; here the type that the documentation names for the property, when it stands there."""
    count_arguments("serverproperty", node, 1, 1)
    argument = node.arguments[0]
    name = str(argument.value).lower() if isinstance(argument, tree.Literal) else ""
    whole = name.startswith("is") or name in types.INTEGER_PROPERTIES
    text = mixing.in_kind(translator.value(argument), _TEXT).text
    return Sql(f"f_serverproperty({text})", types.INT if whole else types.nvarchar(128))


_SPECIAL: dict[str, Callable[[ExpressionTranslator, tree.Call], Sql]] = {
    "ISNULL": _isnull, "COALESCE": _coalesce, "NULLIF": _nullif, "IIF": _iif, "CHOOSE": _choose, "CONCAT": _concat,
    "CONCAT_WS": _concat, "DATALENGTH": _datalength, "HASHBYTES": _hashbytes, "CHECKSUM": _checksum,
    "BINARY_CHECKSUM": _checksum, "SERVERPROPERTY": _serverproperty,
}  # fmt: skip
