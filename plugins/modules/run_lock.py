#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: run_lock
short_description: Let one run of a site be under way at a time
version_added: 0.9.0
description:
  - Writes down who is at it, since when and in which process of which controller, and fails where another run holds the
    lock and its process lives.
  - There is nothing to give back. The lock counts for as long as the C(ansible-playbook) process that took it lives, so
    a run that was killed, or a controller that was restarted, is taken over by the next run.
  - Whether a process on another controller lives cannot be asked, so a lock from there is respected until I(take_over).
    Controllers that do not share the folder of I(path) do not see each other.
  - It is no part of the site, so it never reports a change. In check mode nothing is written and nothing refused.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes.record
options:
  path:
    description: The lock's file on the controller. Missing folders are made.
    type: path
    required: true
  kind:
    description: What kind of run this is, as the next one is told.
    type: str
    required: true
  site:
    description: Name of the site.
    type: str
    required: true
  user:
    description: Who started the run.
    type: str
    required: true
  time_zone:
    description: The zone that others are told the beginning in.
    type: str
    required: true
  run:
    description: Folder of the run's journal.
    type: path
    required: true
  take_over:
    description: Take the lock whoever holds it. Only after making sure that the other run is over.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Let nobody else recover this site meanwhile
  ics.deadpool.run_lock:
    path: /var/lib/deadpool/reports/recovery.lock
    kind: recovery
    site: RS Contoh
    user: edp
    time_zone: Asia/Jakarta
    run: /var/lib/deadpool/reports/20261124-031209-k3x9-recovery
"""

RETURN = r"""
taken_over_from:
  description: The run that held the lock and whose process is gone; empty where there was none.
  returned: always
  type: str
  sample: prune by root since 2026-11-25 00:24:36+07:00 (process 9571 on controller)
"""
