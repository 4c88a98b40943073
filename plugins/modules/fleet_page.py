#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes one page for many sites."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_page
short_description: Write one page about many sites, those that need somebody first
version_added: 0.9.0
description:
  - Reads what M(ics.deadpool.site_check) left behind at each site (C(state_file)). A site whose check is out of date,
    or cannot be read, is shown as not known, whatever it said last; so is one whose file was named and is not there.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
options:
  states:
    description: The files, as paths or patterns on the host that runs the module.
    type: list
    elements: path
    required: true
  page:
    description: Where to write the page.
    type: path
    required: true
  time_zone:
    description: Time zone of who reads it.
    type: str
    default: Asia/Jakarta
"""

EXAMPLES = r"""
- name: Show all hospitals on one page
  ics.deadpool.fleet_page:
    states: [/var/lib/deadpool/sites/*/.check-*.json]
    page: /var/www/deadpool/fleet.html
"""

RETURN = r"""
sites:
  description: The sites in the order of the page.
  returned: always
  type: list
  elements: dict
  sample:
    - {site: RS Contoh, level: OK, told: all is well}
"""

import glob
from datetime import datetime, timezone
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients.whole_file import read_json, write_whole
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.fleet_page import fleet_page, standings
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.plan_request import site_zone
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "states": {"type": "list", "elements": "path", "required": True},
    "page": {"type": "path", "required": True},
    "time_zone": {"type": "str", "default": "Asia/Jakarta"},
}


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    paths = sorted({path for pattern in params["states"] for path in _named(pattern)})
    if not paths:
        raise InvalidInput(
            f"{', '.join(params['states'])}: there is no such file.",
            hint="Name the files .check-*.json that playbooks/daily_check.yml leaves in the folders of reports.",
        )
    now = datetime.now(timezone.utc)
    found = standings(((path, read_json(path)) for path in paths), now)
    if not check_mode:
        write_whole(params["page"], fleet_page(found, now, site_zone(params["time_zone"])))
    told = [{"site": one.site, "level": one.level, "told": one.told[1]} for one in found]
    return {"changed": False, "sites": told}


def _named(pattern: str) -> list[str]:
    """A file that was named and is not there is a site of which nothing is known, and no site less."""
    return glob.glob(pattern) if glob.has_magic(pattern) else [pattern]


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
