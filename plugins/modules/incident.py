#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: incident
short_description: Find or open the incident that a recovery belongs to
version_added: 0.9.0
description:
  - A recovery that was interrupted or that failed is continued by the next one, under the same number and in the same
    journal, until a run ended with every proof. The recovery after that is another incident.
  - A journal that a crash tore stays as it is; the incident then goes on in another folder, and says so.
  - Take the lock of M(ics.deadpool.run_lock) before O(state=opened). In check mode nothing is written.
  - It is no part of the site, so it never reports a change.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes.record
options:
  state:
    description: Whether only to say which folder the journal is in, or to write the beginning of this run into it.
    type: str
    choices: [looked_up, opened]
    default: looked_up
  new_folder:
    description: The folder of the journal if another incident begins. Its name is the incident's number.
    type: path
    required: true
  time_zone:
    description: The zone that people are told the beginning in.
    type: str
    required: true
  why:
    description: What happened, in a few words.
    type: str
    default: ""
  opened:
    description: What else the entry V(opened) of the journal says.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Go on with the incident that is open, or open one
  ics.deadpool.incident:
    state: opened
    new_folder: /var/lib/deadpool/reports/20261124-031209-k3x9-recovery
    time_zone: Asia/Jakarta
    why: The RAID controller of SQL1 is dead
"""

RETURN = r"""
id:
  description: The incident's number.
  returned: always
  type: str
  sample: 20261124-172528-tov7-recovery
site:
  description: Name of the site, as the inventory says it.
  returned: always
  type: str
  sample: RS Contoh
who:
  description: Who began it.
  returned: always
  type: str
  sample: root
why:
  description: What was said to have happened.
  returned: always
  type: str
  sample: The RAID controller of SQL1 is dead
since:
  description: When it was begun.
  returned: always
  type: str
  sample: '2026-11-25T00:25:28+07:00'
folder:
  description: The folder of its journal.
  returned: always
  type: str
  sample: /var/lib/deadpool/reports/20261124-172528-tov7-recovery
continued:
  description: Whether it was open already.
  returned: always
  type: bool
  sample: false
"""
