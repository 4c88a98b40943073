# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logins of the instance: SIDs, hashed passwords, server roles."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, replace

SA_SID = "01"
SERVER_ROLES = (
    (2, "public"), (3, "sysadmin"), (4, "securityadmin"), (5, "serveradmin"), (6, "setupadmin"), (7, "processadmin"),
    (8, "diskadmin"), (9, "dbcreator"), (10, "bulkadmin"),
)  # fmt: skip
ROLE_NAMES = frozenset(name for _, name in SERVER_ROLES)
_VERSION = b"\x02\x00"


@dataclass(frozen=True)
class Login:
    """A server principal: S SQL login, U Windows login. ``sid`` and ``password`` in hexadecimal."""

    principal_id: int
    name: str
    sid: str
    password: str
    created: str
    modified: str
    type: str = "S"
    disabled: bool = False
    default_database: str = "master"
    check_policy: bool = True
    check_expiration: bool = False
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()  # GRANTed on the server, e.g. VIEW SERVER STATE
    denied: tuple[str, ...] = ()

    def with_role(self, role: str, member: bool) -> Login:
        kept = tuple(name for name in self.roles if name != role)
        return replace(self, roles=(*kept, role) if member else kept)


def hash_password(password: str, salt: bytes | None = None) -> str:
    """As SQL Server 2012 and later keep it: version, salt, SHA-512 of the UTF-16 text and the salt."""
    salt = os.urandom(4) if salt is None else salt
    digest = hashlib.sha512(password.encode("utf-16-le") + salt).digest()
    return (_VERSION + salt + digest).hex()


def password_matches(password: str, hashed: str) -> bool:
    raw = bytes.fromhex(hashed)
    if len(raw) != 70 or raw[:2] != _VERSION:
        return False
    return hmac.compare_digest(hash_password(password, raw[2:6]), hashed.lower())


def is_complex(password: str, login: str) -> bool:
    """CHECK_POLICY as documented: eight characters of three of four classes, without the login's name."""
    classes = (
        any(c.isupper() for c in password), any(c.islower() for c in password), any(c.isdigit() for c in password),
        any(not c.isalnum() for c in password),
    )  # fmt: skip
    contained = len(login) >= 3 and login.lower() in password.lower()
    return len(password) >= 8 and sum(classes) >= 3 and not contained


def new_sid() -> str:
    return os.urandom(16).hex().upper()
