#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: journal
short_description: Append one event to the journal of a run
version_added: 0.9.0
description:
  - The journal is a file of JSON lines on the controller; each entry carries the hash of the one before, so that a
    changed, missing or reordered entry shows.
  - It is evidence about the run and no part of the site, so it never reports a change.
  - In check mode nothing is written.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes.record
options:
  path:
    description: The journal's file on the controller. Missing folders are made.
    type: path
    required: true
  event:
    description: Which moment of the run this is.
    type: str
    required: true
    choices:
      - opened
      - assessed
      - tested
      - accepted
      - history
      - planned
      - decision_wanted
      - decided
      - backed_up
      - shipped
      - fetched
      - database_restored
      - restored
      - verified
      - repointed
      - proven
      - pruned
      - kept_in_step
      - fenced
      - handed_over
      - failed
      - closed
      - go_wanted
      - go
      - notified
      - deviation
      - corrective_action
  data:
    description: What is to be remembered. LSNs are written as text. Never put secrets here.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Remember the decision
  ics.deadpool.journal:
    path: "{{ journal_path }}"
    event: decided
    data:
      who: edp
      how: typed
"""

RETURN = r"""
entry:
  description: The entry as it was written; empty in check mode.
  returned: always
  type: dict
  sample:
    sequence: 4
    at: "2026-11-24T03:12:09.412+00:00"
    event: decided
    data: {who: edp, how: typed}
    previous: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    hash: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
"""
