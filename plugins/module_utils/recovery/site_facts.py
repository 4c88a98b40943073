# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The few facts that a new site is made of. What is wrong with them is said all at once, each with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import site_facts_check as check
from .errors import InvalidInput


@dataclass(frozen=True)
class SiteHost:
    """One host. ``port`` and ``server_name`` are those of its SQL Server, if it has one."""

    name: str
    address: str
    port: int = 1433
    server_name: str = ""
    windows: bool = False


@dataclass(frozen=True)
class SiteFacts:
    """A site, as somebody described it in a minute."""

    name: str
    time_zone: str
    production: SiteHost
    failover: SiteHost
    store: SiteHost
    applications: tuple[SiteHost, ...]
    databases: tuple[str, ...]
    priorities: Mapping[str, int] = field(default_factory=dict)
    #: As the inventory's ``applications`` has them, whole or not.
    modules: tuple[Mapping[str, Any], ...] = ()
    rpo_minutes: float = 15
    rto_minutes: float = 60
    #: Anything else that the inventory says, by the names of its variables.
    more: Mapping[str, Any] = field(default_factory=dict)
    #: Address of the controller, where it is known.
    controller: str = ""

    @property
    def hosts(self) -> tuple[SiteHost, ...]:
        return (self.production, self.failover, self.store, *self.applications)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> SiteFacts:
        """From what was given or typed: text, numbers and lists alike. Raises InvalidInput with every wrong fact."""
        reading = _Reading(given)
        facts = reading.facts()
        if reading.wrong:
            many = f"{len(reading.wrong)} facts are wrong" if len(reading.wrong) > 1 else "one fact is wrong"
            lines = "\n".join(f"{fact} {hint}" for fact, hint in reading.wrong)
            raise InvalidInput(
                f"The new site: {many}; nothing was written.\n{lines}",
                hint="Mend these, and run the same command again.",
            )
        return facts


class _Reading:
    """Reads facts and gathers what is wrong with them."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.wrong: list[check.Wrong] = []

    def facts(self) -> SiteFacts:
        name = " ".join(str(self.given.get("name") or "").split())
        zone = str(self.given.get("time_zone") or "").strip()
        applications = tuple(self.hosts("applications"))
        databases = tuple(_words(self.given.get("databases")))
        modules = tuple(self.modules())
        facts = SiteFacts(
            name,
            zone,
            self.host("production"),
            self.host("failover"),
            self.host("store"),
            applications,
            databases,
            self.priorities(),
            modules,
            self.minutes("rpo_minutes", 15),
            self.minutes("rto_minutes", 60),
            dict(self.given.get("more") or {}),
            str(self.given.get("controller") or "").strip(),
        )
        self.note(check.name(name), check.zone(zone), check.databases(databases))
        self.note(check.hosts([(one.name, one.address, one.port) for one in facts.hosts if one.name]))
        self.note(check.controller(facts.controller))
        self.note(check.priorities(facts.priorities, databases))
        self.note(check.modules(modules, [one.name for one in applications], databases))
        return facts

    def note(self, *found: Iterable[check.Wrong]) -> None:
        self.wrong += [one for some in found for one in some]

    def host(self, role: str) -> SiteHost:
        found = list(self.hosts(role))
        if len(found) != 1:
            told = f"names {len(found)} hosts" if found else "is not named"
            self.wrong.append(
                (f"{role}: it {told}.", f"Say new_site_{role}: one host, as NAME ADDRESS, for example sql1 192.0.2.11.")
            )
        return found[0] if found else SiteHost("", "")

    def hosts(self, role: str) -> Iterator[SiteHost]:
        """From "app1 192.0.2.21, app2 192.0.2.22", or a list of such texts, or of dictionaries."""
        for one in _entries(self.given.get(role)):
            if isinstance(one, Mapping):
                name, address, port = str(one.get("name") or ""), str(one.get("address") or ""), one.get("port", 1433)
                windows = str(one.get("windows", False)).lower() in ("true", "yes", "1")
                server_name = str(one.get("server_name") or name.upper())
            else:
                parts = str(one).split()
                name, rest = parts[0], parts[1:]
                windows = "windows" in [part.lower() for part in rest]
                rest = [part for part in rest if part.lower() != "windows"]
                address, port = _address(" ".join(rest))
                server_name = name.upper()
            if not str(port).isdigit():
                self.wrong.append((f"{name}: {port!r} is no port.", "A port is a number from 1 to 65535."))
                port = 1433
            yield SiteHost(name, address, int(port), server_name, windows)

    def priorities(self) -> dict[str, int]:
        """From "A=1, B=2" or a dictionary."""
        told = self.given.get("priorities") or {}
        pairs = list(told.items()) if isinstance(told, Mapping) else [one.partition("=")[::2] for one in _words(told)]
        found = {}
        for name, number in pairs:
            if str(number).strip().isdigit():
                found[str(name).strip()] = int(number)
            else:
                self.wrong.append(
                    (f"priority of {name}: {number!r} is no number.", "Lower numbers come back first: NAME=1, OTHER=2.")
                )
        return found

    def modules(self) -> Iterator[dict[str, Any]]:
        """From "registration app1 Database Other, pharmacy app1 Database", or a list as the inventory has it."""
        for one in _entries(self.given.get("modules")):
            if isinstance(one, Mapping):
                yield dict(one)
                continue
            name, host, *databases = [*str(one).split(), "", ""]
            yield {"name": name, "host": host, "databases": [database for database in databases if database]}

    def minutes(self, key: str, default: float) -> float:
        told = self.given.get(key)
        if told in (None, ""):
            return default
        try:
            value = float(str(told).replace(",", "."))
        except ValueError:
            value = 0.0
        if not 0 < value <= 10080:
            self.wrong.append(
                (
                    f"{key}: {told!r} is no number of minutes up to a week.",
                    f"Say new_site_{key}: for example {default}.",
                )
            )
        return int(value) if value.is_integer() else value


def _entries(told: Any) -> list[Any]:
    """Entries with commas or lines between them, or as a list, or a single one."""
    if isinstance(told, Mapping):
        return [told]
    if isinstance(told, (list, tuple)):
        return [one for one in told if one not in ("", None)]
    return [one.strip() for one in str(told or "").replace("\n", ",").split(",") if one.strip()]


def _words(told: Any) -> Sequence[str]:
    return [str(one).strip() for one in _entries(told)]


def _address(text: str) -> tuple[str, Any]:
    """Address and port, where a port is said: 192.0.2.11:1433 or 192.0.2.11,1433. An IPv6 address has many colons."""
    if text.count(":") == 1:
        address, _colon, port = text.partition(":")
        return address, port
    return text, 1433
