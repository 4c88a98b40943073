# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server as connection strings name it (host, instance, port), and which of them are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import InvalidInput

#: SQL Server's own port, and the name of the instance that needs none.
DEFAULT_PORT = 1433
DEFAULT_INSTANCE = "mssqlserver"
_IPV6 = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(%\w+)?", re.IGNORECASE)
_HOST = re.compile(r"\.|\(local\)|[\w-](?:[\w.-]*[\w-])?\.?", re.IGNORECASE)
_INSTANCE = re.compile(r"[\w#$@-]{1,64}")


@dataclass(frozen=True)
class Endpoint:
    """``host``, ``host\\instance`` or ``host,port``. A port wins over an instance, as it does in every client."""

    host: str
    instance: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        return self.host + (f"\\{self.instance}" if self.instance else "") + (f",{self.port}" if self.port else "")

    @property
    def effective_port(self) -> int | None:
        """The port that a client would dial without asking SQL Server Browser."""
        return self.port or (None if self.named_instance else DEFAULT_PORT)

    @property
    def named_instance(self) -> str:
        name = (self.instance or "").lower()
        return "" if name == DEFAULT_INSTANCE else name

    def same_as(self, other: Endpoint) -> bool:
        """Whether both lead to the same server."""
        if host_key(self.host) != host_key(other.host):
            return False
        if self.effective_port and other.effective_port:
            return self.effective_port == other.effective_port
        return self.port == other.port and self.named_instance == other.named_instance

    def covers(self, other: Endpoint) -> bool:
        """Whether ``other`` is meant by this name: what this one leaves open may be anything."""
        if host_key(self.host) != host_key(other.host):
            return False
        if self.port and other.effective_port:
            return self.port == other.effective_port
        if self.instance:
            return self.named_instance == other.named_instance
        return not self.port


def host_key(host: str) -> str:
    """Host names compare without case; square brackets are how IPv6 is written in URLs."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    return bare.lower()


def is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text) or _IPV6.fullmatch(text)) and len(text) <= 255


def is_instance(text: str) -> bool:
    return bool(_INSTANCE.fullmatch(text))


def port_number(text: str) -> int | None:
    """The port that ``text`` writes, or nothing."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        return None
    return int(text)


def parse_endpoint(text: str) -> Endpoint:
    """An operator's ``host``, ``host\\instance``, ``host,port``, ``host\\instance,port`` or ``host:port``."""
    name, comma, port_text = text.strip().partition(",")
    if not comma and name.count(":") == 1:
        name, comma, port_text = name.partition(":")
    host, backslash, instance = name.strip().partition("\\")
    host = host.strip()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    port = port_number(port_text.strip()) if comma else None
    bad_port = bool(comma) and port is None
    if not is_host(host) or bad_port or (backslash and not is_instance(instance)):
        raise InvalidInput(
            f"{text!r} does not name a server",
            hint="Write a host, host\\instance or host,port, for example SQL01, SQL01\\HIS or 10.0.0.5,1433.",
        )
    return Endpoint(host, instance or None, port)


def meant_by(names: Iterable[Endpoint], endpoint: Endpoint) -> bool:
    return any(name.covers(endpoint) for name in names)


def named_in(names: Iterable[Endpoint], text: str) -> bool:
    """Whether a host of ``names`` occurs as a whole word in ``text``: for text that could not be read."""
    lowered = text.lower()
    return any(re.search(rf"(?<![\w.-]){re.escape(host_key(name.host))}(?![\w-]|\.\w)", lowered) for name in names)
