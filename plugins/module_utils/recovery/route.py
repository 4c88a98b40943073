# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which party of a site needs which port of whom, read from the inventory. Each party tries them itself, elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from .errors import InvalidInput

#: The controller's name in an inventory.
CONTROLLER = "localhost"
_WINDOWS = ("winrm", "psrp")
#: Connections of Ansible that go over the network, and the port each uses unless told otherwise.
_MANAGED = {"ssh": 22, "paramiko": 22, "smart": 22, "winrm": 5986, "psrp": 5986}
_WEB = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Route:
    """One port that ``origin`` needs of ``target``. ``idle``: nobody listens there until a transfer begins, so that a
    refusal is no failure: it shows that somebody on the way answers, and is told as no more than that."""

    origin: str
    target: str
    address: str
    port: int
    service: str
    idle: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Route:
        """The reverse of :meth:`to_dict`."""
        texts = {key: str(value[key]) for key in ("origin", "target", "address", "service")}
        return cls(port=int(value["port"]), idle=bool(value.get("idle")), **texts)


@dataclass(frozen=True)
class Party:
    """A host as its inventory describes it. What does not hold for it is empty or 0."""

    name: str
    groups: tuple[str, ...] = ()
    address: str = ""
    connection: str = "ssh"
    port: int = 0
    sql_address: str = ""
    sql_port: int = 0
    #: How modules reach it: what is written into their files.
    application_address: str = ""
    application_port: int = 0
    #: Where SQL Server of this host writes and reads backups.
    folders: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Party:
        """From what a task gives; ports may be text."""
        name = str(value["name"])
        return cls(
            name,
            tuple(str(one) for one in value.get("groups") or ()),
            str(value.get("address") or ""),
            str(value.get("connection") or "ssh").rpartition(".")[2],
            _port(name, value.get("port") or 0),
            str(value.get("sql_address") or ""),
            _port(name, value.get("sql_port") or 0),
            str(value.get("application_address") or ""),
            _port(name, value.get("application_port") or 0),
            tuple(str(one) for one in value.get("folders") or ()),
        )

    @property
    def windows(self) -> bool:
        return self.connection in _WINDOWS


@dataclass(frozen=True)
class Service:
    """What is no host of the inventory: a store, a page, a mail server. ``users`` are groups, or hosts."""

    name: str
    address: str
    port: int
    service: str
    users: tuple[str, ...]
    idle: bool = False


def passive_ports(text: str) -> list[int]:
    """The first, the middle and the last port of a range such as 50000-50100; none where nothing is said.

    Whoever opens a range opens it whole; its ends show an error of counting."""
    if not text.strip():
        return []
    first, dash, last = text.replace(" ", "").partition("-")
    ends = [_port("passive_ports", one) for one in (first, last if dash else first)]
    if ends[0] > ends[1]:
        raise InvalidInput(
            f"passive_ports: {text!r} ends before it begins.", hint="Write it as FIRST-LAST, for example 50000-50100."
        )
    return sorted({ends[0], (ends[0] + ends[1]) // 2, ends[1]})


def store_services(name: str, address: str, port: int, passive: str, users: Sequence[str]) -> list[Service]:
    """An FTP store: its control connection, and some of the ports that transfers use."""
    needed = tuple(users)
    idle = [Service(name, address, one, "ftp_passive", needed, idle=True) for one in passive_ports(passive)]
    return [Service(name, address, port, "ftp", needed), *idle]


def page(name: str, url: str, users: Sequence[str]) -> Service:
    """A page or a web hook, by its address."""
    try:
        parts = urlsplit(url)
        port = parts.port or _WEB[parts.scheme]
        host = parts.hostname
    except (KeyError, ValueError):
        host = None
    if not host:
        raise InvalidInput(
            f"{name}: {url!r} is no address of a page.",
            hint="Write it whole, for example http://192.0.2.21:8081/health.",
        )
    return Service(name, host, port, "http", tuple(users))


def routes(parties: Iterable[Party], services: Iterable[Service]) -> list[Route]:
    """Every port that somebody needs of somebody else; each once, in the order of whoever needs it."""
    known = list(parties)
    found = [*_managed(known), *_sql(known), *_shares(known), *_used(known, services)]
    return sorted(dict.fromkeys(found), key=lambda one: (one.origin != CONTROLLER, one.origin, one.target, one.port))


def _managed(parties: Sequence[Party]) -> Iterator[Route]:
    """The controller manages every host."""
    for one in parties:
        if one.connection in _MANAGED and one.name != CONTROLLER:
            service = "winrm" if one.windows else "ssh"
            yield Route(CONTROLLER, one.name, one.address or one.name, one.port or _MANAGED[one.connection], service)


def _sql(parties: Sequence[Party]) -> Iterator[Route]:
    """The controller speaks SQL to both servers; so do the modules, to whichever is in use."""
    for server in parties:
        if server.sql_address:
            yield Route(CONTROLLER, server.name, server.sql_address, server.sql_port or 1433, "sql")
            address = server.application_address or server.sql_address
            port = server.application_port or server.sql_port or 1433
            for one in parties:
                if "application" in one.groups:
                    yield Route(one.name, server.name, address, port, "sql")


def _shares(parties: Sequence[Party]) -> Iterator[Route]:
    """SQL Server opens a share itself, from its own host."""
    for one in parties:
        for folder in one.folders:
            host = _share_host(folder)
            if host:
                yield Route(one.name, host, host, 445, "smb")


def _share_host(folder: str) -> str:
    path = folder.replace("/", "\\")
    return path[2:].partition("\\")[0] if path.startswith("\\\\") else ""


def _used(parties: Sequence[Party], services: Iterable[Service]) -> Iterator[Route]:
    for one in services:
        names = [party.name for party in parties if {party.name, *party.groups} & set(one.users)]
        if CONTROLLER in one.users and CONTROLLER not in names:
            names.append(CONTROLLER)
        for name in names:
            yield Route(name, one.name, one.address, one.port, one.service, one.idle)


def _port(name: str, value: Any) -> int:
    try:
        port = int(value)
    except (TypeError, ValueError):
        port = -1
    if not 0 <= port <= 65535:
        raise InvalidInput(f"{name}: {value!r} is no port.", hint="A port is a number from 1 to 65535.")
    return port
