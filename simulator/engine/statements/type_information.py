# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sp_datatype_info: what ODBC drivers ask when they connect. Columns and values as the documentation of the procedure has them."""

from __future__ import annotations

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
# name: (ODBC type, precision, prefix, parameters, text-like, maximum scale, verbose type, datetime sub code)
_TYPES: dict[str, tuple[int, int, str | None, str | None, bool, int | None, int, int | None]] = {
    "bit": (-7, 1, None, None, False, 0, -7, None), "tinyint": (-6, 3, None, None, False, 0, -6, None),
    "bigint": (-5, 19, None, None, False, 0, -5, None), "image": (-4, 2147483647, "0x", None, False, None, -4, None),
    "varbinary": (-3, 8000, "0x", "max length", False, None, -3, None), "binary": (-2, 8000, "0x", "length", False,
    None, -2, None),
    "text": (-1, 2147483647, "'", None, True, None, -1, None), "char": (1, 8000, "'", "length", True, None, 1, None),
    "numeric": (2, 38, None, "precision,scale", False, 38, 2, None), "decimal": (3, 38, None, "precision,scale",
    False, 38, 3, None),
    "money": (3, 19, "$", None, False, 4, 3, None), "smallmoney": (3, 10, "$", None, False, 4, 3, None),
    "int": (4, 10, None, None, False, 0, 4, None), "smallint": (5, 5, None, None, False, 0, 5, None),
    "float": (6, 53, None, None, False, None, 6, None), "real": (7, 24, None, None, False, None, 7, None),
    "varchar": (12, 8000, "'", "max length", True, None, 12, None), "date": (91, 10, "'", None, False, None, 9, 1),
    "time": (-154, 16, "'", "scale", False, 7, -154, 0), "datetime2": (93, 27, "'", "scale", False, 7, 9, 3),
    "datetimeoffset": (-155, 34, "'", "scale", False, 7, -155, 0), "datetime": (93, 23, "'", None, False, 3, 9, 3),
    "smalldatetime": (93, 16, "'", None, False, 0, 9, 3), "nchar": (-8, 4000, "N'", "length", True, None, -8, None),
    "nvarchar": (-9, 4000, "N'", "max length", True, None, -9, None), "ntext": (-10, 1073741823, "N'", None, True,
    None, -10, None),
    "uniqueidentifier": (-11, 36, "'", None, False, None, -11, None), "xml": (-152, 0, "N'", None, True, None, -152,
    None),
}  # fmt: skip


def rows(odbc_type: int) -> list[tuple[Any, ...]]:
    found = [(name, *row) for name, row in _TYPES.items() if odbc_type in (0, row[0])]
    return [_row(*entry) for entry in sorted(found, key=lambda entry: (entry[1], entry[0] != "datetime2"))]


def _row(
    name: str, code: int, precision: int, prefix: str | None, parameters: str | None, text: bool, scale: int | None,
    verbose: int, sub: int | None,
) -> tuple[Any, ...]:  # fmt: skip
    suffix = "'" if prefix and prefix.endswith("'") else None
    number = name in types.NUMBERS
    return (
        name, code, precision, prefix, suffix, parameters, 1, int(text), 3 if text else 2,
        int(name in {"bit", "tinyint"}) if number else None, int("money" in name), 0 if number else None, name,
        0 if scale is not None else None, scale, verbose, sub, 10 if number and name != "bit" else None, None, 0,
    )  # fmt: skip
