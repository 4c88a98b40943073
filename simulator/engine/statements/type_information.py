# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_datatype_info: what ODBC drivers ask when they connect. Columns and values: its documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.engine.events import SqlType
from simulator.engine.query import types

_SMALL = SqlType("smallint")
COLUMNS: list[tuple[str, SqlType]] = [
    ("TYPE_NAME", types.nvarchar(128)), ("DATA_TYPE", _SMALL), ("PRECISION", types.INT), ("LITERAL_PREFIX",
    types.varchar(32)),
    ("LITERAL_SUFFIX", types.varchar(32)), ("CREATE_PARAMS", types.varchar(32)), ("NULLABLE", _SMALL),
    ("CASE_SENSITIVE", _SMALL), ("SEARCHABLE", _SMALL), ("UNSIGNED_ATTRIBUTE", _SMALL), ("MONEY", _SMALL),
    ("AUTO_INCREMENT", _SMALL), ("LOCAL_TYPE_NAME", types.nvarchar(128)), ("MINIMUM_SCALE", _SMALL), ("MAXIMUM_SCALE",
    _SMALL),
    ("SQL_DATA_TYPE", _SMALL), ("SQL_DATETIME_SUB", _SMALL), ("NUM_PREC_RADIX", types.INT), ("INTERVAL_PRECISION",
    _SMALL),
    ("USERTYPE", _SMALL),
]  # fmt: skip


@dataclass(frozen=True)
class _Type:
    odbc: int
    precision: int
    prefix: str | None
    parameters: str | None
    is_text: bool
    scale: int | None
    verbose: int
    sub: int | None


_TYPES = {
    "bit": _Type(-7, 1, None, None, False, 0, -7, None),
    "tinyint": _Type(-6, 3, None, None, False, 0, -6, None),
    "bigint": _Type(-5, 19, None, None, False, 0, -5, None),
    "image": _Type(-4, 2147483647, "0x", None, False, None, -4, None),
    "varbinary": _Type(-3, 8000, "0x", "max length", False, None, -3, None),
    "binary": _Type(-2, 8000, "0x", "length", False, None, -2, None),
    "text": _Type(-1, 2147483647, "'", None, True, None, -1, None),
    "char": _Type(1, 8000, "'", "length", True, None, 1, None),
    "numeric": _Type(2, 38, None, "precision,scale", False, 38, 2, None),
    "decimal": _Type(3, 38, None, "precision,scale", False, 38, 3, None),
    "money": _Type(3, 19, "$", None, False, 4, 3, None),
    "smallmoney": _Type(3, 10, "$", None, False, 4, 3, None),
    "int": _Type(4, 10, None, None, False, 0, 4, None),
    "smallint": _Type(5, 5, None, None, False, 0, 5, None),
    "float": _Type(6, 53, None, None, False, None, 6, None),
    "real": _Type(7, 24, None, None, False, None, 7, None),
    "varchar": _Type(12, 8000, "'", "max length", True, None, 12, None),
    "date": _Type(91, 10, "'", None, False, None, 9, 1),
    "time": _Type(-154, 16, "'", "scale", False, 7, -154, 0),
    "datetime2": _Type(93, 27, "'", "scale", False, 7, 9, 3),
    "datetimeoffset": _Type(-155, 34, "'", "scale", False, 7, -155, 0),
    "datetime": _Type(93, 23, "'", None, False, 3, 9, 3),
    "smalldatetime": _Type(93, 16, "'", None, False, 0, 9, 3),
    "nchar": _Type(-8, 4000, "N'", "length", True, None, -8, None),
    "nvarchar": _Type(-9, 4000, "N'", "max length", True, None, -9, None),
    "ntext": _Type(-10, 1073741823, "N'", None, True, None, -10, None),
    "uniqueidentifier": _Type(-11, 36, "'", None, False, None, -11, None),
    "xml": _Type(-152, 0, "N'", None, True, None, -152, None),
}


def rows(odbc_type: int) -> list[tuple[Any, ...]]:
    found = [(name, known) for name, known in _TYPES.items() if odbc_type in (0, known.odbc)]
    return [_row(name, known) for name, known in sorted(found, key=lambda pair: (pair[1].odbc, pair[0] != "datetime2"))]


def _row(name: str, known: _Type) -> tuple[Any, ...]:
    suffix = "'" if known.prefix and known.prefix.endswith("'") else None
    number = name in types.NUMBERS
    return (
        name, known.odbc, known.precision, known.prefix, suffix, known.parameters, 1, int(known.is_text),
        3 if known.is_text else 2, int(name in {"bit", "tinyint"}) if number else None, int("money" in name),
        0 if number else None, name, 0 if known.scale is not None else None, known.scale, known.verbose, known.sub,
        10 if number and name != "bit" else None, None, 0,
    )  # fmt: skip
