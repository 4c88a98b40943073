# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection strings as the modules' client libraries read them: ADO.NET, ODBC and JDBC. Stricter than the real ones
where those guess, so that a file that was edited badly is refused aloud."""

from __future__ import annotations

import re
from dataclasses import dataclass


class ConfigurationError(Exception):
    """The module cannot start with this configuration."""


@dataclass(frozen=True)
class Connection:
    """Where a module connects to, and as whom."""

    host: str
    port: int
    database: str
    login: str
    password: str
    program: str
    encrypt: bool


_FIELDS = {
    "server": "server",
    "data source": "server",
    "address": "server",
    "addr": "server",
    "network address": "server",
    "database": "database",
    "initial catalog": "database",
    "user id": "login",
    "uid": "login",
    "user": "login",
    "password": "password",
    "pwd": "password",
    "application name": "program",
    "app": "program",
    "encrypt": "encrypt",
}
_ADO_OTHER = {
    "trustservercertificate",
    "trust server certificate",
    "multipleactiveresultsets",
    "connect timeout",
    "connection timeout",
    "persist security info",
    "integrated security",
    "max pool size",
    "min pool size",
    "pooling",
    "workstation id",
}
_ODBC_FIELDS = {key: _FIELDS[key] for key in ("server", "address", "addr", "database", "uid", "pwd", "app", "encrypt")}
_ODBC_OTHER = {"driver", "trustservercertificate", "wsid", "mars_connection", "description"}
_JDBC_FIELDS = {
    "databasename": "database",
    "database": "database",
    "user": "login",
    "username": "login",
    "password": "password",
    "applicationname": "program",
    "encrypt": "encrypt",
}
_JDBC_OTHER = {"trustservercertificate", "logintimeout", "sendstringparametersasunicode", "hostnameincertificate"}

_ADO_PAIR = re.compile(
    r"""\s*(?P<key>(?:[^=;]|==)+?)\s*=(?!=)\s*
        (?P<value>"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;"'][^;]*|)\s*(?:;|$)""",
    re.VERBOSE,
)
_ODBC_PAIR = re.compile(r"(?P<key>[^=;{}\s][^=;{}]*?)=\s*(?P<value>\{(?:[^}]|\}\})*\}|[^;{}]*)\s*(?:;|$)")


def ado_net(text: str) -> Connection:
    """SqlClient: the last of two equal keywords counts, an unknown keyword is an error."""
    fields: dict[str, str] = {}
    for key, value in _pairs(_ADO_PAIR, text):
        keyword = key.lower().replace("==", "=")
        if keyword not in _FIELDS and keyword not in _ADO_OTHER:
            raise ConfigurationError(f"Keyword not supported: '{key}'.")
        if keyword in _FIELDS:
            fields[_FIELDS[keyword]] = _unquoted(value)
    return _connection(fields, yes={"true", "yes", "mandatory", "strict"})


def odbc(text: str) -> Connection:
    """SQL Server's ODBC driver: the first of two equal keywords counts, only braces quote."""
    fields: dict[str, str] = {}
    for key, value in _pairs(_ODBC_PAIR, text):
        if key.lower() not in _ODBC_FIELDS and key.lower() not in _ODBC_OTHER:
            raise ConfigurationError(f"Invalid connection string attribute: {key}")
        if key.lower() in _ODBC_FIELDS:
            fields.setdefault(_ODBC_FIELDS[key.lower()], _unbraced(value))
    return _connection(fields, yes={"yes", "mandatory", "strict"})


def jdbc(url: str, login: str, password: str) -> Connection:
    """Microsoft's JDBC driver: host and port stand in the URL, a property may stand there once."""
    match = re.match(r"jdbc:sqlserver://(?P<host>[^;:\\]*)(?:\\(?P<instance>[^;:]+))?(?::(?P<port>\d+))?(?:;|$)", url)
    if not match:
        raise ConfigurationError("The connection string is not one of jdbc:sqlserver.")
    fields = {"login": login, "password": password}
    seen: set[str] = set()
    for key, value in _pairs(_ODBC_PAIR, url[match.end() :]):
        keyword = key.lower()
        if keyword in seen or (keyword not in _JDBC_FIELDS and keyword not in _JDBC_OTHER):
            raise ConfigurationError(f"The property {key} is unknown or stands there twice.")
        seen.add(keyword)
        if keyword in _JDBC_FIELDS:
            fields[_JDBC_FIELDS[keyword]] = _unbraced(value)
    instance = f"\\{match['instance']}" if match["instance"] else ""
    fields["server"] = match["host"] + instance + (f",{match['port']}" if match["port"] else "")
    return _connection(fields, yes={"true", "strict"})


def _unquoted(value: str) -> str:
    quote = value[:1]
    return value[1:-1].replace(quote * 2, quote) if quote in ("'", '"') else value


def _unbraced(value: str) -> str:
    return value[1:-1].replace("}}", "}") if value.startswith("{") else value


def _pairs(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        if text[at] in "; ":
            at += 1
            continue
        match = pattern.match(text, at)
        if not match:
            raise ConfigurationError(f"Format of the connection string is wrong at index {at}.")
        found.append((match["key"].strip(), match["value"].strip()))
        at = match.end()
    return found


def _connection(fields: dict[str, str], yes: set[str]) -> Connection:
    for needed in ("server", "database", "login", "password", "program"):
        if not fields.get(needed):
            raise ConfigurationError(f"The connection string names no {needed}.")
    host, port = server_address(fields["server"])
    encrypt = fields.get("encrypt", "").lower() in yes
    return Connection(host, port, fields["database"], fields["login"], fields["password"], fields["program"], encrypt)


def server_address(server: str) -> tuple[str, int]:
    """``[tcp:]host[\\instance][,port]``. A port wins over an instance name; an instance alone needs SQL Browser."""
    match = re.fullmatch(
        r"\s*(?:(?P<protocol>\w+):)?(?P<host>[^\\,:]+?)\s*(?:\\(?P<instance>[^,]+?))?\s*(?:,\s*(?P<port>\d+))?\s*",
        server,
    )
    if not match or (match["protocol"] or "tcp").lower() != "tcp":
        raise ConfigurationError(f"Server {server!r} is not an address for TCP.")
    if match["instance"] and not match["port"]:
        raise ConfigurationError(f"Error locating server/instance specified: {server!r} (no SQL Server Browser here).")
    return match["host"], int(match["port"] or 1433)
