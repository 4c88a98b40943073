#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds what was done to a journal and its report after they were written."""

from __future__ import annotations

DOCUMENTATION = r"""
module: journal_verify
short_description: Find what was done to a journal and its report after they were written
version_added: 0.9.0
description:
  - Every entry of a journal bears its number, its hash and the hash of the entry before. One that was changed, is
    missing, was moved or repeated shows by that.
  - That the end was cut off, or that all of it was written anew, shows against a seal, which is the number of entries
    and the last hash. One stands in C(report.json) beside the journal; better ones are out of the reach of whoever
    changed the journal, as in the mail that the run sent (O(entries), O(head)).
  - C(report.json) and C(report.html) must be what the journal gives.
  - With O(signers), the signatures of the decisions in the journal are checked too. Only they withstand somebody who
    writes everything anew.
  - Fails where anything is wrong, and says all of it.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  path:
    description: The folder of a run, or its journal.
    type: path
    required: true
  entries:
    description: How many entries the journal had, as a mail or a print says.
    type: int
  head:
    description: The hash of the last of them.
    type: str
  signers:
    description: File of the public keys of those who may decide, as C(ssh-keygen) calls allowed signers.
    type: path
"""

EXAMPLES = r"""
- name: Verify the evidence of a recovery
  ics.deadpool.journal_verify:
    path: reports/20261124-031209-k3x9-recovery
    entries: 14
    head: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
"""

RETURN = r"""
flaws:
  description: What is wrong, in the order of the lines.
  returned: always
  type: list
  elements: dict
  sample: [{kind: changed, line: 3, fact: line 3 (planned) was changed after it was written}]
entries:
  description: How many entries the journal has now.
  returned: always
  type: int
  sample: 14
head:
  description: The hash of the last one.
  returned: always
  type: str
  sample: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
told:
  description: What was verified and by what, in one sentence.
  returned: success
  type: str
  sample: 14 entries, unchanged since they were written; sealed by the report; 2 signatures are good.
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.evidence_check import check
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "entries": {"type": "int"},
    "head": {"type": "str"},
    "signers": {"type": "path"},
}


def verify(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Check mode makes no difference: it only looks."""
    return check(params["path"], params["entries"], params["head"], params["signers"])


def main() -> None:
    run_module(ARGUMENT_SPEC, verify, supports_check_mode=True, required_together=[("entries", "head")])


if __name__ == "__main__":
    main()
