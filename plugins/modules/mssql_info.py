#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a SQL Server what it is and what it has."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_info
short_description: Look at a SQL Server, its databases, files, sessions, logins, backups and jobs
version_added: 0.9.0
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
  sample: '127.0.10.1:53529: nothing listens on port 53529 (connection refused)'
server:
  description:
    - The instance itself. C(utc_offset_minutes) is the server's distance from UTC at this moment.
    - C(asked_at) is what the clock of the asking host showed when the server said its C(local_time).
  returned: with the subset server
  type: dict
  sample:
    server_name: SQL1
    machine_name: SQL1
    instance_name: null
    version: 15.0.4385
    product_level: RTM
    edition: Developer Edition (64-bit)
    collation: SQL_Latin1_General_CP1_CI_AS
    description: "Microsoft SQL Server 2019 (RTM) - 15.0.4385 (X64) (simulated)\n\tDeveloper\
      \ Edition (64-bit) on Linux (simulated)"
    platform: Linux
    default_data_directory: /srv/sql1/data/
    default_log_directory: /srv/sql1/data/
    default_backup_directory: /srv/sql1/backup/
    local_time: '2026-11-25T00:26:12.399771+07:00'
    asked_at: '2026-11-24T17:26:12.400060+00:00'
    utc_offset_minutes: 420
databases:
  description: Every database with its state, recovery model, GUIDs and files (sizes in bytes).
  returned: with the subset databases
  type: list
  elements: dict
  sample:
    - name: master
      database_id: 1
      user_access_desc: MULTI_USER
      is_in_standby: false
      is_read_only: false
      page_verify_option_desc: CHECKSUM
      compatibility_level: 150
      collation_name: SQL_Latin1_General_CP1_CI_AS
      log_reuse_wait_desc: NOTHING
      owner: sa
      database_guid: f49fc850-bab7-482d-b7b1-27e790fe2aef
      family_guid: 1087f5ef-8168-424f-8833-200fab823126
      last_log_backup_lsn: null
      recovery_fork_guid: 1087f5ef-8168-424f-8833-200fab823126
      first_recovery_fork_guid: null
      fork_point_lsn: null
      state: ONLINE
      recovery_model: SIMPLE
      create_date: '2026-11-25T00:21:49.157000+07:00'
      is_system: true
      files:
        - file_id: 2
          type: LOG
          logical_name: mastlog
          physical_name: /srv/sql1/data/mastlog.ldf
          state: ONLINE
          size: 16384
          max_size: 2199023255552
      size: 32768
database_states:
  description: For each database what a restore plan has to know of the target, under the database's name.
  returned: with the subset databases
  type: dict
  sample:
    Pharmacy:
      state: RESTORING
      name: Pharmacy
      create_date: '2026-11-25T00:21:50.317000+07:00'
      redo_start_lsn: 35000000074000001
      redo_start_fork_guid: 1b6a755f-d8a5-470c-ad6d-122736f03541
      differential_base_lsn: 34000000024500001
      differential_base_guid: 25c57e5e-48a6-4673-af8d-91b55872618d
      family_guid: 1b6a755f-d8a5-470c-ad6d-122736f03541
      database_guid: 998dae48-c3d2-4552-ae95-349dd1ebe82a
      recovery_fork_guid: 1b6a755f-d8a5-470c-ad6d-122736f03541
      fork_point_lsn: null
      last_restored_set_guid: null
      last_restored_at: null
      last_stop_at: null
      last_stop_at_mark: null
      last_stop_before: null
      files:
        - [/srv/sql1/data/Pharmacy.mdf, 122880]
volumes:
  description: The disks under the database files, in bytes.
  returned: with the subset volumes
  type: list
  elements: dict
  sample:
    - {volume_mount_point: /, total_bytes: 270553174016, available_bytes: 65111474176}
sessions:
  description: The sessions of users, with the name of their program.
  returned: with the subset sessions
  type: list
  elements: dict
  sample:
    - session_id: 51
      login_time: '2026-11-25T00:24:45.030000+07:00'
      host_name: controller
      program_name: ics.deadpool
      login_name: deadpool_restore
      status: running
      database_name: master
      last_request_end_time: '2026-11-25T00:24:45.047000+07:00'
logins:
  description: SQL and Windows logins with their SIDs.
  returned: with the subset logins
  type: list
  elements: dict
  sample:
    - name: deadpool_admin
      sid: '0x8742C036585374FA535CD3707E8E515A'
      type_desc: SQL_LOGIN
      is_disabled: false
      default_database_name: master
      create_date: '2026-11-25T00:21:49.890000+07:00'
last_backups:
  description: The newest backup set of each database and type that this server itself took, as its msdb remembers.
  returned: with the subset backups
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
  sample:
    - SELECT SYSDATETIME() AS local_time, DATEPART(tzoffset, SYSDATETIMEOFFSET()) AS utc_offset_minutes
    - SELECT @@SERVERNAME AS ServerName, @@VERSION AS Version, CONVERT(nvarchar(4000), SERVERPROPERTY(N'MachineName'))
      AS MachineName, CONVERT(nvarchar(4000), SERVERPROPERTY(N'InstanceName')) AS ...
    - SELECT d.name, d.database_id, d.create_date, d.state_desc, d.recovery_model_desc, d.user_access_desc,
      d.is_in_standby, d.is_read_only, d.page_verify_option_desc, d.compatibility_level, ...
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
