#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acceptance
short_description: Ask for, check and record the acceptance of a site
version_added: 0.9.0
description:
  - An acceptance is a record in the journal of the acceptance test that says who accepted, when, on which test (the
    hash of its journal), and by which means. A test with a line that is not passed cannot be accepted.
  - Where the inventory says C(decision_persons=2), only a signature of C(ssh-keygen -Y sign) counts, by one of
    C(decision_givers) who did not run the test. Else whoever accepts gives his full name.
  - It is no part of the site, so it never reports a change.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes.record
options:
  folder:
    description: Folder of the acceptance test's journal.
    type: path
    required: true
  state:
    description: V(wanted) lays down the text that is to be signed; V(taken) fails unless somebody accepted.
    type: str
    choices: [wanted, taken]
    default: taken
  typed:
    description: The name that was typed at the terminal.
    type: str
    default: ""
  named:
    description: The name that was given beforehand; recorded as such.
    type: str
    default: ""
  wait_seconds:
    description: How long to wait for a signature.
    type: float
    default: 0
  inventory:
    description: Inventories of the site, which the command in a hint names.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Neither asks nor records in check mode.
    support: full
"""

EXAMPLES = r"""
- name: Stop unless somebody accepts the site
  ics.deadpool.acceptance:
    folder: "{{ preflight_run_folder }}"
    typed: "{{ answer.user_input | default('') }}"
"""

RETURN = r"""
persons:
  description: How many persons the inventory demands.
  returned: always
  type: int
  sample: 1
statement:
  description: The text of the acceptance, as it is signed.
  returned: always
  type: str
  sample: |
    Penerimaan / Acceptance: lokasi diterima setelah uji / the site is accepted after the test: RS Contoh
    server: SQL1, SQL2
    lokasi / site: RS Contoh
    insiden / incident: 20261124-031209-k3x9-uat
    laporan / report: 9c1185a5c5e9fc54612808977ee8f548b2258d31d0e4f3f5ba04a2c7e2b1a3f4
folder:
  description: Folder of the test.
  returned: always
  type: str
  sample: /var/lib/deadpool/reports/20261124-031209-k3x9-uat
file:
  description: The file with that text; its signature lies beside it as C(.sig).
  returned: not in check mode
  type: str
  sample: /var/lib/deadpool/reports/20261124-031209-k3x9-uat/decision-3-9c1185a5c5e9.txt
who:
  description: Who accepted.
  returned: O(state=taken)
  type: str
  sample: Siti Rahmawati
how:
  description: By which means.
  returned: O(state=taken)
  type: str
  sample: typed at the terminal
entry:
  description: The record as it stands in the journal.
  returned: O(state=taken)
  type: dict
  sample: {sequence: 12, event: accepted}
"""
