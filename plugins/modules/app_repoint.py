#!/usr/bin/python
# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Points the configuration files of applications at another SQL Server, all of a host's or none."""

from __future__ import annotations

DOCUMENTATION = r"""
module: app_repoint
short_description: Point an application's configuration files at another SQL Server
version_added: 0.9.0
description:
  - Changes exactly the bytes of the server in connection strings, and nothing else of the file. Encoding, BOM, line
    ends, quoting, comments and order stay as they are.
  - Reads ADO.NET, Entity Framework, ODBC, OLE DB, JDBC, jTDS, SQLAlchemy, Go and PHP connection strings in XML, JSON
    with comments, YAML, .ini, odbc.ini, freetds.conf, .udl, .properties, .env, PHP, classic ASP and registry exports.
  - The files of a host are looked at first, all of them; then copied, and replaced one after the other at once. If
    one cannot be replaced, those that were are put back. A file that was changed between reading and writing is not
    replaced.
  - Owner, mode, ACL and security label stay; symbolic links are followed to the file itself.
  - Nothing that the module returns, shows with C(--diff) or says in an error quotes a file. It names lines, keywords
    and servers.
  - Files of Windows hosts are edited from the controller through C(ansible.windows). There a path may also be a key of
    the registry, such as C(HKLM\SOFTWARE\ODBC\ODBC.INI\HIS); both views of it are changed. It was never run on a real
    Windows, C(docs/windows.md) says what was checked.
author: ICS engineers (@ics-deadpool)
attributes:
  check_mode:
    description: Looks, refuses what it would refuse, says what it would do, and touches nothing.
    support: full
  diff_mode:
    description: Shows the server of each changed line before and after, and nothing else of the file.
    support: full
options:
  files:
    description: The files of this host that belong together.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The file, by its whole path; or C(dns:) and the full name of a record, with O(files[].dns).
        type: path
        required: true
      format:
        description: What the file is. V(auto) goes by its name and content. V(text) goes by O(files[].patterns) alone.
        type: str
        choices: [auto, xml, json, yaml, ini, freetds, udl, properties, env, php, vbscript, reg, hosts, text]
        default: auto
      encoding:
        description:
          - V(auto) goes by the BOM, the XML declaration and the bytes. Give Python's name of a code page, such as
            V(cp1252), where it guesses wrong.
        type: str
        default: auto
      keys:
        description:
          - Settings that hold a server alone, without a connection string. C(Server=SQL01) in an .ini is only taken
            for a SQL Server if something beside it says so, or if it is declared here.
        type: list
        elements: dict
        default: []
        suboptions:
          server:
            description: The key that holds the server. In JSON and YAML also the path, with C(:) or C(.) between.
            type: str
            required: true
          section:
            description: The section of the .ini, or the path in JSON and YAML, that the key stands in.
            type: str
            default: ""
          port:
            description: The key that holds its port, where its name does not tell, as C(SQL_PORT) beside C(SQL_SERVER).
            type: str
            default: ""
          instance:
            description: The key that holds its instance.
            type: str
            default: ""
      patterns:
        description:
          - Python regular expressions, for files that no format fits. The group C(server) is the server or the
            connection string.
        type: list
        elements: str
        default: []
      on_refused:
        description:
          - What to do about a place that names the old server and cannot be changed safely (a named pipe, an
            encrypted section, a string that cannot be read). V(fail) changes nothing on this host, V(warn) changes
            the rest.
        type: str
        choices: [fail, warn]
        default: fail
      required:
        description: Whether it is an error that the file names neither the old server nor the new one.
        type: bool
        default: true
      dns:
        description:
          - Who keeps the record, where the path is C(dns:NAME), the full name of a DNS record (A, AAAA or CNAME). It is
            changed from the controller, which needs dnspython, after the files of the host.
          - The record is replaced in one step by a dynamic update, only if it still is what was read.
        type: dict
        suboptions:
          server:
            description: Address of the primary server of the record's zone.
            type: str
            required: true
          port:
            description: Its port.
            type: int
            default: 53
          zone:
            description: The zone. Without it, the server is asked.
            type: str
            default: ""
          key:
            description: Name of the key in O(dns_keys) that updates are signed with. Without it they are not signed.
            type: str
            default: ""
          windows_host:
            description:
              - Host of the inventory that runs the zone's Windows DNS server. The record is changed there, by
                C(ansible.windows.win_dns_record), instead of by a dynamic update.
            type: str
            default: ""
  old:
    description:
      - Every name under which the applications know the old server, with its short name, its full name, its addresses
        and aliases. C(.), C((local)) and C(localhost) only count when listed.
      - C(SQL01) stands for every instance and port of that host, C(SQL01,14331) for that port alone, C(SQL01\HIS) for
        that instance alone.
    type: list
    elements: str
    required: true
  new:
    description: The server to point at. Instance and port of the old one are replaced too.
    type: dict
    required: true
    suboptions:
      host:
        description: Name or address.
        type: str
        required: true
      port:
        description: Port. Without it, clients use 1433, or ask SQL Server Browser for the instance.
        type: int
      instance:
        description: Named instance.
        type: str
  new_names:
    description:
      - Every other name of the new server. A DNS record needs its address or, for an alias, its full name, where O(new)
        does not give it.
    type: list
    elements: str
    default: []
  dns_keys:
    description:
      - The secrets of DNS keys by the name of the key, each as C({secret, algorithm}). The secret is written in base64,
        as C(tsig-keygen) prints it; the algorithm is C(hmac-sha256) where none is given.
    type: dict
  backup_directory:
    description:
      - Folder of this host for copies of the files and for the record of what was written. It is made, for this user
        only, where it is missing. It is refused where it lies in the folder of one of the files.
    type: path
    required: true
  state:
    description:
      - V(present) points the files at O(new).
      - V(restored) puts them back to what they were before. A file that is neither what was written nor what was read
        then is refused.
    type: str
    choices: [present, restored]
    default: present
  stage:
    description:
      - V(validate) goes through everything that V(apply) would refuse, and writes nothing.
      - Validate on all hosts before applying on the first one.
    type: str
    choices: [validate, apply]
    default: apply
  validated:
    description: RV(files) of a run with O(stage=validate). A file that is another one since is refused.
    type: list
    elements: dict
notes:
  - An application reads its configuration when it starts. Stop it before and start it after, or it may write the file
    or keep the old server.
  - Whether the applications work on the new server is not proven by their files. Ask the new server for their
    sessions.
"""

EXAMPLES = r"""
- name: Look at the files of all hosts before the first is touched
  ics.deadpool.app_repoint:
    files: "{{ application_files }}"
    old: [SQL01, sql01.hospital.lan, 10.20.0.5]
    new:
      host: SQL02
    backup_directory: /var/backups/deadpool
    stage: validate
  register: repoint_validated

- name: Point them at the failover
  ics.deadpool.app_repoint:
    files: "{{ application_files }}"
    old: [SQL01, sql01.hospital.lan, 10.20.0.5]
    new:
      host: SQL02
    backup_directory: /var/backups/deadpool
    validated: "{{ repoint_validated.files }}"

- name: Put them back where one of them failed
  ics.deadpool.app_repoint:
    files: "{{ application_files }}"
    old: [SQL01, sql01.hospital.lan, 10.20.0.5]
    new:
      host: SQL02
    backup_directory: /var/backups/deadpool
    state: restored

- name: An .ini that keeps server and port under keys of its own
  ics.deadpool.app_repoint:
    files:
      - path: /opt/lis/lis.ini
        encoding: cp1252
        keys:
          - section: Database
            server: DbHost
            port: DbPort
    old: ["10.20.0.5,14331"]
    new:
      host: 10.20.0.6
      port: 14331
    backup_directory: /var/backups/deadpool

- name: A name in DNS that the application's connection string holds
  ics.deadpool.app_repoint:
    files:
      - path: dns:hisdb.hospital.lan
        dns:
          server: 10.20.0.2
          key: deadpool
    old: ["10.20.0.5"]
    new:
      host: 10.20.0.6
    dns_keys:
      deadpool:
        secret: "{{ vault_dns_key }}"
    backup_directory: /var/backups/deadpool
"""

RETURN = r"""
files:
  description: One entry for each file, in order.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: As it was asked for.
      type: str
    real_path:
      description: Where its symbolic links lead.
      type: str
    changed:
      description: Whether its content is another one, or in check mode and with O(stage=validate) would be.
      type: bool
    status:
      description: >-
        C(repointed), C(already) (it names the new server), C(not_concerned); with O(state=restored) C(restored),
        C(original) (it is what it was before), C(never_repointed).
      type: str
    format:
      description: The format that it was read in.
      type: str
    encoding:
      description: The encoding that it was read in.
      type: str
    edits:
      description: Every span of bytes that is another one, with its line, its keyword and the server before and after.
      type: list
      elements: dict
    before:
      description: Every SQL Server that the file named.
      type: list
      elements: str
    after:
      description: Every SQL Server that it names now.
      type: list
      elements: str
    sha256_before:
      description: SHA-256 of the file as it was read.
      type: str
    sha256_after:
      description: SHA-256 of the file as it was written and read back.
      type: str
    backup:
      description: The copy of the file as it was.
      type: str
    records:
      description: Of a DNS record what stood there, and what stands there now.
      type: dict
    warnings:
      description: What should be looked at.
      type: list
      elements: str
    left:
      description: What was seen and left as it is, with the reason.
      type: list
      elements: str
  sample:
    - path: /srv/app1/registration/appsettings.json
      real_path: /srv/app1/registration/appsettings.json
      changed: true
      status: repointed
      format: json
      encoding: utf-8 with BOM
      edits:
        - line: 7
          offset: 325
          length: 16
          new_length: 16
          key: server
          before: 127.0.10.1,53529
          after: 127.0.10.2,51069
      before: ['127.0.10.1,53529', 10.20.0.9]
      after: ['127.0.10.2,51069', 10.20.0.9]
      sha256_before: 615e59525993e88531c4e09fb46b0a0aad2409e8cdd29ab27f205aca80240e50
      sha256_after: 45db3ac725d2b5ac8f4aec5fe2a8c7a322d4950b4d81f3ff18f376d022e17548
      backup: /srv/app1/before-repoint/b4dc3ea752b3c293e2d2bdcc663af5a1/615e59525993e88531c4e09fb4...
      warnings: []
      left: []
"""

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.clients import app_repointing, app_restoring
from ansible_collections.ics.deadpool.plugins.module_utils.clients.app_backup import BackupDirectory
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.config_file import FORMATS
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.repoint_request import diff, file_form, servers_of
from ansible_collections.ics.deadpool.plugins.module_utils.shell import run_module

_TEXT: dict[str, Any] = {"type": "str", "default": ""}
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "files": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "path", "required": True},
            "format": {"type": "str", "choices": list(FORMATS), "default": "auto"},
            "encoding": {"type": "str", "default": "auto"},
            "keys": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "no_log": False,
                "options": {
                    "server": {"type": "str", "required": True},
                    "section": _TEXT,
                    "port": _TEXT,
                    "instance": _TEXT,
                },
            },
            "patterns": {"type": "list", "elements": "str", "default": []},
            "on_refused": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
            "required": {"type": "bool", "default": True},
            "dns": {
                "type": "dict",
                "options": {
                    "server": {"type": "str", "required": True},
                    "port": {"type": "int", "default": 53},
                    "zone": _TEXT,
                    "key": {"type": "str", "default": "", "no_log": False},
                    "windows_host": _TEXT,
                },
            },
        },
    },
    "old": {"type": "list", "elements": "str", "required": True},
    "new": {
        "type": "dict",
        "required": True,
        "options": {
            "host": {"type": "str", "required": True},
            "port": {"type": "int"},
            "instance": {"type": "str"},
        },
    },
    "new_names": {"type": "list", "elements": "str", "default": []},
    "dns_keys": {"type": "dict", "no_log": True},
    "backup_directory": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "restored"], "default": "present"},
    "stage": {"type": "str", "choices": ["validate", "apply"], "default": "apply"},
    "validated": {"type": "list", "elements": "dict"},
}


def repoint(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Plans for all files first; then, where it is to be, the change of all or none."""
    old, new = servers_of(params)
    servers = app_repointing.Servers(old, new)
    wishes = [
        app_repointing.Wish(file_form(file), file["required"], file["on_refused"] == "warn") for file in params["files"]
    ]
    directory = BackupDirectory(params["backup_directory"])
    touch = params["stage"] == "apply" and not check_mode
    if params["state"] == "restored":
        found = app_restoring.restorations(wishes, directory, servers)
        if touch:
            app_restoring.restore(found, directory)
        return _result([one.to_dict() for one in found], params)
    validated = {entry["path"]: entry["sha256_before"] for entry in params["validated"] or []}
    plans = app_repointing.planned(wishes, servers, validated)
    directory.require_usable([plan.file for plan in plans if plan.result.changed])
    if touch:
        app_repointing.apply(plans, directory, servers)
    return _result([plan.to_dict() for plan in plans], params)


def _result(files: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    changed = any(file["changed"] for file in files) and params["stage"] == "apply"
    return {"changed": changed, "files": files, "diff": [diff(file) for file in files if file["changed"]]}


def main() -> None:
    run_module(ARGUMENT_SPEC, repoint, supports_check_mode=True)


if __name__ == "__main__":
    main()
