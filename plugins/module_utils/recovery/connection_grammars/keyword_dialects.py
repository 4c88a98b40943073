# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which keywords name a server, for each reader of ``keyword=value;`` strings, and how an endpoint is written there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..endpoint import DEFAULT_PORT, Endpoint, port_number
from ..spanned_text import Change, SpannedText
from .keyword_pairs import Pair, removed
from .place import Mention, Place, Reading
from .server_value import ServerValue, caution, read_server, variable_default

#: Without blanks and underscores: what a reader might have meant as a server keyword.
_MEANT_AS_SERVER = {"datasource", "server", "address", "addr", "networkaddress", "servername"}
_PARTNERS = {"failoverpartner"}
_SERVER_IDENTITIES = {"serverspn", "failoverpartnerspn", "hostnameincertificate", "servercertificate"}


@dataclass(frozen=True)
class Dialect:
    """``own_port``: the port has a keyword of its own, which is added where it is missing. ``port_ignored``: the
    driver pays no heed to the port keyword, so that the port also stands in the server's value."""

    name: str
    servers: frozenset[str]
    ports: frozenset[str] = frozenset()
    instances: frozenset[str] = frozenset()
    separator: str = ","
    own_port: bool = False
    port_keyword: str = "port"
    port_ignored: bool = False


_LONG = frozenset({"data source", "server", "address", "addr", "network address"})
ADO = Dialect("ADO.NET", _LONG)
OLE_DB = Dialect("OLE DB", _LONG)
GO = Dialect("Go", _LONG, ports=frozenset({"port"}), own_port=True)
ODBC = Dialect("ODBC", frozenset({"server", "addr", "address"}), ports=frozenset({"port"}))
MICROSOFT_ODBC = replace(ODBC, name="Microsoft ODBC", port_ignored=True)
JDBC = Dialect(
    "JDBC",
    frozenset({"servername", "server"}),
    ports=frozenset({"portnumber", "port"}),
    instances=frozenset({"instancename"}),
    own_port=True,
    port_keyword="portNumber",
)
PDO_SQLSRV = Dialect("PDO sqlsrv", frozenset({"server"}))
PDO_DBLIB = Dialect("PDO dblib", frozenset({"host", "server"}), separator=":")


@dataclass(frozen=True)
class Companions:
    """The keywords that carry port and instance beside the server's own."""

    view: SpannedText
    port: Pair | None
    instance: Pair | None

    def endpoint(self, read: Endpoint, dialect: Dialect) -> Endpoint:
        """What the string as a whole connects to: a port in the server's own value wins."""
        port, instance = read.port, read.instance
        if self.port and not port and not dialect.port_ignored:
            port = port_number(self.port.value.text.strip())
        if self.instance and not instance:
            instance = self.instance.value.text.strip() or None
        return Endpoint(read.host, instance, port)

    def changes(self, new: Endpoint) -> list[Change]:
        """Port and instance follow the endpoint. A port that stayed would win over a named instance."""
        changes: list[Change] = []
        if self.port:
            value = self.port.value.stripped()
            wanted = new.port or (None if new.instance else DEFAULT_PORT)
            if wanted is None:
                changes.append(removed(self.view, self.port))
            elif value.text != str(wanted):
                changes.append(value.change(0, len(value), str(wanted)))
        if self.instance:
            value = self.instance.value.stripped()
            if not new.instance:
                changes.append(removed(self.view, self.instance))
            elif value.text != new.instance:
                changes.append(value.change(0, len(value), new.instance))
        return changes


def companions(view: SpannedText, pairs: Sequence[Pair], dialect: Dialect) -> Companions:
    ports = [pair for pair in pairs if pair.name in dialect.ports]
    instances = [pair for pair in pairs if pair.name in dialect.instances]
    return Companions(view, ports[0] if ports else None, instances[0] if instances else None)


def keyword_reading(view: SpannedText, pairs: Sequence[Pair], dialect: Dialect) -> Reading:
    """Every server keyword of the string, and the names that a repointing should know of."""
    beside = companions(view, pairs, dialect)
    places = [_server_place(pair, beside, dialect) for pair in pairs if pair.name in dialect.servers]
    return Reading(places, mentions(pairs, dialect))


def _server_place(pair: Pair, beside: Companions, dialect: Dialect) -> Place:
    inner, variable = variable_default(pair.value)
    value = read_server(inner, dialect.separator)
    position = value.view.position(value.start)
    if value.endpoint is None or value.refused:
        return Place(pair.name, position, value.endpoint, refused=value.refused, raw=pair.value.text)

    def changes(new: Endpoint) -> list[Change]:
        return [*_server_changes(pair, value, beside, dialect, new), *beside.changes(new)]

    return Place(pair.name, position, beside.endpoint(value.endpoint, dialect), changes, caution=caution(variable))


def _server_changes(
    pair: Pair, value: ServerValue, beside: Companions, dialect: Dialect, new: Endpoint
) -> list[Change]:
    inline = value.has_port or dialect.port_ignored or not (beside.port or dialect.own_port)
    text = value.written(new, instance=beside.instance is None, port=inline)
    changes = [value.view.change(value.start, value.end, text)]
    if new.port and not inline and beside.port is None:
        text = f";{dialect.port_keyword}={new.port}"
        return _with_behind(changes[0], beside.view, pair, text)
    return changes


def _with_behind(change: Change, view: SpannedText, pair: Pair, text: str) -> list[Change]:
    """``text`` added behind the segment; joined to the change before it where the two touch."""
    insertion = view.change(pair.end, pair.end, text)
    if insertion.start != change.end:
        return [change, insertion]
    return [Change(change.start, change.end, change.new + insertion.new, change.before, change.after + text)]


def mentions(pairs: Sequence[Pair], dialect: Dialect) -> list[Mention]:
    """Names of servers in keywords that do not choose the server."""
    found: list[Mention] = []
    for pair in pairs:
        name, bare = pair.name, re.sub(r"[\s_]+", "", pair.name)
        position, raw = pair.value.position(0), pair.value.text
        if bare in _PARTNERS:
            found.append(
                Mention(
                    name,
                    position,
                    raw,
                    "the failover partner is the old server",
                    "the failover partner is the new server",
                )
            )
        elif bare in _SERVER_IDENTITIES:
            found.append(Mention(name, position, raw, f"{name} still names the old server: check it"))
        elif name == "dsn" or bare == "filedsn":
            found.append(
                Mention(name, position, raw, "a DSN has the old server's name: follow it to odbc.ini or the registry")
            )
        elif name == "servername" and name not in dialect.servers:
            found.append(
                Mention(name, position, raw, "a section of freetds.conf has the old server's name: follow it there")
            )
    return found


def misspelt(pairs: Sequence[Pair], dialect: Dialect) -> list[Place]:
    """Keywords that look like a server's and that this reader rejects: told, never guessed at."""
    return [
        Place(
            re.sub(r"\s+", " ", pair.name),
            pair.value.position(0),
            None,
            refused=f"is no keyword of {dialect.name} in this spelling",
            raw=pair.value.text,
        )
        for pair in pairs
        if pair.name not in dialect.servers
        and pair.name != "servername"
        and re.sub(r"[\s_]+", "", pair.name) in _MEANT_AS_SERVER
    ]
