#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the document of a site for whoever takes it over."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_document
short_description: Write the document of a site for whoever takes it over
version_added: 0.9.0
description:
  - One page in Indonesian and English (C(site.html), for screen, phone and A4), and Markdown in each language
    (C(site.id.md), C(site.en.md)). It names addresses, versions, accounts, routes, schedules, databases and modules,
    and no secret, for it is given none.
  - A document that says the same already is left as it is.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
options:
  folder:
    description: Where it goes.
    type: path
    required: true
  site:
    description: Name of the site.
    type: str
    required: true
  time_zone:
    description: Its zone, by its name in the IANA time zone database.
    type: str
    required: true
  hosts:
    description:
      - The hosts, as O(ics.deadpool.routes_info#module:hosts) has them, with C(system), the operating system, and
        C(sql_name) and C(sql_version) of its SQL Server; empty where it did not answer.
    type: list
    elements: dict
    required: true
  stores:
    description: The stores, each with C(name), C(address), C(port), C(tls) and C(directory).
    type: list
    elements: dict
    default: []
  other_stores:
    description: Further stores, as C(address:port).
    type: list
    elements: str
    default: []
  databases:
    description: The databases.
    type: list
    elements: str
    required: true
  priorities:
    description: Where they are not to come back in that order.
    type: dict
    default: {}
  canaries:
    description: Where the last transaction of each shows, as C(verify_canaries) of an inventory.
    type: list
    elements: dict
    default: []
  modules:
    description: The modules, as C(applications) of an inventory.
    type: list
    elements: dict
    default: []
  schedule:
    description: What runs when, as C(schedule_runs) of an inventory.
    type: list
    elements: dict
    default: []
  then:
    description: What follows a run that ended well, as C(schedule_then).
    type: dict
    default: {}
  accounts:
    description: The accounts, each with C(name), C(where) it is, and its C(use).
    type: list
    elements: dict
    default: []
  routes:
    description: RV(ics.deadpool.routes_info#module:routes).
    type: list
    elements: dict
    default: []
  rpo_minutes:
    description: How much may be lost.
    type: str
    default: ''
  rto_minutes:
    description: How long a recovery may take.
    type: str
    default: ''
  window_days:
    description: How many days back can be restored.
    type: str
    default: ''
  decision_persons:
    description: How many persons a decision needs.
    type: int
    default: 1
  choosers:
    description: Who takes decision 1.
    type: list
    elements: str
    default: []
  givers:
    description: Who takes decision 2.
    type: list
    elements: str
    default: []
  told:
    description: Who is told.
    type: list
    elements: str
    default: []
  versions:
    description: Programs of the controller with their versions.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Write the document of the site
  ics.deadpool.site_document:
    folder: /var/lib/deadpool/reports/site-document
    site: RS Contoh
    time_zone: Asia/Jakarta
    hosts: [{name: sql1, groups: [production], address: 192.0.2.11, system: Debian 12}]
    databases: [MyHospitalBilling]
"""

RETURN = r"""
files:
  description: The files.
  returned: always
  type: list
  elements: str
  sample: [site.html, site.id.md, site.en.md]
silent:
  description: The hosts that did not answer, so that the document says less of them.
  returned: always
  type: list
  elements: str
  sample: []
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.site_documents import write_documents
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

_LIST_OF_DICTS: dict[str, Any] = {"type": "list", "elements": "dict", "default": []}
_LIST: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "folder": {"type": "path", "required": True},
    "site": {"type": "str", "required": True},
    "time_zone": {"type": "str", "required": True},
    "hosts": {"type": "list", "elements": "dict", "required": True},
    "databases": {"type": "list", "elements": "str", "required": True},
    **dict.fromkeys(("stores", "canaries", "modules", "schedule", "accounts", "routes"), _LIST_OF_DICTS),
    **{name: {"type": "dict", "default": {}} for name in ("priorities", "then", "versions")},
    **dict.fromkeys(("choosers", "givers", "told", "other_stores"), _LIST),
    **{name: {"type": "str", "default": ""} for name in ("rpo_minutes", "rto_minutes", "window_days")},
    "decision_persons": {"type": "int", "default": 1},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    facts = {name: value for name, value in params.items() if name != "folder"}
    return write_documents(facts, params["folder"], not check_mode)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
