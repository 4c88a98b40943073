# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users, roles and permissions of a database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.engine.catalog import User
from simulator.engine.views.objects import catalog_of

if TYPE_CHECKING:
    from simulator.engine.session import EngineSession

Row = dict[str, Any]


def database_principals(session: EngineSession, database: str) -> Iterator[Row]:
    for user in catalog_of(session, database).users.values():
        yield _user(user)


def _user(user: User) -> Row:
    role = user.type == "R"
    authentication = 0 if role or user.without_login or user.principal_id in (2, 3, 4) else 1
    created = datetime.fromisoformat(user.created)
    return {
        "name": user.name, "principal_id": user.principal_id, "type": user.type,
        "type_desc": "DATABASE_ROLE" if role else "SQL_USER", "default_schema_name": user.default_schema or None,
        "create_date": created, "modify_date": created, "owning_principal_id": user.owner_id if role else None,
        "sid": bytes.fromhex(user.sid) if user.sid else None, "is_fixed_role": role and user.principal_id >= 16384,
        "authentication_type": authentication, "authentication_type_desc": "INSTANCE" if authentication else "NONE",
        "allow_encrypted_value_modifications": False,
    }  # fmt: skip


def database_role_members(session: EngineSession, database: str) -> Iterator[Row]:
    for role, member in catalog_of(session, database).members:
        yield {"role_principal_id": role, "member_principal_id": member}


def database_permissions(session: EngineSession, database: str) -> Iterator[Row]:
    classes = {"DATABASE": 0, "OBJECT": 1, "SCHEMA": 3}
    for grant in catalog_of(session, database).grants:
        yield {
            "class": classes[grant.scope], "class_desc": "OBJECT_OR_COLUMN" if grant.scope == "OBJECT" else grant.scope,
            "major_id": grant.object_id, "minor_id": 0, "grantee_principal_id": grant.grantee,
            "grantor_principal_id": 1,
            "type": grant.permission[:2], "permission_name": grant.permission, "state": grant.state[0],
            "state_desc": grant.state,
        }  # fmt: skip
