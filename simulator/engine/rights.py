# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may do what: server roles, the user that a login is in a database, database roles and grants.

Only the rights that decide about the statements this engine knows; the documentation of each names them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine import catalog as catalogs
from simulator.engine.catalog import Catalog, User
from simulator.engine.events import SqlError
from simulator.engine.messages import error

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

_GUEST_ENTERS = frozenset({"master", "tempdb", "msdb"})
# Which fixed database role has a permission, besides db_owner.
_ROLES = {
    "SELECT": "db_datareader", "INSERT": "db_datawriter", "UPDATE": "db_datawriter", "DELETE": "db_datawriter",
    "BACKUP DATABASE": "db_backupoperator", "BACKUP LOG": "db_backupoperator", "CHECKPOINT": "db_backupoperator",
    "ALTER ANY USER": "db_accessadmin", "ALTER ANY ROLE": "db_securityadmin", "ALTER": "db_ddladmin",
    "ALTER ANY SCHEMA": "db_ddladmin",
}  # fmt: skip


class Rights:
    def __init__(self, session: EngineSession) -> None:
        self.session = session

    # -------------------------------------------------------------------------------------------- server

    @property
    def roles(self) -> frozenset[str]:
        """Of the login, as it now is: ALTER SERVER ROLE works on sessions that are already there."""
        login = self.session.instance.state.logins.get(self.session.login.principal_id)
        return frozenset(login.roles) if login else frozenset()

    @property
    def is_sysadmin(self) -> bool:
        return "sysadmin" in self.roles

    def has_role(self, *names: str) -> bool:
        return self.is_sysadmin or bool(self.roles & set(names))

    def may_server(self, permission: str) -> bool:
        login = self.session.instance.state.logins.get(self.session.login.principal_id)
        if self.is_sysadmin:
            return True
        if login is None or permission in login.denied:
            return False
        implied = {
            "VIEW SERVER STATE": ("serveradmin",), "ALTER ANY LOGIN": ("securityadmin",),
            "CREATE ANY DATABASE": ("dbcreator",),
            "ALTER ANY DATABASE": ("dbcreator",), "ALTER ANY CONNECTION": ("processadmin",),
            "ALTER SETTINGS": ("serveradmin",),
            "VIEW ANY DEFINITION": ("securityadmin",),
        }.get(permission, ())  # fmt: skip
        granted = set(login.permissions)
        stronger = {"VIEW ANY DEFINITION": "ALTER ANY LOGIN", "CREATE ANY DATABASE": "ALTER ANY DATABASE"}.get(
            permission
        )
        public = permission in {"VIEW ANY DATABASE", "CONNECT SQL"}
        return public or bool(granted & {permission, "CONTROL SERVER", stronger}) or bool(self.roles & set(implied))

    def require_server(self, permission: str) -> None:
        if not self.may_server(permission):
            raise error(300, permission, "server", "master")

    # -------------------------------------------------------------------------------------------- databases

    def catalog(self, database: str) -> Catalog | None:
        """None when the database cannot be read just now."""
        if database.lower() == "tempdb":
            return None
        handle = self.session.open_handle(database)
        if handle is not None:
            return handle.catalog
        found = self.session.instance.database(database)
        if found is None:
            return None
        try:
            connection = found.connect()
        except SqlError:
            return None
        try:
            return catalogs.load(connection)
        finally:
            connection.close()

    def user(self, database: str) -> User | None:
        """The user that the login is there: dbo for its owner and for sysadmin, guest where guest may enter."""
        catalog = self.catalog(database)
        if catalog is None:
            return None
        entry = self.session.instance.entry(database)
        if self.is_sysadmin or (entry is not None and entry.owner_sid == self.session.login.sid):
            return catalog.users[1]
        found = catalog.user_of(self.session.login.sid)
        if found is None and database.lower() in _GUEST_ENTERS:
            return catalog.users[2]
        return found

    def require_access(self, database: str) -> None:
        if self.is_sysadmin or database.lower() in _GUEST_ENTERS:
            return
        entry = self.session.instance.entry(database)
        if entry is not None and entry.owner_sid == self.session.login.sid:
            return
        found = self.session.instance.database(database)
        if found is not None and found.info.state == "ONLINE" and self.user(database) is None:
            raise error(916, self.session.login.name, database)

    def owns(self, database: str) -> bool:
        """What ALTER DATABASE and restricted mode want: dbo, db_owner or dbcreator."""
        entry = self.session.instance.entry(database)
        is_owner = entry is not None and entry.owner_sid == self.session.login.sid
        return is_owner or self.has_role("dbcreator") or "db_owner" in self.roles_in(database)

    def may_restore(self, existing: str) -> bool:
        """RESTORE: over a database its owner, a new one (empty name) who may create databases."""
        if self.session.instance.misfortune.lacks(self.session.login.name, "RESTORE"):
            return False
        return self.owns(existing) if existing else self.may_server("CREATE ANY DATABASE")

    def roles_in(self, database: str) -> set[str]:
        if database.lower() == "tempdb":
            return {"db_owner"}
        user, catalog = self.user(database), self.catalog(database)
        if user is None or catalog is None:
            return set()
        return {"db_owner"} if user.principal_id == 1 else catalog.roles_of(user.principal_id)

    def may(self, permission: str, database: str, object_id: int = 0, schema: str = "dbo") -> bool:
        """A permission on a table (SELECT, INSERT, ...), or with object_id 0 on the database (BACKUP DATABASE, ...)."""
        if self.session.instance.misfortune.lacks(self.session.login.name, permission):
            return False
        if self.is_sysadmin or database.lower() == "tempdb":
            return True
        user, catalog = self.user(database), self.catalog(database)
        if user is None or catalog is None:
            return False
        if user.principal_id == 1:
            return True
        roles = catalog.roles_of(user.principal_id)
        if self._denied(catalog, user, permission, object_id, roles):
            return False
        return bool(roles & _roles_that_may(permission)) or self._granted(catalog, user, permission, object_id, schema)

    def _denied(self, catalog: Catalog, user: User, permission: str, object_id: int, roles: set[str]) -> bool:
        if permission == "SELECT" and "db_denydatareader" in roles:
            return True
        if permission in {"INSERT", "UPDATE", "DELETE"} and "db_denydatawriter" in roles:
            return True
        who = self._identities(catalog, user)
        return any(
            grant.state == "DENY" and grant.grantee in who and grant.permission == permission
            and (grant.scope == "DATABASE" or grant.object_id == object_id)
            for grant in catalog.grants
        )  # fmt: skip

    def _granted(self, catalog: Catalog, user: User, permission: str, object_id: int, schema: str) -> bool:
        who = self._identities(catalog, user)
        found = catalog.schema_named(schema)
        schema_id = found[0] if found else -1
        wanted = {permission, "CONTROL", *(("ALL",) if object_id else ())}
        for grant in catalog.grants:
            if grant.state != "GRANT" or grant.grantee not in who or grant.permission not in wanted:
                continue
            reaches = {"DATABASE": True, "OBJECT": grant.object_id == object_id, "SCHEMA": grant.object_id == schema_id}
            if reaches.get(grant.scope, False):
                return True
        return False

    def _identities(self, catalog: Catalog, user: User) -> set[int]:
        names = catalog.roles_of(user.principal_id)
        return {
            user.principal_id,
            *(u.principal_id for u in catalog.users.values() if u.type == "R" and u.name.lower() in names),
        }


def _roles_that_may(permission: str) -> frozenset[str]:
    further = _ROLES.get(permission, "db_ddladmin" if permission.startswith("CREATE ") else "db_owner")
    return frozenset({"db_owner", further})
