#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads and verifies backup files where they lie, without a SQL Server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_file_info
short_description: Read and verify SQL Server backup files without a SQL Server
version_added: 0.9.0
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
  history_file:
    description:
      - Keep what is read in this SQLite file, and read only files that it does not know. A file is known by its path,
        size and modification time; only whole backups are kept. Two runs may use it at the same time.
      - RV(history) is complete all the same; RV(media) has only what was read in this run.
      - It is a cache. Where it is broken, locked or may not be written, all files are read, with a warning.
      - In check mode it is not touched, and all files are read.
    type: path
  rebuild:
    description:
      - With O(history_file), read all files again, also those that it knows. What it knows is replaced file by file, so
        that a run that breaks off loses nothing.
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

# When the history is lost, or not believed
- name: Read the whole store again
  ics.deadpool.backup_file_info:
    path: /srv/backup
    history_file: /var/lib/deadpool/history.sqlite
    rebuild: true
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
      error: NotABackup
      modified: "2026-11-24T03:16:02+00:00"
files:
  description: How many files were looked at.
  returned: always
  type: int
  sample: 34
"""

import os
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.folder_reading import (
    HERE,
    NAMED,
    FolderReading,
    moment,
    refuse_idle_options,
)
from ansible_collections.ics.deadpool.plugins.module_utils.clients.local_files import find_files
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "recursive": {"type": "bool", "default": True},
    "since": {"type": "str"},
    "verify": {"type": "bool", "default": False},
    "deep": {"type": "bool", "default": False},
    "history_file": {"type": "path"},
    "rebuild": {"type": "bool", "default": False},
}


def backup_info(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Reads the file or all files of the folder; only a named file must be a backup."""
    refuse_idle_options(params)
    path = params["path"]
    files, errors = find_files(path, recursive=params["recursive"], since=moment(params["since"]))
    look = FolderReading(NAMED if [file.path for file in files] == [path] else HERE)
    for where, error in errors:
        look.refuse(where, error)
    if params["history_file"] and not check_mode:
        whole = params["recursive"] and params["since"] is None and not errors
        below = os.path.join(path, "") if whole else None
        look.read_new(files, params["history_file"], below=below, rebuild=params["rebuild"])
    else:
        look.read_all(files)
    if params["verify"]:
        look.verify_all(files, deep=params["deep"])
    look.say_what_is_being_written(files)
    return look.result(len(files), verified=params["verify"])


def main() -> None:
    run_module(ARGUMENT_SPEC, backup_info, supports_check_mode=True)


if __name__ == "__main__":
    main()
