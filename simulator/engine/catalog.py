# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a database knows of itself: tables, views, schemas, users, roles and permissions.

Kept inside the database's own pages (table ``sys$catalog``), so that it travels with backups: a database restored on
another server brings its users, and they are orphans there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from simulator.engine.events import SqlType

TABLE = "sys$catalog"
FIXED_ROLES = (
    (0, "public"), (16384, "db_owner"), (16385, "db_accessadmin"), (16386, "db_securityadmin"), (16387, "db_ddladmin"),
    (16389, "db_backupoperator"), (16390, "db_datareader"), (16391, "db_datawriter"), (16392, "db_denydatareader"),
    (16393, "db_denydatawriter"),
)  # fmt: skip
FIXED_SCHEMAS = ((1, "dbo", 1), (2, "guest", 2), (3, "INFORMATION_SCHEMA", 3), (4, "sys", 4))


@dataclass(frozen=True)
class Column:
    name: str
    type: SqlType
    column_id: int
    nullable: bool = True
    identity: tuple[int, int] | None = None
    default: str = ""  # its text, as sys.default_constraints shows it
    default_name: str = ""
    collation: str = ""


@dataclass(frozen=True)
class Key:
    """PRIMARY KEY, UNIQUE, or an index of its own (kind INDEX)."""

    name: str
    kind: str
    columns: tuple[str, ...]
    descending: tuple[bool, ...]
    unique: bool
    clustered: bool
    object_id: int = 0
    index_id: int = 0
    included: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    name: str
    text: str
    object_id: int


@dataclass(frozen=True)
class ForeignKey:
    name: str
    columns: tuple[str, ...]
    schema: str
    table: str
    referenced: tuple[str, ...]
    on_delete: str
    on_update: str
    object_id: int


@dataclass(frozen=True)
class Table:
    object_id: int
    schema: str
    name: str
    created: str
    modified: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def stored_name(self) -> str:
        return f"{self.schema}.{self.name}"

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    @property
    def identity(self) -> Column | None:
        return next((column for column in self.columns if column.identity), None)


@dataclass(frozen=True)
class View:
    object_id: int
    schema: str
    name: str
    created: str
    text: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class User:
    """A principal of the database: S SQL user, R role."""

    principal_id: int
    name: str
    type: str
    sid: str  # hexadecimal
    created: str
    default_schema: str = "dbo"
    without_login: bool = False
    owner_id: int = 1


@dataclass(frozen=True)
class Grant:
    grantee: int
    state: str  # GRANT, DENY
    permission: str
    scope: str  # DATABASE, OBJECT, SCHEMA
    object_id: int = 0


@dataclass
class Catalog:
    """All of it, as read at one version; changed through :meth:`save` only."""

    version: int = 0
    next_id: int = 0
    tables: dict[int, Table] = field(default_factory=dict)
    views: dict[int, View] = field(default_factory=dict)
    schemas: dict[int, tuple[str, int]] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    members: list[tuple[int, int]] = field(default_factory=list)  # (role, member)
    grants: list[Grant] = field(default_factory=list)

    def find(self, schema: str, name: str) -> Table | View | None:
        wanted = (schema.lower(), name.lower())
        objects: tuple[Table | View, ...] = (*self.tables.values(), *self.views.values())
        for found in objects:
            if (found.schema.lower(), found.name.lower()) == wanted:
                return found
        return None

    def schema_named(self, name: str) -> tuple[int, str] | None:
        return next(((key, found) for key, (found, _) in self.schemas.items() if found.lower() == name.lower()), None)

    def user_named(self, name: str) -> User | None:
        return next((user for user in self.users.values() if user.name.lower() == name.lower()), None)

    def user_of(self, sid: str) -> User | None:
        return next((user for user in self.users.values() if user.sid and user.sid == sid and user.type == "S"), None)

    def roles_of(self, principal_id: int) -> set[str]:
        """Direct and nested, public included."""
        found, waiting = {0}, [principal_id]
        while waiting:
            member = waiting.pop()
            for role, of_role in self.members:
                if of_role == member and role not in found:
                    found.add(role)
                    waiting.append(role)
        return {self.users[role].name.lower() for role in found if role in self.users}

    def take_id(self) -> int:
        self.next_id += 16777216 if self.next_id else 0
        if not self.next_id or self.next_id > 2_100_000_000:
            self.next_id = (self.next_id % 16777216) + 245575913  # ids jump, as SQL Server's do
        return self.next_id


def create(connection: sqlite3.Connection, owner_sid: str, now: datetime) -> None:
    """The catalogue of a new database; call inside a transaction."""
    connection.execute(
        f'CREATE TABLE "{TABLE}" (kind TEXT, id INTEGER, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID'
    )
    catalog = Catalog(schemas={number: (name, owner) for number, name, owner in FIXED_SCHEMAS})
    created = now.isoformat(sep=" ", timespec="milliseconds")
    people = ((1, "dbo", owner_sid), (2, "guest", "00"), (3, "INFORMATION_SCHEMA", ""), (4, "sys", ""))
    for number, name, sid in people:
        catalog.users[number] = User(number, name, "S", sid, created, default_schema=name if number < 3 else "")
    for number, name in FIXED_ROLES:
        catalog.users[number] = User(number, name, "R", "", created, default_schema="")
    save(connection, catalog)


def version(connection: sqlite3.Connection) -> int:
    row = connection.execute(f"SELECT body FROM \"{TABLE}\" WHERE kind = 'version'").fetchone()  # noqa: S608
    return int(row[0]) if row else 0


def load(connection: sqlite3.Connection) -> Catalog:
    catalog = Catalog()
    for kind, number, body in connection.execute(f'SELECT kind, id, body FROM "{TABLE}"'):  # noqa: S608
        _LOADERS[kind](catalog, number, json.loads(body))
    return catalog


def save(connection: sqlite3.Connection, catalog: Catalog) -> None:
    """Writes what differs; call inside the transaction that changes the objects themselves."""
    catalog.version += 1
    wanted = dict(_rows(catalog))
    query = f'SELECT kind, id, body FROM "{TABLE}"'  # noqa: S608
    present = {(kind, number): body for kind, number, body in connection.execute(query)}
    wanted |= {key: body for key, body in present.items() if key[0] == "identity" and key[1] in catalog.tables}
    gone = [key for key in present if key not in wanted]
    changed = [(*key, body) for key, body in wanted.items() if present.get(key) != body]
    connection.executemany(f'DELETE FROM "{TABLE}" WHERE kind = ? AND id = ?', gone)  # noqa: S608
    connection.executemany(f'INSERT OR REPLACE INTO "{TABLE}" VALUES (?, ?, ?)', changed)  # noqa: S608


def save_identity(connection: sqlite3.Connection, object_id: int, last: int) -> None:
    """Only the last identity value of a table: no other session needs to read the catalogue again."""
    connection.execute(f"INSERT OR REPLACE INTO \"{TABLE}\" VALUES ('identity', ?, ?)", (object_id, str(last)))  # noqa: S608


def read_identity(connection: sqlite3.Connection, object_id: int) -> int | None:
    sql = f"SELECT body FROM \"{TABLE}\" WHERE kind = 'identity' AND id = ?"  # noqa: S608
    row = connection.execute(sql, (object_id,)).fetchone()
    return int(row[0]) if row else None


def _rows(catalog: Catalog) -> list[tuple[tuple[str, int], str]]:
    rows: list[tuple[tuple[str, int], Any]] = [(("version", 0), catalog.version), (("next_id", 0), catalog.next_id)]
    rows += [(("table", number), asdict(table)) for number, table in catalog.tables.items()]
    rows += [(("view", number), asdict(view)) for number, view in catalog.views.items()]
    rows += [(("schema", number), list(schema)) for number, schema in catalog.schemas.items()]
    rows += [(("user", number), asdict(user)) for number, user in catalog.users.items()]
    rows += [(("member", index), list(pair)) for index, pair in enumerate(catalog.members)]
    rows += [(("grant", index), asdict(grant)) for index, grant in enumerate(catalog.grants)]
    return [(key, json.dumps(body)) for key, body in rows]


def _load_table(catalog: Catalog, number: int, body: dict[str, Any]) -> None:
    columns = tuple(
        Column(**{**c, "type": SqlType(**c["type"]), "identity": tuple(c["identity"]) if c["identity"] else None})
        for c in body.pop("columns")
    )
    keys = tuple(Key(**_tuples(key)) for key in body.pop("keys"))
    checks = tuple(Check(**check) for check in body.pop("checks"))
    foreign = tuple(ForeignKey(**_tuples(key)) for key in body.pop("foreign_keys"))
    catalog.tables[number] = Table(**body, columns=columns, keys=keys, checks=checks, foreign_keys=foreign)


def _tuples(body: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}


def _load_view(catalog: Catalog, number: int, body: dict[str, Any]) -> None:
    catalog.views[number] = View(**_tuples(body))


def _load_schema(catalog: Catalog, number: int, body: list[Any]) -> None:
    catalog.schemas[number] = (body[0], body[1])


def _load_user(catalog: Catalog, number: int, body: dict[str, Any]) -> None:
    catalog.users[number] = User(**body)


_LOADERS: dict[str, Callable[[Catalog, int, Any], None]] = {
    "version": lambda catalog, _, body: setattr(catalog, "version", body),
    "next_id": lambda catalog, _, body: setattr(catalog, "next_id", body),
    "table": _load_table,
    "identity": lambda _catalog, _number, _body: None,
    "view": _load_view,
    "schema": _load_schema,
    "user": _load_user,
    "member": lambda catalog, _, body: catalog.members.append((body[0], body[1])),
    "grant": lambda catalog, _, body: catalog.grants.append(Grant(**body)),
}
