#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: decision
short_description: Ask for, check and record a decision
version_added: 0.9.0
description:
  - A decision is a record in the journal of the incident that says who took it, when, having seen what (the digest of
    the plans, or the hash of the report's journal), and by which means.
  - Where the inventory says C(decision_persons=2), only a signature counts, made with C(ssh-keygen -Y sign) by somebody
    whom the inventory allows and who did not start the recovery. C(decision_persons), C(decision_signers),
    C(decision_choosers) and C(decision_givers) are read from the inventory itself; extra variables cannot change them,
    and at such a site no extra variable is accepted but those that a run is told with.
  - The text that is signed names site, incident, target, server, plans and inputs. If one of them changes, another
    decision is wanted, and what changed is said. Log backups that came since change nothing that was agreed to.
  - It is no part of the site, so it never reports a change.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes.record
options:
  number:
    description: 1 is the choice of the server, on the plans; 2 is the official go, on the report.
    type: int
    choices: [1, 2]
    required: true
  state:
    description:
      - V(wanted) lays the text that is to be signed into the incident's folder and says whether one person may type.
      - V(taken) fails unless the decision is taken.
    type: str
    choices: [wanted, taken]
    default: taken
  folder:
    description: Folder of the incident's journal; for decision 1. Decision 2 is about the site's last incident.
    type: path
  target:
    description: The inventory group of the server that is chosen; for decision 1.
    type: str
  server:
    description: The name that this server bears; for decision 1.
    type: str
  plans:
    description: The plans, as RV(ics.deadpool.mssql_restore_plan#module:plans); for decision 1.
    type: list
    elements: dict
    default: []
  digest:
    description: Their digests, as RV(ics.deadpool.mssql_restore_plan#module:digest); for decision 1.
    type: list
    elements: str
    default: []
  choices:
    description:
      - Every server that could be chosen, so that each is shown with what it costs. Each has C(target), C(server), and
        C(answer), what M(ics.deadpool.mssql_restore_plan) returned for it or why it could not be asked.
    type: list
    elements: dict
    default: []
  word:
    description: The word that one person types, where one is enough.
    type: str
    default: ""
  typed:
    description: What was typed.
    type: str
    default: ""
  confirmed:
    description: The decision was taken beforehand; for drills, and only where one person is enough.
    type: bool
    default: false
  wait_seconds:
    description: How long to wait for the signature, where two persons are demanded.
    type: float
    default: 0
attributes:
  check_mode:
    description: Neither asks nor records in check mode.
    support: full
"""

EXAMPLES = r"""
- name: Stop unless somebody decided on these plans
  ics.deadpool.decision:
    number: 1
    folder: "{{ preflight_run_folder }}"
    target: failover
    server: SQL2
    plans: "{{ restore_plan_result.plans }}"
    digest: "{{ restore_plan_result.digest }}"
    word: failover
    typed: "{{ answer.user_input | default('') }}"

- name: Stop unless the official go is given
  ics.deadpool.decision:
    number: 2
"""

RETURN = r"""
persons:
  description: How many persons the inventory demands.
  returned: always
  type: int
  sample: 1
statement:
  description: The text of the decision, as it is signed.
  returned: always
  type: str
  sample: |-
    Keputusan 1 / Decision 1: pulihkan database pada / restore the databases on: failover
    server: SQL2
    lokasi / site: RS Contoh
    insiden / incident: 20261124-172528-tov7-recovery
    rencana / plan: 5a3f9066e393ef26785389fd31178ae448e170f88a92c38677d05295b38196b0
    -e target: failover
folder:
  description: Folder of the incident.
  returned: always
  type: str
  sample: /var/lib/deadpool/reports/20261124-172528-tov7-recovery
bill:
  description: What each of O(choices) costs, as lines to read.
  returned: always
  type: list
  elements: str
  sample:
    - => failover    SQL2          data hilang / lost 2 min 06 s; diambil / to fetch 0.0 KiB,
      0 files; sekitar / about 0 s
    - '   production  SQL1          tidak dapat dipakai / cannot be used: 127.0.10.1:53529:
      nothing listens on port 53529 (connection refused)'
file:
  description: The file with that text; its signature lies beside it as C(.sig).
  returned: not in check mode
  type: str
  sample: /var/lib/deadpool/reports/20261124-172528-tov7-recovery/decision-1-5a3f9066e393.txt
who:
  description: Who decided.
  returned: O(state=taken)
  type: str
  sample: root
how:
  description: By which means.
  returned: O(state=taken)
  type: str
  sample: recovery_confirmed=true
entry:
  description: The record as it stands in the journal.
  returned: O(state=taken)
  type: dict
  sample:
    sequence: 6
    at: '2026-11-24T17:25:32.939+00:00'
    event: decided
    data:
      number: 1
      starters: [root]
      persons: 1
      who: root
      how: recovery_confirmed=true
      signature: ''
      statement:
        number: 1
        site: RS Contoh
        incident: 20261124-172528-tov7-recovery
        target: failover
        server: SQL2
        seen: 5a3f9066e393ef26785389fd31178ae448e170f88a92c38677d05295b38196b0
        inputs: {target: failover}
      seen: 5a3f9066e393ef26785389fd31178ae448e170f88a92c38677d05295b38196b0
      target: failover
    previous: 35f7d4763ca73a3a4b6b1c0428962951c21eb6995887c055c2d2cd23e1de6d51
    hash: 5fdb6c01fe18b1d022629762c3fd03148b51821c53ff879990023b5187621317
"""
