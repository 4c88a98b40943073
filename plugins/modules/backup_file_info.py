#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads and verifies backup files where they lie, without a SQL Server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_file_info
short_description: Read and verify SQL Server backup files without a SQL Server
version_added: 0.1.0
description:
  - Says of a backup file, or of all files in a folder, what is in it. The columns are those of RESTORE HEADERONLY,
    LABELONLY and FILELISTONLY, read from the bytes of the file in two small reads, whatever its size.
  - With O(verify=true) it reads the whole file and checks every checksum that its bytes carry.
  - Runs on the host that has the files. It needs Python 3.9 and nothing else. For a store that only speaks FTP see
    M(ics.deadpool.ftp_backup_info).
  - Reads plain and compressed backups of SQL Server 2005 to 2022. Encrypted backups and the compressed ones of SQL
    Server 2008 to 2012 are named, not read.
  - Files that are not backups, or not whole, are listed with the reason. They fail the module only where O(path) names
    that very file.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  path:
    description: A backup file, or a folder of them.
    type: path
    required: true
  recursive:
    description: Look into the folders below O(path) too.
    type: bool
    default: true
  since:
    description:
      - Leave out files that were last modified before this time, in ISO 8601.
      - A time without an offset is in the time zone of the host that has the files.
    type: str
  verify:
    description:
      - Read every file from the first byte to the last, and return a verdict on each file, backup set and database
        file.
      - V(sound) means that a checksum covers every byte of the data, and that all are right. V(damaged) says at which
        byte. V(cannot be told) says why; it is what a backup taken without CHECKSUM gets when nothing wrong was found.
    type: bool
    default: false
  deep:
    description:
      - With O(verify=true), unpack compressed backups and check each page too. It finds damage that was in the database
        before the backup, and takes some hundred times as long.
    type: bool
    default: false
seealso:
  - module: ics.deadpool.ftp_backup_info
  - module: ics.deadpool.mssql_restore_plan
"""

EXAMPLES = r"""
- name: Read what the backup folder has
  ics.deadpool.backup_file_info:
    path: /srv/backup
  register: store

- name: Verify what came since yesterday
  ics.deadpool.backup_file_info:
    path: /srv/backup/SQL1
    since: "{{ lookup('pipe', 'date --iso-8601=seconds -d yesterday') }}"
    verify: true
  register: nightly
  failed_when: nightly.damaged | length > 0
"""

RETURN = r"""
history:
  description:
    - The backup sets, each a dictionary with the columns of RESTORE HEADERONLY in snake_case, ordered by path and
      position. What the bytes do not give is absent.
    - A striped backup set gives one entry for each of its files.
    - Sets with C(complete=false) were cut off or are being written. Their LSNs are preliminary.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /srv/backup/SQL1/Sales/LOG/SQL1_Sales_LOG_20261124_031500.trn
      database_name: Sales
      server_name: SQL1
      backup_type: log
      first_lsn: 37000000111200001
      last_lsn: 37000000113600001
      backup_start_date: "2026-11-24T03:15:00+07:00"
      complete: true
media:
  description: Each file that could be read, with its label (the columns of RESTORE LABELONLY) and what is odd about it.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /srv/backup/SQL1/Sales/LOG/SQL1_Sales_LOG_20261124_031500.trn
      size: 84480
      modified: "2026-11-23T20:15:01+00:00"
      complete: true
      notes: []
      remarks: []
      sets: 1
      label:
        media_set_id: fd4a58a1-927d-4be3-a562-0a5b14eaef02
        family_count: 1
        is_compressed: false
verifications:
  description: The verdict on each file.
  returned: with O(verify=true)
  type: list
  elements: dict
  sample:
    - path: /srv/backup/SQL1/Sales/FULL/SQL1_Sales_FULL_20261122_020000.bak
      size: 1593856
      verdict: damaged
      reason: the checksum of page 1:143 is wrong
      damaged_at: 1180160
      damages:
        - at: 1180160
          what: the checksum of page 1:143 is wrong
      sets:
        - position: 1
          database_name: Sales
          verdict: damaged
          files:
            - logical_name: Sales
              verdict: damaged
              damaged_at: 1180160
              pages_sound: 183
              pages_damaged: 1
damaged:
  description: The paths of the files with the verdict V(damaged).
  returned: with O(verify=true)
  type: list
  elements: str
  sample: [/srv/backup/SQL1/Sales/FULL/SQL1_Sales_FULL_20261122_020000.bak]
unreadable:
  description: Files that are no whole backups, with the reason and what to do.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /srv/backup/SQL1/Sales/FULL/notes.bak
      reason: "/srv/backup/SQL1/Sales/FULL/notes.bak: the file is text and begins with 'todo'."
      hint: Take it out of the backup folder.
files:
  description: How many files were looked at.
  returned: always
  type: int
  sample: 34
"""

from datetime import datetime, timezone
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.local_files import LocalFile, find_files, reading
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_file import BackupFile, read_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.backup_verify import verify_backup_file
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.verification import DAMAGED
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "recursive": {"type": "bool", "default": True},
    "since": {"type": "str"},
    "verify": {"type": "bool", "default": False},
    "deep": {"type": "bool", "default": False},
}
#: A file without an end that changed so many seconds ago is not called cut.
_FRESH = 60


def backup_info(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Reads every file; one that cannot be read is reported and does not hide the others."""
    path = params["path"]
    files, errors = find_files(path, recursive=params["recursive"], since=_since(params["since"]))
    history: list[dict[str, Any]] = []
    media: list[dict[str, Any]] = []
    verifications: list[dict[str, Any]] = []
    unreadable = [_refused(where, error) for where, error in errors]
    for file in files:
        try:
            with reading(file.path) as read:
                backup = read_backup_file(read, file.size, file.path)
                history += [backup_set.to_dict() for backup_set in backup.sets]
                media.append(_medium(file, backup))
                if params["verify"]:
                    verdict = verify_backup_file(read, file.size, file.path, deep=params["deep"])
                    verifications.append(verdict.to_dict())
        except RecoveryError as error:
            if file.path == path:
                raise
            unreadable.append(_refused(file.path, error))
            continue
        if not backup.complete:
            unreadable.append(_incomplete(file, backup))
    result = {"history": history, "media": media, "unreadable": unreadable, "files": len(files)}
    if params["verify"]:
        result["verifications"] = verifications
        result["damaged"] = [each["path"] for each in verifications if each["verdict"] == DAMAGED]
    return result


def _refused(path: str, error: RecoveryError) -> dict[str, str]:
    return {"path": path, "reason": error.msg, "hint": error.hint}


def _incomplete(file: LocalFile, backup: BackupFile) -> dict[str, str]:
    age = (datetime.now(timezone.utc) - file.modified).total_seconds()
    fresh = f" It changed {age:.0f} seconds ago: it is being written." if 0 <= age < _FRESH else ""
    return {"path": file.path, "reason": f"{file.path}: {backup.notes[0]}{fresh}", "hint": backup.hint or ""}


def _medium(file: LocalFile, backup: BackupFile) -> dict[str, Any]:
    values = backup.to_dict()
    return {**values, "sets": len(values["sets"]), "modified": file.modified.isoformat()}


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise InvalidInput(f"since: {text!r} is no time.", hint="Write it as 2026-11-24T03:00:00+07:00.") from error
    return moment if moment.tzinfo else moment.astimezone()


def main() -> None:
    run_module(ARGUMENT_SPEC, backup_info, supports_check_mode=True)


if __name__ == "__main__":
    main()
