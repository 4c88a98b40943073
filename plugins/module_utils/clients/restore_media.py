# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the files of a plan are what it says, by the word of the server that is to read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..recovery import tsql
from ..recovery.errors import InvalidInput
from ..recovery.execution import source_path
from ..recovery.restore_step import RestoreStep
from .mssql import Server


def must_be_readable(server: Server, steps: Iterable[RestoreStep], source_directory: str | None) -> None:
    """The server reads the header of every file, and finds the backup set that the plan names."""
    for step in steps:
        for path in step.files:
            seen = source_path(path, source_directory)
            rows = server.query(tsql.restore_headeronly(seen), about=step.database)
            _must_be_the_one(step, seen, rows, server.major_version)


def _must_be_the_one(step: RestoreStep, path: str, rows: Sequence[dict[str, Any]], version: int) -> None:
    row = next((row for row in rows if row["Position"] == step.position), None)
    found = row["BackupSetGUID"] if row else "nothing"
    if row is None or found.lower() != str(step.backup_set_guid).lower():
        raise InvalidInput(
            f"{step.database}: {path} holds {found} at position {step.position}, and the plan wants backup set "
            f"{step.backup_set_guid}.",
            hint="Fetch the file again and compare its hash with the store's, or plan again.",
        )
    if row["SoftwareVersionMajor"] > version:
        raise InvalidInput(
            f"{step.database}: {path} was written by SQL Server version {row['SoftwareVersionMajor']}, and the target "
            f"has version {version}.",
            hint="Restore on a server of that version or newer.",
        )
