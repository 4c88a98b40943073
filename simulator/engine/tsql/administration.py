# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The syntax tree of T-SQL: databases, backup and restore, security."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.engine.tsql.statements import Statement
from simulator.engine.tsql.tree import Expression, Name


@dataclass(frozen=True)
class FileSpec:
    name: str = ""
    filename: str = ""
    size: int = 0  # bytes


@dataclass(frozen=True)
class CreateDatabase(Statement):
    name: str
    data: tuple[FileSpec, ...] = ()
    log: tuple[FileSpec, ...] = ()
    collation: str = ""


@dataclass(frozen=True)
class AlterDatabase(Statement):
    """``settings``: (option, value) pairs; ``termination``: '', IMMEDIATE, NO_WAIT, or seconds as text."""

    name: str  # "" is CURRENT
    settings: tuple[tuple[str, Any], ...] = ()
    termination: str = ""
    new_name: str = ""
    new_files: tuple[FileSpec, ...] = ()


@dataclass(frozen=True)
class DeviceSpec:
    kind: str  # DISK, URL, TAPE, LOGICAL
    value: Expression


@dataclass(frozen=True)
class Backup(Statement):
    kind: str  # DATABASE, LOG
    database: Expression
    devices: tuple[DeviceSpec, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Restore(Statement):
    kind: str  # DATABASE, LOG, HEADERONLY, FILELISTONLY, LABELONLY, VERIFYONLY
    database: Expression | None
    devices: tuple[DeviceSpec, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BackupEncryption:
    """ENCRYPTION (ALGORITHM = ..., SERVER CERTIFICATE = ...)."""

    algorithm: str
    kind: str  # CERTIFICATE, ASYMMETRIC
    name: str


# ---------------------------------------------------------------------------------------------- security


@dataclass(frozen=True)
class EncryptionObject(Statement):
    """CREATE, DROP or BACKUP of MASTER KEY or CERTIFICATE. PRIVATE is FILE, ENCRYPTION and DECRYPTION (passwords)."""

    action: str
    kind: str
    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Principal(Statement):
    """CREATE or ALTER of LOGIN, USER, ROLE, SERVER ROLE with what follows."""

    action: str  # CREATE, ALTER
    kind: str  # LOGIN, USER, ROLE, SERVER ROLE
    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Permission(Statement):
    action: str  # GRANT, DENY, REVOKE
    permissions: tuple[str, ...]
    scope: str  # OBJECT, DATABASE, SCHEMA, SERVER
    securable: Name
    grantees: tuple[str, ...]


@dataclass(frozen=True)
class AlterAuthorization(Statement):
    kind: str
    securable: Name
    owner: str
