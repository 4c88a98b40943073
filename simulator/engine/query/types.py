# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""T-SQL's types: what may be declared, which wins in a mixed expression, and how a value is kept in SQLite.

Kept as: integers and bit as INTEGER; float and real as REAL; decimals as INTEGER when whole, else REAL (15 digits are
exact, more are refused); text as TEXT; binary as BLOB; uniqueidentifier as upper-case TEXT; every date type as ISO text
of fixed width, so that text order is time order; datetimeoffset as UTC followed by its offset.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from simulator.engine.events import SqlError, SqlType
from simulator.engine.messages import message
from simulator.engine.tsql import tree

INTEGERS = {"bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
RANGES = {
    "bit": (0, 1),
    "tinyint": (0, 255),
    "smallint": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
EXACT = frozenset({"decimal", "numeric", "money", "smallmoney"})
APPROXIMATE = frozenset({"float", "real"})
NUMBERS = frozenset(INTEGERS) | EXACT | APPROXIMATE
TEXT = frozenset({"char", "varchar", "nchar", "nvarchar", "text", "ntext", "sysname", "xml"})
UNICODE = frozenset({"nchar", "nvarchar", "ntext", "sysname", "xml"})
BINARY = frozenset({"binary", "varbinary", "image", "timestamp", "rowversion"})
MOMENTS = frozenset({"datetime", "datetime2", "smalldatetime", "datetimeoffset"})
DATES = MOMENTS | {"date", "time"}
# Documented order of data type precedence, highest first.
PRECEDENCE = (
    "sql_variant", "xml", "datetimeoffset", "datetime2", "datetime", "smalldatetime", "date", "time", "float", "real",
    "decimal", "numeric", "money", "smallmoney", "bigint", "int", "smallint", "tinyint", "bit", "ntext", "text",
    "image",
    "timestamp", "rowversion", "uniqueidentifier", "sysname", "nvarchar", "nchar", "varchar", "char", "varbinary",
    "binary",
)  # fmt: skip
_RANK = {name: len(PRECEDENCE) - index for index, name in enumerate(PRECEDENCE)}
_SYNONYMS = {
    "integer": "int", "dec": "decimal", "character": "char", "rowversion": "timestamp", "sysname": "sysname",
    "national": "nvarchar",
}  # fmt: skip
_SIZED = {"char": 8000, "varchar": 8000, "nchar": 4000, "nvarchar": 4000, "binary": 8000, "varbinary": 8000}
LITERALS = frozenset({"string", "nstring", "binary", "float", "decimal", "money", "integer"})  # kinds of tokens

INT = SqlType("int")
BIGINT = SqlType("bigint")
BIT = SqlType("bit")
FLOAT = SqlType("float", precision=53)
DATETIME = SqlType("datetime")
DATETIME2 = SqlType("datetime2", scale=7)
DATETIMEOFFSET = SqlType("datetimeoffset", scale=7)
SYSNAME = SqlType("sysname", 128)
VARIANT = SqlType("sql_variant")
GUID = SqlType("uniqueidentifier")
UNTYPED = SqlType("")  # of NULL without a context


def nvarchar(length: int) -> SqlType:
    return SqlType("nvarchar", length)


def varchar(length: int) -> SqlType:
    return SqlType("varchar", length)


def varbinary(length: int) -> SqlType:
    return SqlType("varbinary", length)


def declared(name: str, parameters: list[int], line: int = 1) -> SqlType:
    """The type of a declaration such as decimal(10, 2), or 243, 2715, 1001, 1002, 2716."""
    key = _SYNONYMS.get(name.lower(), name.lower())
    if key not in _RANK:
        raise SqlError(message(2715, 1, name, line=line))
    if key in _SIZED:
        return _sized(key, parameters, line)
    if key in {"decimal", "numeric"}:
        return _exact(key, parameters, line)
    if key in {"datetime2", "datetimeoffset", "time"}:
        scale = parameters[0] if parameters else 7
        if not 0 <= scale <= 7:
            raise SqlError(message(1002, 1, scale, line=line))
        return SqlType(key, scale=scale)
    if key == "float":
        precision = parameters[0] if parameters else 53
        return SqlType("real", precision=24) if precision <= 24 else SqlType("float", precision=53)
    if parameters:
        raise SqlError(message(2716, 1, name, line=line))
    return SqlType(key, {"sysname": 128, "timestamp": 8}.get(key, 0))


def _sized(key: str, parameters: list[int], line: int) -> SqlType:
    length = parameters[0] if parameters else 1
    if length == -1 and key not in {"varchar", "nvarchar", "varbinary"}:
        raise SqlError(message(1001, 1, length, line=line))
    if length != -1 and not 1 <= length <= _SIZED[key]:
        number = 1001 if length < 1 else 131
        raise SqlError(message(number, *((1, length) if length < 1 else (length, key, _SIZED[key])), line=line))
    return SqlType(key, length)


def _exact(key: str, parameters: list[int], line: int) -> SqlType:
    precision = parameters[0] if parameters else 18
    scale = parameters[1] if len(parameters) > 1 else 0
    if not 1 <= precision <= 38 or not 0 <= scale <= precision:
        raise SqlError(message(1002, 1, scale, line=line))
    return SqlType(key, precision=precision, scale=scale)


def literal(kind: str, text: str) -> tree.Literal:
    return _LITERALS[kind](text)


def _binary_literal(text: str) -> tree.Literal:
    digits = text[2:]
    data = bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    return tree.Literal(data, varbinary(max(len(data), 1)))


def integer_literal(value: int) -> tree.Literal:
    """An integer beyond int is numeric in T-SQL, not bigint."""
    if value < 2**31:
        return tree.Literal(value, INT)
    return tree.Literal(Decimal(value), SqlType("numeric", precision=len(str(value))))


_LITERALS: dict[str, Callable[[str], tree.Literal]] = {
    "string": lambda text: tree.Literal(text, varchar(max(len(text), 1) if len(text) <= 8000 else -1)),
    "nstring": lambda text: tree.Literal(text, nvarchar(max(len(text), 1) if len(text) <= 4000 else -1)),
    "integer": lambda text: integer_literal(int(text)),
    "binary": _binary_literal,
    "float": lambda text: tree.Literal(float(text), FLOAT),
    "money": lambda text: tree.Literal(Decimal(text[1:]), SqlType("money")),
    "decimal": lambda text: tree.Literal(Decimal(text), decimal_type(Decimal(text))),
}


def decimal_type(value: Decimal) -> SqlType:
    _, digits, exponent = value.as_tuple()
    scale = max(-int(exponent), 0)
    return SqlType("numeric", precision=min(max(len(digits), scale + 1), 38), scale=min(scale, 38))


def rank(sql_type: SqlType) -> int:
    return _RANK.get(sql_type.name, 0)


def higher(left: SqlType, right: SqlType) -> SqlType:
    """The type of a mixed expression (CASE, COALESCE, UNION, comparison) by data type precedence."""
    if not left.name:
        return right
    if not right.name:
        return left
    winner, other = (left, right) if rank(left) >= rank(right) else (right, left)
    if winner.name in EXACT and (other.name in EXACT or other.name in INTEGERS):
        return _wider_exact(winner, other)
    if winner.name in TEXT | BINARY and (other.name in TEXT | BINARY):
        longest = -1 if -1 in (winner.length, other.length) else max(winner.length, other.length)
        name = "nvarchar" if winner.name == "sysname" and longest > 128 else winner.name
        return SqlType(name, longest)
    if winner.name == other.name:
        return SqlType(winner.name, scale=max(winner.scale, other.scale), precision=winner.precision)
    return winner


def _wider_exact(winner: SqlType, other: SqlType) -> SqlType:
    precision, scale = exact_size(winner)
    other_precision, other_scale = exact_size(other)
    new_scale = max(scale, other_scale)
    whole = max(precision - scale, other_precision - other_scale)
    name = winner.name if winner.name not in {"money", "smallmoney"} else "decimal"
    return SqlType(name, precision=min(whole + new_scale, 38), scale=new_scale)


def exact_size(sql_type: SqlType) -> tuple[int, int]:
    """Precision and scale that an exact number of this type needs."""
    whole = {"bit": 1, "tinyint": 3, "smallint": 5, "int": 10, "bigint": 19, "money": 19, "smallmoney": 10}
    if sql_type.name in {"money", "smallmoney"}:
        return whole[sql_type.name], 4
    return (whole[sql_type.name], 0) if sql_type.name in whole else (sql_type.precision, sql_type.scale)


def text_of(sql_type: SqlType) -> str:
    """As a declaration writes it: nvarchar(50)."""
    if sql_type.name in _SIZED:
        return f"{sql_type.name}({'max' if sql_type.length == -1 else sql_type.length})"
    if sql_type.name in {"decimal", "numeric"}:
        return f"{sql_type.name}({sql_type.precision},{sql_type.scale})"
    if sql_type.name in {"datetime2", "datetimeoffset", "time"}:
        return f"{sql_type.name}({sql_type.scale})"
    return sql_type.name


def known(sql_type: SqlType) -> SqlType:
    """SELECT NULL is an int column; a name is sent as nvarchar."""
    if not sql_type.name:
        return INT
    return nvarchar(128) if sql_type.name == "sysname" else sql_type


#: Names of SERVERPROPERTY whose answer is a number.
INTEGER_PROPERTIES = {
    "engineedition", "editionid", "processid", "collationid", "comparisonstyle", "lcid", "sqlcharset", "sqlsortorder",
    "filestreamconfiguredlevel", "filestreameffectivelevel", "hadrmanagerstatus", "buildclrversion_int",
    "instanceisfailovercluster",
}  # fmt: skip
