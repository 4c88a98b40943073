#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_inventory
short_description: Write the inventory of a new site, with its secrets in a vault
version_added: 0.9.0
description:
  - Checks the few facts that a site is made of and says all that is wrong with them at once. Then writes a folder like
    C(inventory/example), whose comments it keeps, with these facts in their places.
  - Passwords lie in C(group_vars/all/vault.yml), encrypted. Those that are not given are made. What the vault holds
    stays, so that a second run changes no password.
  - A file that is there and differs is left as it is, and the difference is told, unless O(replace).
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
attributes:
  diff_mode:
    support: full
options:
  facts:
    description:
      - C(name), C(time_zone), C(production), C(failover), C(store), C(controller), C(applications), C(databases),
        C(priorities), C(modules), C(rpo_minutes), C(rto_minutes), and in C(more) whatever else an inventory can say.
        The role P(ics.deadpool.new_site#role) tells how each is written.
    type: dict
    required: true
  folder:
    description: The folder of the inventory. Where it is empty, a folder of the site's name in O(inventories).
    type: path
    default: ''
  inventories:
    description: Folder of all inventories.
    type: path
    default: inventory
  example:
    description: The folder of the inventory that is copied.
    type: path
    required: true
  vault_password_file:
    description: File with the vault's password, for its owner alone. It is made where it is not there.
    type: path
    required: true
  passwords:
    description: Passwords that exist already, by the names that the vault has for them.
    type: dict
    default: {}
  replace:
    description: Whether files that differ, and passwords that differ, are replaced.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Write the inventory of a site
  ics.deadpool.site_inventory:
    facts:
      name: RS Contoh
      time_zone: Asia/Jakarta
      production: sql1 192.0.2.11
      failover: sql2 192.0.2.12
      store: backup1 192.0.2.13
      applications: app1 192.0.2.21
      databases: [MyHospitalRegistration, MyHospitalBilling]
      modules: [registration app1 MyHospitalRegistration, billing app1 MyHospitalBilling]
    example: inventory/example
    vault_password_file: /etc/deadpool/vault-password
"""

RETURN = r"""
folder:
  description: The folder.
  returned: always
  type: str
  sample: inventory/rs-contoh
files:
  description: Each file with its C(state), V(written), V(same), V(differs) or V(replaced), and the C(difference).
  returned: always
  type: list
  elements: dict
  sample: [{path: hosts.yml, state: written, difference: []}]
differs:
  description: The files that are there, differ from the facts, and were left as they are.
  returned: always
  type: list
  elements: str
  sample: []
generated:
  description: The names of the passwords that were made. No result ever holds a password.
  returned: always
  type: list
  elements: str
  sample: [vault_store_write_password]
vault_password_made:
  description: Whether the file with the vault's password was made.
  returned: always
  type: bool
  sample: true
"""
