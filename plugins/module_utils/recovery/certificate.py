# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A certificate that backups or databases are encrypted with: made on one server, kept in files, had by the other too.

Without it and its private key nothing that was encrypted with it can ever be restored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from . import tsql
from .errors import InvalidInput
from .in_step import Change, same_name

PART = "certificates"


@dataclass(frozen=True)
class Certificate:
    """As sys.certificates has it."""

    name: str
    thumbprint: str
    has_private_key: bool
    saved: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Certificate:
        key = row["pvt_key_encryption_type_desc"]
        return cls(
            str(row["name"]),
            str(row["thumbprint"]),
            key != "NO_PRIVATE_KEY",
            row["pvt_key_last_backup_date"] is not None,
        )


def certificate_named(rows: Iterable[Mapping[str, Any]], name: str) -> Certificate | None:
    return next((Certificate.of(row) for row in rows if same_name(str(row["name"]), name)), None)


def certificate_with(rows: Iterable[Mapping[str, Any]], thumbprint: str) -> Certificate | None:
    return next((Certificate.of(row) for row in rows if str(row["thumbprint"]).lower() == thumbprint.lower()), None)


def files_of(directory: str, name: str, thumbprint: str) -> tuple[str, str]:
    """Certificate and private key: named by what they are too, so that one of yesterday is never taken for today's."""
    slash = "\\" if "\\" in directory or directory[1:2] == ":" else "/"
    stem = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}-{thumbprint[2:].lower()}"
    start = directory.rstrip("/\\") + slash
    return f"{start}{stem}.cer", f"{start}{stem}.pvk"


def made(name: str, subject: str, expiry_date: str, master_key_password: str, *, has_master_key: bool) -> list[Change]:
    """A private key needs the master key of master."""
    changes = []
    if not has_master_key:
        changes.append(
            Change(PART, name, "create the master key of master", tsql.create_master_key(master_key_password))
        )
    text = tsql.create_certificate(name, subject, _day(expiry_date))
    return [*changes, Change(PART, name, f"create it, valid until {expiry_date}", text)]


def taken_over(
    name: str, files: tuple[str, str], password: str, master_key_password: str, *, has_master_key: bool
) -> list[Change]:
    changes = []
    if not has_master_key:
        changes.append(
            Change(PART, name, "create the master key of master", tsql.create_master_key(master_key_password))
        )
    text = tsql.restore_certificate(name, *files, password)
    return [*changes, Change(PART, name, "take it over from its files", text)]


def saved(name: str, files: tuple[str, str], password: str) -> Change:
    return Change(PART, name, f"save it to {files[0]}", tsql.backup_certificate(name, *files, password))


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput(f"expiry_date: {text!r} is no day.", hint="Write it as 2036-12-31.") from None
