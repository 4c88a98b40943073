# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that are no backups we read: what each is, in one sentence, and what to do."""

from __future__ import annotations

from .errors import NotABackup


def refuse_foreign(head: bytes, size: int, path: str) -> None:
    """Raises NotABackup unless ``head`` begins a backup medium."""
    if head[:4] != b"TAPE" and head[:8] != b"MSSQLBAK":
        raise NotABackup(f"{path}: the file is not a SQL Server backup.", hint="Take it out of the backup folder.")
