# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading and verifying bytes as if they were a file."""

from __future__ import annotations

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import BackupFile, read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_verify import verify_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.verification import DAMAGED, Verification

PATH = "/srv/backup/Sales.bak"


def read(data: bytes) -> BackupFile:
    return read_backup_file(lambda offset, length: data[offset : offset + length], len(data), PATH)


def verify(data: bytes, *, deep: bool = False) -> Verification:
    return verify_backup_file(lambda offset, length: data[offset : offset + length], len(data), PATH, deep=deep)


def complete(data: bytes) -> bool:
    """Whether the reader takes the bytes for a whole backup file. No other error than the collection's own may come."""
    try:
        return read(data).complete
    except RecoveryError as error:
        assert error.msg.startswith(PATH) and error.hint
        return False


def noticed(data: bytes) -> bool:
    """Whether reading or verifying says that something is not as it should be."""
    if not complete(data):
        return True
    verdict = verify(data)
    return verdict.verdict == DAMAGED or bool(verdict.notes)
