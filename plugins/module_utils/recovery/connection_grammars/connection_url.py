# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connection URLs: Microsoft JDBC, jTDS, Prisma, SQLAlchemy and Go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, quote_plus

from ..endpoint import Endpoint
from ..spanned_text import Change, SpannedText
from .keyword_dialects import JDBC, Companions, companions, keyword_reading
from .keyword_pairs import Pair, Unreadable, braced_pairs
from .keyword_string import keyword_string
from .place import Mention, Place, Reading
from .server_value import ServerValue, read_server

#: Wrappers such as p6spy and log4jdbc put their name between ``jdbc:`` and ``sqlserver:``.
_JDBC = re.compile(r"jdbc:(?:[a-z0-9-]+:)*?sqlserver:(//)?", re.IGNORECASE)
_SQLALCHEMY = re.compile(r"mssql(?:\+(\w+))?://", re.IGNORECASE)
_GO = re.compile(r"((?:r2dbc|vertx-reactive):(?:\w+:)?)?(?:sqlserver|azuresql)://", re.IGNORECASE)
_JTDS = replace(JDBC, name="jTDS", servers=frozenset(), ports=frozenset(), instances=frozenset({"instance"}))
_USERINFO = re.compile(r"[^:/?#]*(?::[^@]*)?@")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_PERCENT_OR_PLUS = re.compile(r"%([0-9A-Fa-f]{2})|\+")
#: The start of a URL of SQL Server, wherever it stands in a text.
URL = re.compile(
    r"(?<![\w+.-])(?:jdbc:(?:[a-z0-9-]+:)*?sqlserver:|mssql(?:\+\w+)?://"
    r"|(?:(?:r2dbc|vertx-reactive):(?:\w+:)?)?(?:sqlserver|azuresql)://)",
    re.IGNORECASE,
)


def url_reading(view: SpannedText) -> Reading:
    """Read a URL that begins the text. Other DBMSs' URLs give nothing."""
    text = view.text
    try:
        if _JDBC.match(text):
            return _jdbc(view)
        if _SQLALCHEMY.match(text):
            return _sqlalchemy(view)
        if _GO.match(text):
            return _go(view)
    except Unreadable as error:
        return _unreadable(view, f"has {error}")
    return Reading()


def _unreadable(view: SpannedText, why: str) -> Reading:
    return Reading([Place("connection URL", view.position(0), None, refused=why, raw=view.text)])


@dataclass(frozen=True)
class Authority:
    """The server of a URL, and what else of the URL carries its instance and port."""

    value: ServerValue
    beside: Companions
    instance_inline: bool = True
    #: Where an instance is added when there is none yet, and how: ``;instance=X`` or ``/X``.
    instance_position: int = 0
    instance_mark: str = ""
    #: The span of an instance in the path, with its slash.
    instance_path: tuple[int, int] | None = None

    def place(self, key: str, endpoint: Endpoint) -> Place:
        return Place(key, self.value.view.position(self.value.start), endpoint, self.changes)

    def changes(self, new: Endpoint) -> Sequence[Change]:
        beside, value = self.beside, self.value
        inline_port = value.has_port or beside.port is None
        inline_instance = self.instance_inline and beside.instance is None
        text = value.written(new, instance=inline_instance, port=inline_port)
        server = value.view.change(value.start, value.end, text)
        return [*self._instance_changes(server, new), *beside.changes(new)]

    def _instance_changes(self, server: Change, new: Endpoint) -> list[Change]:
        view = self.beside.view
        if self.instance_path:
            path = view.change(*self.instance_path, f"{self.instance_mark}{new.instance}" if new.instance else "")
            return [server] if path.before == path.after else [server, path]
        if self.instance_inline or self.beside.instance or not new.instance:
            return [server]
        added = f"{self.instance_mark}{new.instance}"
        insertion = view.change(self.instance_position, self.instance_position, added)
        if insertion.start != server.end:
            return [server, insertion]
        return [Change(server.start, server.end, server.new + insertion.new, server.before, server.after + added)]


def _jdbc(view: SpannedText) -> Reading:
    head = _JDBC.match(view.text)
    if head is None or not head.group(1):
        return _unreadable(view, "has no // behind jdbc:sqlserver:")
    if ":jtds:" in head.group(0).lower():
        return _jtds(view, head.end())
    return semicolon_url(view, head.end())


def semicolon_url(view: SpannedText, start: int) -> Reading:
    """``[server[\\instance][:port]][;property=value]``: Microsoft's JDBC, and Prisma's after its own scheme."""
    end = _until(r"[;]", view.text, start)
    properties = view.part(end, len(view))
    pairs = [replace(pair, name=pair.name.strip()) for pair in braced_pairs(properties)]
    reading = keyword_reading(properties, pairs, JDBC)
    server = view.part(start, end)
    if not server.text.strip():
        return reading
    value = read_server(server, ":")
    if value.endpoint is None or value.refused:
        return reading + _refused(value, server)
    beside = companions(properties, pairs, JDBC)
    return Reading([Authority(value, beside).place("URL", beside.endpoint(value.endpoint, JDBC))]) + reading


def _jtds(view: SpannedText, start: int) -> Reading:
    """``host[:port][/database][;property=value]``: the instance is a property, and nothing quotes."""
    path = _until(r"[;]", view.text, start)
    end = _until(r"[/;]", view.text, start)
    properties = view.part(path, len(view))
    pairs = [replace(pair, name=pair.name.strip()) for pair in braced_pairs(properties, braces=False)]
    server = view.part(start, end)
    value = read_server(server, ":")
    if value.endpoint is None or value.refused:
        return _refused(value, server)
    beside = companions(properties, pairs, _JTDS)
    if beside.instance is None:
        beside = Companions(view, None, None)
    authority = Authority(value, beside, False, path, ";instance=")
    return Reading([authority.place("URL", beside.endpoint(value.endpoint, _JTDS))])


def _sqlalchemy(view: SpannedText) -> Reading:
    head = _SQLALCHEMY.match(view.text)
    driver = (head.group(1) or "").lower() if head else ""
    start = head.end() if head else 0
    userinfo = _USERINFO.match(view.text, start)
    host_start = userinfo.end() if userinfo else start
    end = _until(r"[/?#]", view.text, host_start)
    query = _query(view, end)
    nested = [
        keyword_string(_percent_decoded(pair.value, plus=True), "odbc", True)
        for pair in query
        if pair.name == "odbc_connect"
    ]
    server = view.part(host_start, end)
    if not server.text:
        return sum(nested, Reading())
    value = read_server(_percent_decoded(server), ":")
    by_dsn = driver in ("", "pyodbc", "aioodbc", "turbodbc") and not any(pair.name == "driver" for pair in query)
    if by_dsn and not value.has_port:
        text = "the host of mssql+pyodbc without driver= is a DSN: follow it to odbc.ini or the registry"
        return sum(nested, Reading(mentions=[Mention("URL", server.position(0), server.text, text)]))
    return sum(nested, _authority_reading(view, server, value))


def _go(view: SpannedText) -> Reading:
    """``user:password@host[:port][/path][?query]``; without a user and with ``;`` it is Prisma's form.

    The path is an instance for Go, which names its database in the query, and a database for everybody else.
    """
    head = _GO.match(view.text)
    start = head.end() if head else 0
    end = _until(r"[/?#]", view.text, start)
    at = view.text.rfind("@", start, end)
    if at < 0 and ";" in view.text[start:]:
        return semicolon_url(view, start)
    path_end = _until(r"[?#]", view.text, end)
    if "@" in view.text[end:path_end]:
        return _unreadable(view, "has a password that is not percent-encoded")
    host_start = at + 1 if at >= 0 else start
    server = view.part(host_start, end)
    value = read_server(server, ":")
    if value.endpoint is None or value.refused:
        return _refused(value, server)
    instance = view.text[end + 1 : path_end].strip("/")
    if instance and not any(pair.name == "database" for pair in _query(view, path_end)):
        if not (head and head.group(1)) and not value.has_port:
            why = "has a path that is an instance for Go and a database for others: with ?database= it is clear"
            return Reading([Place("URL", server.position(0), value.endpoint, refused=why, raw=server.text)])
        instance = ""
    path = (end, path_end) if instance else None
    kept = path is None and path_end > end + 1
    authority = Authority(value, Companions(view, None, None), kept, end, "/", path)
    return Reading([authority.place("URL", replace(value.endpoint, instance=instance or None))])


def _authority_reading(view: SpannedText, server: SpannedText, value: ServerValue) -> Reading:
    if value.endpoint is None or value.refused:
        return _refused(value, server)
    return Reading([Authority(value, Companions(view, None, None)).place("URL", value.endpoint)])


def _refused(value: ServerValue, server: SpannedText) -> Reading:
    return Reading([Place("URL", server.position(0), value.endpoint, refused=value.refused, raw=server.text)])


def _query(view: SpannedText, start: int) -> list[Pair]:
    """The ``name=value`` of a URL's query, values still percent-encoded."""
    mark = view.text.find("?", start)
    if mark < 0:
        return []
    stop = _until("#", view.text, mark)
    pairs: list[Pair] = []
    for match in re.compile(r"([^&=]*)=([^&]*)").finditer(view.text, mark + 1, stop):
        pairs.append(Pair(match.group(1).lower(), view.part(*match.span(2)), match.start(), match.end()))
    return pairs


def _percent_decoded(view: SpannedText, *, plus: bool = False) -> SpannedText:
    encoded = bool(_PERCENT.search(view.text))

    def escape(text: str) -> str:
        if not encoded:
            return text
        return quote_plus(text) if plus else quote(text, safe=":[],.()")

    def meaning(match: re.Match[str]) -> str:
        return chr(int(match.group(1), 16)) if match.group(1) else " "

    return view.unescaped(_PERCENT_OR_PLUS if plus else _PERCENT, meaning, escape)


def _until(pattern: str, text: str, start: int) -> int:
    match = re.compile(pattern).search(text, start)
    return match.start() if match else len(text)
