#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the site's backups jobs of SQL Server Agent."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_backup_jobs
short_description: Let SQL Server Agent take the site's backups when they are due
version_added: 0.9.0
description:
  - One job for each kind of backup, named C(deadpool backup full), C(deadpool backup differential) and
    C(deadpool backup log), with the schedules that mean the same instants by the server's clock. Files get the names
    and folders that M(ics.deadpool.mssql_backup) gives them. Agent does not ship what it takes; the controller does.
  - A database that fails is told when the others are done, and the job fails then.
  - Jobs of these names that O(runs) does not want are removed. Others are not looked at.
  - Needs a member of C(sysadmin). The jobs belong to C(sa), by whatever name.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
attributes:
  diff_mode:
    description: Shows what changes for each job.
    support: full
options:
  runs:
    description:
      - What is due, as M(ics.deadpool.schedule_info) has it. Kinds other than V(full), V(differential) and V(log) are
        passed over. An empty list removes all of these jobs.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: Which run.
        type: str
        required: true
      at:
        description: Days and time by the site's clock.
        type: str
        required: true
      grace_minutes:
        description: For M(ics.deadpool.site_check); not used here.
        type: float
  time_zone:
    description: The site's zone. A server whose clock is apart from a zone with daylight saving is refused.
    type: str
    required: true
  databases:
    description: The databases to back up, one after the other.
    type: list
    elements: str
    default: []
  directory:
    description: Folder on the server, as SQL Server sees it, below which the files lie.
    type: str
    required: true
  compression:
    description: Whether SQL Server compresses them; without it the server's own setting decides.
    type: bool
"""

EXAMPLES = r"""
- name: Let SQL Server Agent take the backups
  ics.deadpool.mssql_backup_jobs:
    login_host: production.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    time_zone: Asia/Jakarta
    runs:
      - {kind: full, at: "Sun 02:00"}
      - {kind: differential, at: "Mon..Sat 03:00"}
      - {kind: log, at: "*:00/15"}
    databases: [Pharmacy, Billing]
    directory: /var/opt/mssql/backup
  delegate_to: localhost
"""

RETURN = r"""
jobs:
  description: The jobs that are to be there, and how many schedules each has.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: deadpool backup log, schedules: 1}
changes:
  description: What was changed, or in check mode would be.
  returned: always
  type: list
  elements: dict
  sample:
    - {part: jobs, item: deadpool backup log, what: add it}
remarks:
  description: What a person should know or see to.
  returned: always
  type: list
  elements: dict
  sample:
    - part: agent
      item: SQL Server Agent
      msg: "it is stopped: jobs do not run."
      hint: /opt/mssql/bin/mssql-conf set sqlagent.enabled true, then systemctl restart mssql-server
statements:
  description: The T-SQL that was executed, or in check mode would be, without the commands of jobs.
  returned: always
  type: list
  elements: str
  sample: ["EXECUTE msdb.dbo.sp_add_jobserver @job_name = N'deadpool backup log'"]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_backup_jobs import scheduled
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "runs": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "required": True},
            "at": {"type": "str", "required": True},
            "grace_minutes": {"type": "float"},
        },
    },
    "time_zone": {"type": "str", "required": True},
    "databases": {"type": "list", "elements": "str", "default": []},
    "directory": {"type": "str", "required": True},
    "compression": {"type": "bool"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server(params, dry=check_mode) as server:
        return scheduled(server, params)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
