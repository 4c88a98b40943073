# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settings that hold a server alone, beside others that say what kind of server it is.

``Server=SQL01`` in an .ini is a SQL Server's name only if something says so: a driver in the same section, or the
operator. Everything else that holds the old server's name is told and left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Callable

from ..connection_grammars.keyword_string import MICROSOFT_DRIVER, SQL_SERVER
from ..connection_grammars.place import Mention, Place, Reading
from ..connection_grammars.server_value import ServerValue, caution, read_server, unwrapped
from ..connection_string import read_connection
from ..endpoint import DEFAULT_PORT, Endpoint, port_number
from ..errors import RepointRefused
from ..spanned_text import Change, SpannedText

_SERVER_ROLE = (
    r"server~names?|server~address|server~host|host~name|host~address|server|host|address|addr|data~source|servidor"
)
_PORT_ROLE = r"port~number|port~no|server~port|port"
_INSTANCE_ROLE = r"instance~name|named~instance|instance"
_DRIVER_ROLE = (
    r"driver~class~name|driver~class|data~source~class~name|(?:xa~)?data~source~class|connection~type|provider~name"
    r"|provider|dbdriver|dbtype|dbengine|dbconnection|driver|driver~id|dialect|adapter|engine|client|dbms"
    r"|connection|type"
)
_ROLES = {
    role: re.compile(rf"(?P<prefix>.*?)[._ -]?(?:{names.replace('~', '[._ -]?')})", re.IGNORECASE)
    for role, names in (
        ("server", _SERVER_ROLE),
        ("port", _PORT_ROLE),
        ("instance", _INSTANCE_ROLE),
        ("driver", _DRIVER_ROLE),
    )
}
_CONNECTION_NAME = re.compile(r"connect|conn_?str|conn$|dsn|jdbc|url$|db_?uri", re.IGNORECASE)
_SECTION_NAME = re.compile(r"(?<!my)(?<!pg)(?<!gre)sql[ _-]?server|mssql|sqlsrv", re.IGNORECASE)
#: Objects in which drivers of Node.js keep instance and port of a server that stands above (tedious, Sequelize).
OPTIONS = ("options", "dialectoptions")
#: What stands where a port is left to the client.
_NO_PORT = ("", "null", "none", "~")
#: A bare ``host:port`` under ``url``, as Grafana has it beside ``type: mssql``.
_BARE_URL = re.compile(r"[\w.-]+(?::\d+)?")
_FOREIGN = re.compile(
    r"my_?sql(?!server)|maria|npgsql|postgre|pgsql|oracle|sqlite|db2|firebird|informix|h2|derby", re.IGNORECASE
)


@dataclass(frozen=True)
class Hint:
    """What the operator declares: under ``server`` (and ``section``) stands a SQL Server, its port under ``port``."""

    server: str
    section: str = ""
    port: str = ""
    instance: str = ""


@dataclass(frozen=True)
class Setting:
    """``key = value`` of any format; ``path`` is the key with everything above it, ``:`` between."""

    key: str
    value: SpannedText = field(repr=False)
    path: str = ""
    declared: bool = False
    #: The value comes from elsewhere (an environment variable), and what is here is only its default.
    comes_from: str = ""

    @property
    def names(self) -> set[str]:
        path = self.path.lower()
        return {self.key.lower(), self.key.lower().lstrip("$"), path, path.replace(":", ".")} - {""}


@dataclass(frozen=True)
class Group:
    """Settings that belong together: a section, an object, an array, the whole of a flat file.

    In a ``flat`` file, what belongs together shares a prefix, as ``DB_HOST`` and ``DB_CONNECTION`` do.
    ``is_sql_server`` is known from elsewhere. ``servers`` are further keys that hold a server. ``add_port`` writes a
    line for the port where there is none. ``beneath`` are settings of :data:`OPTIONS` below this group.
    """

    settings: Sequence[Setting]
    section: str = ""
    flat: bool = False
    is_sql_server: bool = False
    add_port: Callable[[Setting, int], Change] | None = None
    servers: frozenset[str] = frozenset()
    beneath: Sequence[Setting] = ()


def group_reading(group: Group, hints: Iterable[Hint] = ()) -> Reading:
    """The connection strings among the settings, and the servers that stand alone."""
    drivers = [setting for setting in group.settings if role_prefix("driver", setting.key) is not None]
    values = [driver.value.text for driver in drivers]
    foreign = not group.flat and any(map(_FOREIGN.search, values)) and not any(map(SQL_SERVER.search, values))
    reading = Reading()
    for setting in group.settings:
        declared = setting.declared or bool(_CONNECTION_NAME.search(setting.path or setting.key))
        found = read_connection(setting.value, declared=declared, foreign=foreign)
        if found == Reading():
            found = _server_alone(setting, group, drivers, tuple(hints))
        if found != Reading():
            reading += found
    return reading


def role_prefix(role: str, key: str) -> str | None:
    """What stands before the role's word in the key (``DB`` in ``DB_HOST``), or None where it has another role."""
    match = _ROLES[role].fullmatch(key)
    return match.group("prefix").lower() if match else None


def _server_alone(setting: Setting, group: Group, drivers: Sequence[Setting], hints: Sequence[Hint]) -> Reading:
    hint = _hint_for(setting, group, hints)
    prefix = role_prefix("server", setting.key)
    named = setting.key.lower() in group.servers
    if hint is None and prefix is None and not named and not _is_bare_url(setting):
        return Reading()
    driver = _driver_of(setting, drivers, group.flat)
    # MSSQL_HOST and SQL_SERVER say it themselves, where no driver beside them says otherwise.
    itself = not driver and prefix is not None and bool(_SECTION_NAME.search(setting.key))
    if hint is None and not named and not itself and not _says_sql_server(group, driver):
        return _undeclared(setting, group, bool(_FOREIGN.search(driver)))
    if setting.comes_from:
        text = f"holds the old server's name as the default of {setting.comes_from}: repoint it there"
        return Reading(mentions=[Mention(setting.key, setting.value.position(0), setting.value.text, text, left=True)])
    port = _beside(group, hint.port if hint else "", "port", prefix)
    instance = _beside(group, hint.instance if hint else "", "instance", prefix)
    return Reading([_place(setting, group, port, instance, bool(MICROSOFT_DRIVER.search(driver)))])


def _is_bare_url(setting: Setting) -> bool:
    return setting.key.lower() == "url" and bool(_BARE_URL.fullmatch(setting.value.text))


def _says_sql_server(group: Group, driver: str) -> bool:
    """A driver decides; without one, a section that is called ``[SQL Server]`` or ``mssql``."""
    if group.is_sql_server or SQL_SERVER.search(driver):
        return True
    return not driver and not group.flat and bool(_SECTION_NAME.search(group.section))


def _hint_for(setting: Setting, group: Group, hints: Sequence[Hint]) -> Hint | None:
    for hint in hints:
        in_section = not hint.section or hint.section.lower() == group.section.lower()
        if in_section and hint.server.lower() in setting.names:
            return hint
    return None


def _driver_of(server: Setting, drivers: Sequence[Setting], flat: bool) -> str:
    """What the drivers say that go with this server: ``DB_CONNECTION`` with ``DB_HOST``, never with ``REDIS_HOST``."""
    prefix = role_prefix("server", server.key)
    return " ".join(driver.value.text for driver in drivers if _goes_with(driver.key, server.key, prefix or "", flat))


def _goes_with(driver: str, server: str, prefix: str, flat: bool) -> bool:
    stem = role_prefix("driver", driver) or ""
    if prefix and (prefix == stem or (not stem and driver.lower().startswith(prefix))):
        return True
    if flat or (server.isupper() and (prefix or stem)):
        return False
    # In a section or an object of its own, "db" says no more than nothing does.
    return {prefix, stem} <= {"", "db", "database", "sql"}


def _undeclared(setting: Setting, group: Group, foreign: bool) -> Reading:
    where = f"[{group.section}] {setting.key}" if group.section else setting.key
    text = (
        "belongs to another kind of database"
        if foreign
        else ("holds the old server's name, but nothing says that it is a SQL Server: declare it under keys if it is")
    )
    return Reading(mentions=[Mention(where, setting.value.position(0), setting.value.text, text, left=True)])


def _beside(group: Group, declared: str, role: str, prefix: str | None) -> Setting | None:
    """The port or instance that goes with a server: the declared one, or the one with the same prefix."""
    for setting in [*group.settings, *group.beneath]:
        if declared and declared.lower() in setting.names:
            return setting
        if not declared and prefix is not None and role_prefix(role, setting.key) == prefix:
            return setting
    return None


def _place(setting: Setting, group: Group, port: Setting | None, instance: Setting | None, port_ignored: bool) -> Place:
    view, variable = unwrapped(setting.value)
    value = read_server(view, ":" if _is_bare_url(setting) else ",")
    position = value.view.position(value.start)
    if value.endpoint is None or value.refused:
        return Place(setting.key, position, value.endpoint, refused=value.refused, raw=setting.value.text)
    read = value.endpoint
    endpoint = Endpoint(
        read.host,
        read.instance or (instance.value.text.strip() or None if instance else None),
        read.port or (port_number(port.value.text.strip()) if port and not port_ignored else None),
    )
    inline = value.has_port or port_ignored or not (port or group.add_port)

    def changes(new: Endpoint) -> list[Change]:
        text = value.written(new, instance=instance is None, port=inline)
        found = [value.view.change(value.start, value.end, text)]
        found += _port_changes(port, new) + _instance_changes(instance, new)
        if new.port and not inline and port is None and group.add_port:
            found.append(group.add_port(setting, new.port))
        return found

    host_only = inline and not value.has_port and not port_ignored and not group.is_sql_server
    return Place(setting.key, position, endpoint, changes, caution=caution(variable), host_only=host_only)


def _port_changes(port: Setting | None, new: Endpoint) -> list[Change]:
    if port is None or (new.port is None and port.value.text.strip().lower() in _NO_PORT):
        return []
    if new.instance and not new.port:
        raise RepointRefused(
            f"{port.key} keeps its port, which would win over the instance {new.instance}",
            hint="Give the port of the new server as well.",
        )
    view = port.value.stripped()
    wanted = str(new.port or DEFAULT_PORT)
    return [] if view.text == wanted else [view.change(0, len(view), wanted)]


def _instance_changes(instance: Setting | None, new: Endpoint) -> list[Change]:
    if instance is None:
        return []
    view = instance.value.stripped()
    if view.text.lower() == (new.instance or "").lower():
        return []
    if not new.instance:
        raise RepointRefused(
            f"{instance.key} keeps an instance, and the new server has none",
            hint="Empty this setting by hand, or give the instance of the new server.",
        )
    return [view.change(0, len(view), new.instance)]


__all__ = ["OPTIONS", "Group", "Hint", "ServerValue", "Setting", "group_reading", "role_prefix"]
