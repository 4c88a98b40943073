#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a SQL Server what it is and what it has."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_info
short_description: Look at a SQL Server, its databases, files, sessions, logins, backups and jobs
version_added: 0.1.0
description:
  - Only looks. RV(database_states) is what M(ics.deadpool.mssql_restore_plan) wants to know of the target server.
  - Times are given with the server's own offset from UTC; LSNs are integers of up to 25 digits.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  gather_subset:
    description:
      - What to look at.
      - V(volumes) and V(sessions) need the right VIEW SERVER STATE and fail without it, V(jobs) and V(backups) may read
        msdb, and V(logins) shows those that the login may see.
    type: list
    elements: str
    choices: [all, server, databases, volumes, sessions, logins, backups, jobs, certificates]
    default: [server, databases]
  databases:
    description: Tell only of these databases, and fail if one of them is not there. Default is all of them.
    type: list
    elements: str
  allow_unreachable:
    description:
      - A server that does not answer at all is an answer too, RV(reachable) V(false), and no failure.
      - A server that answers and refuses the login, or speaks something else, still fails; it is not dead.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Look at the failover server before planning
  ics.deadpool.mssql_info:
    login_host: failover.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    gather_subset: [server, databases, volumes]
  delegate_to: localhost
  register: failover

- name: Who is connected to the old production server?
  ics.deadpool.mssql_info:
    login_host: production.hospital.lan
    login_user: deadpool
    login_password: "{{ mssql_password }}"
    gather_subset: [sessions]
  delegate_to: localhost
"""

RETURN = r"""
reachable:
  description: Whether the server answered. V(false) only with O(allow_unreachable).
  returned: always
  type: bool
  sample: true
unreachable_reason:
  description: Why not.
  returned: when RV(reachable) is false
  type: str
  sample: "production:1433: nothing listens on port 1433 (connection refused)"
server:
  description:
    - The instance itself. C(utc_offset_minutes) is the server's distance from UTC at this moment.
    - C(asked_at) is what the clock of the asking host showed when the server said its C(local_time).
  returned: with the subset server
  type: dict
  sample:
    server_name: FAILOVER
    machine_name: FAILOVER
    instance_name: null
    version: 15.0.4385.2
    product_level: RTM
    edition: Standard Edition (64-bit)
    collation: SQL_Latin1_General_CP1_CI_AS
    description: Microsoft SQL Server 2019 (RTM-CU28) on Linux
    platform: Linux
    default_data_directory: /var/opt/mssql/data/
    default_log_directory: /var/opt/mssql/data/
    default_backup_directory: /var/opt/mssql/data
    local_time: "2026-11-24T03:16:02.117000+07:00"
    asked_at: "2026-11-23T20:16:02.119000+00:00"
    utc_offset_minutes: 420
databases:
  description: Every database with its state, recovery model, GUIDs and files (sizes in bytes).
  returned: with the subset databases
  type: list
  elements: dict
  sample:
    - name: Pharmacy
      database_id: 5
      state: ONLINE
      recovery_model: FULL
      user_access_desc: MULTI_USER
      is_in_standby: false
      is_read_only: false
      is_system: false
      page_verify_option_desc: CHECKSUM
      compatibility_level: 150
      collation_name: SQL_Latin1_General_CP1_CI_AS
      log_reuse_wait_desc: NOTHING
      owner: sa
      create_date: "2026-11-01T08:00:00+07:00"
      database_guid: 8c7d6f0e-2a53-4a3e-9a50-94f3a3b0a3d1
      family_guid: 8c7d6f0e-2a53-4a3e-9a50-94f3a3b0a3d1
      recovery_fork_guid: 8c7d6f0e-2a53-4a3e-9a50-94f3a3b0a3d1
      first_recovery_fork_guid: 8c7d6f0e-2a53-4a3e-9a50-94f3a3b0a3d1
      fork_point_lsn: null
      last_log_backup_lsn: 37000000113600001
      size: 16777216
      files:
        - file_id: 1
          type: ROWS
          logical_name: Pharmacy
          physical_name: /var/opt/mssql/data/Pharmacy.mdf
          state: ONLINE
          size: 8388608
          max_size: null
database_states:
  description: For each database what a restore plan has to know of the target, under the database's name.
  returned: with the subset databases
  type: dict
  sample:
    Pharmacy:
      name: Pharmacy
      state: RESTORING
      redo_start_lsn: 37000000113600001
      last_restored_set_guid: 3f0c3f6e-9f0e-4d4e-8f0a-0f7b8a5e2c11
volumes:
  description: The disks under the database files, in bytes.
  returned: with the subset volumes
  type: list
  elements: dict
  sample:
    - volume_mount_point: /
      total_bytes: 107374182400
      available_bytes: 53687091200
sessions:
  description: The sessions of users, with the name of their program.
  returned: with the subset sessions
  type: list
  elements: dict
  sample:
    - session_id: 53
      program_name: MyHospital Pharmacy
      host_name: APP1
      login_name: pharmacy
      login_time: "2026-11-24T02:00:11+07:00"
      database_name: Pharmacy
      status: sleeping
      last_request_end_time: "2026-11-24T03:16:01+07:00"
logins:
  description: SQL and Windows logins with their SIDs.
  returned: with the subset logins
  type: list
  elements: dict
  sample:
    - name: pharmacy
      sid: "0x5F2B1C6D6A0F4E4C9B1E8F7A6D5C4B3A"
      type_desc: SQL_LOGIN
      is_disabled: false
      default_database_name: Pharmacy
      create_date: "2026-11-01T08:00:00+07:00"
last_backups:
  description: The newest backup set of each database and type that this server itself took, as its msdb remembers.
  returned: with the subset backups
  type: list
  elements: dict
  sample:
    - database_name: Pharmacy
      backup_type: log
      backup_set_guid: 3f0c3f6e-9f0e-4d4e-8f0a-0f7b8a5e2c11
      first_lsn: 37000000111200001
      last_lsn: 37000000113600001
      backup_start_date: "2026-11-24T03:15:00+07:00"
      backup_finish_date: "2026-11-24T03:15:00+07:00"
      files: [/var/opt/mssql/backup/SQL1/Pharmacy/LOG/SQL1_Pharmacy_LOG_20261124_031500.trn]
jobs:
  description: The jobs of SQL Server Agent.
  returned: with the subset jobs
  type: list
  elements: dict
  sample:
    - name: DatabaseBackup - USER_DATABASES - LOG
      job_id: 5c2f8f0c-7d43-4c7a-8a43-1d4b9d7d5e21
      enabled: true
      owner: sa
certificates:
  description: The certificates of master, which encrypted backups need where they are restored.
  returned: with the subset certificates
  type: list
  elements: dict
  sample:
    - name: BackupCertificate
      thumbprint: "0x9F2C1B6D6A0F4E4C9B1E8F7A6D5C4B3A01020304"
      expiry_date: "2031-01-01T00:00:00+07:00"
      has_private_key: true
statements:
  description: What was asked.
  returned: always
  type: list
  elements: str
  sample: [SELECT @@SERVERNAME AS ServerName]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_facts import SUBSETS, facts
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import NoAnswer
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "gather_subset": {
        "type": "list",
        "elements": "str",
        "choices": ["all", *SUBSETS],
        "default": ["server", "databases"],
    },
    "databases": {"type": "list", "elements": "str"},
    "allow_unreachable": {"type": "bool", "default": False},
}


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    try:
        with Server(params, record_queries=True) as server:
            found = facts(server, params["gather_subset"], params["databases"])
            return {**found, "reachable": True, "statements": server.statements}
    except NoAnswer as error:
        if not params["allow_unreachable"]:
            raise
        return {"reachable": False, "unreachable_reason": error.msg, "statements": []}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
