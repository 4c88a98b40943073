# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory of a new site, as files: the example's, every comment in its place, with this site's facts in it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from .errors import InvalidInput
from .site_facts import SiteFacts, SiteHost
from .yaml_text import block, filled, scalar, top_level_keys

SITE, APPLICATIONS = "group_vars/all/site.yml", "group_vars/all/applications.yml"
SERVERS, HOSTS, VAULT = "group_vars/sql_servers.yml", "hosts.yml", "group_vars/all/vault.yml"
APPLICATION_HOSTS = "group_vars/application.yml"
#: Taken from the example as they are, or with facts put into them.
COPIED = (SITE, APPLICATIONS, SERVERS, APPLICATION_HOSTS)

_WINDOWS = {
    "ansible_connection": "winrm",
    "ansible_port": 5986,
    "ansible_winrm_transport": "ntlm",
    "ansible_winrm_ca_trust_path": "/etc/ssl/hospital-ca.pem",
    "ansible_user": "deadpool",
    "ansible_password": "{{ vault_windows_password }}",
    "ansible_become": False,
    "repoint_backup_directory": r"C:\ProgramData\deadpool",
}
_WINDOWS_SERVER = {
    "mssql_service_account": r"NT SERVICE\MSSQLSERVER",
    "mssql_backup_directory": r"D:\deadpool\backup",
    "mssql_restore_directory": r"D:\deadpool\incoming",
    "mssql_data_directory": r"D:\deadpool\data",
    "mssql_log_directory": r"D:\deadpool\log",
}
WINDOWS_SECRET = "vault_windows_password"


def slug(name: str) -> str:
    """The site's name as a folder bears it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "site"


def inventory_files(facts: SiteFacts, example: Mapping[str, str], vault_password_file: str) -> dict[str, str]:
    """Every file but the vault, by its path in the folder. ``example`` has the texts of COPIED."""
    there = {name for path in COPIED for name in top_level_keys(example[path])}
    own = {name: value for name, value in _values(facts, vault_password_file).items() if name in there}
    values = {**own, **facts.more}
    files = {HOSTS: hosts_text(facts)}
    for path in COPIED:
        known = set(top_level_keys(example[path]))
        files[path] = filled(example[path], {key: value for key, value in values.items() if key in known})
        values = {key: value for key, value in values.items() if key not in known}
    if values:
        optional = _commented(example[SITE])
        unknown = sorted(set(values) - optional)
        if unknown:
            raise InvalidInput(
                f"more: the procedure reads no {', '.join(unknown)}; nothing was written.",
                hint="Variables of a site stand in inventory/example with what each is for; correct the name.",
            )
        files[SITE] = filled(files[SITE], values)
    files.update({f"host_vars/{one.name}.yml": _windows_text(one, facts) for one in facts.hosts if one.windows})
    return files


def _commented(text: str) -> set[str]:
    """Variables that the example shows in comments, because a site can do without them."""
    return set(re.findall(r"^#\s*(\w+): ?", text, re.MULTILINE)) & set(re.findall(r"[a-z]+_\w+", text))


def _values(facts: SiteFacts, vault_password_file: str) -> dict[str, Any]:
    own = slug(facts.name)
    return {
        "site_name": facts.name,
        "site_timezone": facts.time_zone,
        "site_databases": list(facts.databases),
        "site_database_priorities": dict(facts.priorities),
        "store_host": facts.store.address,
        "store_directory": f"/{own}",
        "schedule_arguments": ["--vault-password-file", vault_password_file],
        "storage_client_networks": _networks(facts.production.address, facts.failover.address, facts.controller),
        "storage_admin_networks": _networks(facts.controller),
        "storage_page_networks": [],
        # Which table of a database is written to all day, nobody can guess.
        "verify_canaries": [],
        "site_rpo_minutes": facts.rpo_minutes,
        "site_rto_minutes": facts.rto_minutes,
        "decision_choosers": [f"manager@{own}"],
        "decision_givers": [f"manager@{own}"],
        "applications": [dict(one) for one in facts.modules],
    }


def _networks(*addresses: str) -> list[str]:
    """Each address as a network of its own; a name is none."""
    found = []
    for one in addresses:
        with suppress(ValueError):
            found.append(str(ipaddress.ip_network(one)))
    return found


def hosts_text(facts: SiteFacts) -> str:
    """hosts.yml. What each line means stands in inventory/example/hosts.yml."""
    lines = [
        "---",
        f"# The hosts of {facts.name}. What each line is for: inventory/example/hosts.yml",
        "all:",
        "  children:",
        "    sql_servers:",
        "      children:",
        "        production:",
        *_host(facts.production, 10, True),
        "        failover:",
        *_host(facts.failover, 10, True),
        "    backup_storage:",
        *_host(facts.store, 6, False),
        "    application:",
    ]
    for number, one in enumerate(facts.applications):
        lines += _host(one, 6, False)[number > 0 :]
    if not facts.applications:
        lines.append("      hosts: {}")
    return "\n".join(lines) + "\n"


def _host(one: SiteHost, indent: int, server: bool) -> list[str]:
    space = " " * indent
    lines = [f"{space}hosts:", f"{space}  {scalar(one.name)}:", f"{space}    ansible_host: {scalar(one.address)}"]
    if server:
        facts = {"mssql_host": one.address, "mssql_port": one.port, "mssql_server_name": one.server_name}
        lines += [f"{space}    {key}: {scalar(value)}" for key, value in facts.items()]
    return lines


def _windows_text(one: SiteHost, facts: SiteFacts) -> str:
    values = {**_WINDOWS, **(_WINDOWS_SERVER if one in (facts.production, facts.failover) else {})}
    lines = [line for key, value in values.items() for line in block(key, value)]
    return "\n".join(["---", f"# {one.name} runs Windows: docs/windows.md says what it needs.", *lines]) + "\n"


def secrets_of(facts: SiteFacts, example_vault: str) -> list[str]:
    """The names of the secrets that this site's vault must hold."""
    names = top_level_keys(example_vault)
    return names + ([WINDOWS_SECRET] if any(one.windows for one in facts.hosts) else [])


def require_known_secrets(given: Collection[str], needed: Collection[str]) -> None:
    """Raises where a password was given that nothing would read."""
    foreign = sorted(set(given) - set(needed))
    if foreign:
        raise InvalidInput(
            f"passwords: nothing reads {', '.join(foreign)}; nothing was written.",
            hint=f"The vault of a site holds {', '.join(needed)}.",
        )


def require_one_line(given: Mapping[str, str]) -> None:
    """Raises where a password could not be typed: a line end in it is an error of copying."""
    odd = sorted(
        name for name, value in given.items() if not str(value).strip() or re.search(r"[\x00-\x1f]", str(value))
    )
    if odd:
        raise InvalidInput(
            f"passwords: {', '.join(odd)} is empty or holds a line end; nothing was written.",
            hint="Give it on one line, or leave it out: then a password is made.",
        )


def vault_text(secrets: Mapping[str, str]) -> str:
    """What is encrypted."""
    head = ["---", "# The secrets of this site. Edit with: ansible-vault edit"]
    return "\n".join([*head, *(f"{name}: {_quoted(value)}" for name, value in secrets.items())]) + "\n"


def _quoted(value: str) -> str:
    """A password is never anything but text, and no template."""
    text = str(value).replace("'", "''")
    return f"!unsafe '{text}'"
