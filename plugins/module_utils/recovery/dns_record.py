# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A DNS name under which applications know their server, and the same name for another server.

A name is one thing for all ports: only the address or the alias moves, and the new server must listen on the old one's
port. What else stands under the name is never taken away.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from .endpoint import Endpoint, host_key
from .errors import InvalidInput, RepointRefused

PREFIX = "dns:"
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9_-]{1,63}", re.IGNORECASE)
#: A client may keep an answer for as long as this is called: longer than any module is waited for.
LONG_TTL = 60


@dataclass(frozen=True)
class RecordSet:
    """Every record of one kind under one name; aliases without the dot at their end."""

    kind: str
    ttl: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class NamedRecords:
    """What the server of a zone says of a name: addresses of one or both families, or an alias."""

    name: str
    zone: str
    sets: tuple[RecordSet, ...]

    @property
    def values(self) -> list[str]:
        return [value for one in self.sets for value in one.values]

    @property
    def ttl(self) -> int:
        return max((one.ttl for one in self.sets), default=0)

    @property
    def sha256(self) -> str:
        """Without the time to live: who changes that alone changes nothing that we decide by."""
        told = [f"{one.kind} {' '.join(sorted(one.values))}" for one in self.sets]
        return hashlib.sha256("\n".join([self.name.lower(), *sorted(told)]).encode()).hexdigest()


def is_record_path(path: str) -> bool:
    return path.lower().startswith(PREFIX)


def record_name(path: str) -> str:
    """The name in ``dns:NAME``."""
    name = path[len(PREFIX) :].strip().rstrip(".")
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{path}: {name!r} is no full name of DNS", hint="Write it with its domain: dns:sql.hospital.lan"
        )
    return name


def repointed(found: NamedRecords, old: Sequence[Endpoint], new: Endpoint, names: Sequence[Endpoint]) -> NamedRecords:
    """The same name for the new server; the very same value where it leads there already, or to neither server.

    ``names`` are the other names of the new server: an address record needs its address, an alias its full name.
    """
    sets = tuple(_moved(one, old, new, names) for one in found.sets)
    if sets == found.sets:
        return found
    require_same_port(old, new, "a DNS record")
    left = [value for one, moved in zip(found.sets, sets) if one == moved for value in one.values]
    if any(not leads_to([new, *names], value) for value in left):
        raise RepointRefused(
            f"{found.name}: leads to {', '.join(left)} as well, which is neither server",
            hint="Take away what does not belong there, or list it among the old server's names.",
        )
    return NamedRecords(found.name, found.zone, sets)


def _moved(one: RecordSet, old: Sequence[Endpoint], new: Endpoint, names: Sequence[Endpoint]) -> RecordSet:
    concerned = [value for value in one.values if leads_to(old, value)]
    if not concerned:
        return one
    target = _target(one.kind, new, names)
    others = [value for value in one.values if value not in concerned and host_key(value) != host_key(target)]
    if others:
        raise RepointRefused(
            f"one {one.kind} record leads to the old server ({concerned[0]}), another to {', '.join(others)}",
            hint="Take away what does not belong there, or list it among the old server's names.",
        )
    return RecordSet(one.kind, one.ttl, (target,))


def leads_to(names: Sequence[Endpoint], value: str) -> bool:
    return any(_plain(name.host) == _plain(value) for name in names)


def _plain(host: str) -> str:
    address = address_of(host)
    return str(address) if address else host_key(host).rstrip(".")


def _target(kind: str, new: Endpoint, names: Sequence[Endpoint]) -> str:
    """What the record is to hold: the name by which applications are given the new server first, else its only one."""
    for known in ([new], names):
        fitting = list(dict.fromkeys(_plain(one.host) for one in known if _fits(kind, one.host)))
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            break
    needed = {"A": "one IPv4 address", "AAAA": "one IPv6 address", "CNAME": "one full name"}[kind]
    raise RepointRefused(
        f"the {kind} record needs {needed} of the new server, and its names are {_told([new, *names])}",
        hint="Name it in mssql_application_endpoint or, once, in mssql_application_names of the new server.",
    )


def _fits(kind: str, host: str) -> bool:
    address = address_of(host)
    if kind == "CNAME":
        return address is None and "." in host.strip(".")
    return address is not None and (kind == "AAAA") == isinstance(address, IPv6Address)


def address_of(host: str) -> object | None:
    try:
        return ip_address(host_key(host).partition("%")[0])
    except ValueError:
        return None


def _told(names: Sequence[Endpoint]) -> str:
    return ", ".join(dict.fromkeys(map(str, names)))


def require_same_port(known: Sequence[Endpoint], new: Endpoint, what: str) -> None:
    """A name or an address alone cannot lead to another port or instance."""
    if known and all(name.effective_port != new.effective_port for name in known):
        raise RepointRefused(
            f"{what} cannot lead from {known[0]} to {new}: it holds no port and no instance",
            hint="Let the new server listen on the old one's port, or repoint the file that names the port.",
        )
