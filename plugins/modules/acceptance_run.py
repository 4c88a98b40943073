#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carries out one line of a site's acceptance test."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acceptance_run
short_description: Carry out one line of a site's acceptance test, and judge what it left
version_added: 0.9.0
description:
  - Starts a playbook as an operator would, waits for it, keeps what it printed, and judges the journal that it left.
    An exit code of 0 passes nothing by itself.
  - A line that fails is a verdict and no failure of this module, so that the next lines are tried.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
attributes:
  check_mode:
    description: Starts nothing in check mode.
    support: full
options:
  line:
    description: What is to be shown. The line V(daily_check) shows V(equal) as well.
    type: str
    choices: [connectivity, full, log, standby, prune, drill, last_log, daily_check, plan]
    required: true
  command:
    description: The command and its arguments. No secrets.
    type: list
    elements: str
    required: true
  chdir:
    description: Folder that it is started in.
    type: path
    required: true
  reports_directory:
    description: Folder of the journals of all runs.
    type: path
    required: true
  output:
    description: File that keeps what it printed.
    type: path
    required: true
  databases:
    description: The databases that it must be about.
    type: list
    elements: str
    required: true
  rpo_minutes:
    description: How much may be lost.
    type: float
    required: true
  rto_minutes:
    description: How long a recovery may take.
    type: float
    required: true
  minutes:
    description: After so many minutes the command is ended.
    type: float
    default: 720
  language:
    description: Language of the verdicts.
    type: str
    choices: [id, en]
    default: id
"""

EXAMPLES = r"""
- name: Does a full backup arrive on the store?
  ics.deadpool.acceptance_run:
    line: full
    command: [ansible-playbook, -i, inventory/rs-contoh, playbooks/backup.yml, -e, backup_type=full]
    chdir: /opt/deadpool
    reports_directory: /var/lib/deadpool/reports
    output: /var/lib/deadpool/reports/20261124-031209-k3x9-uat/full.txt
    databases: [MyHospitalBilling]
    rpo_minutes: 15
    rto_minutes: 60
"""

RETURN = r"""
verdicts:
  description: What was shown, as reports have it.
  returned: not in check mode
  type: list
  elements: dict
  sample:
    - item: acceptance
      subject: Backup full dibuat dan terkirim
      verdict: proven
      fact: 1 database, 1 file, 3.2 MB, dengan SHA-256
      hint: ''
lines:
  description: The lines that these verdicts are about.
  returned: not in check mode
  type: list
  elements: str
  sample: [full]
run:
  description: Folder of the run's journal; empty where it left none.
  returned: not in check mode
  type: str
  sample: /var/lib/deadpool/reports/20261124-031214-a8s1-backup
seal:
  description: The seal of that journal, as M(ics.deadpool.journal_verify) wants it.
  returned: not in check mode
  type: dict
  sample: {entries: 4, head: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752}
code:
  description: The exit code; 124 where the command had to be ended.
  returned: not in check mode
  type: int
  sample: 0
seconds:
  description: How long it took.
  returned: not in check mode
  type: float
  sample: 21.4
output:
  description: The file with what it printed.
  returned: not in check mode
  type: str
  sample: /var/lib/deadpool/reports/20261124-031209-k3x9-uat/full.txt
output_sha256:
  description: Its hash.
  returned: not in check mode
  type: str
  sample: 9c1185a5c5e9fc54612808977ee8f548b2258d31d0e4f3f5ba04a2c7e2b1a3f4
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.acceptance_run import carry_out
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "line": {
        "type": "str",
        "choices": ["connectivity", "full", "log", "standby", "prune", "drill", "last_log", "daily_check", "plan"],
        "required": True,
    },
    "command": {"type": "list", "elements": "str", "required": True},
    "chdir": {"type": "path", "required": True},
    "reports_directory": {"type": "path", "required": True},
    "output": {"type": "path", "required": True},
    "databases": {"type": "list", "elements": "str", "required": True},
    "rpo_minutes": {"type": "float", "required": True},
    "rto_minutes": {"type": "float", "required": True},
    "minutes": {"type": "float", "default": 720},
    "language": {"type": "str", "choices": ["id", "en"], "default": "id"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    return {"changed": False} if check_mode else carry_out(params)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
