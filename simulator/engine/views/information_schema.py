# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""INFORMATION_SCHEMA: what the SQL standard calls tables and columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.engine.catalog import Table, View
from simulator.engine.query import types
from simulator.engine.views.objects import COLLATION, catalog_of, seen, size_of

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

Row = dict[str, Any]


def information_tables(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    pairs: list[tuple[Table | View, str]] = [(table, "BASE TABLE") for table in seen(session, database, catalog)]
    pairs += [(view, "VIEW") for view in catalog.views.values()]
    for found, kind in pairs:
        yield {"TABLE_CATALOG": database, "TABLE_SCHEMA": found.schema, "TABLE_NAME": found.name, "TABLE_TYPE": kind}


def information_columns(session: EngineSession, database: str) -> Iterator[Row]:
    for table in seen(session, database, catalog_of(session, database)):
        for column in table.columns:
            _, precision, scale = size_of(column.type)
            sized = column.type.name in types.TEXT | types.BINARY
            number, moment = column.type.name in types.NUMBERS - {"bit"}, column.type.name in types.DATES
            yield {
                "TABLE_CATALOG": database, "TABLE_SCHEMA": table.schema, "TABLE_NAME": table.name,
                "COLUMN_NAME": column.name,
                "ORDINAL_POSITION": column.column_id,
                "COLUMN_DEFAULT": f"({column.default})" if column.default else None,
                "IS_NULLABLE": "YES" if column.nullable else "NO", "DATA_TYPE": column.type.name,
                "CHARACTER_MAXIMUM_LENGTH": column.type.length if sized else None,
                "NUMERIC_PRECISION": precision if number else None, "NUMERIC_SCALE": scale if number else None,
                "DATETIME_PRECISION": scale if moment else None,
                "COLLATION_NAME": COLLATION if column.type.name in types.TEXT else None,
            }  # fmt: skip


def information_schemata(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    for name, owner in catalog.schemas.values():
        yield {"CATALOG_NAME": database, "SCHEMA_NAME": name, "SCHEMA_OWNER": catalog.users[owner].name}
