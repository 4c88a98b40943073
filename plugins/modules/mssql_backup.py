#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes backups and believes the server's msdb, not the client."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_backup
short_description: Take full, differential or log backups of SQL Server databases
version_added: 0.9.0
description:
  - Files are written by the server itself, below O(directory) in the layout and under the names of Ola Hallengren's
    scripts, C(SERVER/Database/FULL|DIFF|LOG/SERVER_Database_TYPE_YYYYMMDD_HHMMSS.bak|.trn), by the server's local time.
  - Always WITH CHECKSUM, and never over an existing file.
  - A backup counts when the server's C(msdb.dbo.backupset) has it, undamaged and with checksums.
  - When one database fails the others are still backed up; then the module fails with each reason.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
options:
  databases:
    description: The databases to back up, in this order.
    type: list
    elements: str
    required: true
  backup_type:
    description: V(log) is refused in the SIMPLE recovery model.
    type: str
    choices: [full, differential, log]
    required: true
  directory:
    description: Folder as the server sees it. The folders below it are made.
    type: str
    required: true
  copy_only:
    description: Take a full or log backup that leaves the chain of the others as it is.
    type: bool
    default: false
  tail:
    description:
      - Take the last log backup before a restore elsewhere, and close the database with it (WITH NORECOVERY). Everybody
        is thrown out, and nothing more can be written until the database is restored or recovered.
      - A database that is closed already is left as it is. One that cannot be opened any more is backed up
        WITH NO_TRUNCATE.
      - Needs O(backup_type=log) and the right to alter the database.
    type: bool
    default: false
  compression:
    description: Whether to compress. Default is what the server is configured to do.
    type: bool
  backup_name:
    description: Name of the backup set, as RESTORE HEADERONLY shows it.
    type: str
  backup_description:
    description: Description of the backup set, as RESTORE HEADERONLY shows it.
    type: str
"""

EXAMPLES = r"""
- name: Back up the log of all modules' databases
  ics.deadpool.mssql_backup:
    login_host: production.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    databases: [Registration, Pharmacy, Laboratory, Billing]
    backup_type: log
    directory: /var/opt/mssql/backup
  delegate_to: localhost

- name: Keep what was committed last, and let nobody write any more
  ics.deadpool.mssql_backup:
    login_host: production.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    databases: [Registration, Pharmacy, Laboratory, Billing]
    backup_type: log
    tail: true
    directory: /var/opt/mssql/backup
  delegate_to: localhost
"""

RETURN = r"""
backups:
  description:
    - One entry for each backup set, as C(msdb.dbo.backupset) has it. Sizes are in bytes.
    - In check mode only database, type and file.
  returned: always
  type: list
  elements: dict
  sample:
    - database_name: Pharmacy
      server_name: SQL1
      user_name: deadpool_backup
      recovery_model: FULL
      position: 1
      is_copy_only: false
      is_damaged: false
      has_backup_checksums: true
      first_lsn: 34000000063800001
      last_lsn: 34000000065300001
      checkpoint_lsn: 34000000063800001
      database_backup_lsn: 34000000024500001
      differential_base_lsn: 34000000024500001
      differential_base_guid: 25c57e5e-48a6-4673-af8d-91b55872618d
      family_guid: 1b6a755f-d8a5-470c-ad6d-122736f03541
      fork_point_lsn: null
      backup_size: 68608
      compressed_backup_size: 68608
      backup_set_guid: 47fa2fe3-f343-4015-92de-9379c61d6fc4
      backup_type: differential
      backup_name: null
      backup_description: null
      first_recovery_fork_id: 1b6a755f-d8a5-470c-ad6d-122736f03541
      recovery_fork_id: 1b6a755f-d8a5-470c-ad6d-122736f03541
      backup_start_date: '2026-11-25T00:22:54+07:00'
      backup_finish_date: '2026-11-25T00:22:55+07:00'
      files: [/srv/sql1/backup/SQL1/Pharmacy/DIFF/SQL1_Pharmacy_DIFF_20261125_002254.bak]
      seconds: 0.176
closed_before:
  description: With O(tail), the databases that were closed already.
  returned: always
  type: list
  elements: str
  sample: []
not_backed_up:
  description: The databases that failed, with the reason and what to do.
  returned: always
  type: list
  elements: dict
  sample:
    - database: Archive
      msg: "Archive: it is in the SIMPLE recovery model, which keeps no log to back up."
      hint: Set it to FULL and take a full backup, or back it up with full and differential backups only.
statements:
  description: What was executed, or in check mode would be.
  returned: always
  type: list
  elements: str
  sample:
    - EXECUTE master.dbo.xp_create_subdir N'/srv/sql1/backup/SQL1/Pharmacy/DIFF'
    - BACKUP DATABASE [Pharmacy] TO DISK = N'/srv/sql1/backup/SQL1/Pharmacy/DIFF/SQL1_Phar...
    - EXECUTE master.dbo.xp_create_subdir N'/srv/sql1/backup/SQL1/Registration/DIFF'
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_backup import BackupRequest, back_up
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "databases": {"type": "list", "elements": "str", "required": True},
    "backup_type": {"type": "str", "choices": ["full", "differential", "log"], "required": True},
    "directory": {"type": "str", "required": True},
    "copy_only": {"type": "bool", "default": False},
    "tail": {"type": "bool", "default": False},
    "compression": {"type": "bool"},
    "backup_name": {"type": "str"},
    "backup_description": {"type": "str"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    request = BackupRequest(
        backup_type=params["backup_type"],
        directory=params["directory"],
        copy_only=params["copy_only"],
        compression=params["compression"],
        name=params["backup_name"],
        description=params["backup_description"],
        tail=params["tail"],
    )
    with Server(params, dry=check_mode) as server:
        return back_up(server, list(dict.fromkeys(params["databases"])), request)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
