#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says when the runs of a site are due, in the words of whoever keeps the clock."""

from __future__ import annotations

DOCUMENTATION = r"""
module: schedule_info
short_description: Turn one list of due runs into units of systemd, rules of AWX, lines of cron
version_added: 0.9.0
description:
  - One list says when the backups, the standby, the pruning, the daily check and the drill of a site are due, by the
    clock on its walls. This module writes the same list as systemd timers and services, as iCalendar rules (AWX), as
    lines of cron (Semaphore) and as schedules of SQL Server Agent. It touches nothing.
  - A time that some day of the next two years does not have, because the clocks are put forward then, is refused, as
    that run would be left out. What is due around the clock is written in UTC, so that the hour that comes twice in
    autumn has its runs twice.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  site:
    description: Name of the site. The names of all units begin with it.
    type: str
    required: true
  time_zone:
    description: The site's zone, by its name in the IANA time zone database. It stands in every expression.
    type: str
    required: true
  runs:
    description: What is due, as O(ics.deadpool.site_check#module:schedule) has it.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: >-
          V(full), V(differential), V(log), V(ship) (of what SQL Server Agent took), V(standby), V(prune),
          V(daily_check), V(drill) or V(fence).
        type: str
        required: true
      at:
        description: Days and time by the site's clock, such as V(Sun 02:00), V(Mon..Sat 03:00) or V(*:00/15).
        type: str
        required: true
      grace_minutes:
        description: For M(ics.deadpool.site_check); not used here.
        type: float
  then:
    description: "What follows a run that ended well, for example C({log: [standby]})."
    type: dict
    default: {}
  minutes:
    description: "Minutes after which a run of a kind is ended, for example C({full: 600})."
    type: dict
    default: {}
  project:
    description: Folder that holds C(playbooks/) on the controller.
    type: path
    required: true
  ansible_playbook:
    description: The command that runs a playbook.
    type: path
    required: true
  arguments:
    description: Arguments of every run, such as C(-i), the inventory, C(--vault-password-file) and a file. No secrets.
    type: list
    elements: str
    default: []
  environment:
    description: Environment of every run. No secrets, for everybody may read a unit.
    type: dict
    default: {}
  user:
    description: Account that runs it; the system's where it is empty.
    type: str
    default: ''
  reports_directory:
    description: Folder of the journals and locks.
    type: path
    required: true
  left:
    description: The file that stands while the hospital works on the failover. Standby and drill wait until it is gone.
    type: path
    required: true
  on_failure:
    description: A unit that is started where a run failed.
    type: str
    default: ''
  spread_seconds:
    description: At most so many seconds later than due, at random. For controllers of many sites.
    type: int
    default: 0
seealso:
  - module: ics.deadpool.site_check
"""

EXAMPLES = r"""
- name: Say when everything is due
  ics.deadpool.schedule_info:
    site: RS Contoh
    time_zone: Asia/Jakarta
    runs:
      - {kind: full, at: "Sun 02:00"}
      - {kind: log, at: "*:00/15"}
    then: {log: [standby]}
    project: /opt/deadpool
    ansible_playbook: /opt/deadpool/.venv/bin/ansible-playbook
    arguments: [-i, inventory/rs-contoh]
    reports_directory: /var/lib/deadpool/reports
    left: /var/lib/deadpool/reports/.left-0a1b2c3d4e5f-sql1.json
  register: due
"""

RETURN = r"""
units:
  description: Files for C(/etc/systemd/system), each with C(name) and C(content).
  returned: success
  type: list
  elements: dict
  sample:
    - name: deadpool-rs-contoh-sehat-full.service
      content: |-
        # Written by the role ics.deadpool.schedule. Change the inventory and run playbooks/schedule.yml, no
        [Unit]
        Description=full of RS Contoh
        Wants=network-online.target
        After=network-online.target

        [Service]
timers:
  description: The names of those that are timers.
  returned: success
  type: list
  elements: str
  sample:
    - deadpool-rs-contoh-sehat-full.timer
    - deadpool-rs-contoh-sehat-differential.timer
    - deadpool-rs-contoh-sehat-log.timer
prefix:
  description: What the names of this site's units begin with.
  returned: success
  type: str
  sample: deadpool-rs-contoh-sehat
playbooks:
  description: The playbooks that the runs need.
  returned: success
  type: list
  elements: str
  sample: [backup_in_use.yml, daily_check.yml, drill.yml]
rules:
  description:
    - One entry for each of O(runs), with C(playbook), C(extra_vars) and C(command), when it is due C(next), and the
      same instants as C(on_calendar) (systemd), C(rrule) (AWX), C(cron) (in C(time_zone)) and C(agent) (columns of
      msdb.dbo.sysschedules; null where Agent has no single schedule for it).
  returned: success
  type: list
  elements: dict
  sample:
    - kind: full
      at: Sun 02:00
      time_zone: Asia/Jakarta
      next: 2026-11-29T02:00+07:00
      playbook: playbooks/backup_in_use.yml
      extra_vars: {backup_type: full}
      command: /usr/bin/flock --close /var/lib/deadpool/reports/.queue-6364e9cd1caa-backup.lock
        /us...
      on_calendar: Sun *-*-* 02:00:00 Asia/Jakarta
      rrule: DTSTART;TZID=Asia/Jakarta:20260104T020000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU
      cron: 0 2 * * 0
      agent:
        freq_type: 8
        freq_interval: 1
        freq_recurrence_factor: 1
        freq_subday_type: 1
        active_start_time: 20000
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.schedule_task import schedule_of
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "site": {"type": "str", "required": True},
    "time_zone": {"type": "str", "required": True},
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
    "then": {"type": "dict", "default": {}},
    "minutes": {"type": "dict", "default": {}},
    "project": {"type": "path", "required": True},
    "ansible_playbook": {"type": "path", "required": True},
    "arguments": {"type": "list", "elements": "str", "default": []},
    "environment": {"type": "dict", "default": {}},
    "user": {"type": "str", "default": ""},
    "reports_directory": {"type": "path", "required": True},
    "left": {"type": "path", "required": True},
    "on_failure": {"type": "str", "default": ""},
    "spread_seconds": {"type": "int", "default": 0},
}


def main() -> None:
    run_module(ARGUMENT_SPEC, schedule_of, supports_check_mode=True)


if __name__ == "__main__":
    main()
