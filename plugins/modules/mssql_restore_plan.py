#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans the restore of databases, and says how far each can be recovered."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_restore_plan
short_description: Plan which backups to restore, in which order, and what is lost
version_added: 0.9.0
description:
  - Decides from LSNs, recovery forks and GUIDs which full, differential and log backups lead to the target, and returns
    that as a plan, which M(ics.deadpool.mssql_restore) carries out. Names of files are never looked at.
  - Only looks at what it is given and touches nothing. Planning again after an interruption, or on a warm standby, is
    the same with newer O(states).
  - Where there is no sure way to the target it says so, names the file or the LSN that is missing, and what can be
    reached instead.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  history:
    description: The backup sets, as M(ics.deadpool.ftp_backup_info) returns them.
    type: list
    elements: dict
    required: true
  databases:
    description: The databases to restore, in this order. Default is every database in the history.
    type: list
    elements: str
    aliases: [database]
  priorities:
    description: Numbers of databases that come before the others, the lower first, and are restored so.
    type: dict
    default: {}
  target_time:
    description:
      - The instant to recover to. Without an offset it is the site's own time (O(time_zone)).
      - Without any target the plan leads to the latest instant that the backups hold.
      - With O(target_mark), when the mark was set.
    type: str
  target_lsn:
    description:
      - Recover up to this LSN and with it, as a number or as C(00000025:00000458:0001).
      - With O(target_mark), where the mark lies.
    type: str
  target_mark:
    description: Recover up to this marked transaction and with it. Needs O(target_lsn) or O(target_time) as its place.
    type: str
  stop_before:
    description: Stop before O(target_lsn) or O(target_mark) instead of after it.
    type: bool
    default: false
  before_log:
    description: Recover up to where this log backup begins. Its path in the history, or its backup set GUID.
    type: str
  or_earlier:
    description: Take the nearest instant before O(target_time) where that cannot be reached itself.
    type: bool
    default: false
  time_zone:
    description: The site's time zone. Backups that do not say their server's zone are taken to be of this one.
    type: str
    default: Asia/Jakarta
  now:
    description: The time that data loss is counted from. Default is this computer's clock.
    type: str
  decided:
    description:
      - The plans that somebody decided on, as RV(plans) gave them. What is planned now must be the same, at most with
        more log backups at its end, as after a tail-log backup; else it is refused.
    type: list
    elements: dict
  disaster_time:
    description: When the old server stopped; data loss is counted from there instead of from now.
    type: str
  backups_until:
    description: Plan as if no backup had ended after this instant, for a standby that follows with a delay.
    type: str
  source_server:
    description: Take only databases that this server backed up, where several have one of the name.
    type: str
  states:
    description: What the target has, as RV(ics.deadpool.mssql_info#module:database_states). Default is nothing.
    type: dict
    default: {}
  volumes:
    description: Free disk of the target, as RV(ics.deadpool.mssql_info#module:volumes). Default is not to check.
    type: list
    elements: dict
    default: []
  data_directory:
    description: Directory on the target for data files. Default is where they were on the source.
    type: str
  log_directory:
    description: Directory on the target for log files. Default is O(data_directory).
    type: str
  filestream_directory:
    description: Directory on the target for FILESTREAM and full-text containers. Default is O(data_directory).
    type: str
  file_map:
    description: For each database, logical names of files and where exactly they go. Wins over the directories.
    type: dict
    default: {}
  rename:
    description: For each database, the name to restore it under.
    type: dict
    default: {}
  replace:
    description: A database of that name on the target may be overwritten.
    type: bool
    default: false
  reseed:
    description:
      - A database on the target that is restoring, or a standby, may be overwritten where no backup leads on from it.
      - One that is online may not.
    type: bool
    default: false
  restore_again:
    description: Plan the whole restore also where the target has the database as planned already.
    type: bool
    default: false
  unusable:
    description: Paths of backup files that must not be used, and why.
    type: dict
    default: {}
  unreadable:
    description:
      - The files that could not be read, as RV(ics.deadpool.ftp_backup_info#module:unreadable).
      - Those that are younger than what the plans reach are named in RV(table). Where one of them is encrypted, the
        plans are refused, because what it holds may not be lost at all; name it in O(unusable) to do without it.
    type: list
    elements: dict
    default: []
  rates:
    description:
      - Steps of earlier restores, each with C(kind) (full, differential, log, recover, fetch), C(bytes), C(seconds).
      - The time of the plan is predicted from them.
    type: list
    elements: dict
    default: []
  windows_only:
    description: Do not plan; only say in which windows each database can be recovered.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Plan the restore of two databases on the failover server
  ics.deadpool.mssql_restore_plan:
    history: "{{ store.history }}"
    databases: [Pharmacy, Laboratory]
    target_time: "2026-11-24 13:45:00"
    time_zone: Asia/Jakarta
    states: "{{ failover.database_states }}"
    volumes: "{{ failover.volumes }}"
    data_directory: /var/opt/mssql/data
  register: restore_plan

- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ restore_plan.table }}"

- name: How far could each database be recovered?
  ics.deadpool.mssql_restore_plan:
    history: "{{ store.history }}"
    windows_only: true
"""

RETURN = r"""
plans:
  description: One plan for each database, in the order asked for. C(steps) is empty where the target has it already.
  returned: success
  type: list
  elements: dict
  sample:
    - database: Pharmacy
      source_database: Pharmacy
      source_server: SQL2
      target: {kind: latest}
      reaches: '2026-11-25T00:26:35+07:00'
      reaches_lsn: 34000000177900001
      recovery_fork_id: 459c2b45-63ca-4469-a0ef-577b13653523
      family_guid: 1b6a755f-d8a5-470c-ad6d-122736f03541
      data_loss_seconds: 22.746391
      data_loss_reason: The last backup was begun at 2026-11-25 00:26:35+07:00; what was committed
        after it was not backed up.
      database_files:
        - [/srv/sql1/data/Pharmacy.mdf, 81920]
      bytes_to_fetch: 978944
      bytes_to_restore: 978944
      predicted_seconds: 0.8
      predicted_range: [0.6, 1.0]
      warnings: []
      passed_over: []
      already_there: false
      steps:
        - action: restore_database
          database: Pharmacy
          backup_type: full
          backup_set_guid: 25c57e5e-48a6-4673-af8d-91b55872618d
          files: [/SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak]
          position: 1
          first_lsn: 34000000024500001
          last_lsn: 34000000024600001
          moves:
            - [Pharmacy, /srv/sql1/data/Pharmacy.mdf]
          stop_at: null
          stop_at_mark: null
          stop_before_mark: null
          stop_mark_after: null
          replace: true
          size: 78336
          taken_at: '2026-11-25T00:22:14+07:00'
          may_be_passed: false
          standby_file: null
      files:
        - /SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak
        - /SQL1/Pharmacy/DIFF/SQL1_Pharmacy_DIFF_20261125_002254.bak
        - /SQL1/Pharmacy/LOG/SQL1_Pharmacy_LOG_20261125_002327.trn
      digest: 1e0b7ee296b513782c5c06652f519784d576621f53d66ee2b050b690488ce8a8
table:
  description: The plans as lines to read, with what is lost, what was passed over, and warnings.
  returned: success
  type: list
  elements: str
  sample:
    - Registration, from backups of SQL2
    - '  reaches     2026-11-25 00:26:35+07:00 (2026-11-24 17:26:35 UTC), LSN 34000000174500001'
    - '  data lost   23 s. The last backup was begun at 2026-11-25 00:26:35+07:00; what was
      committed after it was not backed up.'
digest:
  description: What a decision names, so that exactly these plans are carried out. One digest for each plan.
  returned: success
  type: str
  sample: 731e887fa38baa5d71a43fe9174993403995357d17c9ca8ec5eeb41f21831905,1e0b7ee296b513782c5...
files:
  description: Every file that the plans need, once, in the order of need.
  returned: success
  type: list
  elements: str
  sample:
    - /SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak
    - /SQL1/Pharmacy/DIFF/SQL1_Pharmacy_DIFF_20261125_002254.bak
    - /SQL1/Pharmacy/LOG/SQL1_Pharmacy_LOG_20261125_002327.trn
bytes_to_fetch:
  description: The size of those files.
  returned: success
  type: int
  sample: 3910656
data_loss_seconds:
  description: The largest loss of all plans.
  returned: success
  type: float
  sample: 22.746391
already_there:
  description: Whether the target has every database as planned.
  returned: success
  type: bool
  sample: false
recoverable_to:
  description: For each database the windows in which any instant can be reached, and the holes between them.
  returned: success
  type: dict
  sample:
    Pharmacy:
      database: Pharmacy
      windows:
        - {start: '2026-11-25T00:22:16+07:00', end: '2026-11-25T00:23:27+07:00'}
      holes:
        - start: '2026-11-25T00:22:14+07:00'
          end: '2026-11-25T00:22:16+07:00'
          reason: It lies in a log backup with bulk-logged changes, which cannot be stopped
            inside.
      points: ['2026-11-25T00:22:14+07:00']
      recoverable_to: '2026-11-25T00:23:27+07:00'
warnings_about_disk:
  description: Volumes that nothing is known of.
  returned: success
  type: list
  elements: str
  sample: []
"""

from datetime import datetime, timezone
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_request import answer, site_zone
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.target import at_time
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "history": {"type": "list", "elements": "dict", "required": True},
    "databases": {"type": "list", "elements": "str", "aliases": ["database"]},
    "priorities": {"type": "dict", "default": {}},
    "target_time": {"type": "str"},
    "target_lsn": {"type": "str"},
    "target_mark": {"type": "str"},
    "stop_before": {"type": "bool", "default": False},
    "before_log": {"type": "str"},
    "or_earlier": {"type": "bool", "default": False},
    "time_zone": {"type": "str", "default": "Asia/Jakarta"},
    "now": {"type": "str"},
    "decided": {"type": "list", "elements": "dict"},
    "disaster_time": {"type": "str"},
    "backups_until": {"type": "str"},
    "source_server": {"type": "str"},
    "states": {"type": "dict", "default": {}},
    "volumes": {"type": "list", "elements": "dict", "default": []},
    "data_directory": {"type": "str"},
    "log_directory": {"type": "str"},
    "filestream_directory": {"type": "str"},
    "file_map": {"type": "dict", "default": {}},
    "rename": {"type": "dict", "default": {}},
    "replace": {"type": "bool", "default": False},
    "reseed": {"type": "bool", "default": False},
    "restore_again": {"type": "bool", "default": False},
    "unusable": {"type": "dict", "default": {}},
    "unreadable": {"type": "list", "elements": "dict", "default": []},
    "rates": {"type": "list", "elements": "dict", "default": []},
    "windows_only": {"type": "bool", "default": False},
}


def plan(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """The plans, or a refusal. Check mode makes no difference: planning touches nothing."""
    now = at_time(params["now"], site_zone(params["time_zone"])).time if params["now"] else None
    return answer(params, now or datetime.now(timezone.utc))


def main() -> None:
    """The module."""
    run_module(ARGUMENT_SPEC, plan, supports_check_mode=True)


if __name__ == "__main__":
    main()
