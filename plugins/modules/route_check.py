#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges which of the ports that a site needs are open."""

from __future__ import annotations

DOCUMENTATION = r"""
module: route_check
short_description: Judge which of the ports that a site needs are open, and say what to do about the others
version_added: 0.9.0
description:
  - Puts the routes of M(ics.deadpool.routes_info) beside the answers of M(ics.deadpool.ports_info). A route whose
    origin told nothing has not passed.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  routes:
    description: RV(ics.deadpool.routes_info#module:routes).
    type: list
    elements: dict
    required: true
  answers:
    description: RV(ics.deadpool.ports_info#module:ports) by the host that answered. A missing list is no answer.
    type: dict
    required: true
  language:
    description: Language of the table.
    type: str
    choices: [id, en]
    default: id
"""

EXAMPLES = r"""
- name: Which routes are open?
  ics.deadpool.route_check:
    routes: "{{ connectivity_routes.routes }}"
    answers: "{{ connectivity_answers }}"
  delegate_to: localhost
"""

RETURN = r"""
table:
  description: Lines to read, a failure followed by what to do.
  returned: always
  type: list
  elements: str
  sample:
    - "  Dari        Ke    Alamat           Layanan     Hasil"
    - "✔ controller  sql1  192.0.2.11:1433  SQL Server  terbuka"
    - "✘ app1        sql1  192.0.2.11:1433  SQL Server  tidak dijawab"
    - "    Lakukan: Buka 192.0.2.11:1433/tcp dari app1 di firewall sql1 dan di jalurnya; pastikan juga sql1 hidup."
    - "1 dari 2 jalur terbuka"
verdicts:
  description: One for each route, as reports have them.
  returned: always
  type: list
  elements: dict
  sample:
    - item: route
      subject: app1 → sql1 192.0.2.11:1433 SQL Server
      verdict: not_proven
      fact: tidak dijawab
      hint: Buka 192.0.2.11:1433/tcp dari app1 di firewall sql1 dan di jalurnya; pastikan juga sql1 hidup.
closed:
  description: The verdicts that are not good.
  returned: always
  type: list
  elements: dict
  sample: []
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.route import Route
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.route_check import judged, table, verdicts
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "routes": {"type": "list", "elements": "dict", "required": True},
    "answers": {"type": "dict", "required": True},
    "language": {"type": "str", "choices": ["id", "en"], "default": "id"},
}


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    tried = judged([Route.from_dict(one) for one in params["routes"]], params["answers"])
    told = [one.to_dict() for one in verdicts(tried, params["language"])]
    closed = [one for one in told if one["verdict"] != "proven"]
    return {"changed": False, "table": table(tried, params["language"]), "verdicts": told, "closed": closed}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
