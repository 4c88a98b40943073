# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a database holds: tables, columns, indexes, users, roles and permissions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.engine.catalog import Catalog, Column, Table, View
from simulator.engine.events import SqlType
from simulator.engine.query import types
from simulator.engine.query.model import quote

if TYPE_CHECKING:
    from simulator.engine.handles import Handle
    from simulator.engine.session import EngineSession

Row = dict[str, Any]
# name: (system_type_id, max_length, precision, scale)
SYSTEM_TYPES = {
    "image": (34, 16, 0, 0), "text": (35, 16, 0, 0), "uniqueidentifier": (36, 16, 0, 0), "date": (40, 3, 10, 0),
    "time": (41, 5, 16, 7), "datetime2": (42, 8, 27, 7), "datetimeoffset": (43, 10, 34, 7), "tinyint": (48, 1, 3, 0),
    "smallint": (52, 2, 5, 0), "int": (56, 4, 10, 0), "smalldatetime": (58, 4, 16, 0), "real": (59, 4, 24, 0),
    "money": (60, 8, 19, 4), "datetime": (61, 8, 23, 3), "float": (62, 8, 53, 0), "sql_variant": (98, 8016, 0, 0),
    "ntext": (99, 16, 0, 0), "bit": (104, 1, 1, 0), "decimal": (106, 17, 38, 38), "numeric": (108, 17, 38, 38),
    "smallmoney": (122, 4, 10, 4), "bigint": (127, 8, 19, 0), "varbinary": (165, 8000, 0, 0), "varchar": (167, 8000,
    0, 0),
    "binary": (173, 8000, 0, 0), "char": (175, 8000, 0, 0), "timestamp": (189, 8, 0, 0), "sysname": (231, 256, 0, 0),
    "nvarchar": (231, 8000, 0, 0), "nchar": (239, 8000, 0, 0), "xml": (241, -1, 0, 0),
}  # fmt: skip
_USER_TYPE = {"sysname": 256}
COLLATION = "SQL_Latin1_General_CP1_CI_AS"
_KINDS = {
    "U": "USER_TABLE",
    "V": "VIEW",
    "PK": "PRIMARY_KEY_CONSTRAINT",
    "UQ": "UNIQUE_CONSTRAINT",
    "F": "FOREIGN_KEY_CONSTRAINT",
    "C": "CHECK_CONSTRAINT",
    "D": "DEFAULT_CONSTRAINT",
}


def catalog_of(session: EngineSession, database: str) -> Catalog:
    return session.handle(database).catalog


def seen(session: EngineSession, database: str, catalog: Catalog) -> list[Table]:
    """Objects on which the login has no permission are not there for it."""
    may = session.rights.may
    return [
        t
        for t in catalog.tables.values()
        if may("SELECT", database, t.object_id, t.schema) or may("INSERT", database, t.object_id, t.schema)
    ]


def _schema_id(catalog: Catalog, name: str) -> int:
    found = catalog.schema_named(name)
    return found[0] if found else 1


def _object(catalog: Catalog, owner: Table | View, kind: str) -> Row:
    created = datetime.fromisoformat(owner.created)
    modified = datetime.fromisoformat(owner.modified) if isinstance(owner, Table) else created
    return {
        "name": owner.name, "object_id": owner.object_id, "schema_id": _schema_id(catalog, owner.schema),
        "parent_object_id": 0, "type": kind, "type_desc": _KINDS[kind], "create_date": created, "modify_date": modified,
        "is_ms_shipped": False, "is_published": False, "is_schema_published": False,
    }  # fmt: skip


def _table(catalog: Catalog, table: Table) -> Row:
    return _object(catalog, table, "U")


def _view(catalog: Catalog, view: View) -> Row:
    return _object(catalog, view, "V")


def tables(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    for table in seen(session, database, catalog):
        yield {
            **_table(catalog, table), "lob_data_space_id": 0,
            "max_column_id_used": max(c.column_id for c in table.columns),
            "is_replicated": False, "temporal_type": 0, "temporal_type_desc": "NON_TEMPORAL_TABLE",
            "is_external": False,
            "is_memory_optimized": False,
        }  # fmt: skip


def user_views(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    for view in catalog.views.values():
        yield _view(catalog, view)


def modules(session: EngineSession, database: str) -> Iterator[Row]:
    for view in catalog_of(session, database).views.values():
        yield {"object_id": view.object_id, "definition": f"CREATE VIEW {view.schema}.{view.name} AS {view.text}"}


def objects(session: EngineSession, database: str) -> Iterator[Row]:
    yield from tables(session, database)
    yield from user_views(session, database)
    for filler in (key_constraints, foreign_keys, check_constraints, default_constraints):
        yield from filler(session, database)


def schemas(session: EngineSession, database: str) -> Iterator[Row]:
    for number, (name, owner) in sorted(catalog_of(session, database).schemas.items()):
        yield {"name": name, "schema_id": number, "principal_id": owner}


# ------------------------------------------------------------------------------------------------ columns and types


def size_of(sql_type: SqlType) -> tuple[int, int, int]:
    """max_length in bytes, precision, scale, as sys.columns shows a declaration."""
    _, length, precision, scale = SYSTEM_TYPES[sql_type.name]
    if sql_type.name in {"nvarchar", "nchar", "sysname"}:
        return (-1 if sql_type.length == -1 else sql_type.length * 2), 0, 0
    if sql_type.name in {"varchar", "char", "varbinary", "binary"}:
        return sql_type.length, 0, 0
    if sql_type.name in {"decimal", "numeric"}:
        size = next(size for digits, size in ((9, 5), (19, 9), (28, 13), (38, 17)) if sql_type.precision <= digits)
        return size, sql_type.precision, sql_type.scale
    if sql_type.name in {"datetime2", "time", "datetimeoffset"}:
        smaller = 2 if sql_type.scale < 3 else 1 if sql_type.scale < 5 else 0
        fraction = sql_type.scale + 1 if sql_type.scale else 0
        return length - smaller, precision - 8 + fraction, sql_type.scale
    return length, precision, scale


def columns(session: EngineSession, database: str) -> Iterator[Row]:
    for table in seen(session, database, catalog_of(session, database)):
        for column in table.columns:
            yield _column(table, column)


def _column(table: Table, column: Column) -> Row:
    length, precision, scale = size_of(column.type)
    number = SYSTEM_TYPES[column.type.name][0]
    return {
        "object_id": table.object_id, "name": column.name, "column_id": column.column_id, "system_type_id": number,
        "user_type_id": _USER_TYPE.get(column.type.name, number), "max_length": length, "precision": precision,
        "scale": scale,
        "collation_name": (column.collation or COLLATION) if column.type.name in types.TEXT else None,
        "is_nullable": column.nullable, "is_ansi_padded": column.type.name in types.TEXT | types.BINARY,
        "is_rowguidcol": False, "is_identity": column.identity is not None, "is_computed": False,
        "default_object_id": default_id(table, column) if column.default else 0,
    }  # fmt: skip


def default_id(table: Table, column: Column) -> int:
    return table.object_id + 1000 + column.column_id


def system_types(_session: EngineSession, _database: str) -> Iterator[Row]:
    for name, (number, length, precision, scale) in SYSTEM_TYPES.items():
        yield {
            "name": name, "system_type_id": number, "user_type_id": _USER_TYPE.get(name, number), "schema_id": 4,
            "max_length": length, "precision": precision, "scale": scale, "is_nullable": name not in {"timestamp",
            "sysname"},
            "collation_name": COLLATION if name in types.TEXT - {"xml"} else None, "is_user_defined": False,
            "is_assembly_type": False, "default_object_id": 0, "rule_object_id": 0, "is_table_type": False,
        }  # fmt: skip


def identity_columns(session: EngineSession, database: str) -> Iterator[Row]:
    from simulator.engine import catalog as catalogs

    handle = session.handle(database)
    for table in seen(session, database, handle.catalog):
        column = table.identity
        if column is not None and column.identity is not None:
            yield {
                "object_id": table.object_id, "name": column.name, "column_id": column.column_id,
                "seed_value": column.identity[0], "increment_value": column.identity[1],
                "last_value": catalogs.read_identity(handle.connection, table.object_id),
            }  # fmt: skip


# ------------------------------------------------------------------------------------------------ indexes


def indexes(session: EngineSession, database: str) -> Iterator[Row]:
    for table in seen(session, database, catalog_of(session, database)):
        if not any(key.index_id == 1 for key in table.keys):
            yield _index(table, None, 0, "HEAP")
        for key in table.keys:
            row = _index(table, key.name, key.index_id, "CLUSTERED" if key.clustered else "NONCLUSTERED")
            row |= {
                "is_unique": key.unique,
                "is_primary_key": key.kind == "PRIMARY KEY",
                "is_unique_constraint": key.kind == "UNIQUE",
            }
            yield row


def _index(table: Table, name: str | None, number: int, kind: str) -> Row:
    return {
        "object_id": table.object_id, "name": name, "index_id": number,
        "type": {"HEAP": 0, "CLUSTERED": 1, "NONCLUSTERED": 2}[kind], "type_desc": kind, "is_unique": False,
        "data_space_id": 1, "ignore_dup_key": False, "is_primary_key": False, "is_unique_constraint": False,
        "fill_factor": 0, "is_padded": False, "is_disabled": False, "is_hypothetical": False, "has_filter": False,
    }  # fmt: skip


def index_columns(session: EngineSession, database: str) -> Iterator[Row]:
    for table in seen(session, database, catalog_of(session, database)):
        for key in table.keys:
            ordered = [(name, down, False) for name, down in zip(key.columns, key.descending, strict=True)]
            ordered += [(name, False, True) for name in key.included]
            for position, (name, down, included) in enumerate(ordered, 1):
                column = table.column(name)
                yield {
                    "object_id": table.object_id, "index_id": key.index_id, "index_column_id": position,
                    "column_id": column.column_id if column else 0, "key_ordinal": 0 if included else position,
                    "partition_ordinal": 0, "is_descending_key": down, "is_included_column": included,
                }  # fmt: skip


def partitions(session: EngineSession, database: str) -> Iterator[Row]:
    handle = session.handle(database)
    for table in seen(session, database, handle.catalog):
        rows = _row_count(handle, table)
        for number in {
            0 if not any(key.index_id == 1 for key in table.keys) else 1,
            *(key.index_id for key in table.keys),
        }:
            partition = 72057594037927936 + table.object_id * 256 + number
            yield {
                "partition_id": partition, "object_id": table.object_id, "index_id": number, "partition_number": 1,
                "hobt_id": partition, "rows": rows, "filestream_filegroup_id": 0, "data_compression": 0,
                "data_compression_desc": "NONE", "row_count": rows,
            }  # fmt: skip


def _row_count(handle: Handle, table: Table) -> int:
    return int(handle.connection.execute(f"SELECT count(*) FROM main.{quote(table.stored_name)}").fetchone()[0])  # noqa: S608


# ------------------------------------------------------------------------------------------------ constraints


def key_constraints(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    for table in seen(session, database, catalog):
        for key in table.keys:
            if key.kind != "INDEX":
                kind = "PK" if key.kind == "PRIMARY KEY" else "UQ"
                row = _constraint(catalog, table, key.name, key.object_id, kind)
                yield {**row, "unique_index_id": key.index_id, "is_system_named": "__" in key.name}


def _constraint(catalog: Catalog, table: Table, name: str, number: int, kind: str) -> Row:
    return {**_object(catalog, table, kind), "name": name, "object_id": number, "parent_object_id": table.object_id}


def foreign_keys(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    for table in seen(session, database, catalog):
        for key in table.foreign_keys:
            target = catalog.find(key.schema, key.table)
            row = _constraint(catalog, table, key.name, key.object_id, "F")
            referenced = target.object_id if target else None
            yield {**row, "referenced_object_id": referenced, "is_disabled": False, "is_not_trusted": False}


def check_constraints(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    for table in seen(session, database, catalog):
        for check in table.checks:
            row = _constraint(catalog, table, check.name, check.object_id, "C")
            yield {**row, "is_disabled": False, "is_not_trusted": False, "definition": check.text}


def default_constraints(session: EngineSession, database: str) -> Iterator[Row]:
    catalog = catalog_of(session, database)
    for table in seen(session, database, catalog):
        for column in table.columns:
            if column.default:
                row = _constraint(catalog, table, column.default_name, default_id(table, column), "D")
                definition = column.default if column.default.startswith("(") else f"({column.default})"
                yield {**row, "parent_column_id": column.column_id, "definition": definition}


def filegroups(_session: EngineSession, _database: str) -> Iterator[Row]:
    yield {
        "name": "PRIMARY", "data_space_id": 1, "type": "FG", "type_desc": "ROWS_FILEGROUP", "is_default": True,
        "is_system": False, "is_read_only": False,
    }  # fmt: skip
