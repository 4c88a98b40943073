# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection strings of SQL Server's clients: what they connect to, and the same string for another server.

:func:`read_connection` tells whose grammar a string follows and where it names a server;
:func:`repoint_string` is the whole way for one string.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .config_formats.entities import entities_decoded
from .connection_grammars.connection_url import URL, url_reading
from .connection_grammars.keyword_dialects import GO, PDO_DBLIB, PDO_SQLSRV, Dialect, keyword_reading
from .connection_grammars.keyword_pairs import Unreadable, braced_pairs
from .connection_grammars.keyword_string import keyword_string
from .connection_grammars.place import Mention, Place, Reading
from .connection_grammars.server_value import caution, read_server, unwrapped
from .endpoint import Endpoint, parse_endpoint
from .errors import InvalidInput
from .repointing import Edit, Finding, Repointing, decide
from .spanned_text import SpannedText, applied, plain_text

KINDS = ("auto", "ado.net", "ef", "odbc", "oledb", "jdbc", "sqlalchemy", "go", "pdo", "alias")
_PDO = re.compile(r"(sqlsrv|dblib|mssql|sybase):(?!//)", re.IGNORECASE)
_ODBC_PREFIX = re.compile(r"odbc:", re.IGNORECASE)
#: A client alias: the network library, then its address. DBMSSOCN is TCP, DBNMPNTW named pipes, DBMSRPCN RPC.
_ALIAS = re.compile(r"(DBMSSOCN|DBNMPNTW|DBMSRPCN|DBMSSHRN)\s*,", re.IGNORECASE)
#: ADO.NET's keywords name no DBMS; a driver or a provider does.
_SAYS_SQL_SERVER = re.compile(r"(?:driver|provider)\s*=\s*\{?[^;]*sql", re.IGNORECASE)


@dataclass(frozen=True)
class RepointedString:
    """``status`` is changed, unchanged or refused, with ``+warn`` where a warning goes with it."""

    text: str
    status: str
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]


def read_connection(view: SpannedText, kind: str = "auto", *, declared: bool = False, foreign: bool = False) -> Reading:
    """Where ``view`` names a SQL Server. What is no connection string of SQL Server gives an empty reading.

    ``declared`` says that the place already tells that it is a connection string, so that ``Server=X`` alone is one.
    ``foreign`` says that its neighbours name another DBMS, so that only what says SQL Server itself is one.
    """
    if kind not in KINDS:
        raise InvalidInput(f"{kind!r} is no kind of connection string", hint=f"Use one of {', '.join(KINDS)}.")
    inner, variable = unwrapped(view)
    reading = _read(inner, kind, declared)
    if foreign and not URL.match(inner.text) and not _SAYS_SQL_SERVER.search(inner.text):
        return _left_to(reading)
    if variable and reading.places:
        reading = replace(reading, places=[replace(place, caution=caution(variable)) for place in reading.places])
    return reading


def _left_to(reading: Reading) -> Reading:
    text = "is a connection to the other kind of database that is named beside it"
    return Reading(
        mentions=[Mention(p.key, p.position, str(p.endpoint or p.raw), text, left=True) for p in reading.places]
    )


def _read(view: SpannedText, kind: str, declared: bool) -> Reading:
    for beginning, kinds, reader in _BEGINNINGS:
        if kind in kinds and beginning.match(view.text):
            return reader(view)
    if kind in ("jdbc", "sqlalchemy", "pdo", "alias"):
        return Reading()
    reading = keyword_string(view, kind, declared)
    if kind == "auto" and reading == Reading():
        return _embedded_urls(view)
    return reading


def _embedded_urls(view: SpannedText) -> Reading:
    """URLs inside a longer text, such as a command line: each ends at the first blank or quote behind it."""
    reading = Reading()
    for match in URL.finditer(view.text):
        end = re.compile(r"""[^\s"'`<>]*""").match(view.text, match.start())
        reading += url_reading(view.part(match.start(), end.end() if end else len(view)))
    return reading


def _pdo(view: SpannedText) -> Reading:
    head = _PDO.match(view.text)
    dialect = PDO_SQLSRV if head and head.group(1).lower() == "sqlsrv" else PDO_DBLIB
    return _braced(view.part(head.end() if head else 0, len(view)), dialect)


def _prefixed_odbc(view: SpannedText) -> Reading:
    """``odbc:`` before an ODBC string or a DSN's name is PDO's; before Go's keywords it is go-mssqldb's."""
    rest = view.part(len("odbc:"), len(view))
    if "=" not in rest.text:
        text = "a DSN has the old server's name: follow it to odbc.ini or the registry"
        return Reading(mentions=[Mention("DSN", rest.position(0), rest.text, text)])
    if re.search(r"(?:^|;)\s*(driver|dsn)\s*=", rest.text, re.IGNORECASE):
        return keyword_string(rest, "odbc", True)
    return _braced(rest, GO)


def _braced(view: SpannedText, dialect: Dialect) -> Reading:
    try:
        pairs = [replace(pair, name=pair.name.strip()) for pair in braced_pairs(view)]
    except Unreadable as error:
        return Reading([Place("connection string", view.position(0), None, refused=f"has {error}", raw=view.text)])
    return keyword_reading(view, pairs, dialect)


def _alias(view: SpannedText) -> Reading:
    """A client alias silently redirects a name: ``DBMSSOCN,host,port``."""
    head = _ALIAS.match(view.text)
    if head is None:
        return Reading()
    value = read_server(view.part(head.end(), len(view)))
    position = value.view.position(value.start)
    library = head.group(1).upper()
    if library != "DBMSSOCN" or value.endpoint is None or value.refused:
        why = value.refused or f"is an alias over {library}, which is no TCP address"
        return Reading([Place("alias", position, value.endpoint, refused=why, raw=value.view.text)])
    return Reading(
        [
            Place(
                "alias",
                position,
                value.endpoint,
                lambda new: [value.view.change(value.start, value.end, value.written(new))],
            )
        ]
    )


#: Strings that show by their beginning whose they are, and the kinds under which they are looked for.
_BEGINNINGS = (
    (_ALIAS, ("auto", "alias"), _alias),
    (URL, ("auto", "jdbc", "sqlalchemy", "go"), url_reading),
    (_PDO, ("auto", "pdo"), _pdo),
    (_ODBC_PREFIX, ("auto", "pdo", "go"), _prefixed_odbc),
)


def repoint_string(
    text: str, old: Iterable[str], new: str, kind: str = "auto", *, escape: str = "none"
) -> RepointedString:
    """``text`` with every server of ``old`` replaced by ``new``.

    ``escape`` is the layer around it: ``none``, or ``xml`` for the inside of an XML attribute.
    """
    view = plain_text(text)
    if escape == "xml":
        view = entities_decoded(view, '"')
    reading = read_connection(view, kind, declared=True)
    return repointed_text(text, decide(reading, tuple(map(parse_endpoint, old)), parse_endpoint(new)))


def repointed_text(text: str, outcome: Repointing) -> RepointedString:
    data = applied(text.encode("utf-8", "surrogatepass"), [edit.change for edit in outcome.edits])
    return RepointedString(
        data.decode("utf-8", "surrogatepass"), outcome.status, tuple(outcome.edits), tuple(outcome.findings)
    )


__all__ = ["KINDS", "Endpoint", "RepointedString", "read_connection", "repoint_string", "repointed_text"]
