#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renders the journal of a run as a report for machines and for people."""

from __future__ import annotations

DOCUMENTATION = r"""
module: recovery_report
short_description: Write the report of a run from its journal
version_added: 0.9.0
description:
  - Renders the journal that M(ics.deadpool.journal) kept, whatever became of the run, as C(report.json) and as one page
    C(report.html) in Indonesian and English beside it.
  - The outcome is judged from the journal. A run without all its proofs is never called a success.
  - A report is evidence about the run and no part of the site, so it never counts as a change.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
options:
  path:
    description: The journal's file on this host, or the folder of the run that holds it as C(journal.jsonl).
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Write the report
  ics.deadpool.recovery_report:
    path: reports/20261124-031209-k3x9-recovery
"""

RETURN = r"""
outcome:
  description: What the journal proves.
  returned: always
  type: str
  choices: [success, already_there, planned, unfinished, failed]
  sample: success
html:
  description: Path of the page for people.
  returned: always
  type: str
  sample: /var/lib/deadpool/reports/20261124-172650-a91w-failback/report.html
json:
  description: Path of the report for machines.
  returned: always
  type: str
  sample: /var/lib/deadpool/reports/20261124-172650-a91w-failback/report.json
summary:
  description: What it says, in a few lines for a mail, with the seal of the journal.
  returned: always
  type: list
  elements: str
  sample:
    - 'Hasil / outcome: Berhasil dan terbukti / Succeeded, and proven'
    - 'Server: production (SQL1)'
    - 'Data hilang / data lost: 0,0 detik'
report:
  description: The report as a value; LSNs are text.
  returned: always
  type: dict
  sample: {outcome: success, data_loss_seconds: 31.4}
"""

import json
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import journal_file
from ansible_collections.ics.deadpool.plugins.module_utils.clients.whole_file import write_whole
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report import report
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_page import page
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.report_summary import summary
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {"path": {"type": "path", "required": True}}


def write_report(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Reads the journal, writes both files beside it (not in check mode) and returns the report."""
    journal = journal_file.place(params["path"])
    value = report(journal_file.read(str(journal)))
    html, machine = journal.with_name("report.html"), journal.with_name("report.json")
    if not check_mode:
        write_whole(str(machine), json.dumps(value, indent=1, ensure_ascii=False) + "\n")
        write_whole(str(html), page(value))
    return {
        "changed": False,
        "outcome": value["outcome"],
        "summary": summary(value),
        "html": str(html),
        "json": str(machine),
        "report": value,
    }


def main() -> None:
    run_module(ARGUMENT_SPEC, write_report, supports_check_mode=True)


if __name__ == "__main__":
    main()
