# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``keyword=value;`` strings: whose they are (ADO.NET, ODBC, OLE DB, Entity Framework, Go), and where they lead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..spanned_text import SpannedText
from .keyword_dialects import ADO, GO, MICROSOFT_ODBC, ODBC, OLE_DB, Dialect, keyword_reading, misspelt
from .keyword_pairs import Pair, Unreadable, braced_pairs, quoted_pairs
from .place import Mention, Place, Reading

#: Drivers, providers and types that lead to SQL Server, by any part of their name or path.
SQL_SERVER = re.compile(
    r"(?<!my)sql[ _-]*server|mssql|ms-sql|freetds|libtds|(?<![a-z])tds|jtds|sqlsrv|sqlncli|sqloledb|oledbsql|odbcsql"
    r"|(?<!my)sqlclient|native client|mssqlclient|tedious|msnodesqlv8",
    re.IGNORECASE,
)
MICROSOFT_DRIVER = re.compile(r"odbc driver \d+ for sql|native client|msodbcsql|sqlncli|\bsql server\b", re.IGNORECASE)
#: Keywords of SQL Server's clients, beside the server's, that show a text to be a connection string.
_OTHER_KEYWORDS = frozenset(
    re.findall(
        r"[a-z][a-z_ ]*",
        """database, initial catalog, integrated security, trusted_connection, user id, userid, uid, user, username,
        user name, password, pwd, encrypt, trustservercertificate, trust server certificate, multipleactiveresultsets,
        multiple active result sets, mars connection, mars_connection, app, application name, connect timeout, pooling,
        connection timeout, timeout, persist security info, persistsecurityinfo, min pool size, max pool size, wsid,
        workstation id, attachdbfilename, extended properties, packet size, network library, net, applicationintent,
        application intent, multisubnetfailover, multi subnet failover, failover partner, failover_partner, driver,
        authentication, provider, type system version, current language, column encryption setting, language, port,
        tds_version, location, enlist, asynchronous processing, connection lifetime, connection reset, user instance,
        load balance timeout, databasename""",
    )
)
_SERVER_KEYWORDS = frozenset({"data source", "server", "address", "addr", "network address"})
_MEANT = re.compile(
    r"[;\s]*(server|data\s*source|addr(ess)?|network\s+address|provider|driver|dsn|metadata|database|initial catalog"
    r"|user id|uid|password|pwd|integrated security)\s*=",
    re.IGNORECASE,
)
#: Keywords that only other DBMSs' clients know. Host= is Npgsql's; the ports are MySQL's, PostgreSQL's and Oracle's.
_FOREIGN_KEYWORDS = frozenset(
    re.findall(
        r"[a-z][a-z_: ]*",
        """host, sslmode, ssl mode, charset, character set, allowuservariables, allow user variables, dbq, service name,
        allowpublickeyretrieval, convert zero datetime, convertzerodatetime, search path, searchpath, sid, version,
        treattinyasboolean, jet oledb:database password""",
    )
)
#: Oracle's descriptor, and its host:port/service.
_ORACLE = re.compile(r"\s*\(\s*description\b|\s*[\w.-]+:\d+/\w", re.IGNORECASE)
_FOREIGN_PORTS = {"3306", "5432", "1521", "50000", "3050"}
_ODBC_MARKS = {"driver", "dsn", "filedsn"}
_DRIVERLESS = {"ado.net": ADO, "go": GO, "oledb": OLE_DB}


def keyword_string(view: SpannedText, kind: str, declared: bool) -> Reading:
    """Read a ``keyword=value;`` string; ``declared`` says that its place already tells that it is one."""
    try:
        return _by_kind(view, kind, declared)
    except Unreadable as error:
        if kind == "auto" and not _MEANT.match(view.text):
            return Reading()
        return Reading([Place("connection string", view.position(0), None, refused=f"has {error}", raw=view.text)])


def _by_kind(view: SpannedText, kind: str, declared: bool) -> Reading:
    if kind == "auto":
        return _recognised(view, declared)
    if kind == "odbc":
        return _odbc(view, braced_pairs(view))
    pairs = quoted_pairs(view, strict=kind in ("ado.net", "ef"))
    if kind == "ef":
        return entity_framework(view, pairs)
    if kind == "oledb":
        return _ole_db(view, pairs)
    return _driverless(view, pairs, _DRIVERLESS[kind])


def _recognised(view: SpannedText, declared: bool) -> Reading:
    if "=" not in view.text:
        return Reading()
    pairs = _pairs(view)
    names = {pair.name for pair in pairs}
    if "provider connection string" in names or "metadata" in names:
        return entity_framework(view, pairs)
    if names & _ODBC_MARKS:
        return _odbc(view, braced_pairs(view))
    over_odbc = {"provider", "extended properties"} <= names
    if not over_odbc and not _is_connection_string(pairs, declared):
        return Reading()
    if "provider" in names:
        return _ole_db(view, pairs)
    return _driverless(view, pairs, GO if "port" in names else ADO)


def _pairs(view: SpannedText) -> list[Pair]:
    """Quotes mean nothing to ODBC and are lenient in OLE DB: both name their driver or provider."""
    try:
        return quoted_pairs(view)
    except Unreadable:
        pairs = braced_pairs(view)
        names = {pair.name for pair in pairs}
        return pairs if names & _ODBC_MARKS else quoted_pairs(view, strict="provider" not in names)


def _is_connection_string(pairs: Sequence[Pair], declared: bool) -> bool:
    """A server alone is one only where its place says so; elsewhere a second keyword must speak for it."""
    names = {re.sub(r"\s+", " ", pair.name) for pair in pairs}
    server = names & _SERVER_KEYWORDS or any(re.sub(r"[\s_]+", "", name) == "datasource" for name in names)
    return bool(server) and (declared or bool(names & _OTHER_KEYWORDS))


def _driverless(view: SpannedText, pairs: Sequence[Pair], dialect: Dialect) -> Reading:
    if _foreign(pairs):
        return _left(pairs, "is a connection to another kind of database")
    reading = keyword_reading(view, pairs, dialect)
    return reading + Reading(misspelt(pairs, dialect))


def _foreign(pairs: Sequence[Pair]) -> bool:
    names = {pair.name for pair in pairs}
    if names & _FOREIGN_KEYWORDS:
        return True
    # DevExpress' XPO names its own driver in the string.
    if "xpoprovider" in names and not SQL_SERVER.search(_value(pairs, "xpoprovider")):
        return True
    # MySQL's clients write Port= and Uid=; Go's, which know Port= too, write User Id=.
    if "port" in names and names & {"uid", "pwd", "username"}:
        return True
    return any(
        (pair.name == "port" and pair.value.text.strip() in _FOREIGN_PORTS)
        or (pair.name in _SERVER_KEYWORDS and _ORACLE.match(pair.value.text))
        for pair in pairs
    )


def _odbc(view: SpannedText, pairs: Sequence[Pair]) -> Reading:
    driver = _value(pairs, "driver")
    if driver and not SQL_SERVER.search(driver) and "$" not in driver:
        return _left(pairs, "is a connection by an ODBC driver for another kind of database")
    dialect = MICROSOFT_ODBC if MICROSOFT_DRIVER.search(driver) else ODBC
    reading = keyword_reading(view, pairs, dialect)
    return reading + Reading(misspelt(pairs, dialect))


def _ole_db(view: SpannedText, pairs: Sequence[Pair]) -> Reading:
    provider = (_value(pairs, "data provider") or _value(pairs, "provider")).lower()
    if provider.startswith("msdasql"):
        # OLE DB over ODBC: Data Source is a DSN, and Extended Properties hold an ODBC string.
        nested = [_odbc(pair.value, braced_pairs(pair.value)) for pair in pairs if pair.name == "extended properties"]
        text = "a DSN has the old server's name: follow it to the registry"
        names = [Mention(p.name, p.value.position(0), p.value.text, text) for p in pairs if p.name in _SERVER_KEYWORDS]
        return sum(nested, Reading(mentions=names))
    if provider and not SQL_SERVER.search(provider):
        return _left(pairs, "is a connection by an OLE DB provider for another kind of data")
    return keyword_reading(view, pairs, OLE_DB) + Reading(misspelt(pairs, OLE_DB))


def entity_framework(view: SpannedText, pairs: Sequence[Pair]) -> Reading:
    """Entity Framework wraps another provider's string in its own; the wrapper itself names no server."""
    inner = [pair.value for pair in pairs if pair.name == "provider connection string"]
    provider = _value(pairs, "provider")
    if re.search("odbc|oledb", provider, re.IGNORECASE):
        return sum((keyword_string(value, "auto", True) for value in inner), Reading())
    if provider and not SQL_SERVER.search(provider):
        raws = [
            Mention("provider connection string", v.position(0), v.text, "is of another provider", left=True)
            for v in inner
        ]
        return Reading(mentions=raws)
    return sum((keyword_string(value, "ado.net", True) for value in inner), Reading())


def _value(pairs: Sequence[Pair], name: str) -> str:
    return next((pair.value.text.strip() for pair in pairs if pair.name == name), "")


def _left(pairs: Sequence[Pair], why: str) -> Reading:
    servers = [pair for pair in pairs if pair.name in _SERVER_KEYWORDS]
    return Reading(mentions=[Mention(p.name, p.value.position(0), p.value.text, why, left=True) for p in servers])


__all__ = ["MICROSOFT_DRIVER", "SQL_SERVER", "entity_framework", "keyword_string"]
