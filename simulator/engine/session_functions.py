# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Functions that need the session: names and numbers of things, properties, rights, the clock."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any

from simulator.engine import catalog as catalogs
from simulator.engine.catalog import Table
from simulator.engine.events import SqlError
from simulator.engine.query import types, values
from simulator.engine.query.texts import parsename
from simulator.engine.rights_by_name import has_permission
from simulator.engine.views.objects import SYSTEM_TYPES, size_of

if TYPE_CHECKING:
    from simulator.engine.handles import Handle
    from simulator.engine.session import EngineSession


def register_functions(session: EngineSession, handle: Handle) -> None:
    functions = SessionFunctions(session, handle)
    for name in dir(functions):
        if not name.startswith("_") and callable(getattr(functions, name)):
            handle.connection.create_function(f"f_{name}", -1, handle.failures.guard(getattr(functions, name)))


class SessionFunctions:
    """Each method is the T-SQL function of its name, in lower case."""

    def __init__(self, session: EngineSession, handle: Handle) -> None:
        self._session = session
        self._handle = handle

    # -------------------------------------------------------------------------------------------- the clock

    def getdate(self) -> Any:
        return self._moment(types.DATETIME)

    current_timestamp = getdate

    def sysdatetime(self) -> Any:
        return self._moment(types.DATETIME2)

    def sysutcdatetime(self) -> Any:
        return values.store(self._session.now - self._session.instance.utc_offset, types.DATETIME2)

    def getutcdate(self) -> Any:
        moment = values.round_moment(self._session.now - self._session.instance.utc_offset, types.DATETIME)
        return values.store(moment, types.DATETIME)

    def sysdatetimeoffset(self) -> Any:
        from datetime import timezone

        zone = timezone(self._session.instance.utc_offset)
        return values.store(self._session.now.replace(tzinfo=zone), types.DATETIMEOFFSET)

    def _moment(self, sql_type: Any) -> Any:
        return values.store(values.round_moment(self._session.now, sql_type), sql_type)

    # -------------------------------------------------------------------------------------------- identities

    def newid(self) -> str:
        return str(uuid.uuid4()).upper()

    newsequentialid = newid

    def rand(self, _seed: Any = None) -> float:
        return int.from_bytes(os.urandom(7), "big") / 2**56

    def identity(self, stored_name: str) -> int:
        """The next value of a table's identity column; kept by keep_identities when the statement succeeded."""
        taken = self._handle.identities
        if stored_name not in taken:
            schema, name = stored_name.split(".", 1)
            table = self._handle.catalog.find(schema, name)
            assert isinstance(table, Table) and table.identity is not None and table.identity.identity is not None
            seed, increment = table.identity.identity
            last = catalogs.read_identity(self._handle.connection, table.object_id)
            taken[stored_name] = (table.object_id, seed - increment if last is None else last, increment)
        object_id, last, increment = taken[stored_name]
        taken[stored_name] = (object_id, last + increment, increment)
        return last + increment

    def scope_identity(self) -> int | None:
        return self._session.scope_identity

    def ident_current(self, name: str) -> int | None:
        found = self._find(name)
        if not isinstance(found, Table) or found.identity is None or found.identity.identity is None:
            return None
        last = catalogs.read_identity(self._handle.connection, found.object_id)
        return found.identity.identity[0] if last is None else last

    def xact_state(self) -> int:
        return self._session.transaction.state

    def rowcount_big(self) -> int:
        return self._session.rowcount

    # -------------------------------------------------------------------------------------------- names and numbers

    def db_id(self, name: str | None = "") -> int | None:
        name = self._session.database if name == "" else name
        if name is None or not self._session.instance.exists(name):
            return None
        return self._session.instance.database_id(name)

    def db_name(self, number: int | None = 0) -> str | None:
        if number == 0:
            return self._session.database
        if number == 2:
            return "tempdb"
        entry = self._session.instance.state.databases.get(number or -1)
        return entry.name if entry else None

    def object_id(self, name: str | None, kind: str | None = None) -> int | None:
        found = self._find(name)
        if found is None:
            return None
        actual = "U" if isinstance(found, Table) else "V"
        return found.object_id if kind is None or kind.strip().upper() == actual else None

    def _find(self, name: str | None) -> Any:
        if not name:
            return None
        parts = [parsename(name, index) for index in (3, 2, 1)]
        database = "tempdb" if (parts[2] or "").startswith("#") else parts[0] or self._session.database
        try:
            return self._session.handle(database).catalog.find(parts[1] or "dbo", parts[2] or "")
        except SqlError:
            return None

    def _by_id(self, number: int | None, database_id: int | None) -> Any:
        handle = self._session.handle(self.db_name(database_id) if database_id else None)
        catalog = handle.catalog
        return catalog.tables.get(number or 0) or catalog.views.get(number or 0)

    def object_name(self, number: int | None, database_id: int | None = None) -> str | None:
        found = self._by_id(number, database_id)
        return found.name if found else None

    def object_schema_name(self, number: int | None, database_id: int | None = None) -> str | None:
        found = self._by_id(number, database_id)
        return found.schema if found else None

    def schema_id(self, name: str | None = "dbo") -> int | None:
        found = self._session.handle().catalog.schema_named(name or "")
        return found[0] if found else None

    def schema_name(self, number: int | None = 1) -> str | None:
        found = self._session.handle().catalog.schemas.get(number or 0)
        return found[0] if found else None

    def col_length(self, table: str, column: str) -> int | None:
        found = self._find(table)
        present = found.column(column) if isinstance(found, Table) else None
        return size_of(present.type)[0] if present else None

    def type_name(self, number: int | None) -> str | None:
        return next((name for name, row in SYSTEM_TYPES.items() if row[0] == number and name != "sysname"), None)

    def type_id(self, name: str | None) -> int | None:
        row = SYSTEM_TYPES.get((name or "").lower())
        return row[0] if row else None

    # -------------------------------------------------------------------------------------------- who

    def suser_sname(self, sid: bytes | None = b"") -> str | None:
        if sid == b"":
            return self._session.login.name
        found = self._session.instance.login_of(bytes(sid).hex().upper()) if sid is not None else None
        return found.name if found else None

    def suser_name(self, number: int | None = 0) -> str | None:
        found = self._session.instance.state.logins.get(number or self._session.login.principal_id)
        return found.name if found else None

    def suser_id(self, name: str | None = "") -> int | None:
        found = self._session.instance.login_named(name or self._session.login.name)
        return found.principal_id if found else None

    def suser_sid(self, name: str | None = "", _check: int | None = None) -> bytes | None:
        found = self._session.instance.login_named(name or self._session.login.name)
        return bytes.fromhex(found.sid) if found else None

    def original_login(self) -> str:
        return self._session.login.name

    system_user = original_login

    def user_name(self, number: int | None = None) -> str | None:
        if number is not None:
            found = self._session.handle().catalog.users.get(number)
            return found.name if found else None
        user = self._session.rights.user(self._session.database)
        return user.name if user else "dbo"

    def current_user(self) -> str | None:
        return self.user_name()

    def session_user(self) -> str | None:
        return self.user_name()

    def user(self) -> str | None:
        return self.user_name()

    def user_id(self, name: str | None = None) -> int | None:
        wanted = name if name is not None else self.user_name()
        found = self._session.handle().catalog.user_named(wanted or "")
        return found.principal_id if found else None

    database_principal_id = user_id

    def host_name(self) -> str:
        return self._session.request.host

    def app_name(self) -> str:
        return self._session.request.program

    # -------------------------------------------------------------------------------------------- properties and rights

    def serverproperty(self, name: str | None) -> Any:
        from simulator.engine.properties import server_property

        return server_property(self._session, name or "")

    def databasepropertyex(self, database: str | None, name: str | None) -> Any:
        from simulator.engine.properties import database_property

        return database_property(self._session, database or "", name or "")

    def connectionproperty(self, name: str | None) -> Any:
        address = self._session.request.client_address.partition(":")[0]
        known = {"net_transport": "TCP", "protocol_type": "TSQL", "auth_scheme": "SQL", "client_net_address": address}
        return known.get((name or "").lower())

    def has_dbaccess(self, name: str | None) -> int | None:
        if name is None or not self._session.instance.exists(name):
            return None
        try:
            self._session.rights.require_access(name)
            if name.lower() != "tempdb":
                self._session.instance.require_usable(name)
        except SqlError:
            return 0
        return 1

    def has_perms_by_name(self, securable: str | None, kind: str | None, permission: str | None, *_: Any) -> int | None:
        return has_permission(self._session, securable, kind, permission or "")

    def is_srvrolemember(self, role: str | None, login: str | None = "") -> int | None:
        from simulator.engine.logins import ROLE_NAMES

        if (role or "").lower() not in ROLE_NAMES:
            return None
        found = self._session.instance.login_named(login or self._session.login.name)
        if found is None:
            return None
        return int((role or "").lower() == "public" or (role or "").lower() in found.roles or "sysadmin" in found.roles)

    def is_rolemember(self, role: str | None, user: str | None = None) -> int | None:
        catalog = self._session.handle().catalog
        found = catalog.user_named(role or "")
        if found is None or found.type != "R":
            return None
        if user is not None:
            member = catalog.user_named(user)
            return None if member is None else int(found.name.lower() in catalog.roles_of(member.principal_id))
        roles = self._session.rights.roles_in(self._session.database)
        return int(found.name.lower() in roles or found.name.lower() == "public" or self._session.rights.is_sysadmin)

    is_member = is_rolemember

    # -------------------------------------------------------------------------------------------- the caught error

    def error_number(self) -> int | None:
        return self._session.caught.number if self._session.caught else None

    def error_message(self) -> str | None:
        return self._session.caught.text if self._session.caught else None

    def error_severity(self) -> int | None:
        return self._session.caught.severity if self._session.caught else None

    def error_state(self) -> int | None:
        return self._session.caught.state if self._session.caught else None

    def error_line(self) -> int | None:
        return self._session.caught.line if self._session.caught else None

    def error_procedure(self) -> str | None:
        return (self._session.caught.procedure or None) if self._session.caught else None
