#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges a site: one verdict per line, each with what to do."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_check
short_description: Judge whether a site could be recovered now, line by line, and write its status page
version_added: 0.9.0
description:
  - Takes what other modules found out about servers and store, and the journals of earlier runs; returns one line per
    thing that a recovery relies on, with its level as Nagios plugins have them and what to type next.
  - An answer that failed, or that nobody gave, is never taken for a good one. It is a line of its own, and what it
    would have told is V(UNKNOWN).
  - Times of people are in O(time_zone).
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
options:
  site:
    description: Name of the site.
    type: str
    required: true
  time_zone:
    description: The site's time zone.
    type: str
    default: Asia/Jakarta
  databases:
    description: The databases that must be recoverable.
    type: list
    elements: str
    required: true
  schedule:
    description: What is due when. A kind that stands nowhere is not missed.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: V(full), V(differential), V(log), or the kind of another run, such as V(prune) or V(drill).
        type: str
        required: true
      at:
        description: Days and time by the site's clock, such as V(Sun 02:00), V(Mon..Sat 03:00) or V(*:00/15).
        type: str
        required: true
      grace_minutes:
        description:
          - Until when it must be there. Default is 240 for a full, 120 for a differential, 10 for a log, else 60.
        type: float
  limits:
    description:
      - From where on a figure needs somebody. Defaults in parentheses. C(rpo_minutes) (30), C(rto_minutes) (60),
        C(standby_lag_minutes) (60), C(drill_days) (8), C(prune_days) (8), C(store_days_left) (14),
        C(store_days_left_critical) (3), C(clock_seconds) (5), C(clock_seconds_critical) (60), C(certificate_days) (30),
        C(shipped_minutes) (15).
    type: dict
    default: {}
  production:
    description: The registered result of M(ics.deadpool.mssql_info) for the production server, with the subset V(all).
    type: dict
    default: {}
  failover:
    description: The same for the failover server.
    type: dict
    default: {}
  store:
    description: The registered result of M(ics.deadpool.ftp_audit).
    type: dict
    default: {}
  hosts:
    description:
      - For the hosts production, failover and backup_storage the result of M(ics.deadpool.host_paths_info).
    type: dict
    default: {}
  hosts_asked:
    description: Two times, before and after O(hosts) was gathered.
    type: list
    elements: str
  production_name:
    description: What people call the production server.
    type: str
    default: production
  failover_name:
    description: What people call the failover server.
    type: str
    default: failover
  production_places:
    description: Folders of that server, C(data_directory), C(log_directory) and C(backup_directory).
    type: dict
    default: {}
  failover_places:
    description: The same of the failover.
    type: dict
    default: {}
  reports_directory:
    description: Folder on this host with the journals of all runs.
    type: path
    required: true
  inventory:
    description: Inventories of the site, which the commands in the lines name. Default is none, and commands without.
    type: list
    elements: str
  state_file:
    description: Where this check leaves what the next one needs. Default is a hidden file in O(reports_directory).
    type: path
  page:
    description: Where to write the status page. Default is not to.
    type: path
  textfile:
    description: Where to write the figures for Prometheus' textfile collector. Default is not to.
    type: path
  told_file:
    description: Where to leave for M(ics.deadpool.fleet_page) what this check found. Default is not to.
    type: path
  language:
    description: Language of the texts; the page has both.
    type: str
    choices: [id, en]
    default: id
  valid_minutes:
    description: How long the page is to be believed; a little more than the time to the next check.
    type: float
    default: 1560
  repeat_hours:
    description: After how many hours people are told again of what nobody mended.
    type: float
    default: 24
seealso:
  - module: ics.deadpool.ftp_audit
  - module: ics.deadpool.host_paths_info
"""

EXAMPLES = r"""
- name: Judge the site
  ics.deadpool.site_check:
    site: RS Contoh
    databases: [Registration, Pharmacy]
    schedule:
      - {kind: full, at: "Sun 02:00"}
      - {kind: log, at: "*:00/15"}
    limits: {rpo_minutes: 30, rto_minutes: 60}
    production: "{{ production }}"
    failover: "{{ failover }}"
    store: "{{ store }}"
    reports_directory: /var/lib/deadpool/reports
    page: /var/www/deadpool/index.html
  register: checked

- name: Say what is not good
  ansible.builtin.debug:
    msg: "{{ checked.text }}"
"""

RETURN = r"""
level:
  description: The worst of all lines.
  returned: always
  type: str
  choices: [OK, WARNING, CRITICAL, UNKNOWN]
  sample: OK
exit_code:
  description: What a Nagios plugin would exit with.
  returned: always
  type: int
  sample: 0
summary:
  description: One sentence.
  returned: always
  type: str
  sample: Semua 32 pemeriksaan baik
text:
  description: The lines to be read aloud, those that need somebody first.
  returned: always
  type: list
  elements: str
  sample:
    - 'Baik: Bisa dipulihkan sampai, Registration: 00:23 WIB, 1 menit yang lalu'
    - 'Baik: Bisa dipulihkan sampai, Pharmacy: 00:23 WIB, 1 menit yang lalu'
    - 'Baik: Bisa dipulihkan sampai, Laboratory: 00:23 WIB, 1 menit yang lalu'
lines:
  description: The lines as values.
  returned: always
  type: list
  elements: dict
  sample:
    - item: recoverable
      subject: Pharmacy
      level: OK
      fact: {id: '00:23 WIB, 1 menit yang lalu', en: '00:23 WIB, 1 min ago'}
      fix: {id: '', en: ''}
      measures:
        - label: lag_Pharmacy
          value: 99
          unit: s
          warning: 900.0
          critical: 1500.0
          below: false
nagios:
  description: The output of a Nagios plugin, with perfdata.
  returned: always
  type: str
  sample: 'OK: Semua 32 pemeriksaan baik | ''lag_Registration''=100s;900;1500 ''lag_Pharmacy''=99s;900;1500
    ''lag_Laboratory''=99s;900;1500 ''lag_Billing''=99s;900;1500 ''backups''=12;; ''sound_files''=12;;
    ...'
alert:
  description:
    - Whether to tell people. C(reason) is V(changed) when a line turned, V(ignored) when one is bad for too long and
      empty otherwise; C(news) and C(healed) name the lines.
  returned: always
  type: dict
  sample: {reason: '', news: [], healed: []}
recoverable_to:
  description: The instant to which all databases can be recovered; empty where one cannot be, or it is not known.
  returned: always
  type: str
  sample: '2026-11-25T00:23:26+07:00'
valid_until:
  description: Until when this is to be believed.
  returned: always
  type: str
  sample: '2026-11-25T19:25:06.346838+00:00'
written:
  description: The files that were written.
  returned: always
  type: list
  elements: str
  sample:
    - /var/lib/deadpool/reports/.check-6364e9cd1caa.json
    - /var/lib/deadpool/reports/status.html
"""

from datetime import datetime, timezone
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.site_checking import check
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

_DICT: dict[str, Any] = {"type": "dict", "default": {}}
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "site": {"type": "str", "required": True},
    "time_zone": {"type": "str", "default": "Asia/Jakarta"},
    "databases": {"type": "list", "elements": "str", "required": True},
    "schedule": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "kind": {"type": "str", "required": True},
            "at": {"type": "str", "required": True},
            "grace_minutes": {"type": "float"},
        },
    },
    "limits": _DICT,
    "production": _DICT,
    "failover": _DICT,
    "store": _DICT,
    "hosts": _DICT,
    "hosts_asked": {"type": "list", "elements": "str"},
    "production_name": {"type": "str", "default": "production"},
    "failover_name": {"type": "str", "default": "failover"},
    "production_places": _DICT,
    "failover_places": _DICT,
    "reports_directory": {"type": "path", "required": True},
    "inventory": {"type": "list", "elements": "str"},
    "state_file": {"type": "path"},
    "page": {"type": "path"},
    "textfile": {"type": "path"},
    "told_file": {"type": "path"},
    "language": {"type": "str", "choices": ["id", "en"], "default": "id"},
    "valid_minutes": {"type": "float", "default": 1560.0},
    "repeat_hours": {"type": "float", "default": 24.0},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    return check(params, datetime.now(timezone.utc), check_mode=check_mode)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
