#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_pending_info
short_description: Say what a site still lacks before it is watched, with a next step for each
version_added: 0.9.0
description:
  - Reads an inventory as Ansible reads it, the outcomes of the site's last runs, and what its last daily check said.
    Touches nothing.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  folder:
    description: The folder of the inventory.
    type: path
    required: true
  vault_password_file:
    description: File with the vault's password.
    type: path
    required: true
  check_site:
    description: The program C(scripts/check_site), which says what the last daily check said; empty not to ask.
    type: path
    default: ''
  language:
    description: Language of RV(lines).
    type: str
    choices: [id, en]
    default: id
"""

EXAMPLES = r"""
- name: What is still missing?
  ics.deadpool.site_pending_info:
    folder: inventory/rs-contoh
    vault_password_file: /etc/deadpool/vault-password
"""

RETURN = r"""
pending:
  description: What is missing and what to do, in both languages, in the order in which it is best done.
  returned: always
  type: list
  elements: dict
  sample:
    - what: {id: Jadwal belum dipasang, en: Nothing begins by itself}
      do: {id: ansible-playbook playbooks/schedule.yml, en: ansible-playbook playbooks/schedule.yml}
lines:
  description: The same as lines to read, in one language.
  returned: always
  type: list
  elements: str
  sample:
    - 1. Jadwal belum dipasang
    - "   Lakukan: ansible-playbook playbooks/schedule.yml"
"""
