#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the backup history from the bytes of the files on the store."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_backup_info
short_description: Read the backup history from the files on the FTP store
version_added: 0.1.0
description:
  - Reads head and tail of every file below a directory of the store, two small reads whatever the size of the file, and
    returns the backup sets in them. No SQL Server is asked, and names and times of files are not believed.
  - Files that are not backups, not whole, or that this account may not read, are listed with the reason and never
    silently left out. A connection that breaks is a failure.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.ftp_store
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  directory:
    description: Directory on the store to look below.
    type: str
    default: /
  databases:
    description: Return only the backup sets of these databases. Default is all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Read what the store has
  ics.deadpool.ftp_backup_info:
    host: backup.hospital.lan
    username: "{{ store_read_user }}"
    password: "{{ store_read_password }}"
  register: store
"""

RETURN = r"""
history:
  description:
    - The backup sets, each a dictionary with the columns of RESTORE HEADERONLY in snake_case, ordered by path and
      position.
    - A striped backup set gives one entry for each of its files.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /SQL1/Sales/LOG/SQL1_Sales_LOG_20261124_031500.trn
      database_name: Sales
      server_name: SQL1
      backup_type: log
      first_lsn: 37000000111200001
      last_lsn: 37000000113600001
      backup_start_date: "2026-11-24T03:15:00+07:00"
unreadable:
  description: Files that are not whole backups or could not be read, with the reason.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /SQL1/Sales/FULL/notes.bak
      reason: "notes.bak: a text file, not a backup"
files:
  description: How many files were looked at.
  returned: always
  type: int
  sample: 34
"""

import ftplib
from functools import partial
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import ftp
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import BackupFile, read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import (
    DamagedBackup,
    InvalidInput,
    NotABackup,
    TransferFailed,
)
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **ftp.ARGUMENT_SPEC,
    "directory": {"type": "str", "default": "/"},
    "databases": {"type": "list", "elements": "str"},
}


def backup_info(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Reads every file below the directory; one that cannot be read is reported and does not hide the others."""
    wanted = None if params["databases"] is None else set(params["databases"])
    history: list[dict[str, Any]] = []
    unreadable: list[dict[str, str]] = []
    with ftp.Ftp(params) as store:
        entries = [one for one in store.walk(params["directory"]) if not one.path.endswith((".sha256", ".part"))]
        for entry in entries:
            backup = _read(store, entry)
            if isinstance(backup, str):
                unreadable.append({"path": entry.path, "reason": backup})
                continue
            if not backup.complete:
                reason = f"{entry.path}: not complete: its end is missing"
                unreadable.append({"path": entry.path, "reason": reason})
            history += [one.to_dict() for one in backup.sets if wanted is None or one.database_name in wanted]
    return {"changed": False, "history": history, "unreadable": unreadable, "files": len(entries)}


def _read(store: ftp.Ftp, entry: ftp.Entry) -> BackupFile | str:
    """What the file is, or why nobody can say; raises where the store itself fails."""
    if entry.size < 0:
        return f"{entry.path}: the store does not tell its size to this account"
    try:
        return read_backup_file(partial(store.read, entry.path), entry.size, entry.path)
    except (NotABackup, DamagedBackup, InvalidInput) as error:
        return error.msg
    except TransferFailed as error:
        if isinstance(error.__cause__, ftplib.error_perm):
            return error.msg
        raise


def main() -> None:
    run_module(ARGUMENT_SPEC, backup_info, supports_check_mode=True)


if __name__ == "__main__":
    main()
