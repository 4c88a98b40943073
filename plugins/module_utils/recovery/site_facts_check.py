# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a fact of a new site: a sentence, and another one that says what to do."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

#: The fact, and what to do about it.
Wrong = tuple[str, str]

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
#: Words of the inventory and of Ansible that no host may bear as its name.
_TAKEN = ("all", "ungrouped", "localhost", "production", "failover", "backup_storage", "application", "sql_servers")
#: What Ansible would take for a template, and SQL Server or a page for something else.
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SYSTEM = ("master", "model", "msdb", "tempdb")
#: How people call the clocks of Indonesia.
_CLOCKS = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def name(told: str) -> Iterator[Wrong]:
    if not told:
        yield "name: the site has none.", "Say new_site_name: as it shows on reports, for example RS Contoh."
    elif len(told) > 100 or _strange(told):
        yield (
            f"name: {told[:40]!r} cannot stand on a report.",
            "Use at most 100 letters, on one line, without {{ or {%.",
        )


def zone(told: str) -> Iterator[Wrong]:
    try:
        ZoneInfo(told)
    except (KeyError, ValueError, OSError):
        meant = _CLOCKS.get(told.upper(), "Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)")
        yield f"time_zone: there is no zone {told!r}.", f"Say new_site_time_zone: {meant}."


def databases(told: Sequence[str]) -> Iterator[Wrong]:
    if not told:
        yield "databases: there are none.", "Say new_site_databases: their names, with commas between them."
    for one in _twice(told):
        yield f"databases: {one} stands there twice; SQL Server does not tell capitals apart.", "Name it once."
    for one in told:
        if one.lower() in _SYSTEM:
            yield (
                f"databases: {one} is SQL Server's own.",
                "Name the hospital's databases; logins and jobs follow anyway.",
            )
        elif len(one) > 128 or _strange(one):
            yield (
                f"databases: {one[:40]!r} is no name of a database.",
                "Write it as SELECT name FROM sys.databases does.",
            )


def priorities(told: Mapping[str, int], known: Collection[str]) -> Iterator[Wrong]:
    for one in told:
        if one not in known:
            yield (
                f"priorities: {one} is no database of this site.",
                f"Use one of {', '.join(known) or 'its databases'}.",
            )


def hosts(told: Sequence[tuple[str, str, int]]) -> Iterator[Wrong]:
    for host, address, port in told:
        if host.lower() in _TAKEN:
            yield f"{host}: that name means something else in an inventory.", "Give the host another name."
        elif not _HOST.fullmatch(host):
            yield f"{host}: no host can be called that.", "Use letters, digits, hyphens and dots."
        reason = _address(address)
        if reason:
            yield f"{host}: {reason}", f"Write it as NAME ADDRESS, for example {host} 192.0.2.11."
        if not 1 <= port <= 65535:
            yield f"{host}: {port} is no port.", "A port is a number from 1 to 65535."
    for host in _twice([one[0] for one in told]):
        yield f"{host}: two hosts bear that name.", "Give each host a name of its own."
    for address in _twice([one[1] for one in told if one[1]]):
        both = " and ".join(one[0] for one in told if one[1].lower() == address.lower())
        yield f"{address}: {both} have one address.", "The three servers must be three machines; correct the address."


def controller(told: str) -> Iterator[Wrong]:
    reason = _address(told) if told else ""
    if reason:
        yield f"controller: {reason}", "Say new_site_controller: its address, as the servers see it, or nothing."


def _address(told: str) -> str:
    """What is wrong with it; empty where nothing is."""
    if not told:
        return "it has no address."
    try:
        found = ipaddress.ip_address(told)
    except ValueError:
        numbers = re.fullmatch(r"[0-9.]+", told)
        return f"{told!r} is no address." if numbers or not _HOST.fullmatch(told) else ""
    if found.is_loopback or found.is_unspecified or found.is_multicast or found.is_link_local:
        return f"{told} is an address that others cannot reach it by."
    return ""


def modules(told: Sequence[Mapping[str, Any]], known: Collection[str], there: Collection[str]) -> Iterator[Wrong]:
    for one in _twice([str(module.get("name") or "") for module in told]):
        yield f"modules: two are called {one}.", "Give each module a name of its own."
    for number, module in enumerate(told, 1):
        called = str(module.get("name") or "")
        if not called or _strange(called):
            yield f"modules: number {number} has no name that could be used.", "Write NAME HOST DATABASE."
            continue
        if module.get("host") not in known:
            where = module.get("host") or "no host"
            yield f"module {called}: {where} is no application host.", "Name its host in new_site_applications, too."
        yield from _databases_of(called, module.get("databases") or [], there)
        yield from _health_of(called, module.get("health"))


def _databases_of(called: str, used: Sequence[Any], there: Collection[str]) -> Iterator[Wrong]:
    if not used:
        yield f"module {called}: no database is named that it uses.", "Write NAME HOST DATABASE."
    for one in used:
        if one not in there:
            yield f"module {called}: it uses {one}, which is no database of this site.", "Add it to new_site_databases."


def _health_of(called: str, told: Any) -> Iterator[Wrong]:
    if told in (None, "") or _TEMPLATE.search(str(told)):
        return
    try:
        parts = urlsplit(str(told))
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        yield (
            f"module {called}: health: {told!r} is no address of a page.",
            "Write it whole: http://192.0.2.21:8081/health.",
        )


def _strange(told: str) -> bool:
    return bool(_TEMPLATE.search(told) or _CONTROL.search(told))


def _twice(told: Sequence[str]) -> list[str]:
    lower = [one.lower() for one in told]
    return list(dict.fromkeys(one for at, one in enumerate(told) if one and one.lower() in lower[:at]))
