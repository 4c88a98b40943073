#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moves backup files between this host and the store, whole or not at all."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ftp_transfer
short_description: Ship backup files to the FTP store, or fetch them from it
version_added: 0.9.0
description:
  - Runs on the host that owns the disk. A file under its final name is complete on both sides. Bytes travel to
    C(NAME.part), are counted and hashed on the way, and are renamed only then.
  - Beside every shipped file stands C(NAME.sha256) in the form that C(sha256sum -c) reads. Fetched files are compared
    with it.
  - A file on the store is never overwritten. Where one stands under the same name, its length and its digest are
    compared, and another file is a failure. What was shipped is remembered in C(.shipped) in O(source_directory), so
    that files that did not change since are not read again. Without it, files whose digest this account may not read
    are listed as RV(not_compared).
  - Where a connection breaks, the file is taken up again where it broke, if its beginning is sure to be the same file.
  - The store is an FTP server (O(host)) or a folder of this host (O(folder)), such as a mounted share.
  - On a Windows host its own C(curl.exe) moves the files. That was never run on a real Windows, C(docs/windows.md) says
    what was checked.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.ftp_store.or_folder
  - ics.deadpool.ftp_store
  - ics.deadpool.attributes
options:
  other_stores:
    description:
      - With V(store), further stores that receive the same files, such as one off-site. Each is tried also where
        another one failed.
    type: list
    elements: dict
    suboptions:
      host:
        description: As O(host).
        type: str
      port:
        description: As O(port).
        type: int
        default: 21
      username:
        description: As O(username).
        type: str
      password:
        description: As O(password).
        type: str
      tls:
        description: As O(tls).
        type: str
        choices: [explicit, implicit, none]
        default: explicit
      ca_path:
        description: As O(ca_path).
        type: path
      validate_certs:
        description: As O(validate_certs).
        type: bool
        default: true
      timeout:
        description: As O(timeout).
        type: int
        default: 30
      folder:
        description: As O(folder).
        type: path
      directory:
        description: Directory on this store instead of O(destination_directory).
        type: str
  connections:
    description: Files that travel at the same time. Where the store allows this account fewer, it is fewer.
    type: int
    default: 4
  retries:
    description:
      - Further attempts of a file whose connection broke or froze, each after a longer pause. The reasons are kept as
        C(retries) of each of RV(transfers). What is refused is not tried again.
    type: int
    default: 3
  verify:
    description:
      - With V(store), read every file back and compare its digest before it gets its name. The account must be
        allowed to read. Fetched files are always compared where the store has a digest.
    type: bool
    default: false
  bandwidth_limit:
    description: Megabytes (1,000,000 bytes) per second that all connections together may use. V(0) is no limit.
    type: float
    default: 0
  progress_file:
    description: A file of this host to which one line of JSON a second is appended, with files and bytes so far.
    type: path
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
  paths_later:
    description: Files that will be fetched to the same directory afterwards; there must be room for them too.
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

- name: Ship to the share of the storage server, and to a store in another building
  ics.deadpool.ftp_transfer:
    direction: store
    folder: /mnt/backup
    source_directory: /var/opt/mssql/backup
    verify: true
    other_stores:
      - host: offsite.hospital.lan
        username: "{{ offsite_write_user }}"
        password: "{{ offsite_write_password }}"

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
      bytes of the file. It is false for a file that was shipped earlier and did not change since, for one whose digest
      this account may not read, and for a fetched file that has no digest on the store.
  returned: always
  type: list
  elements: dict
  sample:
    - source: /SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak
      destination: /srv/sql2/incoming/drill/SQL1/Pharmacy/FULL/SQL1_Pharmacy_FULL_20261125_002214.bak
      bytes: 78336
      sha256: 95acc6ebbd35830e6cdff59df399259dbdf56fa143bc9818f891388cca0d363c
      changed: true
      seconds: 0.0338884069933556
      sha256_checked: true
      verified: true
      resumed_at: 0
      retries: []
bytes:
  description: Bytes that were moved, or in check mode would be.
  returned: always
  type: int
  sample: 2296832
stores:
  description:
    - One entry for each of O(other_stores), with its own C(transfers), C(bytes) and C(not_compared), and C(failed)
      reasons.
  returned: always
  type: list
  elements: dict
  sample:
    - store: store offsite.hospital.lan:21
      transfers: []
      bytes: 0
      not_compared: []
      failed: []
not_compared:
  description:
    - Files that stood on the store under the same name and with the same length, and of which nothing tells whether
      they are the same.
  returned: always
  type: list
  elements: str
  sample: []
held_back:
  description: Files of O(source_directory) that are not whole backups, with the reason.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /var/opt/mssql/backup/notes.bak
      reason: "notes.bak: a text file, not a backup"
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import store
from ansible_collections.ics.deadpool.plugins.module_utils.clients.transfer_task import transfer
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **store.ARGUMENT_SPEC,
    "other_stores": {
        "type": "list",
        "elements": "dict",
        "options": {**store.ARGUMENT_SPEC, "directory": {"type": "str"}},
    },
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
    "paths_later": {"type": "list", "elements": "str"},
    "destination_directory": {"type": "str", "default": "/"},
    "connections": {"type": "int", "default": 4},
    "retries": {"type": "int", "default": 3},
    "verify": {"type": "bool", "default": False},
    "bandwidth_limit": {"type": "float", "default": 0},
    "progress_file": {"type": "path"},
}
_ONE_OF = ("files", "source_directory", "paths")
#: Which options go together, on Windows hosts too.
CONDITIONS: dict[str, Any] = {
    **store.ONE_STORE,
    "mutually_exclusive": [_ONE_OF, *store.ONE_STORE["mutually_exclusive"]],
    "required_one_of": [_ONE_OF, *store.ONE_STORE["required_one_of"]],
}


def main() -> None:
    run_module(ARGUMENT_SPEC, transfer, supports_check_mode=True, **CONDITIONS)


if __name__ == "__main__":
    main()
