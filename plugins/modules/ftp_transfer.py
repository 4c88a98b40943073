#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moves backup files between this host and the store, whole or not at all."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_transfer
short_description: Ship backup files to the FTP store, or fetch them from it
version_added: 0.1.0
description:
  - Runs on the host that owns the disk. A file under its final name is complete on both sides. Bytes travel to
    C(NAME.part), are counted and hashed on the way, and are renamed only then.
  - Beside every shipped file stands C(NAME.sha256) in the form that C(sha256sum -c) reads. Fetched files are compared
    with it.
  - A file on the store is never overwritten.
  - On a Windows host its own C(curl.exe) moves the files. That was never run on a real Windows, C(docs/windows.md) says
    what was checked.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.ftp_store
  - ics.deadpool.attributes
options:
  direction:
    description: V(store) sends files to the store, V(fetch) brings them here.
    type: str
    choices: [store, fetch]
    required: true
  files:
    description: The files to move, in this order.
    type: list
    elements: dict
    suboptions:
      source:
        description: Path on this host (V(store)) or on the store (V(fetch)).
        type: str
        required: true
      destination:
        description: Path on the store (V(store)) or on this host (V(fetch)).
        type: str
        required: true
  source_directory:
    description:
      - With V(store), ship every backup file below this directory that the store does not have, oldest first.
      - Files that are not whole backups are held back and listed with the reason. A file or folder that cannot be read
        is a failure.
    type: path
  required_files:
    description:
      - With V(store), files of this host that must be on the store when this is done, such as the backups just taken.
        The module fails where one of them was held back, could not be sent, or was not among the files to send.
      - In check mode a file that is not there yet is not asked for.
    type: list
    elements: path
  paths:
    description: With V(fetch), files of the store to bring below O(destination_directory) under the same path.
    type: list
    elements: str
  destination_directory:
    description:
      - Directory on the store that O(source_directory) is mirrored to, or on this host that O(paths) are brought to.
      - A file of this host that is there already is hashed and compared with the digest on the store.
    type: str
    default: /
"""

EXAMPLES = r"""
- name: Ship what production has and the store has not
  ics.deadpool.ftp_transfer:
    direction: store
    host: backup.hospital.lan
    username: "{{ store_write_user }}"
    password: "{{ store_write_password }}"
    ca_path: /etc/ssl/hospital-ca.pem
    source_directory: /var/opt/mssql/backup
    required_files: "{{ taken.backups | map(attribute='files') | flatten }}"

- name: Fetch the files of a plan
  ics.deadpool.ftp_transfer:
    direction: fetch
    host: backup.hospital.lan
    username: "{{ store_read_user }}"
    password: "{{ store_read_password }}"
    paths: "{{ restore_plan.plans[0].files }}"
    destination_directory: /var/opt/mssql/restore
"""

RETURN = r"""
transfers:
  description:
    - One entry for each file, in order.
    - C(sha256_checked) is true where in this run the digest on the store was written for, or compared with, the very
      bytes of the file. It is false for a file that was on the store already, for one whose digest this account may not
      read, and for a fetched file that has no digest on the store.
  returned: always
  type: list
  elements: dict
  sample:
    - source: /var/opt/mssql/backup/SQL1/Sales/LOG/SQL1_Sales_LOG_20261124_031500.trn
      destination: /SQL1/Sales/LOG/SQL1_Sales_LOG_20261124_031500.trn
      bytes: 94208
      sha256: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
      changed: true
      seconds: 0.021
      sha256_checked: true
bytes:
  description: Bytes that were moved, or in check mode would be.
  returned: always
  type: int
  sample: 94208
held_back:
  description: Files of O(source_directory) that are not whole backups, with the reason.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /var/opt/mssql/backup/notes.bak
      reason: "notes.bak: a text file, not a backup"
"""

import os
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import ftp, store
from ansible_collections.ics.deadpool.plugins.module_utils.clients.shipping import backups_to_ship
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput, RecoveryError
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **ftp.ARGUMENT_SPEC,
    "direction": {"type": "str", "choices": ["store", "fetch"], "required": True},
    "files": {
        "type": "list",
        "elements": "dict",
        "options": {
            "source": {"type": "str", "required": True},
            "destination": {"type": "str", "required": True},
        },
    },
    "source_directory": {"type": "path"},
    "required_files": {"type": "list", "elements": "path"},
    "paths": {"type": "list", "elements": "str"},
    "destination_directory": {"type": "str", "default": "/"},
}


def transfer(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Moves the files that were named, or those that lie in the directory that was named."""
    pairs, held_back, failed = _what_to_move(params)
    with ftp.Ftp(params) as connection:
        if params["direction"] == "store":
            done, not_sent = store.ship(connection, pairs, check_mode)
            failed.update(not_sent)
        else:
            done = store.fetch_files(connection, pairs, check_mode)
    result: dict[str, Any] = {
        "changed": any(one.changed for one in done),
        "transfers": [one.to_dict() for one in done],
        "bytes": sum(one.bytes for one in done if one.changed),
        "held_back": held_back,
    }
    failed.update(_missing(params["required_files"] or [], done, held_back, failed, check_mode))
    if failed:
        reasons = [f"{len(failed)} files were not shipped:", *(error.msg for error in failed.values())]
        hint = next(iter(failed.values())).hint
        result.update(failed=True, msg="\n".join([*reasons, f"HINT: {hint}"]))
    return result


def _missing(
    required: list[str],
    done: list[store.Transfer],
    held_back: list[dict[str, str]],
    failed: dict[str, RecoveryError],
    check_mode: bool,
) -> dict[str, RecoveryError]:
    """The required files that this run did not bring to the store nor find there."""
    told = {os.path.realpath(path) for path in [*failed, *(one.source for one in done)]}
    reasons = {os.path.realpath(row["path"]): row["reason"] for row in held_back}
    missing: dict[str, RecoveryError] = {}
    for path in required:
        real = os.path.realpath(path)
        if real in told or (check_mode and not os.path.exists(real)):
            continue
        why = reasons.get(real, "it is not among the files to send")
        missing[path] = RecoveryError(
            f"{path}: it must be on the store and is not: {why}",
            hint="Look at this file and at source_directory; until it is on the store it is lost with this host.",
        )
    return missing


Moves = tuple[list[tuple[str, str]], list[dict[str, str]], dict[str, RecoveryError]]


def _what_to_move(params: dict[str, Any]) -> Moves:
    """Pairs of source and destination, what is held back with the reason, and what could not be looked at."""
    if params["required_files"] is not None and params["direction"] != "store":
        raise InvalidInput(
            "required_files: it does not go with direction: fetch",
            hint="Every file that is fetched is required; leave it out.",
        )
    wrong = {"store": "paths", "fetch": "source_directory"}[params["direction"]]
    if params[wrong] is not None:
        raise InvalidInput(
            f"{wrong}: it does not go with direction: {params['direction']}",
            hint="Use source_directory to store, paths to fetch, or files for either.",
        )
    top = params["destination_directory"].rstrip("/")
    if params["paths"] is not None:
        return [(path, f"{top}/{path.lstrip('/')}") for path in dict.fromkeys(params["paths"])], [], {}
    if params["source_directory"] is not None:
        found = backups_to_ship(params["source_directory"])
        pairs = [(one.path, f"{top}/{one.relative}") for one in found if one.held_back is None and one.failed is None]
        held_back = [{"path": one.path, "reason": one.held_back} for one in found if one.held_back is not None]
        return pairs, held_back, {one.path: one.failed for one in found if one.failed is not None}
    return [(row["source"], row["destination"]) for row in params["files"]], [], {}


def main() -> None:
    run_module(
        ARGUMENT_SPEC,
        transfer,
        supports_check_mode=True,
        mutually_exclusive=[("files", "source_directory", "paths")],
        required_one_of=[("files", "source_directory", "paths")],
    )


if __name__ == "__main__":
    main()
