#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes a certificate for encryption on a SQL Server, saves it, or takes it over."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mssql_certificate
short_description: Make a certificate for encryption on a SQL Server, save it, or take it over on another
version_added: 0.9.0
description:
  - What is encrypted with a certificate, a backup or by TDE a whole database, is restored nowhere without that
    certificate and its private key.
  - A certificate that is there is never changed or dropped, and neither is the master key of master.
  - Files that are there already are never overwritten by SQL Server; then saving fails.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.mssql_login
  - ics.deadpool.attributes
attributes:
  diff_mode:
    description: Shows what is made, without passwords.
    support: full
options:
  name:
    description: Name of the certificate, in master.
    type: str
    required: true
  state:
    description:
      - V(present) makes it where it is not there.
      - V(taken_over) makes it from the files in O(directory), which were saved on another server.
    type: str
    choices: [present, taken_over]
    default: present
  directory:
    description: Folder on the server's host that SQL Server reads and writes the files in.
    type: str
    required: true
  save:
    description: Whether to write the certificate and its private key to O(directory).
    type: bool
    default: false
  thumbprint:
    description: With V(taken_over), the thumbprint that it must have.
    type: str
  subject:
    description: What a new certificate says it is for.
    type: str
  expiry_date:
    description:
      - The last day of a new one. SQL Server encrypts no backup with an expired certificate, and goes on to decrypt
        with it.
    type: str
    default: '2036-12-31'
  key_password:
    description: What the file of the private key is encrypted with. Needed to save and to take over.
    type: str
  master_key_password:
    description: What the master key of master is encrypted with. Needed where that key has to be made.
    type: str
"""

EXAMPLES = r"""
- name: Make the certificate on production, and save it
  ics.deadpool.mssql_certificate:
    login_host: production.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    name: HospitalBackups
    directory: /var/opt/mssql/certificates
    save: true
    key_password: "{{ vault_certificate_password }}"
    master_key_password: "{{ vault_master_key_password }}"
  delegate_to: localhost
  register: made

- name: Take it over on the failover, where its files were brought
  ics.deadpool.mssql_certificate:
    login_host: failover.hospital.lan
    login_user: deadpool_admin
    login_password: "{{ mssql_admin_password }}"
    name: HospitalBackups
    state: taken_over
    thumbprint: "{{ made.thumbprint }}"
    directory: /var/opt/mssql/certificates
    key_password: "{{ vault_certificate_password }}"
    master_key_password: "{{ vault_master_key_password }}"
  delegate_to: localhost
"""

RETURN = r"""
thumbprint:
  description: The thumbprint of the certificate; empty where check mode did not make it.
  returned: always
  type: str
  sample: "0x9D4E1E23BD5B727046A9E3B4B7DB57BD8D6EE684"
files:
  description: Where its files are, or would be saved, on the server's host.
  returned: always
  type: dict
  sample:
    certificate: /var/opt/mssql/certificates/HospitalBackups-9d4e1e23bd5b727046a9e3b4b7db57bd8d6ee684.cer
    private_key: /var/opt/mssql/certificates/HospitalBackups-9d4e1e23bd5b727046a9e3b4b7db57bd8d6ee684.pvk
changes:
  description: What was changed, or in check mode would be.
  returned: always
  type: list
  elements: dict
  sample:
    - {part: certificates, item: HospitalBackups, what: "create it, valid until 2036-12-31"}
remarks:
  description: What a person has to see to.
  returned: always
  type: list
  elements: dict
  sample: []
statements:
  description: The T-SQL that was executed, or in check mode would be, without passwords.
  returned: always
  type: list
  elements: str
  sample: ["CREATE CERTIFICATE [HospitalBackups] WITH SUBJECT = N'Backups', EXPIRY_DATE = N'20361231'"]
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql import Server
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_certificate import kept
from ansible_collections.ics.deadpool.plugins.module_utils.clients.mssql_login import MSSQL_LOGIN
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **MSSQL_LOGIN,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "taken_over"], "default": "present"},
    "directory": {"type": "str", "required": True},
    "save": {"type": "bool", "default": False},
    "thumbprint": {"type": "str"},
    "subject": {"type": "str"},
    "expiry_date": {"type": "str", "default": "2036-12-31"},
    "key_password": {"type": "str", "no_log": True},
    "master_key_password": {"type": "str", "no_log": True},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    with Server(params, dry=check_mode) as server:
        return kept(server, params)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
