#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says which party of a site needs which port of whom."""

from __future__ import annotations

DOCUMENTATION = r"""
module: routes_info
short_description: Say which party of a site needs which port of whom
version_added: 0.9.0
description:
  - Reads it from what the inventory says of hosts, store and modules. Touches nothing; M(ics.deadpool.ports_info) tries
    the ports from each party, and M(ics.deadpool.route_check) judges the answers.
author: ICS engineers (@ics-deadpool)
extends_documentation_fragment:
  - ics.deadpool.attributes
  - ics.deadpool.attributes.info_module
options:
  hosts:
    description: The hosts of the inventory. What does not hold for a host is left out or empty.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name in the inventory. C(localhost) is the controller.
        type: str
        required: true
      groups:
        description: Its groups. Hosts of C(application) reach both servers.
        type: list
        elements: str
        default: []
      address:
        description: Where Ansible reaches it.
        type: str
        default: ''
      connection:
        description: How Ansible reaches it. V(local) needs no port.
        type: str
        default: ssh
      port:
        description: The port that Ansible uses; 0 for the usual one.
        type: int
        default: 0
      sql_address:
        description: Where the controller reaches its SQL Server; empty for a host that has none.
        type: str
        default: ''
      sql_port:
        description: The port of that.
        type: int
        default: 0
      application_address:
        description: Where the modules reach its SQL Server, if it is another address.
        type: str
        default: ''
      application_port:
        description: The port of that.
        type: int
        default: 0
      folders:
        description: Where its SQL Server writes and reads backups. A share, as C(//host/share), needs SMB.
        type: list
        elements: str
        default: []
  stores:
    description: The FTP stores, which both servers and the controller use.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: How the table calls it.
        type: str
        required: true
      address:
        description: Where it is reached.
        type: str
        required: true
      port:
        description: The port of its control connections.
        type: int
        default: 21
      passive_ports:
        description: The range that its transfers use, such as V(50000-50100). First, middle and last are tried.
        type: str
        default: ''
  other_stores:
    description: Further stores, as C(address:port).
    type: list
    elements: str
    default: []
  applications:
    description: The modules, as in the inventory. The controller and C(host) both open C(health).
    type: list
    elements: dict
    default: []
  pages:
    description: Other pages that somebody must open, such as the status page.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: How the table calls it.
        type: str
        required: true
      url:
        description: Its address.
        type: str
        required: true
      users:
        description: The groups and hosts that must open it.
        type: list
        elements: str
        default: [localhost]
  mail:
    description: The mail server, with C(host) and C(port); empty where nobody is told by mail.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Which ports does the site need?
  ics.deadpool.routes_info:
    hosts:
      - {name: sql1, groups: [production], address: 192.0.2.11, sql_address: 192.0.2.11, sql_port: 1433}
      - {name: app1, groups: [application], address: 192.0.2.21}
    stores:
      - {name: backup1, address: 192.0.2.13, port: 21, passive_ports: 50000-50100}
  delegate_to: localhost
  register: routes
"""

RETURN = r"""
routes:
  description: Every port that somebody needs, once. At an C(idle) one nobody listens until a transfer begins.
  returned: always
  type: list
  elements: dict
  sample:
    - {origin: app1, target: sql1, address: 192.0.2.11, port: 1433, service: sql, idle: false}
origins:
  description: The routes by the party that needs them.
  returned: always
  type: dict
  sample: {app1: [{origin: app1, target: sql1, address: 192.0.2.11, port: 1433, service: sql, idle: false}]}
"""

from collections.abc import Iterator
from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.route import (
    CONTROLLER,
    Party,
    Service,
    page,
    routes,
    store_services,
)
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "hosts": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "groups": {"type": "list", "elements": "str", "default": []},
            "address": {"type": "str", "default": ""},
            "connection": {"type": "str", "default": "ssh"},
            "port": {"type": "int", "default": 0},
            "sql_address": {"type": "str", "default": ""},
            "sql_port": {"type": "int", "default": 0},
            "application_address": {"type": "str", "default": ""},
            "application_port": {"type": "int", "default": 0},
            "folders": {"type": "list", "elements": "str", "default": []},
        },
    },
    "stores": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
            "port": {"type": "int", "default": 21},
            "passive_ports": {"type": "str", "default": ""},
        },
    },
    "other_stores": {"type": "list", "elements": "str", "default": []},
    "applications": {"type": "list", "elements": "dict", "default": []},
    "pages": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "url": {"type": "str", "required": True},
            "users": {"type": "list", "elements": "str", "default": ["localhost"]},
        },
    },
    "mail": {"type": "dict", "default": {}},
}
#: Who moves files to and from the store.
_STORE_USERS = (CONTROLLER, "production", "failover")


def _stores(params: dict[str, Any]) -> Iterator[Service]:
    for one in params["stores"]:
        yield from store_services(one["name"], one["address"], one["port"], one["passive_ports"], _STORE_USERS)
    for text in params["other_stores"]:
        address, _colon, port = text.rpartition(":")
        yield from store_services(address, address, int(port), "", _STORE_USERS)


def _pages(params: dict[str, Any]) -> Iterator[Service]:
    for one in params["applications"]:
        if one.get("health"):
            yield page(str(one["name"]), str(one["health"]), [CONTROLLER, str(one["host"])])
    for one in params["pages"]:
        yield page(one["name"], one["url"], one["users"])


def run(params: dict[str, Any], _check_mode: bool) -> dict[str, Any]:
    services = [*_stores(params), *_pages(params)]
    mail = params["mail"]
    if mail:
        services.append(
            Service(str(mail["host"]), str(mail["host"]), int(mail.get("port") or 25), "smtp", (CONTROLLER,))
        )
    found = [one.to_dict() for one in routes([Party.from_dict(one) for one in params["hosts"]], services)]
    origins: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        origins.setdefault(one["origin"], []).append(one)
    return {"changed": False, "routes": found, "origins": origins}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, supports_check_mode=True)


if __name__ == "__main__":
    main()
