#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads every file of the store to its last byte, once."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_audit
short_description: Read each backup on the FTP store to its last byte, once, and remember the verdict
version_added: 0.9.0
description:
  - Returns the backup history as M(ics.deadpool.ftp_backup_info) does, and for every file whether its checksums are
    right and its digest is the one that was written beside it when it was sent.
  - A file is read once; its verdict is kept in O(record_file). What there is no time for waits for the next run, newest
    first.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.ftp_store
attributes:
  check_mode:
    description: Lists, and tells what earlier runs read. Reads no file to its end and keeps nothing.
    support: full
  diff_mode:
    description: Whether the module shows what it changes as a difference.
    support: none
options:
  directory:
    description: Directory on the store to look below.
    type: str
    default: /
  record_file:
    description:
      - File on the host that runs the module, with the verdict on each file that was read. It is made anew if lost.
    type: path
    required: true
  history_file:
    description: As in M(ics.deadpool.ftp_backup_info).
    type: path
  minutes:
    description: After so many minutes no further file is begun.
    type: float
    default: 30
seealso:
  - module: ics.deadpool.ftp_backup_info
  - module: ics.deadpool.site_check
"""

EXAMPLES = r"""
- name: Read what came since the last time
  ics.deadpool.ftp_audit:
    host: backup.hospital.lan
    username: "{{ store_read_user }}"
    password: "{{ store_read_password }}"
    record_file: /var/lib/deadpool/audit.json
  register: store
"""

RETURN = r"""
history:
  description: The backup sets, as in RV(ics.deadpool.ftp_backup_info#module:history).
  returned: always
  type: list
  elements: dict
  sample:
    - path: /SQL1/Sales/LOG/SQL1_Sales_LOG_20261124_031500.trn
      database_name: Sales
media:
  description: What was read of the heads of files in this run, as in RV(ics.deadpool.ftp_backup_info#module:media).
  returned: always
  type: list
  elements: dict
  sample: []
unreadable:
  description: Files that are not whole backups or could not be read, with the reason and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
files:
  description: How many files there are.
  returned: always
  type: int
  sample: 12
audit:
  description:
    - The files that were read whole, in this run or an earlier one. C(verdict) is V(sound), V(damaged) or
      V(cannot be told); C(expected) is the digest written beside the file, empty where there is none.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /SQL1/Pharmacy/DIFF/SQL1_Pharmacy_DIFF_20261125_002254.bak
      size: 77312
      modified: '2026-11-24T17:22:58+00:00'
      verdict: sound
      reason: null
      sha256: 3834357b9d9af74b43ccf4a9e8a9d615cb0d9aef4bf9df6159a3e16faeb55f5d
      expected: 3834357b9d9af74b43ccf4a9e8a9d615cb0d9aef4bf9df6159a3e16faeb55f5d
not_read_yet:
  description: How many files nobody read to their end.
  returned: always
  type: int
  sample: 0
free_bytes:
  description: Free bytes on the store, where its FTP server says (AVBL).
  returned: always
  type: int
  sample: 53687091200
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import ftp
from ansible_collections.ics.deadpool.plugins.module_utils.clients.store_audit import audit
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **ftp.ARGUMENT_SPEC,
    "directory": {"type": "str", "default": "/"},
    "record_file": {"type": "path", "required": True},
    "history_file": {"type": "path"},
    "minutes": {"type": "float", "default": 30.0},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """A look at the store changes nothing there."""
    return {"changed": False, **audit(params, check_mode=check_mode)}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
